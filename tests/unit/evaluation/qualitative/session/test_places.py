"""A maximum of raters counts who has finished and who is at it; who left frees the place. On SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import NotNowError
from evaluation.qualitative.store.database import ballots, events, votes
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study
from tests.support.sessions import CASUAL, LINK, answer_all, begin, paper

SHORT = {"ballots_per_rater": 2, "training": [], "attention": [], "gold": []}


def limited(number: int, **changes: object) -> Study:
    return paper(maximum_raters=number, place_minutes=30, session=SHORT, **changes)


def leave(store: Store, rater: str, minutes: int) -> None:
    """Let everything that a rater did be so many minutes older."""
    earlier = timedelta(minutes=minutes)
    theirs = sa.select(ballots.c.id).where(ballots.c.rater == rater)

    def work(connection: sa.Connection, lines: list) -> None:
        for table, column, which in (
            (ballots, ballots.c.issued_at, ballots.c.rater == rater),
            (events, events.c.at, events.c.rater == rater),
            (votes, votes.c.cast_at, votes.c.ballot_id.in_(theirs)),
        ):
            for row in connection.execute(sa.select(table.c.id, column).where(which)).all():
                change = sa.update(table).where(table.c.id == row[0]).values({column.name: row[1] - earlier})
                connection.execute(change)

    store.write(work)


def test_a_full_study_lets_in_those_who_came_first(store: Store):
    sessions = RatingSessions(store, limited(1))
    first, second = begin(sessions), begin(sessions, PROLIFIC_PID="second")

    assert (sessions.stage(first).name, sessions.stage(second).name) == ("ballots", "full")
    sessions.withdraw(first)
    assert sessions.stage(second).name == "consent"


def test_strangers_fill_their_own_places_and_not_those_of_the_platform(store: Store):
    sessions = RatingSessions(store, limited(1))
    stranger, another = (sessions.join(query={}).rater for _ in range(2))
    sessions.consent(stranger)
    assert (sessions.consent(another).name, sessions.stage(stranger).name) == ("full", "instructions")

    invited = begin(sessions)

    assert sessions.stage(invited).name == "ballots"
    second = sessions.join(query={**LINK, "PROLIFIC_PID": "second"}).rater
    assert sessions.stage(second).name == "full"


def test_who_left_frees_the_place_and_who_comes_back_finds_the_study_full(store: Store):
    sessions = RatingSessions(store, limited(1))
    first, second = begin(sessions), begin(sessions, PROLIFIC_PID="second")
    [waiting] = [sessions.stage(first).ballot]
    assert waiting is not None

    leave(store, first, 29)
    assert sessions.stage(second).name == "full"
    leave(store, first, 2)

    assert sessions.consent(second).name == "instructions"
    with pytest.raises(NotNowError, match="no answer for 30 minutes, so your place became free for others: reload"):
        sessions.answer(waiting.id, rater=first, choice="left")
    assert sessions.stage(first).name == "full"


def test_who_comes_back_while_there_is_a_place_goes_on_with_the_same_pair(store: Store):
    sessions = RatingSessions(store, limited(1))
    rater = begin(sessions)
    waiting = sessions.stage(rater).ballot
    assert waiting is not None
    leave(store, rater, 31)

    assert sessions.stage(rater).ballot == sessions.stage(rater).ballot
    sessions.answer(waiting.id, rater=rater, choice="left")

    assert begin(sessions, PROLIFIC_PID="second")
    assert sessions.stage(rater).name == "ballots"


def test_who_has_finished_keeps_the_place_for_ever(store: Store):
    sessions = RatingSessions(store, limited(1))
    done = begin(sessions)
    answer_all(sessions, done)
    leave(store, done, 1_000)

    second = begin(sessions, PROLIFIC_PID="second")

    assert (sessions.stage(done).name, sessions.stage(second).name) == ("done", "full")


def test_a_visitor_of_a_casual_study_counts_with_the_first_answer(store: Store):
    sessions, first, second = RatingSessions(store, CASUAL.replaced(maximum_raters=1)), new_rater(), new_rater()
    ballot = sessions.stage(first).ballot
    assert ballot is not None
    sessions.answer(ballot.id, rater=first, choice="left")
    leave(store, first, 1_000)

    assert (sessions.stage(first).name, sessions.stage(second).name) == ("ballots", "full")


@pytest.mark.parametrize("turn", range(3))
def test_of_those_who_come_at_once_for_the_last_place_one_gets_it(store: Store, turn: int):
    first = RatingSessions(store, limited(2))
    begin(first)
    come = [RatingSessions(store, limited(2)) for _ in range(6)]
    raters = [sessions.join(query={"PROLIFIC_PID": f"{turn}-{i}"}).rater for i, sessions in enumerate(come)]

    with ThreadPoolExecutor(6) as pool:
        stages = list(pool.map(lambda sessions, rater: sessions.consent(rater).name, come, raters))

    assert sorted(stages) == ["full"] * 5 + ["instructions"]
    again = [sessions.stage(rater).name for sessions, rater in zip(come, raters, strict=True)]
    assert again == stages
