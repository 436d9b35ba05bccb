"""The rater model finds who does not look, leaves honest raters of a one-sided study alone, and agrees with oracles."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from crowdkit.aggregation.pairwise.noisy_bt import NoisyBradleyTerry
from scipy import stats
from scipy.optimize import approx_fprime, minimize
from scipy.special import expit, logit
from sureal import P910AnnexEModel
from sureal.dataset_reader import RawDatasetReader

from evaluation.qualitative.ranking.raters.exclusion import SUGGESTED, Thresholds, check_raters, flagged
from evaluation.qualitative.ranking.raters.rater_model import Answers, Parameters, RaterFit, log_likelihood, rater_model
from evaluation.qualitative.ranking.simulation import Population, draw_raters, vote
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.results.design import design_of
from evaluation.qualitative.results.methods import methods
from evaluation.qualitative.study.reading import parse, read

POPULATION = Population(strengths=(1.2, 0.5, 0.1, 0.0, -0.6, -1.2))
ARMS = list(POPULATION.arms)
HONEST = 16


def honest_votes(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return vote(draw_raters(POPULATION, count=HONEST, rng=rng), per_rater=40, rng=rng)


def with_spoilers(seed: int = 0) -> pd.DataFrame:
    """Honest votes, and four people who always press left, guess, always press tie, or mix up the keys."""
    rng = np.random.default_rng([seed, 1])
    others = vote(draw_raters(POPULATION, count=4, rng=rng), per_rater=40, rng=rng)
    of = {
        name: others["rater"] == number for number, name in zip("0123", ("left", "guess", "tie", "mixed"), strict=True)
    }
    choice = others["choice"].copy()
    choice[of["left"]] = "left"
    choice[of["guess"]] = rng.choice(["left", "right"], of["guess"].sum())
    choice[of["tie"]] = "tie"
    choice[of["mixed"]] = choice[of["mixed"]].map({"left": "right", "right": "left", "tie": "tie"})
    rater = others["rater"].map(dict(zip("0123", of, strict=True)))
    return pd.concat([honest_votes(seed), others.assign(rater=rater, choice=choice)], ignore_index=True)


def by_name(votes: pd.DataFrame, arms: list[str] = ARMS) -> dict[str, RaterFit]:
    model = rater_model(votes, arms)
    assert model is not None
    return {rater.rater: rater for rater in model.raters}


def test_those_who_do_not_look_stand_out():
    raters = by_name(with_spoilers())
    honest = [raters[str(number)] for number in range(HONEST)]

    assert raters["left"].lean > 0.9
    assert max(rater.lean for rater in honest) < 0.85
    assert raters["mixed"].skill < 0 < min(rater.skill for rater in honest)
    assert raters["guess"].skill < np.quantile([rater.skill for rater in honest], 0.25)
    assert set(check_raters(with_spoilers(), ARMS, None).beyond) <= {"left", "mixed", "guess"}
    assert "mixed" in check_raters(with_spoilers(), ARMS, None).beyond


def test_a_weighted_ranking_owes_less_to_those_who_do_not_look():
    clean, spoilt = rater_model(honest_votes(), ARMS).strengths, rater_model(with_spoilers(), ARMS).strengths
    plain = summarise(with_spoilers(), ARMS, resamples=2).comparison.standings
    points = {arm.arm: (arm.score - 1000) / 173.7 for arm in plain}

    assert max(abs(clean[arm] - spoilt[arm]) for arm in ARMS) < max(abs(clean[arm] - points[arm]) for arm in ARMS)


@pytest.mark.parametrize(("ties", "rate"), [(4.7, 0.7), (8.0, 0.8), (18.0, 0.9)])
def test_honest_raters_who_mostly_see_a_tie_are_not_touched(ties: float, rate: float):
    # A run of twelve equal answers touched 10 %, 28 % and 67 % of them.
    touched, shares = 0, []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        population = Population(strengths=(0.3, 0.1, 0.0, -0.1, -0.3), ties=ties, taste=0.4)
        votes = vote(draw_raters(population, count=30, rng=rng), per_rater=28, rng=rng)
        shares.append((votes["choice"] == "tie").mean())
        touched += len(check_raters(votes, list(population.arms), SUGGESTED).beyond)
    assert np.mean(shares) == pytest.approx(rate, abs=0.05)
    assert touched == 0


@pytest.mark.parametrize("rate", [0.8, 0.9])
def test_honest_raters_who_mostly_say_real_are_not_touched(rate: float):
    # A run of twelve equal answers touched 39 % and 84 % of them.
    touched = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        fake = rng.random((30, 40)) < 0.5
        real = rng.random((30, 40)) < np.where(fake, rate - 0.02, rate + 0.02)
        votes = pd.DataFrame(
            {
                "rater": np.repeat(np.arange(30), 40).astype(str),
                "left": np.where(fake.ravel(), "gan", "photo"),
                "right": "",
                "choice": np.where(real.ravel(), "real", "fake"),
            }
        )
        touched += len(check_raters(votes, ["photo", "gan"], SUGGESTED).beyond)
    assert touched == 0


def test_only_declared_thresholds_exclude_and_the_methods_name_them():
    votes = with_spoilers().assign(item="0", purpose="rating", flags="")
    declared = Thresholds(least_skill=0.0, most_lean=0.9)

    suggested = summarise(votes, ARMS, resamples=50)
    added = flagged(votes, check_raters(votes, ARMS, declared))
    excluded = summarise(added, ARMS, resamples=50, thresholds=declared)

    assert (suggested.excluded, excluded.excluded) == (0, 80)
    assert excluded.excluded_by_reason == {"one_sided": 40, "low_skill": 40}
    assert set(added[added["flags"] != ""]["rater"]) == {"left", "mixed"}
    assert flagged(added, check_raters(added, ARMS, declared)).equals(added)  # once is enough
    assert flagged(votes, suggested.rater_check).equals(votes)
    assert set(excluded.rater_check.beyond) == {"left", "mixed"}
    assert [arm.arm for arm in excluded.rater_check.without] == [arm.arm for arm in excluded.comparison.standings]
    assert "beyond a threshold" not in methods(suggested)
    design = design_of(read("digits-by-training-step"), votes=votes.assign(study_digest="abc"), digest="abc")
    paragraph = methods(excluded, design=design)
    assert "2 of 20 raters were beyond a threshold declared in the study file before the first vote" in paragraph
    assert "skill below 0, one side or answer preferred with a chance above 90 %" in paragraph
    late = methods(excluded, design=replace(design, declared=False))
    assert "declared in the study file, which changed after the first vote" in late
    counted = summarise(added, ARMS, resamples=50, thresholds=declared, include_flagged=True)
    assert "before the first vote and would be excluded, but count here: skill" in methods(counted, design=design)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("most_lean = 0.4", "most_lean"),
        ("most_lapses = 1.5", "most_lapses"),
        ("leastskill = 0", "leastskill"),
        ("", "needs"),
    ],
)
def test_a_study_file_with_a_wrong_threshold_is_refused_by_name(line: str, wrong: str):
    text = read("digits-by-training-step").origin.text
    with pytest.raises(Exception, match=wrong):
        parse(f"{text}\n[exclusion]\n{line}\n", name="mine")
    assert parse(f"{text}\n[exclusion]\nleast_skill = 0.1\n", name="mine").exclusion.least_skill == 0.1


def test_two_raters_do_not_show_which_of_them_looks():
    votes = honest_votes()
    assert rater_model(votes[votes["rater"].isin(["0", "1"])], ARMS) is None
    assert check_raters(votes[:0], ARMS, None) is None


def random_answers(rng: np.random.Generator, *, single: bool = False, ties: bool = True) -> tuple[Answers, Parameters]:
    count, arms, raters = 60, 4, 5
    first = rng.integers(arms, size=count)
    answers = Answers(
        rater=rng.integers(raters, size=count),
        first=first,
        second=np.full(count, -1) if single else (first + rng.integers(1, arms, size=count)) % arms,
        outcome=rng.integers(3 if ties else 2, size=count),
        often=rng.integers(1, 4, size=count).astype(float),
        raters=raters,
        arms=arms,
    )
    own = [rng.normal(size=raters) for _ in range(4)]
    return answers, Parameters(
        theta=rng.normal(size=arms), lean=0.2, log_ties=-0.4,
        skill=1 + own[0] / 2, leans=own[1], more_ties=own[2], lapses=own[3] - 2,
    )  # fmt: skip


@pytest.mark.parametrize("single", [False, True])
def test_the_gradient_is_that_of_the_likelihood(single: bool):
    answers, at = random_answers(np.random.default_rng(3), single=single, ties=not single)

    for name in ("theta", "skill", "leans", "more_ties", "lapses"):
        numeric = approx_fprime(
            getattr(at, name), lambda value, name=name: log_likelihood(answers, replace(at, **{name: value}))[0], 1e-6
        )
        assert getattr(log_likelihood(answers, at)[1], name) == pytest.approx(numeric, abs=1e-3), name


def test_the_likelihood_is_crowd_kit_s_where_both_models_coincide():
    answers, at = random_answers(np.random.default_rng(5), ties=False)
    ours = replace(at, lean=0.0, skill=np.ones(5), leans=np.zeros(5))
    rows = np.repeat(np.arange(len(answers.rater)), answers.often.astype(int))
    winner = np.where(answers.outcome == 0, answers.first, answers.second)
    data = np.stack([answers.first, answers.second, winner], axis=1)[rows] + 1
    theirs = np.concatenate([[0.0], ours.theta, np.zeros(5), -ours.lapses])  # they have 1 - λ, and a coin that is even

    loss = NoisyBradleyTerry._compute_log_likelihood(theirs, data, answers.rater[rows], 4, 5, 0.0)

    assert log_likelihood(answers, ours)[0] == pytest.approx(-loss)


def test_crowd_kit_s_model_orders_raters_and_arms_alike():
    votes = with_spoilers()
    votes = votes[votes["choice"].isin(["left", "right"])]
    raters, names = pd.factorize(votes["rater"])
    left, right = (votes[side].map({arm: i for i, arm in enumerate(ARMS)}).to_numpy() for side in ("left", "right"))
    data = np.stack([left, right, np.where(votes["choice"] == "left", left, right)], axis=1) + 1
    n, count = len(ARMS), len(names)

    # Its own gradient keeps a rater's last vote only (1.4.2), so its likelihood is minimised with numeric ones, with
    # priors that keep it finite.
    def loss(x: np.ndarray) -> float:
        value = NoisyBradleyTerry._compute_log_likelihood(x, data, raters, n, count, 0.0)
        return value + ((x[1 : n + 1] ** 2).sum() + (x[n + 1 : -count] ** 2).sum() + ((x[-count:] - 2) ** 2).sum()) / 4

    theirs = minimize(loss, np.concatenate([np.zeros(1 + n + count), np.full(count, 2.0)]), method="L-BFGS-B").x
    model = rater_model(votes, ARMS)

    theta = [model.strengths[arm] for arm in ARMS]
    assert stats.pearsonr(theta, theirs[1 : n + 1]).statistic > 0.95
    attention = dict(zip(names, expit(theirs[-count:]), strict=True))
    least = sorted(attention, key=attention.get)[:3]
    assert set(least) <= {"mixed", "left", "guess", *[rater.rater for rater in model.raters if rater.skill < 0.6]}
    assert "mixed" in least


def test_biases_and_inconsistencies_follow_those_of_itu_t_p910_annex_e():
    """Real or fake as a rating of 1 or 0: a rater's lean is the subject bias, a strength the quality, by sureal."""
    rng = np.random.default_rng(2)
    arms = [f"arm-{i}" for i in range(12)]
    truth, lean, raters, times = np.linspace(-1.5, 1.5, 12), rng.normal(scale=1.0, size=14), 14, 6
    rater, arm = (
        grid.ravel() for grid in np.meshgrid(np.arange(raters), np.repeat(np.arange(12), times), indexing="ij")
    )
    real = rng.random(len(rater)) < expit(truth[arm] + lean[rater])
    votes = pd.DataFrame(
        {"rater": rater.astype(str), "left": np.array(arms)[arm], "right": "", "choice": np.where(real, "real", "fake")}
    )
    scores = {
        a: {str(r): real[(rater == r) & (arm == a)].astype(float).tolist() for r in range(raters)} for a in range(12)
    }
    dataset = SimpleNamespace(
        ref_videos=[{"content_id": 0, "content_name": "digits", "path": ""}],
        dis_videos=[{"content_id": 0, "asset_id": a, "os": by_rater} for a, by_rater in scores.items()],
    )

    theirs = P910AnnexEModel(RawDatasetReader(dataset)).run_modeling()
    fitted = rater_model(votes, arms)

    ours = logit([rater.lean for rater in fitted.raters])
    bias = dict(zip(theirs["observers"], theirs["observer_bias"], strict=True))
    assert stats.spearmanr([bias[str(r)] for r in range(raters)], ours).statistic > 0.95
    assert stats.pearsonr(ours, lean).statistic > 0.9
    assert stats.spearmanr(theirs["quality_scores"], [fitted.strengths[name] for name in arms]).statistic > 0.95
