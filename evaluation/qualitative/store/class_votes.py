"""Rooms of a class and the answers given in them: ballots and votes like any other, with the purpose `class`.

A room's answers are the study `class:ID`, a name that no study file can have. A rater answers a question of a room
once: the ballot's id is a keyed hash of both, so a second answer meets the first one's row. An answer may be a number,
which no study knows, so that these rows are read here and by exports alone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from evaluation.qualitative.ballot import Purpose, VoteError, check_rater, check_response_time
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, rooms, votes
from evaluation.qualitative.store.journal import Line
from evaluation.qualitative.store.store import Store

PREFIX = "class:"
LONGEST = 16  # characters of an answer


class AnsweredInClassError(VoteError):
    """The rater gave another answer to this question of the room before."""


@dataclass(frozen=True, kw_only=True)
class StoredRoom:
    """A room as it is stored.

    Attributes:
        id: unguessable, in the addresses of the phones.
        code: what people type.
        opened_at: UTC.
        ends_at: UTC, from when it takes nothing more.
        state: values that JSON can hold: where the room stands.
    """

    id: str
    code: str
    opened_at: datetime
    ends_at: datetime
    state: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ClassVote:
    """An answer that a rater gives in a room.

    Attributes:
        room: id of the room.
        question: name of the question.
        rater: id of the rater (`ballot.rater_id` of `study(room)`).
        choice: the answer, such as `left` or `7`.
        left: what is shown first: an arm's name.
        right: what is shown second, or "".
        seeds: from which the pictures of the two were drawn.
        expected: the right answer, or None where there is none.
        response_ms: from the question being shown to the answer, by the rater's clock; None if not measured.
        shown_at: UTC, when the question was opened.
        digest: of the lecture's file.
    """

    room: str
    question: str
    rater: str
    choice: str
    left: str
    right: str
    seeds: tuple[int, int]
    expected: str | None
    response_ms: int | None
    shown_at: datetime
    digest: str


def study(room: str) -> str:
    """Return the name under which exports and withdrawals find a room's answers."""
    return f"{PREFIX}{room}"


def open_room(store: Store, room: StoredRoom) -> bool:
    """Store a new room; return whether it was: not where another has its code.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    row = _row(room)

    def work(connection: sa.Connection, lines: list[Line]) -> bool:
        if not rows.added(connection, rooms, row):
            return False
        lines.append(rows.line(rooms, row))
        return True

    return store.write(work)


def change_room(store: Store, room: StoredRoom) -> None:
    """Store where a room stands now.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    row = _row(room)

    def work(connection: sa.Connection, lines: list[Line]) -> None:
        connection.execute(sa.update(rooms).where(rooms.c.id == room.id).values(row))
        lines.append(rows.line(rooms, row))

    store.write(work)


def open_rooms(store: Store, *, now: datetime) -> list[StoredRoom]:
    """Return the rooms that have not ended, in the order in which they were opened.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    query = sa.select(rooms).where(rooms.c.ends_at > now).order_by(rooms.c.opened_at)
    with store.reading() as connection:
        return [StoredRoom(**row._mapping) for row in connection.execute(query)]


def find_room(store: Store, *, code: str) -> StoredRoom | None:
    """Return the room with a code, ended or not; None where there is none.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    with store.reading() as connection:
        row = connection.execute(sa.select(rooms).where(rooms.c.code == code)).one_or_none()
        return None if row is None else StoredRoom(**row._mapping)


def cast_in_class(store: Store, vote: ClassVote) -> bool:
    """Count an answer, once. When this returns, it is on the disk.

    Returns:
        Whether it is new; False where the same answer was stored before.

    Raises:
        AnsweredInClassError: the rater gave another answer before, which counts.
        VoteError: the rater has withdrawn, or a value is malformed.
        StoreUnavailableError: the database does not answer; sending the answer again is safe.
    """
    check_rater(vote.rater)
    check_response_time(vote.response_ms)
    if not 0 < len(vote.choice) <= LONGEST:
        raise VoteError(f"An answer has 1 to {LONGEST} characters.")
    name, now = study(vote.room), datetime.now(UTC)
    ballot = _ballot(store, vote.room, vote.question, vote.rater)
    asked = {
        "id": ballot,
        "study": name,
        "rater": vote.rater,
        "left": vote.left,
        "right": vote.right,
        "left_seed": vote.seeds[0],
        "right_seed": vote.seeds[1],
        "pair_probability": 1.0,
        "issued_at": vote.shown_at,
        "study_digest": vote.digest,
        "item": vote.question,
        "purpose": Purpose.IN_CLASS.value,
        "expected": vote.expected,
        "instruction": "",
    }
    answer = {
        "ballot_id": ballot,
        "revision": 0,
        "choice": vote.choice,
        "reason": "",
        "response_ms": vote.response_ms,
        "cast_at": now,
    }

    def work(connection: sa.Connection, lines: list[Line]) -> bool:
        rows.check_takes_part(connection, name, vote.rater)
        if rows.added(connection, ballots, asked):
            connection.execute(sa.insert(votes).values(answer))
            lines.append(rows.line(ballots, asked))
            lines.append(rows.line(votes, answer, study=name, rater=vote.rater))
            return True
        stored = connection.execute(sa.select(votes.c.choice).where(votes.c.ballot_id == ballot)).scalar_one()
        if stored != vote.choice:
            raise AnsweredInClassError("You have answered this question already, and that answer counts.")
        return False

    return store.write(work)


def answers(store: Store, *, room: str) -> dict[str, dict[str, str]]:
    """Return the answers given in a room: for each question, each rater's.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    query = (
        sa.select(ballots.c.item, ballots.c.rater, votes.c.choice)
        .select_from(ballots.join(votes))
        .where(ballots.c.study == study(room))
    )
    given: dict[str, dict[str, str]] = {}
    with store.reading() as connection:
        for question, rater, choice in connection.execute(query):
            given.setdefault(question, {})[rater] = choice
    return given


def _ballot(store: Store, room: str, question: str, rater: str) -> str:
    """The id of a rater's ballot: nobody without the database's key can guess it."""
    named = f"class\n{room}\n{question}\n{rater}".encode()
    return "class-" + hmac.new(bytes.fromhex(store.key), named, hashlib.sha256).hexdigest()[:40]


def _row(room: StoredRoom) -> dict[str, Any]:
    return {
        "id": room.id,
        "code": room.code,
        "opened_at": room.opened_at,
        "ends_at": room.ends_at,
        "state": dict(room.state),
    }
