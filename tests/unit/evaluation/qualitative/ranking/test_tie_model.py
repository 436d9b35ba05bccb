"""Davidson's model with a side finds what raters do, as an optimiser and leaderbot find it."""

import numba
import numpy as np
import pytest
from choix import opt_pairwise
from scipy.optimize import minimize

from evaluation.qualitative.ranking import bradley_terry, tie_model
from evaluation.qualitative.ranking.simulation import Population, Raters, draw_raters, even_tally, vote
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, count


def simulated(population: Population, *, raters: int, per_rater: int, seed: int):
    rng = np.random.default_rng(seed)
    return even_tally(draw_raters(population, count=raters, rng=rng), per_rater=per_rater, rng=rng)


def chances(parameters: np.ndarray, i: int, j: int) -> np.ndarray:
    """Left, right, tie of arm i on the left against arm j."""
    lead = parameters[i] - parameters[j] + parameters[-2]
    weights = np.exp([lead / 2, -lead / 2, parameters[-1]])
    return weights / weights.sum()


def test_known_strengths_ties_and_sides_are_recovered():
    strengths = (1.0, 0.3, -0.2, -1.1)
    population = Population(strengths=strengths, ties=0.8, taste=0, side=0.4, side_spread=0)
    model = tie_model.tie_model(simulated(population, raters=100, per_rater=400, seed=0), resamples=200)

    centred = np.array(strengths) - np.mean(strengths)
    fitted = np.array(list(model.strengths.values()))
    assert fitted - fitted.mean() == pytest.approx(centred, abs=0.05)
    assert model.tie_chance == pytest.approx(0.8 / 2.8, abs=0.01)
    assert model.left_chance == pytest.approx(1 / (1 + np.exp(-0.4)), abs=0.01)
    low, high = model.left_interval
    assert 0.5 < low < model.left_chance < high


def test_raters_who_do_not_mind_sides_show_none():
    population = Population(strengths=(1.0, 0.0, -1.0), side=0, side_spread=0)
    model = tie_model.tie_model(simulated(population, raters=60, per_rater=60, seed=1), resamples=300)
    low, high = model.left_interval
    assert low < 0.5 < high
    assert high - low < 0.1


def test_the_fit_is_where_an_optimiser_finds_the_most_probable_model():
    counts = simulated(Population(strengths=(0.5, 0.0, -0.5), side=0.3), raters=5, per_rater=20, seed=2).total

    def loss(x: np.ndarray) -> float:
        prior = sum(np.logaddexp(0, t) + np.logaddexp(0, -t) for t in x)
        likelihood = sum(
            counts[i, j] @ np.log(chances(x, i, j))[[0, 1, 2]] for i in range(3) for j in range(3) if i != j
        )
        return float(prior - likelihood)

    best = minimize(loss, np.zeros(5), tol=1e-12).x
    assert tie_model.fit(counts[None], n=3)[0] == pytest.approx(best, abs=1e-4)


def test_without_sides_and_prior_it_is_leaderbots_davidson(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)  # compiling takes longer than all the rest
    from leaderbot.models import Davidson

    counts = simulated(Population(strengths=(0.8, 0.2, -0.1, -0.9), taste=0), raters=40, per_rater=100, seed=3).total
    mirrored = counts + counts.transpose(1, 0, 2)[:, :, [RIGHT, LEFT, TIE]]  # sides cancel out
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    theirs = Davidson(
        {
            "X": np.array(pairs),
            "Y": np.array([mirrored[i, j] for i, j in pairs], dtype=int),
            "models": ["a", "b", "c", "d"],
        },
        k_cov=None,
        k_tie=0,
    )
    theirs.train(method="BFGS", max_iter=2000, tol=1e-10)

    parameters = tie_model.fit(mirrored[None], n=4, prior=0.0)[0]

    ours = np.array([chances(parameters, i, j) for i, j in pairs])
    assert parameters[-2] == pytest.approx(0, abs=1e-8)
    assert ours == pytest.approx(np.array(theirs.infer()), abs=1e-4)


def test_without_ties_and_prior_bradley_terry_is_choixs():
    counts = simulated(Population(strengths=(0.8, 0.2, -0.1, -0.9), ties=0.0), raters=40, per_rater=50, seed=4).total
    won = [
        (i, j) if outcome == LEFT else (j, i)
        for i, j, outcome in np.argwhere(counts)
        for _ in range(int(counts[i, j, outcome]))
    ]
    theirs = opt_pairwise(4, won, alpha=0.0, tol=1e-10)

    wins, judged = bradley_terry.pair_counts(counts[None])
    ours = bradley_terry.fit(wins, judged, n=4, prior=0.0)[0]

    assert ours - ours.mean() == pytest.approx(theirs - theirs.mean(), abs=1e-5)


def test_many_tables_at_once_are_fitted_as_each_alone():
    tables = np.stack(
        [simulated(Population(strengths=(0.9, 0.0, -0.9)), raters=4, per_rater=9, seed=s).total for s in range(6)]
    )
    alone = [tie_model.fit(table[None], n=3)[0] for table in tables]
    assert tie_model.fit(tables, n=3) == pytest.approx(np.array(alone), abs=1e-6)


def test_votes_without_a_tie_or_a_loss_stay_finite():
    sure = Raters(views=np.array([[50.0, 0.0]]), sides=np.zeros(1), ties=0.0)
    table = vote(sure, per_rater=500, rng=np.random.default_rng(0))
    model = tie_model.tie_model(count(table, arms=["arm-0", "arm-1"]))
    assert model.half_widths is None
    assert 2 < model.strengths["arm-0"] < 20
    assert 0 < model.tie_chance < 0.05
