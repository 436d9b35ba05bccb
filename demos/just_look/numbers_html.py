"""Numbers against eyes, on the results page: people's scores over each metric, and how far the two orders agree."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from demos.just_look.results_words import heading
from demos.just_look.tables_html import folded, table
from evaluation.qualitative.numbers_vs_eyes.comparison import Compared, Correlation, NumbersVsEyes
from evaluation.qualitative.numbers_vs_eyes.metrics import BY_KEY, METRICS
from evaluation.qualitative.numbers_vs_eyes.sentences import sentences
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.drawings import SCATTER, scatters
from evaluation.qualitative.results.figures import Drawing

FILES = {"numbers": "Numbers against eyes (CSV)", "numbers-json": "Numbers against eyes (JSON)"}


def section(analysis: Analysis, drawn: Sequence[Drawing]) -> str:
    """Return the section; empty where fewer than two sources have metrics.

    Args:
        analysis: of the study.
        drawn: the figures of the votes; those of simulated raters are drawn here.
    """
    numbers = analysis.numbers
    if numbers is None:
        return ""
    plots = scatters(numbers) if numbers.simulated else [figure for figure in drawn if figure.name.startswith(SCATTER)]
    figures = "".join(plot.inline for plot in plots) if len(numbers.compared) > 1 else ""
    return "".join(
        [
            heading("Numbers against eyes"),
            f"<p>{escape(' '.join(sentences(numbers)))}</p>",
            f'<div class="scatters">{figures}</div>' if figures else "",
            "" if numbers.simulated else _correlations(numbers),
            _arms(numbers),
            _left_out(numbers),
        ]
    )


def _correlations(numbers: NumbersVsEyes) -> str:
    if not any(part.kendall is not None for part in numbers.correlations):
        return ""
    return table(
        "How far each metric agrees with people",
        ["Metric", "Kendall’s τ", "Spearman’s ρ", "As good by chance", "Settled pairs alike", "Sources"],
        (
            [
                _title(part),
                _with_interval(part.kendall, part.kendall_low, part.kendall_high),
                _with_interval(part.spearman, part.spearman_low, part.spearman_high),
                _chance(part.by_chance),
                f"{part.alike:,} of {part.settled:,}" if part.settled else "–",
                f"{part.arms:,}",
            ]
            for part in numbers.correlations
        ),
    )


def _title(part: Correlation) -> str:
    metric = BY_KEY[part.metric]
    if metric.best is not None:
        return f"{metric.title} ({metric.best:g} is best)"
    return f"{metric.title} {'↑' if metric.higher_is_better else '↓'}"


def _with_interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f} to {high:.2f})"


def _chance(share: float | None) -> str:
    if share is None:
        return "–"
    return "under 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def _arms(numbers: NumbersVsEyes) -> str:
    keys = [metric for metric in METRICS if any(metric.key in arm.metrics for arm in numbers.compared)]
    people = "Simulated raters" if numbers.simulated else "People (95 % interval)"
    return folded(
        "The sources by number, with all their metrics",
        table(
            "Sources with their metrics",
            ["No.", "Source", people, *(metric.title for metric in keys)],
            (
                [
                    str(number),
                    arm.title,
                    _score(arm, numbers),
                    *(_value(arm.metrics.get(metric.key)) for metric in keys),
                ]
                for number, arm in enumerate(numbers.compared, start=1)
            ),
        ),
    )


def _score(arm: Compared, numbers: NumbersVsEyes) -> str:
    factor, unit = {"score": (1.0, ""), "hype": (100.0, " %"), "hype_time": (1.0, " ms")}[numbers.scale]
    score = f"{factor * arm.score:.0f}{unit}"
    if arm.low is None and arm.high is None:
        return score
    if arm.high is None:
        return f"{score} (at least {factor * (arm.low or 0.0):.0f})"
    if arm.low is None:
        return f"{score} (at most {factor * arm.high:.0f})"
    return f"{score} ({factor * arm.low:.0f} to {factor * arm.high:.0f})"


def _value(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.3g}"


def _left_out(numbers: NumbersVsEyes) -> str:
    if not numbers.left_out:
        return ""
    reasons: dict[str, list[str]] = {}
    for title, reason in numbers.left_out.items():
        reasons.setdefault(reason, []).append(title)
    parts = "; ".join(f"{', '.join(titles)} ({reason})" for reason, titles in reasons.items())
    return f'<p class="note">Left out: {escape(parts)}.</p>'
