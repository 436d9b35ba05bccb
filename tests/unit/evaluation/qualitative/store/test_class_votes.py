"""Rooms and answers of a class in the vote database, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluation.qualitative.ballot import UnknownBallotError, VoteError, WithdrawnError, rater_id
from evaluation.qualitative.results.export import export
from evaluation.qualitative.store import class_votes, events
from evaluation.qualitative.store.class_votes import AnsweredInClassError, ClassVote, StoredRoom
from evaluation.qualitative.store.rebuild import rebuild
from evaluation.qualitative.store.store import Store

NOW = datetime.now(UTC)
ROOM = StoredRoom(
    id="0123456789abcdef01234567",
    code="BCDFGH",
    opened_at=NOW,
    ends_at=NOW + timedelta(hours=6),
    state={"view": "lobby"},
)


def vote(store: Store, secret: str = "a-phone-of-the-class", choice: str = "7", question: str = "gan") -> ClassVote:
    return ClassVote(
        room=ROOM.id,
        question=question,
        rater=rater_id(store.key, class_votes.study(ROOM.id), secret),
        choice=choice,
        left="real",
        right="generator",
        seeds=(1, 2**31 - 1),
        expected="4",
        response_ms=1_500,
        shown_at=NOW,
        digest="d" * 64,
    )


def test_an_answer_counts_once_however_often_it_is_sent(store: Store):
    with ThreadPoolExecutor(8) as phones:
        new = list(phones.map(lambda _: class_votes.cast_in_class(store, vote(store)), range(16)))

    assert new.count(True) == 1
    assert class_votes.answers(store, room=ROOM.id) == {"gan": {vote(store).rater: "7"}}


def test_another_answer_of_the_same_phone_is_refused_and_the_first_stays(store: Store):
    class_votes.cast_in_class(store, vote(store, choice="7"))

    with pytest.raises(AnsweredInClassError, match="already"):
        class_votes.cast_in_class(store, vote(store, choice="8"))

    assert class_votes.answers(store, room=ROOM.id) == {"gan": {vote(store).rater: "7"}}


def test_every_phone_and_every_question_counts_for_itself(store: Store):
    given = {}
    for number in range(5):
        for question in ("gan", "just-look"):
            answer = vote(store, f"a-phone-of-the-class-{number}", choice=str(number % 2), question=question)
            class_votes.cast_in_class(store, answer)
            given[answer.rater] = answer.choice

    assert len(given) == 5
    assert class_votes.answers(store, room=ROOM.id) == {"gan": given, "just-look": given}


def test_answers_are_exported_like_votes_and_marked(store: Store):
    class_votes.cast_in_class(store, vote(store))

    (row,) = store.results(class_votes.study(ROOM.id)).to_dict("records")
    text = b"".join(export(store, class_votes.study(ROOM.id))).decode()

    assert (row["purpose"], row["choice"], row["item"], row["expected"]) == ("class", "7", "gan", "4")
    assert (row["left"], row["right"], row["left_seed"], row["right_seed"]) == ("real", "generator", 1, 2**31 - 1)
    assert row["response_ms"] == 1_500
    assert text.count("\r\n") == 2
    assert ",class," in text


def test_a_class_ballot_cannot_be_answered_through_the_voting_page(store: Store):
    class_votes.cast_in_class(store, vote(store))
    ballot = store.results(class_votes.study(ROOM.id))["ballot"][0]

    with pytest.raises(UnknownBallotError):
        store.cast(ballot, rater=vote(store).rater, choice="left")


def test_who_withdraws_leaves_no_answer_and_gives_none(store: Store):
    class_votes.cast_in_class(store, vote(store))
    other = vote(store, "another-phone-of-it", choice="3")
    class_votes.cast_in_class(store, other)

    assert events.withdraw(store, class_votes.study(ROOM.id), rater=vote(store).rater) == 1

    assert class_votes.answers(store, room=ROOM.id) == {"gan": {other.rater: "3"}}
    with pytest.raises(WithdrawnError):
        class_votes.cast_in_class(store, vote(store, question="gam"))


@pytest.mark.parametrize("choice", ["", "x" * 17])
def test_an_answer_of_another_length_is_refused(store: Store, choice: str):
    with pytest.raises(VoteError, match="characters"):
        class_votes.cast_in_class(store, vote(store, choice=choice))


def test_a_room_is_found_by_its_code_and_as_long_as_it_is_open(store: Store):
    assert class_votes.open_room(store, ROOM)
    moved = replace(ROOM, state={"view": "gan:question"})
    class_votes.change_room(store, moved)

    assert class_votes.find_room(store, code="BCDFGH") == moved
    assert class_votes.find_room(store, code="ZZZZZZ") is None
    assert class_votes.open_rooms(store, now=NOW + timedelta(hours=5)) == [moved]
    assert class_votes.open_rooms(store, now=NOW + timedelta(hours=7)) == []


def test_two_rooms_never_share_a_code(store: Store):
    assert class_votes.open_room(store, ROOM)

    assert not class_votes.open_room(store, replace(ROOM, id="f" * 24))


def test_the_journal_rebuilds_rooms_and_answers(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path}/votes.sqlite3")
    class_votes.open_room(store, ROOM)
    moved = replace(ROOM, state={"view": "gan:question"})
    class_votes.change_room(store, moved)
    class_votes.cast_in_class(store, vote(store))
    assert store.journal is not None
    journal = store.journal.path
    store.close()

    rebuild([journal], f"sqlite:///{tmp_path}/rebuilt.sqlite3")

    again = Store(f"sqlite:///{tmp_path}/rebuilt.sqlite3")
    assert class_votes.open_rooms(again, now=NOW) == [moved]
    assert class_votes.answers(again, room=ROOM.id) == {"gan": {vote(again).rater: "7"}}
    again.close()
