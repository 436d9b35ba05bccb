"""A rater's way through a study: every stage follows from what is stored, on SQLite and PostgreSQL."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from evaluation.qualitative import study as studies
from evaluation.qualitative.ballot import (
    Ballot,
    ExpiredBallotError,
    InvalidRaterError,
    Purpose,
    TooSoonError,
    UnknownBallotError,
    new_rater,
)
from evaluation.qualitative.drawing import draw, imbalance
from evaluation.qualitative.integrity import Addresses, Limits, TooManyBallotsError
from evaluation.qualitative.schema import Study
from evaluation.qualitative.session import InvalidLinkError, NotDoneError, NotNowError, RatingSessions
from evaluation.qualitative.store import Store

CASUAL = studies.read("digits-by-training-step")
LINK = {"PROLIFIC_PID": "5f2a9c", "STUDY_ID": "st", "SESSION_ID": "se-1"}


def paper(**changes: Any) -> Study:
    """The shipped study as a paper would run it."""
    session = {
        "ballots_per_rater": 8,
        "training": [{"better": "real", "worse": "step-500", "feedback": "Real digits have even strokes."}],
        "attention": [{"answer": "tie", "every": 4}],
        "gold": [{"better": "real", "worse": "step-500", "every": 8}],
        "corrections": True,
        "minimum_look_ms": 0,  # nobody looks here; the tests of the minimum set their own
    }
    told = {
        **CASUAL.model_dump(exclude={"reveal"}),
        "consent": "Do you agree?",
        "instructions": "Look at both.",
        "completion": {"code": "DONE1", "redirect": "https://app.prolific.com/submissions/complete?cc={CODE}"},
        "session": {**session, **changes.pop("session", {})},
    }
    return Study.model_validate({**told, **changes})


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


def begin(sessions: RatingSessions, **link: str) -> str:
    rater = sessions.join(query={**LINK, **link}).rater
    sessions.consent(rater)
    sessions.instructed(rater)
    return rater


def answer_all(sessions: RatingSessions, rater: str) -> list[Purpose]:
    purposes = []
    while (ballot := sessions.stage(rater).ballot) is not None:
        purposes.append(ballot.purpose)
        sessions.answer(ballot.id, rater=rater, choice=ballot.expected or "left", response_ms=900)
    return purposes


def test_a_session_goes_from_consent_to_the_code_and_a_new_process_goes_on_anywhere(store: Store):
    rater = RatingSessions(store, paper()).join(query=LINK).rater
    seen = []
    while True:
        sessions = RatingSessions(store, paper())  # nothing but the database is remembered
        stage = sessions.stage(rater)
        assert sessions.stage(rater) == stage, "a reload shows the same"
        seen.append((stage.name.value, stage.index, stage.total))
        match stage.name:
            case "consent":
                assert stage.text == "Do you agree?"
                sessions.consent(rater)
            case "instructions":
                sessions.instructed(rater)
            case "done":
                break
            case _:
                with pytest.raises(NotDoneError):
                    sessions.completion(rater)
                sessions.answer(stage.ballot.id, rater=rater, choice=stage.ballot.expected or "left")

    assert seen == [
        ("consent", 0, None),
        ("instructions", 0, None),
        ("training", 0, 1),
        *(("ballots", index, 11) for index in range(11)),
        ("done", 11, 11),
    ]
    end = sessions.completion(rater)
    assert (end.code, end.votes) == ("DONE1", 12)
    assert end.redirect == "https://app.prolific.com/submissions/complete?cc=DONE1"


def test_checks_stand_once_in_each_block_at_places_that_differ_between_raters(store: Store):
    orders = set()
    for number in range(6):
        sessions = RatingSessions(store, paper())
        rater = begin(sessions, PROLIFIC_PID=f"p{number}")
        purposes = answer_all(sessions, rater)
        counts = Counter(purposes)
        assert counts == {Purpose.TRAINING: 1, Purpose.RATING: 8, Purpose.ATTENTION: 2, Purpose.GOLD: 1}
        assert purposes[0] == Purpose.TRAINING
        first_half = purposes[1 : 1 + [i for i, p in enumerate(purposes[1:]) if p == Purpose.RATING][4]]
        assert first_half.count(Purpose.ATTENTION) == 1
        orders.add(tuple(purposes))
    assert len(orders) > 1


def test_training_is_answered_with_feedback_and_no_arm_is_told(store: Store):
    sessions = RatingSessions(store, paper())
    rater = begin(sessions)
    ballot = sessions.stage(rater).ballot
    wrong = "left" if ballot.expected == "right" else "right"

    answer = sessions.answer(ballot.id, rater=rater, choice=wrong)

    assert (answer.right, answer.feedback, answer.revealed) == (False, "Real digits have even strokes.", None)
    rating = sessions.stage(rater).ballot
    told = sessions.answer(rating.id, rater=rater, choice="left")
    assert (told.right, told.feedback, told.revealed) == (None, "", None)
    assert sessions.revealed(rater) == []


def test_what_a_rater_may_see_of_a_ballot_names_no_arm_and_no_answer(store: Store):
    sessions = RatingSessions(store, paper())
    rater = begin(sessions)
    while (ballot := sessions.stage(rater).ballot) is not None:
        question = sessions.question(ballot)
        assert "step-" not in str(question)
        assert "DCGAN" not in str(question)
        assert str(ballot.left_seed) not in str(question)
        if ballot.purpose == Purpose.ATTENTION:
            assert "“tie”" in question.text
        sessions.answer(ballot.id, rater=rater, choice=ballot.expected or "tie")
    assert len(sessions.revealed(rater)) == 8


def test_the_same_participant_comes_back_as_the_same_rater_and_two_submissions_are_flagged(store: Store):
    sessions = RatingSessions(store, paper())
    first = sessions.join(query=LINK)
    again = sessions.join(rater=new_rater(), query=LINK)
    other = sessions.join(query={**LINK, "PROLIFIC_PID": "another"})
    assert (first.returned, again.returned) == (False, True)
    assert first.rater == again.rater != other.rater
    assert "5f2a9c" not in first.rater

    answer_all(sessions, begin(sessions))
    assert set(store.results(CASUAL.name)["flags"]) == {""}
    sessions.join(query={**LINK, "SESSION_ID": "se-2"})
    assert all("duplicate_participant" in flags for flags in store.results(CASUAL.name)["flags"])


@pytest.mark.parametrize("value", ["x" * 101, "a\0b", "é", "a b", "\ud800"])
def test_a_link_that_no_platform_gives_is_refused(store: Store, value: str):
    with pytest.raises(InvalidLinkError, match="open the link as you got it"):
        RatingSessions(store, paper()).join(query={"PROLIFIC_PID": value})


def test_nobody_takes_part_without_a_link(store: Store):
    with pytest.raises(InvalidRaterError, match="open your link again"):
        RatingSessions(store, paper()).stage(new_rater())


def test_who_withdraws_leaves_nothing_and_the_link_stays_closed(store: Store):
    sessions = RatingSessions(store, paper())
    rater = begin(sessions)
    ballot = sessions.stage(rater).ballot
    sessions.answer(ballot.id, rater=rater, choice="left")

    assert sessions.withdraw(rater) == 1

    assert sessions.join(query=LINK).rater == rater
    assert sessions.stage(rater).name == "withdrawn"
    assert store.results(CASUAL.name).empty
    with pytest.raises(UnknownBallotError):
        sessions.answer(ballot.id, rater=rater, choice="left")
    with pytest.raises(NotDoneError):
        sessions.completion(rater)


def test_a_study_that_is_not_open_takes_no_answers_and_keeps_the_code_of_who_is_done(store: Store):
    sessions = RatingSessions(store, paper(session={"ballots_per_rater": 1, "attention": [], "gold": []}))
    done, late = begin(sessions), begin(sessions, PROLIFIC_PID="late")
    answer_all(sessions, done)
    ballot = sessions.stage(late).ballot
    now = datetime.now(UTC)
    few = {"ballots_per_rater": 1, "attention": [], "gold": []}
    closed = RatingSessions(store, paper(closes=now, session=few))
    early = RatingSessions(store, paper(opens=now + timedelta(days=1), session=few))

    assert [one.stage(late).name for one in (closed, early)] == ["closed", "not_open"]
    with pytest.raises(NotNowError):
        closed.answer(ballot.id, rater=late, choice="left")
    assert closed.stage(done).name == "done"
    assert closed.completion(done).code == "DONE1"


def test_a_full_study_lets_in_those_who_came_first(store: Store):
    sessions = RatingSessions(store, paper(maximum_raters=1))
    first, second = begin(sessions), begin(sessions, PROLIFIC_PID="second")

    assert (sessions.stage(first).name, sessions.stage(second).name) == ("training", "full")
    sessions.withdraw(first)
    assert sessions.stage(second).name == "consent"


def test_an_answer_can_be_corrected_until_the_session_ends(store: Store):
    sessions = RatingSessions(store, paper())
    rater = begin(sessions)
    trial = sessions.stage(rater).ballot
    sessions.answer(trial.id, rater=rater, choice="left")
    ballot = sessions.stage(rater).ballot
    sessions.answer(ballot.id, rater=rater, choice="left")

    corrected = sessions.answer(ballot.id, rater=rater, choice="tie", correct=True)

    assert (corrected.choice, corrected.corrected) == ("tie", True)
    with pytest.raises(NotNowError):
        sessions.answer(trial.id, rater=rater, choice="right", correct=True)
    answer_all(sessions, rater)
    with pytest.raises(NotNowError):
        sessions.answer(ballot.id, rater=rater, choice="left", correct=True)


def test_the_next_ballot_can_be_drawn_ahead_and_comes_when_the_one_before_is_answered(store: Store):
    sessions = RatingSessions(store, CASUAL)
    rater = new_rater()
    shown = sessions.stage(rater).ballot

    ahead = sessions.following(rater)

    assert ahead.id != shown.id
    assert sessions.following(rater) == ahead
    assert sessions.stage(rater).ballot == shown
    sessions.answer(shown.id, rater=rater, choice="left")
    assert sessions.stage(rater).ballot == ahead


def test_tabs_that_ask_at_once_get_one_ballot(store: Store):
    sessions = RatingSessions(store, paper())
    rater = begin(sessions)

    with ThreadPoolExecutor(8) as pool:
        ballots = {stage.ballot.id for stage in pool.map(sessions.stage, [rater] * 8)}

    assert len(ballots) == 1


@pytest.mark.parametrize("rater_number", range(3))
def test_sides_are_even_for_each_arm_at_every_moment_and_the_chance_is_stored(store: Store, rater_number: int):
    sessions, rater = RatingSessions(store, CASUAL), new_rater()
    rated = []
    for _ in range(30):
        ballot = sessions.stage(rater).ballot
        rated.append(ballot)
        assert max(map(abs, imbalance(rated).values())) <= 1
        assert 0 < ballot.pair_probability < 1
        sessions.answer(ballot.id, rater=rater, choice="left")


def test_no_pair_and_item_comes_again_before_all_were_seen(store: Store):
    few = paper(
        items={"seeds": 2, "paired": True},
        arms=[arm.model_dump() for arm in CASUAL.arms[:4]],
        session={"ballots_per_rater": 24, "attention": [], "gold": [], "training": []},
    )
    sessions = RatingSessions(store, few)
    rater = begin(sessions)
    answer_all(sessions, rater)

    asked = [(frozenset(one.ballot.arms), one.ballot.item) for one in store.history(few.name, rater=rater)]
    assert len(set(asked[:12])) == len(set(asked[12:])) == 12


def test_a_timed_study_shows_each_picture_for_what_the_answers_before_lead_to(store: Store):
    timed = paper(
        protocol="timed",
        answers=[],
        session={"exposure_ms": 500, "training": [], "attention": [], "gold": [], "ballots_per_rater": 10},
    )
    sessions = RatingSessions(store, timed)
    rater = begin(sessions)
    exposures, real = [], 0
    for number in range(10):
        ballot = sessions.stage(rater).ballot
        assert sessions.following(rater) is None
        exposures.append(ballot.exposure_ms)
        real += ballot.left == "real"
        truth = "real" if ballot.left == "real" else "fake"
        sessions.answer(
            ballot.id, rater=rater, choice=truth if number != 2 else {"real": "fake", "fake": "real"}[truth]
        )

    assert exposures == [500, 490, 480, 510, 500, 490, 480, 470, 460, 450]
    assert real == 5


def test_a_ballot_expires(store: Store, monkeypatch: pytest.MonkeyPatch):
    sessions, rater = RatingSessions(store, CASUAL), new_rater()
    with monkeypatch.context() as patch:
        patch.setattr("evaluation.qualitative.issuing.VALID_FOR", timedelta(0))
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


def issued_before(store: Store, study: Study, *, rater: str, ms: int, **fields: Any) -> Ballot:
    """A ballot that the rater was given so long ago."""
    drawn = draw(study, rater=rater, position=0, issued_at=datetime.now(UTC) - timedelta(milliseconds=ms), **fields)
    return store.issue(drawn)


def test_an_answer_that_comes_before_anybody_can_have_looked_is_refused_and_can_be_given_again(store: Store):
    patient = paper(session={"minimum_look_ms": 60_000})
    sessions = RatingSessions(store, patient)
    rater = begin(sessions)
    shown = sessions.stage(rater).ballot

    for response_ms in (None, 61_000):  # what a caller says it measured can't be longer than the ballot is old
        with pytest.raises(TooSoonError, match="at least 60 s before you answer, then answer again"):
            sessions.answer(shown.id, rater=rater, choice="left", response_ms=response_ms)

    assert store.count(patient.name) == 0
    assert sessions.stage(rater).ballot == shown


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
