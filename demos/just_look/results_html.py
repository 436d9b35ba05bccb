"""The results page of a study: scores and intervals, agreement, exclusions, each as a figure and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from demos.just_look import items_html, numbers_html, order_html, ranking_html, raters_html
from demos.just_look.results_words import heading
from demos.just_look.tables_html import folded, table
from evaluation.qualitative.imported.mark import imported
from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.ranking.ranking import Standing
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.drawings import drawings
from evaluation.qualitative.results.figures import Drawing
from evaluation.qualitative.results.methods import bounds
from evaluation.qualitative.store.flags import LIMITS, REASONS
from evaluation.qualitative.wording import counted

FILES = {
    "release": "Release (zip)",
    "csv": "CSV",
    "spreadsheet": "CSV for Excel",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "study": "Study file",
    "methods": "Methods paragraph",
}


def page(
    analysis: Analysis, *, checked: bool, link: str = "", owner: bool = False, registered: str = "", declared: str = ""
) -> str:
    """Return the whole page.

    Args:
        analysis: the study's analysis.
        checked: whether only answers without a flag count here.
        link: back to the owner's page, as HTML.
        owner: whether the viewer owns the study, and so sees single raters.
        registered: what the study's preregistration is worth, in a sentence; "" where there is none.
        declared: the owner's forms, as HTML; "" for others.
    """
    study, summary = analysis.study, analysis.summary
    drawn = {drawing.name: drawing for drawing in drawings(analysis)}
    parts = [
        f'{link}<h2>{escape(study.title)}</h2><p class="note">{escape(study.question)}</p>',
        heading("In numbers"),
        _numbers(analysis),
        f'<p class="note">{escape(registered)}</p>' if registered else "",
        f'<label><input type="checkbox" data-part="checked"{" checked" if checked else ""}> '
        "Only raters who passed the checks, and answers without a flag</label>",
        '<p data-part="message" role="status"></p>',
    ]
    if summary.comparison is not None and "intervals" in drawn:
        ranked = [standing for standing in summary.comparison.standings if standing.score is not None]
        parts += [
            f"{heading('Ranking')}<p>{ranking_html.standing(analysis)}{ranking_html.not_final(analysis)}</p>",
            _figure_html(drawn["intervals"]),
            _ranking(analysis, ranked),
            heading("Win rates, and votes per pair"),
            _figure_html(drawn["win-rates"]),
            _pairs(analysis),
            _firmness(analysis),
            order_html.section(analysis),
        ]
    if summary.realism is not None:
        parts += [heading("Taken for real")]
        parts += [_figure_html(drawn["intervals"])] if summary.comparison is None and "intervals" in drawn else []
        parts += [_hype(analysis, "HYPE∞", summary.realism.infinite, percent=True)]
        parts += [_hype(analysis, "HYPE-time", summary.realism.timed, percent=False)]
    parts += [numbers_html.section(analysis, list(drawn.values()))]
    parts += [items_html.section(analysis, owner=owner), raters_html.section(analysis, owner=owner)]
    if "response-times" in drawn:
        parts += [heading("Response times"), _figure_html(drawn["response-times"]), _times(analysis)]
    parts += [_excluded(analysis), _downloads(analysis, drawn.values()), declared]
    return "".join(parts)


def _figure_html(drawing: Drawing) -> str:
    """Return the figure, wide enough to read its text: on a phone it scrolls by itself."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(drawing.title)}">{drawing.inline}</div>'


def _numbers(analysis: Analysis) -> str:
    summary = analysis.summary
    agreement = summary.agreement
    numbers = {"Raters": f"{summary.raters:,}", "Answers": f"{summary.votes:,}", "Excluded": f"{summary.excluded:,}"}
    between = "" if agreement.low is None else f" ({agreement.low:.2f} to {agreement.high:.2f})"
    numbers["Agreement (1 is perfect, 0 is chance)"] = (
        "–" if agreement.alpha is None else f"{agreement.alpha:.2f}{between}"
    )
    if summary.comparison is not None and (bias := summary.comparison.side_bias).left is not None:
        between = "" if bias.low is None or bias.high is None else f" ({100 * bias.low:.0f}–{100 * bias.high:.0f})"
        numbers["Left side won"] = f"{100 * bias.left:.0f} %{between}"
    if summary.response_times.median is not None:
        numbers["Median time"] = f"{summary.response_times.median / 1000:.1f} s"
    if number := imported(analysis.votes):
        numbers["Imported answers"] = f"{number:,}"
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in numbers.items())
    return f'<dl class="numbers">{cells}</dl>'


def _ranking(analysis: Analysis, ranked: Sequence[Standing]) -> str:
    return table(
        "Ranking",
        ["Rank", "Source", "Score", "95 % interval", *_outcomes(analysis)],
        (
            [
                _ranks(standing, place),
                analysis.title(standing.arm),
                f"{standing.score:.0f}",
                "–" if standing.best_rank is None else bounds(standing),
                f"{standing.wins:,}",
                f"{standing.ties:,}",
                f"{standing.losses:,}",
            ]
            for place, standing in enumerate(ranked, start=1)
        ),
    )


def _outcomes(analysis: Analysis) -> tuple[str, str, str]:
    comparison = analysis.summary.comparison
    if comparison is not None and comparison.model == "best_worst":
        return ("Best", "Neither", "Worst")
    return ("Wins", "Ties", "Losses")


