"""No answer comes too late or too soon, and no address gets ballots without end, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from evaluation.qualitative.ballot import (
    Ballot,
    ExpiredBallotError,
    TooSoonError,
    new_rater,
)
from evaluation.qualitative.session.addresses import Addresses, TooManyBallotsError
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store.flags import Limits
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study
from tests.support.sessions import CASUAL, LINK, begin, paper


def test_a_ballot_expires(store: Store, monkeypatch: pytest.MonkeyPatch):
    sessions, rater = RatingSessions(store, CASUAL), new_rater()
    with monkeypatch.context() as patch:
        patch.setattr("evaluation.qualitative.session.issuing.VALID_FOR", timedelta(0))
        expired = sessions.stage(rater).ballot

    assert sessions.stage(rater).ballot.id != expired.id
    with pytest.raises(ExpiredBallotError):
        sessions.answer(expired.id, rater=rater, choice="left")


def test_an_address_has_a_limit_and_is_stored_only_as_a_hash(store: Store):
    addresses = Addresses(limits=Limits(ballots_per_address=2))
    sessions = RatingSessions(store, CASUAL, addresses=addresses)
    for _ in range(2):
        ballot = sessions.stage(new_rater(), address="192.0.2.7").ballot
        assert ballot.address == addresses.hashed("192.0.2.7") != "192.0.2.7"

    with pytest.raises(TooManyBallotsError, match="come back tomorrow"):
        sessions.stage(new_rater(), address="192.0.2.7")
    assert sessions.stage(new_rater(), address="192.0.2.8").ballot is not None


def test_an_address_opens_so_many_links_a_day_and_a_reload_is_none(store: Store):
    addresses = Addresses(limits=Limits(visits_per_address=2))
    sessions = RatingSessions(store, paper(), addresses=addresses)
    first = sessions.join(query={}, address="192.0.2.7")
    for _ in range(3):
        assert sessions.join(first.secret, query={}, address="192.0.2.7").rater == first.rater
    sessions.join(first.secret, query=LINK, address="192.0.2.7")  # an own link of a participant is another visit

    for query in ({}, {**LINK, "PROLIFIC_PID": "third"}):
        with pytest.raises(TooManyBallotsError, match="Very many visits"):
            sessions.join(query=query, address="192.0.2.7")
    assert sessions.join(first.secret, query={}, address="192.0.2.7").rater == first.rater
    assert sessions.join(query={}, address="192.0.2.8").rater != first.rater


def issued_before(store: Store, study: Study, *, rater: str, ms: int, **fields: Any) -> Ballot:
    """A ballot that the rater was given so long ago."""
    drawn = draw(study, rater=rater, position=0, issued_at=datetime.now(UTC) - timedelta(milliseconds=ms), **fields)
    return store.issue(drawn)


def test_an_answer_that_comes_before_anybody_can_have_looked_is_refused_and_can_be_given_again(store: Store):
    patient = paper(session={"minimum_look_ms": 60_000})
    sessions = RatingSessions(store, patient)
    rater = begin(sessions)
    ballot = sessions.stage(rater).ballot

    for response_ms in (None, 61_000):  # what a caller says it measured can't be longer than the ballot is old
        with pytest.raises(TooSoonError, match="at least 60 s before you answer, then answer again"):
            sessions.answer(ballot.id, rater=rater, choice="left", response_ms=response_ms)

    assert store.count(patient.name) == 0
    assert sessions.stage(rater).ballot == ballot


@pytest.mark.parametrize(
    ("issued_ms_ago", "response_ms", "exposure_ms", "taken"),
    [
        (5_000, None, None, True),
        (5_000, 1_000, None, True),
        (5_000, 905, None, True),  # within the tolerance of two clocks
        (5_000, 800, None, False),  # drawn ahead, shown late, answered at once
        (5_000, 0, None, False),
        (200, None, None, False),
        (5_000, None, 4_500, False),  # it was on the screen for most of that, and could not be judged yet
        (5_000, None, 3_000, True),
        (-60_000, 1_000, None, True),  # the server's clock was set back
    ],
)
def test_the_look_is_at_most_as_long_as_the_ballot_is_old(
    store: Store, issued_ms_ago: int, response_ms: int | None, exposure_ms: int | None, taken: bool
):
    second = paper(session={"minimum_look_ms": 1_000})
    sessions = RatingSessions(store, second)
    rater = begin(sessions)
    ballot = issued_before(store, second, rater=rater, ms=issued_ms_ago, exposure_ms=exposure_ms)

    if taken:
        assert not sessions.answer(ballot.id, rater=rater, choice="left", response_ms=response_ms).already_counted
    else:
        with pytest.raises(TooSoonError):
            sessions.answer(ballot.id, rater=rater, choice="left", response_ms=response_ms)


def test_an_answer_that_counts_can_be_sent_again_and_corrected_at_once(store: Store):
    second = paper(session={"minimum_look_ms": 1_000})
    sessions = RatingSessions(store, second)
    rater = begin(sessions)
    ballot = issued_before(store, second, rater=rater, ms=5_000)
    sessions.answer(ballot.id, rater=rater, choice="left", response_ms=2_000)

    assert sessions.answer(ballot.id, rater=rater, choice="left", response_ms=10).already_counted
    assert sessions.answer(ballot.id, rater=rater, choice="right", response_ms=10, correct=True).corrected


def test_a_visitor_without_a_session_is_not_held_up(store: Store):
    assert CASUAL.session.minimum_look_ms > 0
    sessions, rater = RatingSessions(store, CASUAL), new_rater()
    ballot = sessions.stage(rater).ballot

    assert not sessions.answer(ballot.id, rater=rater, choice="left").already_counted
