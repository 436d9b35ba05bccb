"""The ranking under the pictures, and as the API returns it: with intervals, and no winner where there is none yet."""

from __future__ import annotations

from html import escape
from typing import Any

from evaluation.qualitative.results.cached import Analysis


def rows(found: Analysis) -> list[dict[str, Any]]:
    """For each arm, best first: what `ranking` of the API returns."""
    if found.summary.comparison is None:
        return _realism_rows(found)
    below = found.study.preliminary_below
    return [
        {
            "arm": one.arm,
            "title": found.title(one.arm),
            "score": _rounded(one.score),
            "low": _rounded(one.low),
            "high": _rounded(one.high),
            "best_rank": one.best_rank,
            "worst_rank": one.worst_rank,
            "top": one.top,
            "wins": one.wins,
            "losses": one.losses,
            "ties": one.ties,
            "votes": one.votes,
            "preliminary": one.votes < below,
        }
        for one in found.summary.comparison.standings
    ]


def table(found: Analysis) -> str:
    """The same for the page; arms that have no votes yet are left for later."""
    ranked = [row for row in rows(found) if row["votes"] and row["score"] is not None]
    if not ranked or found.summary.comparison is None:
        return '<p class="note">Nobody has voted yet: the first vote starts the ranking.</p>'
    lowest, highest = ranked[-1]["score"] - 100, ranked[0]["score"]
    body = "".join(
        f'<tr><td class="number">{_place(row, place)}</td><td>{escape(row["title"])}</td>'
        f'<td class="bar"><span style="width:{100 * (row["score"] - lowest) / (highest - lowest):.0f}%"></span></td>'
        f'<td class="number">{row["score"]:.0f}{_half(row)}</td><td class="number">{row["votes"]:,}</td></tr>'
        for place, row in enumerate(ranked, start=1)
    )
    votes = found.summary.comparison.votes
    return (
        '<table class="ranking"><thead><tr><th class="number">#</th><th>What it was</th><th class="bar"></th>'
        f'<th class="number">Score</th><th class="number">Votes</th></tr></thead><tbody>{body}</tbody></table>'
        f'<p class="note">{votes:,} {"vote" if votes == 1 else "votes"}, skips not counted. Bradley–Terry: 1000 is '
        f"average, 400 points are ten times the odds; ± is a 95 % interval over raters. {standing(found)}</p>"
    )


def standing(found: Analysis) -> str:
    """Who is first, as far as the votes can tell, in a sentence of HTML."""
    comparison = found.summary.comparison
    if comparison is None or not comparison.top_set:
        return "Preliminary: no order can be told before several people have voted."
    early = ""
    if any(row["preliminary"] for row in rows(found)):
        early = f"Preliminary: each arm should have {found.study.preliminary_below} votes before its place means much. "
    titles = [f"<strong>{escape(found.title(arm))}</strong>" for arm in comparison.top_set]
    if len(titles) == 1:
        return f"{early}{titles[0]} stands alone at the top."
    if len(titles) == len([one for one in comparison.standings if one.votes]):
        return f"{early}No arm can be told from the best yet."
    return f"{early}Can’t be told from the best: {', '.join(titles)}."


def _realism_rows(found: Analysis) -> list[dict[str, Any]]:
    realism = found.summary.realism
    scores = [] if realism is None else realism.timed or realism.infinite
    return [
        {
            "arm": one.arm,
            "title": found.title(one.arm),
            "score": one.score,
            "low": one.low,
            "high": one.high,
            "votes": one.votes,
            "preliminary": one.votes < found.study.preliminary_below,
        }
        for one in scores
    ]


def _place(row: dict[str, Any], place: int) -> str:
    """The ranks that an arm may hold, or its place where nothing can be said of them."""
    best, worst = row["best_rank"], row["worst_rank"]
    if best is None:
        return str(place)
    return str(best) if best == worst else f"{best}–{worst}"


def _half(row: dict[str, Any]) -> str:
    return "" if row["low"] is None else f' <span class="half">± {(row["high"] - row["low"]) / 2:.0f}</span>'


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 1)
