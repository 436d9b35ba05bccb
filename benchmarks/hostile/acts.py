"""The hostile acts: everything that somebody can send who knows all that is public."""

from __future__ import annotations

import itertools
import random
import secrets
from collections.abc import Iterator
from typing import Any

from benchmarks.hostile.site import CASUAL, CLOSED, RATERS, Rater


def hostile_acts(
    raters: list[Rater], hostile: list[Rater], exported: dict[str, list[dict[str, Any]]]
) -> Iterator[tuple[str, str, tuple[Any, ...], str | None]]:
    """Yield hostile acts without end: their kind, the action, its data, and a forged address."""
    rng = random.Random(0)  # noqa: S311 - the same acts in every run
    own = {rater.study: rater for rater in hostile}
    for number in itertools.count():
        rater = raters[number % 3 * RATERS + number // 3 % RATERS]  # of one study after the other
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
            yield kind, "rating_ranking", (study, name), None
            for act in ("withdraw", "consent", "instructed", "decline"):
                yield f"{act} in another name", "rating_act", (study, name, act), None
            yield "answers in another name", "rating_questions", (study, name, {"drawing": "often"}), None
        if rater.link:
            pid = rater.link["PROLIFIC_PID"]
            for more in ({}, {"SESSION_ID": "evil"}, {"kept": [mine.secret, guess]}):
                link = {**rater.link, **more}
                yield "participant's id", "rating_open", (study, "", link), None
                yield "participant's id", "rating_open", (study, mine.secret, link), None
                yield "participant's id", "rating_open", (study, guess, {**link, "fresh": guess}), None
            yield "withdraw in another name", "rating_act", (study, pid.ljust(16, "0"), "withdraw"), None
            yield "an owner's act", "rating_free", (study, pid, guess), None
        yield "ballot of another", "rating_answer", (mine.secret, ballot, "right", 900, None), None
        yield "ballot of another", "rating_change", (mine.secret, ballot, "right", 900, None), None
        yield "ballot of another", "cast_vote", (ballot, "left", mine.secret, 900, None, False), None
        yield "an owner's act", "rating_close", (study, guess), None
        yield "an owner's act", "rating_invited", (study, "1", guess), None
        yield "an owner's act", "rating_register", (study, "e30=", guess), None
        yield "an owner's act", "rating_upload", (f"{study}.toml", "", "", "", guess), None
        late = own[CLOSED]
        yield "late answer", "rating_answer", (late.secret, late.ballot, "right", 900, None), None
        forged = ".".join(str(rng.randint(1, 254)) for _ in range(4))
        yield "forged address", "next_ballot", ("", CASUAL), forged
        yield "forged address", "rating_open", (study, guess, rater.link), f"{forged}, 127.0.0.1"
