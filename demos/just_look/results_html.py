"""The results page of a study: what the votes say, how sure that is, and every number as a figure and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from demos.just_look import ranking_html
from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.ranking.ranking import Standing
from evaluation.qualitative.ranking.responses import win_rates
from evaluation.qualitative.results import figures
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.figures import Drawing, Row
from evaluation.qualitative.store.flags import LIMITS, REASONS

FILES = {
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
    "study": "Study file",
    "methods": "Methods paragraph",
}


def drawings(found: Analysis) -> list[Drawing]:
    """All figures that the votes allow."""
    drawn = []
    comparison, realism = found.summary.comparison, found.summary.realism
    if comparison is not None:
        ranked = [one for one in comparison.standings if one.score is not None]
        if ranked:
            drawn.append(
                figures.intervals([_row(found, one) for one in ranked], label="Score (400 points: ten times the odds)")
            )
            arms = [one.arm for one in ranked]
            counts = np.zeros((len(arms), len(arms)), dtype=np.int64)
            for pair in comparison.pairs:
                if pair.first in arms and pair.second in arms:
                    i, j = arms.index(pair.first), arms.index(pair.second)
                    counts[i, j] = counts[j, i] = pair.votes
            drawn.append(
                figures.heat_map([found.title(arm) for arm in arms], win_rates(comparison.pairs, arms), counts)
            )
    if realism is not None:
        for scores, label, scale in (
            (realism.infinite, "HYPE∞, % of errors (50 is chance)", 100.0),
            (realism.timed, "HYPE-time, ms of exposure", 1.0),
        ):
            rows = [
                Row(title=found.title(one.arm), score=scale * one.score, low=scale * low, high=scale * high)
                for one in scores
                if one.score is not None
                for low, high in [(one.low if one.low is not None else one.score, one.high or one.score)]
            ]
            if rows:
                drawn.append(figures.intervals(rows, label=label))
    if found.seconds:
        drawn.append(figures.histogram(found.seconds, fastest=LIMITS.fast_ms / 1000))
    return drawn


def page(found: Analysis, *, checked: bool, link: str = "") -> str:
    """The whole page.

    Args:
        found: what there is to show.
        checked: whether only answers without a flag count here.
        link: the owner's way back, as HTML.
    """
    study, summary = found.study, found.summary
    drawn = {drawing.name: drawing for drawing in drawings(found)}
    parts = [
        f'{link}<h2>{escape(study.title)}</h2><p class="note">{escape(study.question)}</p>',
        _numbers(found),
        f'<label><input type="checkbox" data-part="checked"{" checked" if checked else ""}> '
        "Only raters who passed the checks, and answers without a flag</label>",
        '<p data-part="message" role="status"></p>',
    ]
    if summary.comparison is not None and "intervals" in drawn:
        ranked = [one for one in summary.comparison.standings if one.score is not None]
        parts += [
            f"<h3>Ranking</h3><p>{ranking_html.standing(found)}</p>",
            _shown(drawn["intervals"]),
            _ranking(found, ranked),
            "<h3>Win rates, and votes per pair</h3>",
            _shown(drawn["win-rates"]),
            _pairs(found),
            _firmness(found),
        ]
    if summary.realism is not None:
        parts += ["<h3>Taken for real</h3>"]
        parts += [_shown(drawn["intervals"])] if summary.comparison is None and "intervals" in drawn else []
        parts += [_hype(found, "HYPE∞", summary.realism.infinite, percent=True)]
        parts += [_hype(found, "HYPE-time", summary.realism.timed, percent=False)]
    if "response-times" in drawn:
        parts += ["<h3>Response times</h3>", _shown(drawn["response-times"]), _times(found)]
    parts += [_excluded(found), _downloads(found, drawn.values())]
    return "".join(parts)


def _shown(drawing: Drawing) -> str:
    """The figure, as wide as its text can be read: on a phone it scrolls by itself."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(drawing.title)}">{drawing.inline}</div>'


def _row(found: Analysis, one: Standing) -> Row:
    score = one.score or 0.0
    low, high = (score if end is None else end for end in (one.low, one.high))
    return Row(title=found.title(one.arm), score=score, low=low, high=high, top=bool(one.top))


def _numbers(found: Analysis) -> str:
    summary = found.summary
    alpha = summary.agreement.alpha
    shown = {"Raters": f"{summary.raters:,}", "Answers": f"{summary.votes:,}", "Excluded": f"{summary.excluded:,}"}
    shown["Krippendorff’s alpha"] = "–" if alpha is None else f"{alpha:.2f}"
    if summary.comparison is not None and (bias := summary.comparison.side_bias).left is not None:
        between = "" if bias.low is None or bias.high is None else f" ({100 * bias.low:.0f}–{100 * bias.high:.0f})"
        shown["Left side won"] = f"{100 * bias.left:.0f} %{between}"
    if summary.response_times.median is not None:
        shown["Median time"] = f"{summary.response_times.median / 1000:.1f} s"
    cells = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in shown.items())
    return f'<dl class="numbers">{cells}</dl>'


