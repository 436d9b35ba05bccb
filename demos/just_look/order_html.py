"""Whether one order explains the votes: circles, residuals of pairs, and intervals over raters and items."""

from __future__ import annotations

from html import escape

from demos.just_look.results_words import heading
from demos.just_look.tables_html import folded, table
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT
from evaluation.qualitative.ranking.transitivity import Transitivity
from evaluation.qualitative.results.cached import Analysis

UNLIKELY = 0.05


def section(analysis: Analysis) -> str:
    """Return the section, or nothing where there are too few raters or arms."""
    comparison = analysis.summary.comparison
    if comparison is None or (comparison.transitivity is None and comparison.two_way is None):
        return ""
    parts = [heading("Does one order explain the votes?")]
    if comparison.transitivity is not None:
        parts += [_sentences(analysis, comparison.transitivity), _residuals(analysis, comparison.transitivity)]
    if comparison.two_way is not None:
        parts.append(_two_way(analysis))
    return "".join(parts)


def _sentences(analysis: Analysis, order: Transitivity) -> str:
    fits = "do not fit one order well" if order.misfit < UNLIKELY else "do not contradict one order"
    circles = "circle" if order.circular == 1 else "circles"
    more = "more than" if order.circular_p < UNLIKELY else "not clearly more than"
    sentences = [f"The votes on all pairs {fits} (p = {_p(order.misfit)})."]
    if order.triads:
        sentences.append(
            f"Of {order.triads:,} triples of sources, {order.circular:,} "
            f"{'is a' if order.circular == 1 else 'are'} {circles}: "
            f"{more} one order gives by chance ({order.circular_by_chance:.1f}, p = {_p(order.circular_p)})."
        )
    else:
        sentences.append("No three sources have a winner in each of their pairs yet, so there are no circles to count.")
    named = [
        " over ".join(escape(analysis.title(arm)) for arm in (*circle.arms, circle.arms[0])) for circle in order.circles
    ]
    listed = f"<ul>{''.join(f'<li>{circle}</li>' for circle in named)}</ul>" if named else ""
    return f"<p>{' '.join(sentences)}</p>" + (folded("The clearest circles", listed) if listed else "")


def _residuals(analysis: Analysis, order: Transitivity) -> str:
    if not order.residuals:
        return '<p class="note">No pair is further than two standard deviations from what the scores say.</p>'
    rows = (
        [
            analysis.title(pair.first),
            analysis.title(pair.second),
            f"{100 * pair.won:.0f} %",
            f"{100 * pair.expected:.0f} %",
            f"{pair.deviations:+.1f}".replace("-", "−"),
        ]
        for pair in order.residuals
    )
    head = ["Source", "against", "First won", "By the scores", "Standard deviations"]
    return folded("Pairs that the scores explain worst", table("Residuals of pairs", head, rows))


def _two_way(analysis: Analysis) -> str:
    comparison = analysis.summary.comparison
    assert comparison is not None
    assert comparison.two_way is not None
    two = comparison.two_way
    rows = (
        [
            analysis.title(arm.arm),
            f"± {POINTS_PER_LOGIT * two.over_raters[arm.arm]:.0f}",
            f"± {POINTS_PER_LOGIT * two.over_both[arm.arm]:.0f}",
        ]
        for arm in comparison.standings
        if arm.arm in two.over_both
    )
    head = ["Source", "Over raters", "Over raters and items"]
    note = (
        f'<p class="note">The intervals of the ranking hold for the {two.items:,} items of this study. For other items '
        "of the same kind, take the wider ones, in points around the score.</p>"
    )
    return folded("Intervals if items are a sample too", note + table("Intervals over raters and items", head, rows))


def _p(value: float) -> str:
    return "0.001" if value < 0.0015 else f"{value:.3f}" if value < 0.01 else f"{value:.2f}"
