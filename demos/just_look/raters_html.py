"""Raters under the rater model: a table for the owner, and what the ranking owes to those beyond a threshold."""

from __future__ import annotations

from demos.just_look.results_words import heading
from demos.just_look.tables_html import folded, table
from evaluation.qualitative.ranking.ranking import AVERAGE_SCORE, POINTS_PER_LOGIT
from evaluation.qualitative.ranking.raters.exclusion import RaterCheck
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.methods import thresholds_in_words

_LETTERS = 14  # of a rater's pseudonym in the votes: enough to find it there


def section(analysis: Analysis, *, owner: bool) -> str:
    """Return the section; only an owner sees the single raters."""
    check = analysis.summary.rater_check
    if check is None:
        return ""
    beyond, raters = len(check.beyond), len(check.model.raters)
    declared = "declared in the study file" if check.declared else "suggested; the study file declares none"
    excluded = check.declared and not analysis.summary.flagged_included
    verdict = "their votes do not count" if excluded else "their votes count"
    text = (
        f"<p>{beyond:,} of {raters:,} raters {'is' if beyond == 1 else 'are'} beyond a threshold "
        f"({thresholds_in_words(check.thresholds)}; {declared})"
        f"{f': {verdict}' if beyond else ''}.</p>"
    )
    parts = [heading("How well the raters look"), text, _sensitivity(analysis, check)]
    return "".join([*parts, _table(check)] if owner else parts)


def _sensitivity(analysis: Analysis, check: RaterCheck) -> str:
    comparison = analysis.summary.comparison
    if comparison is None:
        return ""
    without = {} if check.without is None else {arm.arm: arm.score for arm in check.without}
    rows = []
    for arm in comparison.standings:
        if arm.score is None:
            continue
        weighted = check.model.strengths.get(arm.arm)
        row = [
            analysis.title(arm.arm),
            f"{arm.score:.0f}",
            "–" if weighted is None else f"{AVERAGE_SCORE + POINTS_PER_LOGIT * weighted:.0f}",
        ]
        if without:
            score = without.get(arm.arm)
            row.append("–" if score is None else f"{score:.0f}")
        rows.append(row)
    head = [
        "Source",
        "As published",
        "Raters weighted by skill and lapses",
        *(["Without these raters"] if without else []),
    ]
    note = (
        '<p class="note">Weighted scores are those of a typical rater who always looks, so they lie further apart.</p>'
    )
    return folded("The ranking if raters count by how well they look", table("Sensitivity", head, rows) + note)


def _table(check: RaterCheck) -> str:
    rows = (
        [
            rater.rater[:_LETTERS],
            f"{rater.votes:,}",
            f"{rater.skill:.2f}",
            f"{100 * rater.lean:.0f} %",
            f"{100 * rater.lapses:.0f} %",
            ", ".join(flag.replace("_", " ") for flag in check.beyond.get(rater.rater, [])),
        ]
        for rater in check.model.raters
    )
    head = ["Rater", "Answers", "Skill (1 is typical)", "Leans to left, or real", "Lapses", "Beyond"]
    return folded("All raters", table("Raters", head, rows))
