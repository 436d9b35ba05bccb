"""Numbers against eyes: do the scores that need no raters put a study's arms in the order in which people put them?

For each metric in weights/NAME/metrics.json the arms have two orders, and Kendall's tau-b (Biometrika, 1945) and
Spearman's rho (1904) say how alike these are: 1 the same, 0 no relation, -1 reversed. Metrics of which less is better
are turned round first. A metric is taken as it is, from thousands of samples; people's order is not: each draw of whole
raters (`ranking/bootstrap.py`) has an order of its own, and so a correlation of its own.

The order of a draw is one step noisier than that of the votes, which is one step noisier than that of all people, and
noise brings a correlation closer to 0. So the interval goes from the lower percentile of the draws to the upper one
moved by twice the distance of their mean to the estimate (and the other way round for negative correlations): wider
than percentiles, which leave out a true 1 whenever two arms are close. `benchmarks/results/numbers_vs_eyes.py` counts
how often it holds a known truth.

With a handful of arms a perfect correlation is weak evidence: four arms have 24 orders. So each correlation comes with
the share of all orders that agree as well with the metric, and with the pairs of arms whose order the votes settle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import permutations
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.qualitative.ranking import best_worst, bootstrap, hype, ranking
from evaluation.qualitative.ranking.intervals import LEVEL, Differences
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally
from evaluation.qualitative.ranking.summary import ENOUGH_RATERS, Summary
from evaluation.qualitative.ranking.tally import Tally, count, pairs_of
from evaluation.qualitative.study.arms import Arm, GeneratorArm, HubArm, PicturesArm, RealArm
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.wording import counted
from evaluation.quantitative import scores
from evaluation.quantitative.scores import ModelScores, Scores, ScoresError

Array = NDArray[np.float64]

FEWEST_ARMS = 3  # two arms have one pair: no correlation
_ALL_ORDERS_UP_TO = 7  # arms: 5,040 orders; of more arms so many are drawn
_ORDERS = 10_000
_DIGITS = 6  # of people's scores: what differs less is tied
_SIMULATED_RATERS, _SIMULATED_VOTES = 20, 30


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A score that is computed without raters.

    Attributes:
        key: as in `Scores`, or `gam`.
        title: for figures and tables.
        higher_is_better: False: less is better.
        logarithmic: whether a figure spreads it by its logarithm.
        best: the value that is best, where that is neither the highest nor the lowest.
    """

    key: str
    title: str
    higher_is_better: bool
    logarithmic: bool = False
    best: float | None = None

    def turned(self, values: Array) -> Array:
        """Return values so that more is better; with a best value, half of it is as bad as twice of it."""
        if self.best is not None:
            return -np.abs(np.log(values / self.best))
        return values if self.higher_is_better else -values