def _pairs(analysis: Analysis) -> str:
    assert analysis.summary.comparison is not None
    return folded(
        "As a table",
        table(
            "Votes per pair",
            ["Source", "against", "Votes", "First won"],
            (
                [
                    analysis.title(pair.first),
                    analysis.title(pair.second),
                    f"{pair.votes:,}",
                    "–" if pair.win_rate is None else f"{100 * pair.win_rate:.0f} %",
                ]
                for pair in analysis.summary.comparison.pairs
            ),
        ),
    )


def _firmness(analysis: Analysis) -> str:
    comparison = analysis.summary.comparison
    assert comparison is not None
    sentences = []
    if (drop := comparison.dropped) is not None and drop.votes is not None and drop.successor is not None:
        sentences.append(
            f"Without {_votes(drop.votes)}, the most influential {'one' if drop.votes == 1 else 'ones'}, "
            f"{escape(analysis.title(drop.successor))} would be "
            "first."
        )
    if (turn := comparison.turned) is not None and turn.votes is not None and turn.successor is not None:
        sentences.append(
            f"If {_votes(turn.votes)} had gone the other way, {escape(analysis.title(turn.successor))} would be first."
        )
    if comparison.votes_needed:
        sentences.append(
            f"About {comparison.votes_needed:,} more votes, by new raters, would narrow every interval to "
            f"± {comparison.wanted_half_width:.0f} points."
        )
    elif comparison.votes_needed is None and comparison.votes:
        sentences.append("It is too early to say how many more votes would make the intervals narrow.")
    return f"{heading('How certain the order is')}<p>{' '.join(sentences)}</p>" if sentences else ""


def _votes(number: int) -> str:
    return counted(number, "vote")


def _hype(analysis: Analysis, name: str, scores: Sequence[HypeScore], *, percent: bool) -> str:
    if not scores:
        return ""

    def written(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{100 * value:.1f} %" if percent else f"{value:.0f} ms"

    return table(
        name,
        ["Source", name, "95 % interval", "Taken for real", "Votes", "Raters"],
        (
            [
                analysis.title(arm.arm),
                written(arm.score),
                "–" if arm.low is None else f"{written(arm.low)} to {written(arm.high)}",
                "–" if arm.fake_errors is None else f"{100 * arm.fake_errors:.0f} %",
                f"{arm.votes:,}",
                f"{arm.raters:,}",
            ]
            for arm in scores
        ),
    )


def _times(analysis: Analysis) -> str:
    times = analysis.summary.response_times
    if times.median is None or times.quartiles is None or times.extremes is None:
        return ""
    seconds = [milliseconds / 1000 for milliseconds in (times.extremes[0], *times.quartiles, times.extremes[1])]
    return (
        f'<p class="note">{times.measured:,} measured; median {times.median / 1000:.1f} s, half between '
        f"{seconds[1]:.1f} and {seconds[2]:.1f} s, nine of ten between {seconds[0]:.1f} and {seconds[3]:.1f} s. "
        f"The line marks {LIMITS.fast_ms} ms: faster answers are flagged.</p>"
    )


def _excluded(analysis: Analysis) -> str:
    summary = analysis.summary
    informing = sift(analysis.votes).informing
    if not summary.excluded_by_reason and not informing:
        return f"{heading('Excluded answers')}<p>No answer bears a flag.</p>"
    flags = {**summary.excluded_by_reason, **informing}
    reasons = table(
        "Flags",
        ["Flag", "Answers", "What it means"],
        ([reason.replace("_", " "), f"{count:,}", REASONS.get(reason, "")] for reason, count in flags.items()),
    )
    if not summary.excluded_by_reason:
        return f"{heading('Flagged answers')}{reasons}"
    again = ""
    if summary.comparison is not None and summary.comparison.with_flagged is not None:
        ranked = [standing for standing in summary.comparison.with_flagged if standing.score is not None]
        again = folded("The ranking with these answers", _ranking(analysis, ranked))
    if summary.realism is not None and summary.realism.infinite_with_flagged is not None:
        infinite = _hype(analysis, "HYPE∞", summary.realism.infinite_with_flagged, percent=True)
        timed = _hype(analysis, "HYPE-time", summary.realism.timed_with_flagged or [], percent=False)
        again += folded("The scores with these answers", infinite + timed)
    return f"{heading('Flagged answers' if summary.flagged_included else 'Excluded answers')}{reasons}{again}"


def _downloads(analysis: Analysis, drawn: Iterable[Drawing]) -> str:
    name = analysis.study.name
    files = [*FILES.items()]
    if analysis.study.asks_questions:
        files += [("answers", "Answers to the questions")]
    if analysis.numbers is not None and not analysis.numbers.simulated:
        files += numbers_html.FILES.items()
    if analysis.study.state() == "closed" and analysis.study.items.kind == "seeds":
        files += [("seeds", "Seeds of the pictures")]
    files += [(f"figure:{drawing.name}", f"Figure: {drawing.title}") for drawing in drawn]
    buttons = "".join(
        f'<button type="button" data-download="{kind}" data-study="{name}">{escape(label)}</button>'
        for kind, label in files
    )
    return f'{heading("Downloads")}<div class="actions">{buttons}</div>'


def _ranks(standing: Standing, place: int) -> str:
    best, worst = standing.best_rank, standing.worst_rank
    if best is None:
        return str(place)
    return f"{best}" if best == worst else f"{best}–{worst}"
