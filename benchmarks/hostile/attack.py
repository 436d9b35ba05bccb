"""An attack: raters take part, somebody acts in their names, and what is stored of them is compared."""

from __future__ import annotations

import itertools
import json
import sqlite3
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.hostile.acts import hostile_acts
from benchmarks.hostile.site import BALLOTS, CASUAL, CLOSED, CODE, RATERS, RUNNING, Rater, Site
from tests.support.app_server import OWNER_TOKEN

TABLES = ("ballots", "events", "participants", "withdrawals")


@dataclass
class Attack:
    """What came of the hostile acts.

    Attributes:
        seconds: of each act, by its kind.
        replies: how often each kind of act got each kind of reply.
        changed: rows and lines of others that differ afterwards.
        codes: replies that told a completion code.
        late: answers to a ballot that were counted though its study had closed.
        addresses: network addresses that the app believed, beyond the one from which all acts came.
        locked_out: raters who cannot go on in their own sessions afterwards, as when somebody closed their study.
        declared: acts of a study's owner that were stored, though the owner did none.
        own_withdrawal: rows and lines that are gone after a rater's own withdrawal: the comparison sees a change.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    replies: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: int = 0
    codes: int = 0
    late: int = 0
    addresses: int = 0
    locked_out: int = 0
    declared: int = 0
    own_withdrawal: int = 0


def attack(url: str, folder: Path, *, acts: int) -> Attack:
    """Let raters take part, act in their names, and compare what is stored of them before and after.

    Args:
        url: of the app, which trusts no proxy and takes its studies from `studies` in the folder.
        folder: with `votes.sqlite3` and its journal.
        acts: number of hostile acts.
    """
    site, outcome = Site(url), Attack()
    raters = [
        Rater(study=study, link={"PROLIFIC_PID": f"{study}-{number}", "SESSION_ID": "s1"} if linked else {})
        for study in (RUNNING, CLOSED, CASUAL)
        for number, linked in enumerate([study != CASUAL, False] * (RATERS // 2))
    ]
    for number, rater in enumerate(raters):
        site.take_part(rater, answers=number % (BALLOTS + 1))
    others = _raters(folder)
    hostile = [Rater(study=study, link={}) for study in (RUNNING, CLOSED, CASUAL)]
    for rater in hostile:
        site.take_part(rater, answers=1)
    site.call("rating_close", CLOSED, OWNER_TOKEN)
    exported = {study: _exported(site, study, others) for study in (RUNNING, CLOSED, CASUAL)}
    before = stored(folder, others)

    for kind, action, data, address in itertools.islice(hostile_acts(raters, hostile, exported), acts):
        start = time.perf_counter()
        status, text, _ = site.call(action, *data, address=address)
        outcome.seconds[kind].append(time.perf_counter() - start)
        outcome.replies[kind, _reply(status, text)] += 1
        outcome.codes += CODE in text

    outcome.changed = len(before ^ stored(folder, others))
    outcome.late = _count(folder, "SELECT count(*) FROM votes WHERE ballot_id = ?", hostile[1].ballot)
    outcome.addresses = len(_addresses(folder)) - 1
    outcome.declared = _count(folder, "SELECT count(*) FROM events WHERE rater = ''")
    outcome.locked_out = sum(not _goes_on(site, rater) for rater in raters)
    site.call("rating_act", RUNNING, raters[0].secret, "withdraw")
    outcome.own_withdrawal = len(before - stored(folder, others))
    return outcome


def stored(folder: Path, raters: set[str]) -> set[str]:
    """Return all rows of the database and lines of the journal about some raters."""
    rows = set()
    with sqlite3.connect(folder / "votes.sqlite3") as database:
        for table in TABLES:
            rows |= {f"{table}: {json.dumps(row)}" for row in database.execute(f"SELECT * FROM {table}")}  # noqa: S608
        query = "SELECT rater, votes.* FROM votes JOIN ballots ON ballots.id = ballot_id"
        rows |= {f"votes: {json.dumps(row)}" for row in database.execute(query)}
    rows |= {f"journal: {line}" for line in (folder / "votes.sqlite3.jsonl").read_text().splitlines()}
    return {row for row in rows if not raters.isdisjoint(row.split('"'))}


def _reply(status: int, text: str) -> str:
    if status != httpx.codes.OK:
        return "failed" if '"error":null' in text.replace(" ", "") else "refused"
    return "refused" if '"refused"' in text or "opens no session" in text else "answered"


def _raters(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "votes.sqlite3") as database:
        query = "SELECT rater FROM ballots UNION SELECT rater FROM events WHERE rater != ''"  # '': of a study's owner
        return {rater for (rater,) in database.execute(query)}


def _count(folder: Path, query: str, *values: str | None) -> int:
    with sqlite3.connect(folder / "votes.sqlite3") as database:
        return database.execute(query, values).fetchone()[0]


def _addresses(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "votes.sqlite3") as database:
        return {address for (address,) in database.execute("SELECT DISTINCT address FROM ballots") if address}


def _exported(site: Site, study: str, raters: set[str]) -> list[dict[str, Any]]:
    """The votes of some raters in the public export."""
    _, _, file = site.call("export", study, "jsonl", "", False)
    rows = [json.loads(line) for line in file["text"].splitlines()]
    return [row for row in rows if row["rater"] in raters]


def _goes_on(site: Site, rater: Rater) -> bool:
    """Whether a rater finds the own session where it was."""
    if rater.study == CASUAL:
        _, _, ballot = site.call("next_ballot", rater.secret, rater.study)
        return ballot is not None and ballot["ballot"] == rater.ballot
    _, text, state = site.call("rating_open", rater.study, rater.secret, rater.link)
    if rater.ballot is None:
        return CODE in text
    return rater.study == CLOSED or state.get("ballot", {}).get("ballot") == rater.ballot