METRICS = (
    Metric(key="inception_score", title="Inception Score", higher_is_better=True),
    Metric(key="fid", title="Fréchet distance, classifier", higher_is_better=False, logarithmic=True),
    Metric(key="perceptual_distance", title="Fréchet distance, VGG-19", higher_is_better=False, logarithmic=True),
    Metric(key="classes_found", title="Coverage: classes found", higher_is_better=True),
    Metric(key="modes_found", title="Coverage: kinds found, of 1000", higher_is_better=True),
    Metric(key="kl_to_uniform", title="Uneven classes (KL)", higher_is_better=False, logarithmic=True),
    Metric(key="closeness", title="Distance to training set", higher_is_better=True, logarithmic=True, best=1.0),
    Metric(key="gam", title="GAM: errors against rivals", higher_is_better=False, logarithmic=True),
)
BY_KEY = {metric.key: metric for metric in METRICS}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An arm with what people and metrics say about it.

    Attributes:
        arm: its id.
        title: its title.
        score: people's, on the scale of the study.
        low: lower end of its 95 % interval; None where the votes set no bound, or where there is no interval.
        high: upper end likewise.
        metrics: values by key; without those that the arm lacks.
    """

    arm: str
    title: str
    score: float
    low: float | None
    high: float | None
    metrics: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """How a metric's order of the arms agrees with people's.

    Attributes:
        metric: its key.
        arms: how many arms have it and a score by people.
        kendall: tau-b; None with fewer than three arms, or where the metric is the same for all.
        kendall_low: lower end of the 95 % interval over raters; None where too few people voted to see how they differ.
        kendall_high: upper end.
        spearman: rho, and `spearman_low` and `spearman_high` likewise.
        spearman_low: see `spearman`.
        spearman_high: see `spearman`.
        by_chance: share of all orders of the arms with a tau at least as high.
        settled: pairs of these arms whose order the votes settle, all at once with 95 % confidence, and whose values of
            the metric differ.
        alike: those of them that the metric puts in the same order.
    """

    metric: str
    arms: int
    kendall: float | None = None
    kendall_low: float | None = None
    kendall_high: float | None = None
    spearman: float | None = None
    spearman_low: float | None = None
    spearman_high: float | None = None
    by_chance: float | None = None
    settled: int = 0
    alike: int = 0


@dataclass(frozen=True, kw_only=True)
class NumbersVsEyes:
    """A study's scores by people beside the metrics of its arms.

    Attributes:
        compared: the arms that have both, best by people first.
        left_out: why each other competing arm is not among them, by its title.
        correlations: of each metric that at least two of the arms have.
        scale: what people's score is.
        raters: how many people it rests on.
        settled: pairs of the compared arms whose order the votes settle.
        simulated: whether the raters are simulated, because too few people have voted.
    """

    compared: Sequence[Compared]
    left_out: Mapping[str, str]
    correlations: Sequence[Correlation]
    scale: Literal["score", "hype", "hype_time"]
    raters: int
    settled: int
    simulated: bool = False

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that have a correlation, in the order of `METRICS`."""
        return [BY_KEY[correlation.metric] for correlation in self.correlations]

    def published(self) -> dict[str, Any]:
        """Return the numbers that a release computes anew, as plain data."""
        return {
            "scale": self.scale,
            "raters": self.raters,
            "settled_pairs": self.settled,
            "correlations": [asdict(correlation) for correlation in self.correlations],
        }

    def numbers(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        arms = [{**asdict(arm), "metrics": dict(arm.metrics)} for arm in self.compared]
        return {**self.published(), "arms": arms, "left_out": dict(self.left_out), "says": self.sentences()}

    def table(self) -> pd.DataFrame:
        """Return a row for each compared arm: its score by people with the interval, and its metrics."""
        keys = [metric.key for metric in METRICS]
        rows = [
            [arm.arm, arm.title, arm.score, arm.low, arm.high, *(arm.metrics.get(key) for key in keys)]
            for arm in self.compared
        ]
        return pd.DataFrame(rows, columns=["arm", "title", self.scale, "low", "high", *keys])

    def sentences(self) -> list[str]:
        """Return what the data allow to say, in plain words."""
        return list(_sentences(self))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Eyes:
    """People's view of the arms: scores by arm as (score, low, high), and draws of raters to tell how firm it is."""

    scale: Literal["score", "hype", "hype_time"]
    scores: Mapping[str, tuple[float, float | None, float | None]]
    raters: int
    apart: Sequence[str] = ()  # arms that never met the others
    arms: Sequence[str] = ()  # of the draws
    draws: Array | None = None  # `(B, n)`
    pairwise: Differences | None = None


def numbers_vs_eyes(study: Study, votes: pd.DataFrame, summary: Summary) -> NumbersVsEyes | None:
    """Compare people's scores of a study with the metrics of its arms.

    Args:
        study: the study.
        votes: all its answers with their flags.
        summary: of those that count.

    Returns:
        None where fewer than two arms have metrics. With votes by fewer than two people it shows simulated raters, who
        choose by a taste drawn by chance.
    """
    known, left_out = metrics_of(study)
    if len(known) < 2:
        return None
    eyes = _eyes(study, votes, summary)
    if eyes is None or eyes.raters < 2 or sum(arm in eyes.scores for arm in known) < 2:
        return _compared(study, _chance_taste(list(known)), known, left_out, simulated=True)
    return _compared(study, eyes, known, left_out)


def _compared(
    study: Study,
    eyes: _Eyes,
    known: Mapping[str, dict[str, float]],
    left_out: Mapping[str, str],
    *,
    simulated: bool = False,
) -> NumbersVsEyes:
    out = dict(left_out)
    rows = []
    for arm in study.competing:
        if arm.id not in known:
            continue
        if arm.id in eyes.apart:
            out[arm.title] = "never compared with the others"
        elif arm.id not in eyes.scores:
            out[arm.title] = "people judge the others against it" if arm.real else "no votes yet"
        else:
            score, low, high = eyes.scores[arm.id]
            rows.append(Compared(arm=arm.id, title=arm.title, score=score, low=low, high=high, metrics=known[arm.id]))
    rows.sort(key=lambda arm: -arm.score)
    settled = _settled(eyes, [arm.arm for arm in rows])
    correlations = [
        _correlation(metric, having, eyes, settled)
        for metric in METRICS
        if len(having := [arm for arm in rows if metric.key in arm.metrics]) >= 2
    ]
    return NumbersVsEyes(
        compared=rows,
        left_out=out,
        correlations=correlations,
        scale=eyes.scale,
        raters=eyes.raters,
        settled=len(settled),
        simulated=simulated,
    )


# --- Metrics ----------------------------------------------------------------------------------------------------------


def metrics_of(study: Study) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Return the metrics of the competing arms by id, and why an arm has none by title."""
    known: dict[str, dict[str, float]] = {}
    left_out: dict[str, str] = {}
    models: dict[str, ModelScores | None] = {}
    judges: dict[str, str] = {}  # by arm
    for arm in study.competing:
        if isinstance(arm, RealArm):
            continue
        if not isinstance(arm, GeneratorArm):
            left_out[arm.title] = _why_none(arm)
            continue
        if arm.model not in models:
            models[arm.model] = _read(arm.model)
        model = models[arm.model]
        if model is None or arm.step not in model.steps:
            left_out[arm.title] = "not scored"
            continue
        known[arm.id], judges[arm.id] = _values(model.steps[arm.step]), model.judge
    if judges:
        judge = max(judges.values(), key=list(judges.values()).count)
        for arm in study.competing:
            if judges.get(arm.id, judge) != judge:
                del known[arm.id]
                left_out[arm.title] = "scored by another classifier, so its numbers do not compare"
        real = {model.name: model.real for model in models.values() if model is not None and model.judge == judge}
        for arm in study.competing:
            if isinstance(arm, RealArm):
                known[arm.id] = _values(next(iter(real.values())))
    for arm_id, value in _gam(study, models).items():
        if arm_id in known:
            known[arm_id]["gam"] = value
    return known, left_out


def _why_none(arm: Arm) -> str:
    if isinstance(arm, HubArm):
        return "a generator from the Hub has no metrics here"
    if isinstance(arm, PicturesArm):
        return "pictures from files have no metrics here"
    return "these metrics are for generators"


def _read(model: str) -> ModelScores | None:
    try:
        return scores.read(model)
    except ScoresError:
        return None


def _values(of: Scores) -> dict[str, float]:
    values = {metric.key: getattr(of, metric.key, None) for metric in METRICS}
    return {key: float(value) for key, value in values.items() if value is not None}


def _gam(study: Study, models: Mapping[str, ModelScores | None]) -> dict[str, float]:
    """Return, by arm, the geometric mean of `r_samples` over its battles in the study that count; below 1 it is ahead.

    Battles are between finished models. Those where one discriminator is simply better on real pictures do not count,
    as in the paper.
    """
    finished = {}
    for arm in study.competing:
        if isinstance(arm, GeneratorArm):
            model = models.get(arm.model)
            if model is not None and arm.step == max(model.steps):
                finished[arm.model] = arm.id, model
    ratios = {}
    for name, (arm_id, model) in finished.items():
        counting = [
            math.log(battle.r_samples)
            for rival, battle in model.battles.items()
            if rival in finished and rival != name and abs(math.log(battle.r_test)) <= battle.tolerance
        ]
        if counting:
            ratios[arm_id] = math.exp(sum(counting) / len(counting))
    return ratios


# --- People's view ----------------------------------------------------------------------------------------------------


def _eyes(study: Study, votes: pd.DataFrame, summary: Summary) -> _Eyes | None:
    comparison, realism = summary.comparison, summary.realism
    draws = {"resamples": summary.resamples, "seed": summary.seed}
    counting = sift(votes, include_flagged=summary.flagged_included).counted
    if comparison is not None and comparison.groups:
        largest = comparison.groups[0]
        eyes = _Eyes(
            scale="score",
            scores={
                arm.arm: (arm.score, arm.low, arm.high)
                for arm in comparison.standings
                if arm.score is not None and arm.arm in largest
            },
            raters=comparison.raters,
            apart=[arm for group in comparison.groups[1:] for arm in group],
        )
        if comparison.model == "best_worst":
            return _with_draws_of_sets(eyes, best_worst.count(counting, arms=summary.arms), **draws)
        tally = count(counting[counting["right"].astype(str) != ""], arms=summary.arms)
        among = tally if len(tally.groups) == 1 and len(largest) == len(tally.arms) else tally.within(tally.groups[0])
        return _with_draws(eyes, among, **draws)
    if realism is None:
        return None
    hypes = realism.infinite or realism.timed
    eyes = _Eyes(
        scale="hype" if realism.infinite else "hype_time",
        scores={arm.arm: (arm.score, arm.low, arm.high) for arm in hypes if arm.score is not None},
        raters=max((arm.raters for arm in hypes), default=0),
    )
    real = [arm.id for arm in study.competing if arm.real]
    if not realism.infinite:
        return eyes
    untimed = counting[counting["exposure_ms"].isna()] if "exposure_ms" in counting else counting
    drawn = hype.infinity_draws(untimed, arms=summary.arms, real=real, **draws)
    if drawn is None:
        return eyes
    return replace(eyes, arms=drawn.arms, draws=drawn.draws, pairwise=drawn.pairwise)


def _with_draws(eyes: _Eyes, tally: Tally, *, resamples: int, seed: int) -> _Eyes:
    theta = ranking.strengths(tally)
    drawn = bootstrap.strengths(tally, theta=theta, resamples=resamples, seed=seed)
    pairwise = ranking.pairwise(tally, theta, drawn)
    return eyes if pairwise is None else replace(eyes, arms=tally.arms, draws=drawn, pairwise=pairwise)


def _with_draws_of_sets(eyes: _Eyes, answers: best_worst.JudgedSets, *, resamples: int, seed: int) -> _Eyes:
    theta = best_worst.fit(answers)
    drawn = best_worst.strengths(answers, theta=theta, resamples=resamples, seed=seed)
    pairwise = best_worst.pairwise(answers, theta, drawn)
    return eyes if pairwise is None else replace(eyes, arms=answers.arms, draws=drawn, pairwise=pairwise)


def _chance_taste(arms: Sequence[str]) -> _Eyes:
    """Return what simulated raters say whose common taste is drawn by chance: it follows no metric."""
    rng = np.random.default_rng(len(arms))
    people = draw_raters(
        Population(strengths=tuple(rng.normal(scale=0.8, size=len(arms)).tolist())), count=_SIMULATED_RATERS, rng=rng
    )
    tally = replace(even_tally(people, per_rater=_SIMULATED_VOTES, rng=rng), arms=tuple(arms))
    eyes = _Eyes(
        scale="score",
        scores={
            arm.arm: (arm.score, arm.low, arm.high)
            for arm in ranking.standings(tally)
            if arm.score is not None and arm.group == 0
        },
        raters=_SIMULATED_RATERS,
    )
    return _with_draws(eyes, tally, resamples=bootstrap.RESAMPLES, seed=0)


def _settled(eyes: _Eyes, arms: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the pairs of `arms` whose order the votes settle, with the sign of the first one's lead."""
    if eyes.pairwise is None:
        return {}
    first, second = pairs_of(len(eyes.arms))
    certain = np.abs(eyes.pairwise.lead) > eyes.pairwise.critical * eyes.pairwise.deviation
    signs = np.sign(eyes.pairwise.lead)
    return {
        (eyes.arms[first[k]], eyes.arms[second[k]]): int(signs[k])
        for k in np.flatnonzero(certain)
        if eyes.arms[first[k]] in arms and eyes.arms[second[k]] in arms
    }


# --- Correlations -----------------------------------------------------------------------------------------------------


def _correlation(
    metric: Metric, having: Sequence[Compared], eyes: _Eyes, settled: Mapping[tuple[str, str], int]
) -> Correlation:
    names = [arm.arm for arm in having]
    values = metric.turned(np.array([arm.metrics[metric.key] for arm in having]))
    lead = {
        pair: sign * np.sign(values[names.index(pair[0])] - values[names.index(pair[1])])
        for pair, sign in settled.items()
        if pair[0] in names and pair[1] in names
    }
    result = Correlation(
        metric=metric.key,
        arms=len(having),
        settled=sum(bool(side) for side in lead.values()),
        alike=sum(bool(side > 0) for side in lead.values()),
    )
    eyes_of = np.array([[arm.score for arm in having]])
    if len(having) < FEWEST_ARMS or np.ptp(values) == 0 or np.ptp(eyes_of.round(_DIGITS)) == 0:
        return result
    tau, rho = float(kendall(eyes_of, values)[0]), float(spearman(eyes_of, values)[0])
    result = replace(result, kendall=tau, spearman=rho, by_chance=by_chance(eyes_of[0], values))
    if eyes.draws is None:
        return result
    drawn = eyes.draws[:, [list(eyes.arms).index(name) for name in names]]
    tau_low, tau_high = interval(tau, kendall(drawn, values))
    rho_low, rho_high = interval(rho, spearman(drawn, values))
    return replace(result, kendall_low=tau_low, kendall_high=tau_high, spearman_low=rho_low, spearman_high=rho_high)


def kendall(orders: Array, values: Array) -> Array:
    """Return Kendall's tau-b of each row of `orders` `(B, n)` with `values` `(n,)`; 0 where a row is all ties."""
    first, second = pairs_of(len(values))
    orders = orders.round(_DIGITS)
    by_row, by_value = np.sign(orders[:, first] - orders[:, second]), np.sign(values[first] - values[second])
    untied = np.sqrt(np.abs(by_row).sum(axis=1) * np.abs(by_value).sum())
    return np.divide(by_row @ by_value, untied, out=np.zeros(len(orders)), where=untied > 0)


def spearman(orders: Array, values: Array) -> Array:
    """Return Spearman's rho of each row of `orders` `(B, n)` with `values` `(n,)`; 0 where a row is all ties."""
    from scipy.stats import rankdata  # takes long to load, and the app starts without it

    ranks, of_values = rankdata(orders.round(_DIGITS), axis=1), rankdata(values)
    ranks, of_values = ranks - ranks.mean(axis=1, keepdims=True), of_values - of_values.mean()
    size = np.sqrt((ranks**2).sum(axis=1) * (of_values**2).sum())
    return np.divide(ranks @ of_values, size, out=np.zeros(len(orders)), where=size > 0)


def interval(estimate: float, draws: Array) -> tuple[float, float]:
    """Return the 95 % interval of a correlation from its value in each draw of raters; see the module."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    towards_zero = estimate - float(draws.mean())
    low, high = low + 2 * min(towards_zero, 0.0), high + 2 * max(towards_zero, 0.0)
    return max(-1.0, float(min(low, estimate))), min(1.0, float(max(high, estimate)))


def by_chance(eyes: Array, values: Array) -> float:
    """Return the share of all orders of people's scores whose tau with the metric is at least theirs.

    Of more than seven arms 10,000 orders are drawn.
    """
    n = len(values)
    observed = kendall(eyes[None], values)[0]
    if n <= _ALL_ORDERS_UP_TO:
        orders = eyes[np.array(list(permutations(range(n))))]
        return float((kendall(orders, values) >= observed - 1e-9).mean())
    rng = np.random.default_rng(0)
    orders = rng.permuted(np.tile(eyes, (_ORDERS, 1)), axis=1)
    return float(((kendall(orders, values) >= observed - 1e-9).sum() + 1) / (_ORDERS + 1))


# --- Words ------------------------------------------------------------------------------------------------------------


def _sentences(result: NumbersVsEyes) -> Iterator[str]:
    arms = len(result.compared)
    if result.simulated:
        yield (
            f"Too few people have voted, so {_SIMULATED_RATERS} simulated raters stand in, with a taste drawn by "
            "chance: the figures show what you will see here, and how much a metric agrees with nobody's taste. They "
            "say nothing about these sources."
        )
        return
    if arms < 2:
        yield "Fewer than two sources have both votes and metrics yet, so there is nothing to compare."
        return
    pairs = arms * (arms - 1) // 2
    yield (
        f"{counted(arms, 'source')} have both votes and metrics. The votes of "
        f"{counted(result.raters, 'person', 'people')} settle the order of {result.settled:,} of their "
        f"{counted(pairs, 'pair')}."
    )
    yield from _strength(result)
    if result.raters < ENOUGH_RATERS:
        yield f"With fewer than {ENOUGH_RATERS} people this is preliminary."


def _strength(result: NumbersVsEyes) -> Iterator[str]:
    arms = len(result.compared)
    tested = [part for part in result.correlations if part.kendall is not None and part.by_chance is not None]
    if arms < FEWEST_ARMS or not tested:
        yield "That is too few for a correlation: two sources are in the same order or they are not."
        return
    if arms <= 5:
        yield (
            f"{arms} sources have only {math.factorial(arms)} orders, so hardly anything can be said: a metric that "
            f"knows nothing agrees perfectly with one study in {math.factorial(arms)}."
        )
    limit = 0.05 / len(tested)
    firm = [BY_KEY[part.metric].title for part in tested if (part.by_chance or 1.0) <= limit]
    if firm:
        yield (
            f"More than chance explains, allowing for {counted(len(tested), 'metric')} tried: {', '.join(firm)}. "
            "Whether one of them agrees better than another is seen where their intervals lie apart."
        )
    else:
        yield (
            f"No metric agrees with people more than chance explains, allowing for {counted(len(tested), 'metric')} "
            "tried; that is no proof that none does."
        )
    against = [BY_KEY[part.metric].title for part in tested if part.kendall_high is not None and part.kendall_high < 0]
    if against:
        yield f"People put the sources rather the other way round than {', '.join(against)}."
