"""A study's scores by people beside the metrics of its arms, and how far both orders agree.

Metrics of which less is better are turned round first. With a handful of arms a perfect correlation is weak evidence:
four arms have 24 orders. So each correlation comes with the share of all orders that agree as well with the metric, and
with the pairs of arms whose order the votes settle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from evaluation.qualitative.numbers_vs_eyes.correlations import (
    DIGITS,
    FEWEST_ARMS,
    by_chance,
    interval,
    kendall,
    spearman,
)
from evaluation.qualitative.numbers_vs_eyes.metrics import BY_KEY, METRICS, Metric, metrics_of
from evaluation.qualitative.numbers_vs_eyes.people import PeoplesView, chance_taste, peoples_view, settled
from evaluation.qualitative.ranking.summary import Summary
from evaluation.qualitative.study.schema import Study


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An arm with its score by people and its metrics.

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
        """Return all numbers as plain data."""
        arms = [{**asdict(arm), "metrics": dict(arm.metrics)} for arm in self.compared]
        return {**self.published(), "arms": arms, "left_out": dict(self.left_out)}

    def table(self) -> pd.DataFrame:
        """Return a row for each compared arm: its score by people with the interval, and its metrics."""
        keys = [metric.key for metric in METRICS]
        rows = [
            [arm.arm, arm.title, arm.score, arm.low, arm.high, *(arm.metrics.get(key) for key in keys)]
            for arm in self.compared
        ]
        return pd.DataFrame(rows, columns=["arm", "title", self.scale, "low", "high", *keys])


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
    eyes = peoples_view(study, votes, summary)
    if eyes is None or eyes.raters < 2 or sum(arm in eyes.scores for arm in known) < 2:
        return _compared(study, chance_taste(list(known)), known, left_out, simulated=True)
    return _compared(study, eyes, known, left_out)


def _compared(
    study: Study,
    eyes: PeoplesView,
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
    certain = settled(eyes, [arm.arm for arm in rows])
    correlations = [
        _correlation(metric, having, eyes, certain)
        for metric in METRICS
        if len(having := [arm for arm in rows if metric.key in arm.metrics]) >= 2
    ]
    return NumbersVsEyes(
        compared=rows,
        left_out=out,
        correlations=correlations,
        scale=eyes.scale,
        raters=eyes.raters,
        settled=len(certain),
        simulated=simulated,
    )


def _correlation(
    metric: Metric, having: Sequence[Compared], eyes: PeoplesView, certain: Mapping[tuple[str, str], int]
) -> Correlation:
    names = [arm.arm for arm in having]
    values = metric.turned(np.array([arm.metrics[metric.key] for arm in having]))
    lead = {
        pair: sign * np.sign(values[names.index(pair[0])] - values[names.index(pair[1])])
        for pair, sign in certain.items()
        if pair[0] in names and pair[1] in names
    }
    result = Correlation(
        metric=metric.key,
        arms=len(having),
        settled=sum(bool(side) for side in lead.values()),
        alike=sum(bool(side > 0) for side in lead.values()),
    )
    eyes_of = np.array([[arm.score for arm in having]])
    if len(having) < FEWEST_ARMS or np.ptp(values) == 0 or np.ptp(eyes_of.round(DIGITS)) == 0:
        return result
    tau, rho = float(kendall(eyes_of, values)[0]), float(spearman(eyes_of, values)[0])
    result = replace(result, kendall=tau, spearman=rho, by_chance=by_chance(eyes_of[0], values))
    if eyes.draws is None:
        return result
    drawn = eyes.draws[:, [list(eyes.arms).index(name) for name in names]]
    tau_low, tau_high = interval(tau, kendall(drawn, values))
    rho_low, rho_high = interval(rho, spearman(drawn, values))
    return replace(result, kendall_low=tau_low, kendall_high=tau_high, spearman_low=rho_low, spearman_high=rho_high)