def _ranking(found: Analysis, ranked: Sequence[Standing]) -> str:
    return _table(
        "Ranking",
        ["Rank", "Arm", "Score", "95 % interval", "Wins", "Ties", "Losses"],
        (
            [
                _ranks(one, place),
                found.title(one.arm),
                f"{one.score:.0f}",
                "–" if one.low is None else f"{one.low:.0f} to {one.high:.0f}",
                f"{one.wins:,}",
                f"{one.ties:,}",
                f"{one.losses:,}",
            ]
            for place, one in enumerate(ranked, start=1)
        ),
    )


def _pairs(found: Analysis) -> str:
    assert found.summary.comparison is not None
    return _folded(
        "As a table",
        _table(
            "Votes per pair",
            ["Arm", "against", "Votes", "First won"],
            (
                [
                    found.title(pair.first),
                    found.title(pair.second),
                    f"{pair.votes:,}",
                    "–" if pair.win_rate is None else f"{100 * pair.win_rate:.0f} %",
                ]
                for pair in found.summary.comparison.pairs
            ),
        ),
    )


def _firmness(found: Analysis) -> str:
    comparison = found.summary.comparison
    assert comparison is not None
    said = []
    if (drop := comparison.dropped) is not None and drop.votes is not None and drop.successor is not None:
        said.append(
            f"Without {drop.votes:,} {'vote' if drop.votes == 1 else 'votes'}, picked for the purpose, "
            f"{escape(found.title(drop.successor))} would be first."
        )
    if comparison.votes_needed:
        said.append(
            f"About {comparison.votes_needed:,} more votes, by new raters, would narrow every interval to "
            f"± {comparison.wanted_half_width:.0f} points."
        )
    return f"<h3>How firm that is</h3><p>{' '.join(said)}</p>" if said else ""


def _hype(found: Analysis, name: str, scores: Sequence[HypeScore], *, percent: bool) -> str:
    if not scores:
        return ""

    def written(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{100 * value:.1f} %" if percent else f"{value:.0f} ms"

    return _table(
        name,
        ["Arm", name, "95 % interval", "Taken for real", "Votes", "Raters"],
        (
            [
                found.title(one.arm),
                written(one.score),
                "–" if one.low is None else f"{written(one.low)} to {written(one.high)}",
                "–" if one.fake_errors is None else f"{100 * one.fake_errors:.0f} %",
                f"{one.votes:,}",
                f"{one.raters:,}",
            ]
            for one in scores
        ),
    )


def _times(found: Analysis) -> str:
    times = found.summary.response_times
    if times.median is None or times.quartiles is None or times.extremes is None:
        return ""
    seconds = [milliseconds / 1000 for milliseconds in (times.extremes[0], *times.quartiles, times.extremes[1])]
    return (
        f'<p class="note">{times.measured:,} measured; median {times.median / 1000:.1f} s, half between '
        f"{seconds[1]:.1f} and {seconds[2]:.1f} s, nine of ten between {seconds[0]:.1f} and {seconds[3]:.1f} s. "
        f"The line marks {LIMITS.fast_ms} ms: sooner is flagged.</p>"
    )


def _excluded(found: Analysis) -> str:
    summary = found.summary
    if not summary.excluded_by_reason:
        return "<h3>Excluded</h3><p>No answer bears a flag.</p>"
    reasons = _table(
        "Flags",
        ["Flag", "Answers", "What it means"],
        (
            [reason.replace("_", " "), f"{count:,}", REASONS.get(reason, "")]
            for reason, count in summary.excluded_by_reason.items()
        ),
    )
    again = ""
    if summary.comparison is not None and summary.comparison.with_flagged is not None:
        ranked = [one for one in summary.comparison.with_flagged if one.score is not None]
        again = _folded("The ranking with them put back", _ranking(found, ranked))
    return f"<h3>{'Flagged' if summary.flagged_included else 'Excluded'} answers</h3>{reasons}{again}"


def _downloads(found: Analysis, drawn: Iterable[Drawing]) -> str:
    name = found.study.name
    files = [*FILES.items(), *((f"figure:{drawing.name}", f"Figure: {drawing.title}") for drawing in drawn)]
    buttons = "".join(
        f'<button type="button" data-download="{kind}" data-study="{name}">{escape(label)}</button>'
        for kind, label in files
    )
    return f'<h3>Downloads</h3><div class="actions">{buttons}</div>'


def _folded(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>{content}</details>"


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are plain text; all columns but the first two are numbers."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption)}"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _ranks(one: Standing, place: int) -> str:
    if one.best_rank is None:
        return str(place)
    return f"{one.best_rank}" if one.best_rank == one.worst_rank else f"{one.best_rank}–{one.worst_rank}"
