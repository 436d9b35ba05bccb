"""What a study's owner declares is kept with its time, by the journal too, and no withdrawal deletes it."""

from pathlib import Path

import pytest

from evaluation.qualitative.ballot import new_secret
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import InvalidLinkError
from evaluation.qualitative.store import events, rows
from evaluation.qualitative.store.declarations import (
    AfterFirstVoteError,
    Declared,
    declare_invited,
    declared,
    free,
    register,
)
from evaluation.qualitative.store.rebuild import rebuild
from evaluation.qualitative.store.store import Store
from tests.support.sessions import LINK, paper
from tests.support.votes import DIGITS, issue

STUDY = paper().name


def participant(store: Store) -> str:
    return events.participant_of(store, STUDY, LINK["PROLIFIC_PID"])


def test_nothing_is_declared_at_first(store: Store):
    assert declared(store, STUDY) == Declared()


def test_the_last_number_of_people_invited_counts_and_can_be_taken_back(store: Store):
    for people in (40, 120):
        declare_invited(store, STUDY, people)
    declare_invited(store, "another", 7)
    assert declared(store, STUDY).invited == 120

    declare_invited(store, STUDY, None)
    assert declared(store, STUDY).invited is None


def test_a_preregistration_is_replaced_before_the_first_vote_and_never_after(store: Store):
    for raters in (40, 60):
        register(store, STUDY, {"raters": raters})
    ballot = issue(store)
    store.cast(ballot.id, rater=ballot.rater, choice="left")

    with pytest.raises(AfterFirstVoteError, match="it stays as it is"):
        register(store, STUDY, {"raters": 80})

    assert [file for file, _ in declared(store, STUDY).registered] == [{"raters": 40}, {"raters": 60}]
    assert DIGITS.name == STUDY


def test_a_first_preregistration_may_come_late(store: Store):
    ballot = issue(store)
    store.cast(ballot.id, rater=ballot.rater, choice="left")
    register(store, STUDY, {"raters": 40})
    assert len(declared(store, STUDY).registered) == 1


def test_an_id_that_is_freed_begins_anew_and_leaves_the_first_session_alone(store: Store):
    sessions = RatingSessions(store, paper())
    stranger = sessions.join(query=LINK)
    with pytest.raises(InvalidLinkError):
        sessions.join(fresh=new_secret(), query=LINK)

    assert free(store, STUDY, participant=participant(store)) == stranger.rater

    joined = sessions.join(fresh=new_secret(), query=LINK)
    assert joined.rater != stranger.rater
    assert not joined.returned
    assert sessions.join(stranger.secret).rater == stranger.rater  # by the secret, without the id
    with pytest.raises(InvalidLinkError):
        sessions.join(stranger.secret, query=LINK)
    assert list(declared(store, STUDY).freed) == [stranger.rater]


def test_an_id_with_which_nobody_has_begun_is_not_freed(store: Store):
    RatingSessions(store, paper()).join(query=LINK)
    for hashed in (events.participant_of(store, STUDY, "another"), events.participant_of(store, "other", "5f2a9c")):
        assert free(store, STUDY, participant=hashed) is None
    assert declared(store, STUDY).freed == {}


@pytest.mark.parametrize("begun_anew", [False, True])
def test_a_rebuilt_database_knows_what_was_declared_and_freed(tmp_path: Path, begun_anew: bool):
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    sessions = RatingSessions(store, paper())
    stranger = sessions.join(query=LINK)
    declare_invited(store, STUDY, 120)
    register(store, STUDY, {"raters": 40})
    free(store, STUDY, participant=participant(store))
    own = sessions.join(fresh=new_secret(), query=LINK) if begun_anew else None
    sessions.withdraw(stranger.rater)
    before = declared(store, STUDY)
    assert (before.invited, len(before.registered), list(before.freed)) == (120, 1, [stranger.rater])
    store.close()

    rebuild([tmp_path / "votes.sqlite3.jsonl"], f"sqlite:///{tmp_path / 'again.sqlite3'}")

    again = Store(f"sqlite:///{tmp_path / 'again.sqlite3'}")
    assert declared(again, STUDY) == before
    assert events.begun(again, STUDY, participant=participant(again)) == (own and own.rater)
    with again.reading() as connection:
        assert [line["line"] for line in rows.all_lines(connection)].count("participants") == begun_anew
    again.close()
