"""The ranking as a table under the pictures and as rows of the API: scores, intervals, ranks, and who is best."""

from __future__ import annotations

from html import escape
from typing import Any

from demos.just_look.own import ranking as own_ranking
from demos.just_look.own import score as own_score
from demos.just_look.own.ranking import OwnRanking
from demos.just_look.own.score import OwnScore
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.wording import counted

OWN_HEAD = '<th class="number own">Yours</th>'


def rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Return a row for each arm, best first, as `ranking` of the API returns them.

    A `low` or `high` of None beside the other one means that the votes set no bound on that side.
    """
    if analysis.summary.comparison is None:
        return _realism_rows(analysis)
    below = analysis.study.preliminary_below
    return [
        {
            "arm": standing.arm,
            "title": analysis.title(standing.arm),
            "score": _rounded(standing.score),
            "low": _rounded(standing.low),
            "high": _rounded(standing.high),
            "best_rank": standing.best_rank,
            "worst_rank": standing.worst_rank,
            "top": standing.top,
            "group": standing.group,
            "wins": standing.wins,
            "losses": standing.losses,
            "ties": standing.ties,
            "votes": standing.votes,
            "preliminary": standing.votes < below,
        }
        for standing in analysis.summary.comparison.standings
    ]


def table(analysis: Analysis, own: OwnRanking | None = None) -> str:
    """Return the ranking for the page, without the arms that have no votes yet.

    Args:
        analysis: the study's analysis.
        own: the visitor's own ranking, shown beside everybody's.
    """
    ranked = [row for row in rows(analysis) if row["votes"] and row["score"] is not None]
    if not ranked or analysis.summary.comparison is None:
        return '<p class="note">Nobody has voted yet: the first vote starts the ranking.</p>'
    scores = [row["score"] for row in ranked]
    lowest, highest = min(scores) - 100, max(scores)
    places = {} if own is None else own.places
    yours = {row["arm"]: f'<td class="number own">{places.get(row["arm"], "–")}</td>' if own else "" for row in ranked}
    body = "".join(
        f'<tr><td class="number">{place}</td>{yours[row["arm"]]}<td>{escape(row["title"])}</td>'
        f'<td class="bar"><span style="width:{100 * (row["score"] - lowest) / (highest - lowest):.0f}%"></span></td>'
        f'<td class="number">{row["score"]:.0f}{_interval(row)}</td><td class="number">{row["votes"]:,}</td></tr>'
        for place, row in zip(_places(ranked), ranked, strict=True)
    )
    votes = analysis.summary.comparison.votes
    everybody = {row["arm"]: row["score"] for row in ranked}
    beside = f'<p class="own-note">{escape(own_ranking.sentence(own, everybody))}</p>' if own else ""
    return (
        f'<table class="ranking"><thead><tr><th class="number">{"All" if own else "#"}</th>'
        f"{OWN_HEAD if own else ''}<th>Source of the pictures</th>"
        '<th class="bar"></th><th class="number">Score</th><th class="number">Votes</th></tr></thead>'
        f"<tbody>{body}</tbody></table>"
        f'<p class="note">{counted(votes, "vote")}, skips not counted. '
        f"{standing(analysis)}{not_final(analysis)}</p>{beside}"
    )


def realism_table(analysis: Analysis, own: OwnScore | None = None) -> str:
    """Return how well each source passes for real, for the page, with the visitor's own score.

    Args:
        analysis: of a study that shows one picture at a time.
        own: the visitor's own errors.
    """
    answered = [row for row in rows(analysis) if row["votes"] and row["score"] is not None]
    realism = analysis.summary.realism
    if not answered or realism is None:
        return '<p class="note">Nobody has judged a fake yet: the first answer starts the table.</p>'
    timed = bool(realism.timed)
    body = "".join(
        f"<tr><td>{escape(row['title'])}</td>"
        f'<td class="number">{_realism(row["score"], timed=timed)}</td><td class="number">{row["votes"]:,}</td></tr>'
        for row in answered
    )
    everybody = realism.infinite or realism.timed
    beside = f'<p class="own-note">{escape(own_score.sentence(own, everybody))}</p>' if own else ""
    meaning = (
        "HYPE-time: how long a picture has to show until people tell it from a real one."
        if timed
        else "HYPE∞: how often people are wrong, over as many fakes as real pictures; 50 % means that they guess."
    )
    return (
        f'{beside}<table class="ranking"><thead><tr><th>Source of the pictures</th>'
        f'<th class="number">{"HYPE-time" if timed else "HYPE∞"}</th><th class="number">Votes</th></tr></thead>'
        f'<tbody>{body}</tbody></table><p class="note">{meaning}{not_final(analysis)}</p>'
    )


def _realism(score: float, *, timed: bool) -> str:
    return f"{score:.0f} ms" if timed else f"{100 * score:.0f} %"


def not_final(analysis: Analysis) -> str:
    """Return a sentence about intervals and ranks while votes still come in; empty once the study is closed."""
    if analysis.study.state() == "closed":
        return ""
    sentence = " More votes may change scores and places: they are not final."
    if analysis.study.stop_early:
        stop = _may_stop(analysis)
        sentence += (
            f" The study's stopping rule, that one source stands alone, is {'met: close it' if stop else 'not met'}."
        )
    return sentence


def _may_stop(analysis: Analysis) -> bool:
    comparison = analysis.summary.comparison
    enough = analysis.summary.raters >= analysis.study.minimum_raters
    return enough and comparison is not None and comparison.alone is not None


def standing(analysis: Analysis) -> str:
    """Return a sentence of HTML about which arm is best, as far as the votes show.

    An arm stands alone only if it does so however often the votes were looked at, so the sentence may be read at any
    time; a lead that a single look would confirm is called not final.
    """
    comparison = analysis.summary.comparison
    if comparison is None or not comparison.top_set:
        return "Preliminary: there is no order before several people have voted."
    early = ""
    if any(row["preliminary"] for row in rows(analysis)):
        early = (
            f"Preliminary: each source needs {analysis.study.preliminary_below:,} votes before its place means much. "
        )
    titles = [f"<strong>{escape(analysis.title(arm))}</strong>" for arm in comparison.top_set]
    if len(comparison.groups) > 1:
        return (
            f"{early}The sources fall into {len(comparison.groups)} groups that were never compared with each other: "
            f"ranks hold within a group. First or possibly first in their groups: {', '.join(titles)}."
        )
    if comparison.alone is not None:
        return f"{early}{titles[0]} stands alone at the top."
    if len(titles) == 1:
        return f"{early}{titles[0]} is ahead, but that is not final: more votes may still change it."
    if len(titles) == len([arm for arm in comparison.standings if arm.votes]):
        return f"{early}The votes do not show yet which source is best."
    return f"{early}Possibly the best: {', '.join(titles)}."


def _realism_rows(analysis: Analysis) -> list[dict[str, Any]]:
    realism = analysis.summary.realism
    scores = [] if realism is None else realism.timed or realism.infinite
    return [
        {
            "arm": arm.arm,
            "title": analysis.title(arm.arm),
            "score": arm.score,
            "low": arm.low,
            "high": arm.high,
            "votes": arm.votes,
            "preliminary": arm.votes < analysis.study.preliminary_below,
        }
        for arm in scores
    ]


def _places(ranked: list[dict[str, Any]]) -> list[str]:
    """Return the ranks that each arm may hold, or its place where there are none; equal scores share a place."""
    places = []
    for place, row in enumerate(ranked, start=1):
        best, worst = row["best_rank"], row["worst_rank"]
        if best is not None:
            places.append(str(best) if best == worst else f"{best}–{worst}")
        elif place > 1 and row["score"] == ranked[place - 2]["score"]:
            places.append(places[-1])
        else:
            places.append(str(place))
    return places


def _interval(row: dict[str, Any]) -> str:
    low, high = row["low"], row["high"]
    if low is None and high is None:
        return ""
    if high is None:
        return f' <span class="half">(at least {low:.0f})</span>'
    if low is None:
        return f' <span class="half">(at most {high:.0f})</span>'
    return f' <span class="half">({low:.0f}–{high:.0f})</span>'


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 1)
