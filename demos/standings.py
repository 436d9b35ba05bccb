"""The ranking under the pictures: reckoned when somebody looks, at most every few seconds, never once a vote."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from html import escape
from typing import Any

from evaluation.qualitative import ranking as rankings
from evaluation.qualitative.shelf import Shelf
from evaluation.qualitative.store import Store
from evaluation.qualitative.study import Study

FRESH_S = 3.0


class Standings:
    """Rankings of all studies; safe to share between threads, of which one at a time reckons."""

    def __init__(self, shelf: Shelf, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the studies and the database with the votes."""
        self._shelf = shelf
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[float, list[dict[str, Any]]]] = {}
        self._reckoning = threading.Lock()

    def rows(self, name: str) -> list[dict[str, Any]]:
        """For each arm, best first: what `ranking` of the API returns, at most `FRESH_S` old.

        Raises:
            StudyError: there is no such study.
            StoreUnavailableError: the database does not answer.
        """
        study = self._shelf.read(name)
        with self._reckoning:
            known = self._known.get(name)
            if known is not None and self._clock() - known[0] < FRESH_S:
                return known[1]
            rows = _rows(study, self._store)
            self._known[name] = (self._clock(), rows)
            return rows

    def table(self, name: str) -> str:
        """The same as a table for the page; arms that have no votes yet are left for later."""
        return _table(self.rows(name))


def _rows(study: Study, store: Store) -> list[dict[str, Any]]:
    votes = store.results(study.name)
    return [
        {
            "arm": standing.arm,
            "title": study.arm(standing.arm).title,
            "score": standing.score and round(standing.score, 1),
            "wins": standing.wins,
            "losses": standing.losses,
            "ties": standing.ties,
            "votes": standing.votes,
            "preliminary": standing.preliminary,
        }
        for standing in rankings.rank(votes, arms=[arm.id for arm in study.competing])
    ]


def _table(rows: list[dict[str, Any]]) -> str:
    ranked = [row for row in rows if row["votes"]]
    if not ranked:
        return '<p class="note">Nobody has voted yet: the first vote starts the ranking.</p>'
    lowest, highest = ranked[-1]["score"] - 100, ranked[0]["score"]
    body = "".join(
        f'<tr><td class="number">{place}</td><td>{escape(row["title"])}</td>'
        f'<td class="bar"><span style="width:{100 * (row["score"] - lowest) / (highest - lowest):.0f}%"></span></td>'
        f'<td class="number">{row["score"]:.0f}</td><td class="number">{row["votes"]}</td></tr>'
        for place, row in enumerate(ranked, start=1)
    )
    votes = sum(row["votes"] for row in rows) // 2
    early = f" Preliminary: each arm should have {rankings.PRELIMINARY_BELOW} votes before its place means much."
    return (
        '<table class="ranking"><thead><tr><th class="number">#</th><th>What it was</th><th class="bar"></th>'
        f'<th class="number">Score</th><th class="number">Votes</th></tr></thead><tbody>{body}</tbody></table>'
        f'<p class="note">{votes:,} {"vote" if votes == 1 else "votes"}, skips not counted. Bradley–Terry: 1000 is '
        f"average, 400 points are ten times the odds.{early if any(row['preliminary'] for row in rows) else ''}</p>"
    )
