"""1,000 hostile acts against the running app: `python -m benchmarks.hostile [--acts N]`.

Raters take part over HTTP in three studies: one that runs, one that has closed with public results, and one without a
session. Somebody who knows all that is public (exports, participants' ids) then acts in their names: with ids from
exports, guessed secrets, other people's links, forged addresses, replayed and late answers, withdrawals. Nobody else's
row in the database or line in the journal may change, and no completion code may be told.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import secrets
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.report import Figure, print_report
from tests.support.app_server import OWNER_TOKEN, running_app

ACTS = 1_000
RATERS = 12  # in each study
BALLOTS = 3
CODE = "C0DE-OKAPI"
RUNNING, CLOSED, CASUAL = "hostile-running", "hostile-closed", "hostile-casual"
TABLES = ("ballots", "events", "participants", "withdrawals")
STUDY = """
title = "Handwriting"
question = "Which sheet looks more like real handwriting?"
results = "public"
sheet = 1
answers = ["tie", "skip"]
{session}
[items]
seeds = 20
[[arms]]
id = "early"
title = "After 500 steps"
kind = "generator"
model = "mnist-dcgan"
step = 500
[[arms]]
id = "late"
title = "After 20,000 steps"
kind = "generator"
model = "mnist-dcgan"
step = 20_000
"""
SESSION = f"""
consent = "Do you agree?"
[session]
ballots_per_rater = {BALLOTS}
minimum_look_ms = 0
corrections = true
[completion]
code = "{CODE}"
"""


@dataclass(kw_only=True)
class Rater:
    """Somebody who takes part, with the secret that only this rater's browser has.

    Attributes:
        study: name of the study.
        link: parameters of the rater's link.
        secret: of the rater.
        ballot: the open ballot, or None after the last.
    """

    study: str
    link: dict[str, str]
    secret: str = ""
    ballot: str | None = None


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
        locked_out: raters who cannot go on in their own sessions afterwards.
        own_withdrawal: rows and lines that are gone after a rater's own withdrawal: the comparison sees a change.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    replies: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: int = 0
    codes: int = 0
    late: int = 0
    addresses: int = 0
    locked_out: int = 0
    own_withdrawal: int = 0


class Site:
    """The app over HTTP, as anybody calls it."""

    def __init__(self, url: str) -> None:
        """Connect to the app at `url`."""
        self._client = httpx.Client(base_url=f"{url}/gradio_api/run/", timeout=60)

    def call(self, action: str, *data: Any, address: str | None = None) -> tuple[int, str, Any]:
        """Return the status, the text and the value of a reply."""
        headers = {} if address is None else {"X-Forwarded-For": address}
        reply = self._client.post(action, json={"data": data}, headers=headers)
        value = reply.json()["data"][0] if reply.status_code == httpx.codes.OK else None
        return reply.status_code, reply.text, value

    def take_part(self, rater: Rater, *, answers: int) -> None:
        """Let a rater open the link, consent and answer."""
        if rater.study == CASUAL:
            for _ in range(answers + 1):
                _, _, ballot = self.call("next_ballot", rater.secret, rater.study)
                rater.secret, rater.ballot = ballot["rater"], ballot["ballot"]
                if answers:
                    self.call("cast_vote", rater.ballot, "left", rater.secret, 900, None, False)
                    answers -= 1
            return
        _, _, state = self.call("rating_open", rater.study, "", {**rater.link, "fresh": secrets.token_urlsafe(16)})
        rater.secret = state["rater"]
        _, _, state = self.call("rating_act", rater.study, rater.secret, "consent")
        for _ in range(answers):
            self.call("rating_answer", rater.secret, state["ballot"]["ballot"], "left", 900, None)
            _, _, state = self.call("rating_open", rater.study, rater.secret, rater.link)
        rater.ballot = state["ballot"]["ballot"] if "ballot" in state else None


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

    for kind, action, data, address in itertools.islice(_acts(raters, hostile, exported), acts):
        start = time.perf_counter()
        status, text, _ = site.call(action, *data, address=address)
        outcome.seconds[kind].append(time.perf_counter() - start)
        outcome.replies[kind, _reply(status, text)] += 1
        outcome.codes += CODE in text

    outcome.changed = len(before ^ stored(folder, others))
    outcome.late = _votes(folder, hostile[1].ballot)
    outcome.addresses = len(_addresses(folder)) - 1
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
        return {rater for (rater,) in database.execute("SELECT rater FROM ballots UNION SELECT rater FROM events")}


def _votes(folder: Path, ballot: str | None) -> int:
    with sqlite3.connect(folder / "votes.sqlite3") as database:
        return database.execute("SELECT count(*) FROM votes WHERE ballot_id = ?", (ballot,)).fetchone()[0]


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
    return rater.study == CLOSED or state["ballot"]["ballot"] == rater.ballot


def _acts(
    raters: list[Rater], hostile: list[Rater], exported: dict[str, list[dict[str, Any]]]
) -> Iterator[tuple[str, str, tuple[Any, ...], str | None]]:
    """Yield hostile acts without end: their kind, the action, its data, and a forged address."""
    rng = random.Random(0)  # noqa: S311 - the same acts in every run
    own = {rater.study: rater for rater in hostile}
    while True:
        rater = rng.choice(raters)
        study, mine = rater.study, own[rater.study]
        row = rng.choice(exported[study])
        ballot = rng.choice([row["ballot"], rater.ballot or row["ballot"]])
        guess = secrets.token_urlsafe(16)
        digits = row["rater"].removeprefix("rater:")
        for kind, name in (("exported id", row["rater"]), ("its digits", digits), ("guessed secret", guess)):
            yield kind, "rating_open", (study, name, {}), None
            yield kind, "rating_open", (study, "", {"kept": [name], "fresh": name}), None
            yield kind, "rating_answer", (name, ballot, "right", 900, None), None
            yield kind, "rating_change", (name, ballot, "right", 900, "changed"), None
            yield kind, "rating_ahead", (study, name, ballot), None
            yield kind, "rating_last", (study, name), None
            yield kind, "next_ballot", (name, study), None
            yield kind, "cast_vote", (ballot, "right", name, 900, None, True), None
            yield kind, "skip", (ballot, name), None
            yield "withdrawal in another name", "rating_act", (study, name, "withdraw"), None
            yield "consent in another name", "rating_act", (study, name, "consent"), None
        if rater.link:
            pid = rater.link["PROLIFIC_PID"]
            for more in ({}, {"SESSION_ID": "evil"}, {"kept": [mine.secret, guess]}):
                link = {**rater.link, **more}
                yield "participant's id", "rating_open", (study, "", link), None
                yield "participant's id", "rating_open", (study, mine.secret, link), None
                yield "participant's id", "rating_open", (study, guess, {**link, "fresh": guess}), None
            yield "withdrawal in another name", "rating_act", (study, pid.ljust(16, "0"), "withdraw"), None
        yield "ballot of another", "rating_answer", (mine.secret, ballot, "right", 900, None), None
        yield "ballot of another", "rating_change", (mine.secret, ballot, "right", 900, None), None
        yield "ballot of another", "cast_vote", (ballot, "left", mine.secret, 900, None, False), None
        late = own[CLOSED]
        yield "late answer", "rating_answer", (late.secret, late.ballot, "right", 900, None), None
        forged = ".".join(str(rng.randint(1, 254)) for _ in range(4))
        yield "forged address", "next_ballot", ("", CASUAL), forged
        yield "forged address", "rating_open", (study, guess, rater.link), f"{forged}, 127.0.0.1"


def report(outcome: Attack) -> None:
    """Print the acts by kind, and the report."""
    replies = ("refused", "answered", "failed")  # answered: with a new session, or that there is nothing to withdraw
    print(f"{'':28}{'acts':>6}" + "".join(f"{reply:>10}" for reply in replies))
    for kind in outcome.seconds:
        counts = [outcome.replies[kind, reply] for reply in replies]
        print(f"{kind:28}{sum(counts):6}" + "".join(f"{count:10}" for count in counts))
    figures = [
        Figure("acts", sum(outcome.replies.values()), ACTS, at_least=True),
        Figure("rows_of_others_changed", outcome.changed, 0),
        Figure("codes_told", outcome.codes, 0),
        Figure("late_answers_counted", outcome.late, 0),
        Figure("failed_without_a_sentence", sum(outcome.replies[kind, "failed"] for kind in outcome.seconds), 0),
        Figure("forged_addresses_believed", outcome.addresses, 0),
        Figure("raters_locked_out", outcome.locked_out, 0),
        Figure("rows_gone_after_an_own_withdrawal", outcome.own_withdrawal, 1, at_least=True),
    ]
    print_report("Hostile acts", dict(outcome.seconds), figures)


def write_studies(folder: Path) -> None:
    """Write the three studies into `studies` in the folder."""
    (folder / "studies").mkdir(exist_ok=True)
    for name, session in ((RUNNING, SESSION), (CLOSED, SESSION), (CASUAL, "")):
        (folder / "studies" / f"{name}.toml").write_text(STUDY.format(session=session))


def main() -> None:
    """Start the app and attack it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--acts", type=int, default=ACTS, help="number of hostile acts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        folder = Path(name)
        write_studies(folder)
        with running_app(folder, environment={"JUST_LOOK_TRUSTED_PROXIES": ""}) as url:
            report(attack(url, folder, acts=options.acts))


if __name__ == "__main__":
    main()
