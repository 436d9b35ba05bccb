"""The figures of one study: the interval plot, the win rates and the response times that its votes allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.qualitative.ranking.ranking import Standing
from evaluation.qualitative.ranking.responses import win_rates
from evaluation.qualitative.results import figures
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.figures import Drawing, Row
from evaluation.qualitative.store.flags import LIMITS


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
    return drawn


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
