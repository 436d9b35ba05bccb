"""The figures of one study: the interval plot, the win rates and the response times that its votes allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.qualitative.numbers_vs_eyes.comparison import NumbersVsEyes
from evaluation.qualitative.ranking.ranking import Standing
from evaluation.qualitative.ranking.responses import win_rates
from evaluation.qualitative.results import figures
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.figures import Dot, Drawing, Row
from evaluation.qualitative.store.flags import LIMITS

SCATTER = "numbers-"  # how the names of scatter plots begin
_SCALES = {"score": ("people’s score", 1.0), "hype": ("HYPE∞, %", 100.0), "hype_time": ("HYPE-time, ms", 1.0)}


def drawings(analysis: Analysis) -> list[Drawing]:
    """Return all figures that the votes allow."""
    drawn = []
    comparison, realism = analysis.summary.comparison, analysis.summary.realism
    if comparison is not None:
        ranked = [standing for standing in comparison.standings if standing.score is not None]
        if ranked:
            rows = _rows(analysis, ranked)
            drawn.append(figures.intervals(rows, label="Score (400 points: wins ten times for each loss)"))
            arms = [standing.arm for standing in ranked]
            counts = np.zeros((len(arms), len(arms)), dtype=np.int64)
            for pair in comparison.pairs:
                if pair.first in arms and pair.second in arms:
                    i, j = arms.index(pair.first), arms.index(pair.second)
                    counts[i, j] = counts[j, i] = pair.votes
            drawn.append(
                figures.heat_map([analysis.title(arm) for arm in arms], win_rates(comparison.pairs, arms), counts)
            )
    if realism is not None:
        for scores, label, scale in (
            (realism.infinite, "HYPE∞, % of errors (50 is chance)", 100.0),
            (realism.timed, "HYPE-time, ms of exposure", 1.0),
        ):
            rows = [
                Row(title=analysis.title(arm.arm), score=scale * arm.score, low=scale * low, high=scale * high)
                for arm in scores
                if arm.score is not None
                for low, high in [(arm.score if end is None else end for end in (arm.low, arm.high))]
            ]
            if rows:
                drawn.append(figures.intervals(rows, label=label))
    if analysis.seconds:
        drawn.append(figures.histogram(analysis.seconds, fastest=LIMITS.fast_ms / 1000))
    if analysis.numbers is not None and not analysis.numbers.simulated:
        drawn += scatters(analysis.numbers)
    return drawn


def scatters(numbers: NumbersVsEyes) -> list[Drawing]:
    """Return a figure for each metric that differs: people's score over it. Simulated raters are named across it."""
    scale, factor = _SCALES[numbers.scale]
    return [
        figures.scatter(
            [
                Dot(
                    metric=arm.metrics[metric.key],
                    score=factor * arm.score,
                    low=None if arm.low is None else factor * arm.low,
                    high=None if arm.high is None else factor * arm.high,
                )
                for arm in numbers.compared
                if metric.key in arm.metrics
            ],
            numbers=[place for place, arm in enumerate(numbers.compared, start=1) if metric.key in arm.metrics],
            name=f"{SCATTER}{metric.key.replace('_', '-')}",
            title=f"{metric.title} and people’s score{' (simulated raters)' if numbers.simulated else ''}",
            across=metric.title,
            up=scale,
            logarithmic=metric.logarithmic,
            less_is_better=not metric.higher_is_better,
            best=metric.best,
            mark="SIMULATED RATERS" if numbers.simulated else "",
        )
        for metric in numbers.metrics
        if len({arm.metrics[metric.key] for arm in numbers.compared if metric.key in arm.metrics}) > 1
    ]


def _rows(analysis: Analysis, ranked: Sequence[Standing]) -> list[Row]:
    """Return the rows of the interval plot; an end without a bound is drawn to the edge of the others."""
    ends = [end for arm in ranked for end in (arm.score, arm.low, arm.high) if end is not None]
    lowest, highest = min(ends), max(ends)
    rows = []
    for arm in ranked:
        score = arm.score or 0.0
        if arm.best_rank is None:
            low = high = score
        else:
            low, high = lowest if arm.low is None else arm.low, highest if arm.high is None else arm.high
        rows.append(Row(title=analysis.title(arm.arm), score=score, low=low, high=high, top=bool(arm.top)))
    return rows
