"""A session belongs to who has its secret; a platform's id begins one and opens none, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from evaluation.qualitative.ballot import InvalidRaterError, new_secret, rater_id
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import InvalidLinkError
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.store import Store
from tests.support.queries import queries
from tests.support.sessions import CASUAL, LINK, paper


def stored(store: Store) -> list[object]:
    with store.reading() as connection:
        return list(rows.all_lines(connection))


def test_a_participant_goes_on_with_the_secret_and_nobody_does_with_the_id(store: Store):
    sessions = RatingSessions(store, paper())
    first = sessions.join(query=LINK)
    sessions.consent(first.rater)
    before = stored(store)

    for secret in (None, "", new_secret(), "short", 7):
        for fresh in (None, new_secret(), 7):
            with pytest.raises(InvalidLinkError, match=r"begun in another browser.*under “My link”.*researchers"):
                sessions.join(secret, fresh=fresh, query=LINK)
            with pytest.raises(InvalidLinkError, match="begun in another browser"):
                sessions.join(secret, fresh=fresh, query={**LINK, "SESSION_ID": "se-2"})
    with pytest.raises(InvalidRaterError):
        sessions.join(first.rater, query=LINK)

    assert stored(store) == before
    again = sessions.join(first.secret, query=LINK)
    assert (first.returned, again.returned, again.rater) == (False, True, first.rater)
    assert RatingSessions(store, paper()).join(first.secret).rater == first.rater, "the own link needs no id"


def test_a_page_that_is_opened_again_writes_nothing(store: Store):
    sessions = RatingSessions(store, paper())
    for link in ({}, LINK):
        first = sessions.join(query=link)
        before = stored(store)
        with queries(store) as sent:
            sessions.join(first.secret, query=link)
        assert sent
        assert not [statement for statement in sent if not statement.lstrip().startswith("SELECT")]
        assert stored(store) == before

    sessions.join(first.secret, query={**LINK, "SESSION_ID": "se-2"})  # another submission is new
    assert len(stored(store)) == len(before) + 1


def test_a_link_without_a_participant_marks_nobody_as_a_duplicate(store: Store):
    sessions = RatingSessions(store, paper())
    rater = sessions.join(query=LINK)

    again = sessions.join(rater.secret, query={"SESSION_ID": "evil"})

    assert again.rater == rater.rater
    assert not [line for line in stored(store) if "evil" in repr(line)]


def test_the_database_and_the_journal_hold_the_hash_of_a_secret_alone(store: Store):
    sessions = RatingSessions(store, paper())
    participant, visitor = sessions.join(query=LINK), RatingSessions(store, CASUAL).join(new_secret())
    for rater in (participant.rater, visitor.rater):
        sessions.stage(rater) if rater == participant.rater else RatingSessions(store, CASUAL).stage(rater)

    kept = repr(stored(store))
    assert participant.rater in kept
    assert visitor.rater in kept
    assert participant.rater == rater_id(store.key, CASUAL.name, participant.secret)
    assert not [secret for secret in (participant.secret, visitor.secret) if secret in kept]


def test_participants_on_one_device_have_sessions_of_their_own(store: Store):
    sessions = RatingSessions(store, paper())
    first = sessions.join(query=LINK)

    second = sessions.join(first.secret, query={**LINK, "PROLIFIC_PID": "another"})

    assert second.secret != first.secret
    assert second.rater != first.rater
    assert sessions.join(first.secret, query=LINK).rater == first.rater


def test_a_page_whose_first_answer_was_lost_asks_again_and_gets_the_same_session(store: Store):
    sessions, fresh = RatingSessions(store, paper()), new_secret()

    first = sessions.join(fresh=fresh, query=LINK)
    again = sessions.join(fresh=fresh, query=LINK)

    assert first.secret == again.secret == fresh
    assert first.rater == again.rater


def test_of_two_browsers_that_come_at_once_with_one_id_one_begins(store: Store):
    sessions = RatingSessions(store, paper())

    def come(_: int) -> str | None:
        try:
            return sessions.join(fresh=new_secret(), query=LINK).rater
        except InvalidLinkError:
            return None

    with ThreadPoolExecutor(8) as pool:
        raters = list(pool.map(come, range(8)))

    [rater] = {rater for rater in raters if rater is not None}
    assert raters.count(None) == 7
    assert {line["rater"] for line in stored(store)} == {rater}


@pytest.mark.parametrize("link", [{}, LINK])
def test_a_secret_that_somebody_prepared_begins_no_session(store: Store, link: dict[str, str]):
    prepared = "prepared-by-somebody-else"

    joined = RatingSessions(store, paper()).join(prepared, query=link)

    assert joined.secret != prepared


def test_somebody_who_began_without_an_id_does_not_get_the_session_of_one(store: Store):
    sessions = RatingSessions(store, paper())
    trap = sessions.join()  # and its link is sent to a participant

    joined = sessions.join(trap.secret, query=LINK)

    assert joined.rater != trap.rater


def test_a_study_for_a_platform_alone_needs_its_id(store: Store):
    sessions = RatingSessions(store, paper(platform={"kind": "prolific", "required": True}))

    with pytest.raises(InvalidLinkError, match="Open this study from the platform that invited you"):
        sessions.join()

    joined = sessions.join(query=LINK)
    assert sessions.join(joined.secret).rater == joined.rater


def test_the_ids_of_a_platform_come_under_the_names_of_the_study_file(store: Store):
    study = paper(
        platform={"kind": "other", "participant": "worker", "session": "visit"},
        completion={"redirect": "https://example.org/?p={worker}&v={SESSION}"},
        session={"ballots_per_rater": 1, "training": [], "attention": [], "gold": []},
    )
    sessions = RatingSessions(store, study)

    joined = sessions.join(query={"worker": "w&1", "visit": "v-1", "PROLIFIC_PID": "ignored"})
    sessions.consent(joined.rater)
    ballot = sessions.instructed(joined.rater).ballot
    assert ballot is not None
    sessions.answer(ballot.id, rater=joined.rater, choice="left")

    assert joined.link == {"participant": "w&1", "session": "v-1"}
    sessions.join(joined.secret)  # by the own link, without the ids
    assert sessions.completion(joined.rater).redirect == "https://example.org/?p=w%261&v=v-1"


TURK = {"workerId": "A1", "hitId": "H1", "assignmentId": "AS1", "turkSubmitTo": "https://workersandbox.mturk.com"}


def test_mechanical_turk_gets_its_form_with_the_assignment(store: Store):
    study = paper(
        platform={"kind": "mturk"},
        completion={"code": "DONE1"},
        session={"ballots_per_rater": 1, "training": [], "attention": [], "gold": []},
    )
    sessions = RatingSessions(store, study)
    rater = sessions.join(query=TURK).rater
    sessions.consent(rater)
    ballot = sessions.instructed(rater).ballot
    assert ballot is not None
    sessions.answer(ballot.id, rater=rater, choice="left")

    end = sessions.completion(rater)

    assert end.redirect is None
    assert end.form is not None
    assert end.form.address == "https://workersandbox.mturk.com/mturk/externalSubmit"
    assert end.form.fields == {"assignmentId": "AS1", "answers": "1", "code": "DONE1"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"}, "preview of the task: accept it"),
        ({"turkSubmitTo": "https://www.mturk.com.example.org"}, "turkSubmitTo in your link is not an address"),
        ({"turkSubmitTo": "http://www.mturk.com"}, "turkSubmitTo in your link is not an address"),
        ({"turkSubmitTo": "javascript:alert(1)//www.mturk.com"}, "turkSubmitTo in your link is not an address"),
        ({"turkSubmitTo": 7}, "turkSubmitTo in your link is not an address"),
        ({"workerId": "${workerId}"}, "has not filled in workerId"),
    ],
)
def test_a_link_that_mechanical_turk_did_not_give_begins_nothing(store: Store, changes: dict, message: str):
    with pytest.raises(InvalidLinkError, match=message):
        RatingSessions(store, paper(platform={"kind": "mturk"}, completion=None)).join(query={**TURK, **changes})

    assert stored(store) == []
