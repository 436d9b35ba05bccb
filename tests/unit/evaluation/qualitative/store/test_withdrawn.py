"""Nothing is stored any more of a rater who has withdrawn, whatever another tab sends meanwhile."""

from collections.abc import Callable

import pytest

from evaluation.qualitative.ballot import WithdrawnError, new_rater
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.places import Places
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import StageName
from evaluation.qualitative.store import events, rows
from evaluation.qualitative.store.store import Store
from tests.support.sessions import CASUAL, begin, paper

STUDY = CASUAL.name

LATE: dict[str, Callable[[Store, str], object]] = {
    "event": lambda store, rater: events.record(store, STUDY, rater=rater, kind="consented"),
    "link": lambda store, rater: events.join(store, STUDY, rater=rater, participant="participant:1", details={}),
    "place": lambda store, rater: Places(store, STUDY, number=9, minutes=60, answers=1).take(rater),
    "ballot": lambda store, rater: store.issue(draw(CASUAL, rater=rater)),
}


def stored(store: Store) -> list[object]:
    with store.reading() as connection:
        return list(rows.all_lines(connection))


@pytest.mark.parametrize("late", LATE)
def test_what_comes_after_a_withdrawal_is_refused(store: Store, late: str):
    rater = new_rater()
    events.record(store, STUDY, rater=rater, kind="joined")
    events.withdraw(store, STUDY, rater=rater)
    before = stored(store)

    with pytest.raises(WithdrawnError, match="You have withdrawn from this study: nothing more is stored"):
        LATE[late](store, rater)

    assert stored(store) == before
    assert [line["line"] for line in before] == ["withdrawals"]


def test_who_withdraws_from_one_study_goes_on_in_another(store: Store):
    rater = new_rater()
    events.record(store, "another", rater=rater, kind="joined")
    events.withdraw(store, "another", rater=rater)

    LATE["event"](store, rater)

    assert [event.kind for event in events.facts(store, STUDY, rater=rater)[1]] == ["consented"]


def test_the_page_of_a_withdrawn_rater_says_so_and_tells_no_code(store: Store):
    sessions = RatingSessions(store, paper())
    rater = begin(sessions)
    sessions.withdraw(rater)

    assert sessions.consent(rater).name == StageName.WITHDRAWN
    assert len(stored(store)) == 2  # the withdrawal, and which participant it was
