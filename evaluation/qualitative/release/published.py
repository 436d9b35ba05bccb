"""The published numbers of a study as plain data, in the shape that `analysis.py` computes them anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import pandas as pd

from evaluation.qualitative.numbers_vs_eyes.comparison import NumbersVsEyes
from evaluation.qualitative.ranking.items import TWO_WAY_RESAMPLES
from evaluation.qualitative.ranking.raters.exclusion import RaterCheck
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.summary import Comparison, Summary
from evaluation.qualitative.results.flow import Flow
from evaluation.qualitative.store.flags import LIMITS
from evaluation.qualitative.study.schema import Study

RULES = ("fast_ms", "failed_checks", "raters_per_address")  # of the flags, as `Limits` names them


def published(
    study: Study, votes: pd.DataFrame, summary: Summary, flow: Flow, *, beside: NumbersVsEyes | None = None
) -> dict[str, Any]:
    """Return the settings of the analysis and all of its numbers, ready for JSON.

    Args:
        study: the study.
        votes: all answers with their flags, as `Store.results` returns them.
        summary: of those that count.
        flow: how many people reached each stage.
        beside: the scores by people beside the metrics of the arms, if there are any.
    """
    settings = {
        "study": study.name,
        "arms": list(summary.arms),
        "real": [arm.id for arm in study.competing if arm.real],
        "resamples": summary.resamples,
        "seed": summary.seed,
        "flagged_included": summary.flagged_included,
        "wanted_half_width": 50.0 if summary.comparison is None else summary.comparison.wanted_half_width,
        "preliminary_below": study.preliminary_below,
        "minimum_raters": study.minimum_raters,
        "limits": {name: getattr(LIMITS, name) for name in RULES},
        "thresholds": None if summary.rater_check is None else asdict(summary.rater_check.thresholds),
        "thresholds_declared": summary.rater_check is not None and summary.rater_check.declared,
        "two_way_resamples": min(summary.resamples, TWO_WAY_RESAMPLES),
    }
    times = asdict(summary.response_times)
    numbers = {
        "flags": dict(Counter(reason for flags in votes["flags"] for reason in flags.split(",") if reason)),
        "votes": summary.votes,
        "raters": summary.raters,
        "choices": summary.choices,
        "unanswered": summary.unanswered,
        "excluded": summary.excluded,
        "excluded_by_reason": summary.excluded_by_reason,
        "checks": summary.checks,
        "comparison": None if summary.comparison is None else _comparison(summary.comparison),
        "ranking_with_flagged": None,
        "hype": None,
        "hype_with_flagged": None,
        "agreement": asdict(summary.agreement),
        "rater_check": None if summary.rater_check is None else _raters(summary.rater_check),
        "items": [asdict(share) for share in summary.items],
        "response_times": {name: list(value) if isinstance(value, tuple) else value for name, value in times.items()},
        "flow": {
            "voted": int(votes["rater"].nunique()),
            "excluded": int(sift(votes).rating["rater"].nunique()) - summary.raters,
            "first": None if flow.first is None else flow.first.isoformat(),
            "last": None if flow.last is None else flow.last.isoformat(),
        },
    }
    if summary.comparison is not None and summary.comparison.with_flagged is not None:
        numbers["ranking_with_flagged"] = [asdict(standing) for standing in summary.comparison.with_flagged]
    if (realism := summary.realism) is not None:
        numbers["hype"] = _hype(realism.infinite, realism.timed)
        if realism.infinite_with_flagged is not None:
            numbers["hype_with_flagged"] = _hype(realism.infinite_with_flagged, realism.timed_with_flagged or [])
    numbers["numbers_vs_eyes"] = None if beside is None or beside.simulated else beside.published()
    return {"settings": settings, "numbers": numbers}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    ties = comparison.tie_model
    return {
        "model": comparison.model,
        "ranking": [asdict(standing) for standing in comparison.standings],
        "groups": comparison.groups,
        "top_set": comparison.top_set,
        "alone": comparison.alone,
        "votes": comparison.votes,
        "raters": comparison.raters,
        "effective_raters": comparison.effective_raters,
        "pairs": [asdict(pair) for pair in comparison.pairs],
        "ties_and_sides": None if ties is None else {"tie_chance": ties.tie_chance, "left_chance": ties.left_chance},
        "side_bias": asdict(comparison.side_bias),
        "dropped": None if comparison.dropped is None else asdict(comparison.dropped),
        "turned": None if comparison.turned is None else asdict(comparison.turned),
        "half_width": comparison.half_width,
        "votes_needed": comparison.votes_needed,
        "order": None if comparison.transitivity is None else _listed(asdict(comparison.transitivity)),
        "two_way": None if comparison.two_way is None else asdict(comparison.two_way),
    }


def _raters(check: RaterCheck) -> dict[str, Any]:
    without = None if check.without is None else {arm.arm: arm.score for arm in check.without}
    return {
        "raters": [{**asdict(rater), "beyond": check.beyond.get(rater.rater, [])} for rater in check.model.raters],
        "strengths": check.model.strengths,
        "without": without,
    }


def _listed(value: Any) -> Any:
    """Return the same with lists in place of tuples, as JSON has it."""
    if isinstance(value, dict):
        return {key: _listed(part) for key, part in value.items()}
    return [_listed(part) for part in value] if isinstance(value, list | tuple) else value


def _hype(infinite: list[Any], timed: list[Any]) -> dict[str, Any]:
    return {"infinite": [asdict(arm) for arm in infinite], "timed": [asdict(arm) for arm in timed]}
