"""A rater's way through a study: every stage follows from what is stored, on SQLite and PostgreSQL."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from operator import attrgetter

import pytest

from evaluation.qualitative.ballot import (
    InvalidRaterError,
    Purpose,
    UnknownBallotError,
    new_rater,
)
from evaluation.qualitative.session.ballot_sampling import imbalance
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import InvalidLinkError, NotDoneError, NotNowError
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.store import Store
from tests.support.sessions import CASUAL, LINK, answer_all, begin, paper


def test_a_session_goes_from_consent_to_the_code_and_a_new_process_goes_on_anywhere(store: Store):
    rater = RatingSessions(store, paper()).join(query=LINK).rater
    stages = []
    while True:
        sessions = RatingSessions(store, paper())  # nothing but the database is remembered
        stage = sessions.stage(rater)
        assert sessions.stage(rater) == stage, "a reload shows the same"
        stages.append((stage.name.value, stage.index, stage.total))
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

    assert stages == [
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
    reply = sessions.answer(rating.id, rater=rater, choice="left")
    assert (reply.right, reply.feedback, reply.revealed) == (None, "", None)
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


def test_two_submissions_of_a_participant_are_flagged(store: Store):
    sessions = RatingSessions(store, paper())
    first = sessions.join(query=LINK)
    sessions.consent(first.rater)
    sessions.instructed(first.rater)
    answer_all(sessions, first.rater)
    assert set(store.results(CASUAL.name)["flags"]) == {""}

    sessions.join(first.secret, query={**LINK, "SESSION_ID": "se-2"})

    assert all("duplicate_participant" in flags for flags in store.results(CASUAL.name)["flags"])


@pytest.mark.parametrize("value", ["x" * 101, "a\0b", "é", "a b", "\ud800"])
def test_a_link_that_no_platform_gives_is_refused(store: Store, value: str):
    with pytest.raises(InvalidLinkError, match="open the link as you got it"):
        RatingSessions(store, paper()).join(query={"PROLIFIC_PID": value})


@pytest.mark.parametrize("name", LINK)
@pytest.mark.parametrize(
    "value",
    ["{{%PROLIFIC_PID%}}", "${e://Field/PROLIFIC_PID}", "[PID]", "<id>", "%PID%", "undefined", "null", "None", "", " "],
)
def test_a_placeholder_that_the_platform_left_is_refused(store: Store, name: str, value: str):
    with pytest.raises(InvalidLinkError, match=f"has not filled in {name} in this link: its researcher must"):
        RatingSessions(store, paper()).join(query={**LINK, name: value})

    with store.reading() as connection:
        assert list(rows.all_lines(connection)) == []


def test_nobody_takes_part_without_a_link(store: Store):
    with pytest.raises(InvalidRaterError, match="open your link again"):
        RatingSessions(store, paper()).stage(new_rater())


def test_who_withdraws_leaves_nothing_and_the_link_stays_closed(store: Store):
    sessions = RatingSessions(store, paper())
    secret, rater = attrgetter("secret", "rater")(sessions.join(query=LINK))
    sessions.consent(rater)
    ballot = sessions.instructed(rater).ballot
    sessions.answer(ballot.id, rater=rater, choice="left")

    assert sessions.withdraw(rater) == 1

    assert sessions.join(secret, query=LINK).rater == rater
    with pytest.raises(InvalidLinkError, match="has begun in another browser"):
        sessions.join(query=LINK)
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

    assert [shut.stage(late).name for shut in (closed, early)] == ["closed", "not_open"]
    with pytest.raises(NotNowError):
        closed.answer(ballot.id, rater=late, choice="left")
    assert closed.stage(done).name == "done"
    assert closed.completion(done).code == "DONE1"


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


def test_the_last_answer_comes_back_with_its_ballot_until_the_session_ends(store: Store):
    sessions = RatingSessions(store, paper())
    rater = begin(sessions)
    sessions.answer(sessions.stage(rater).ballot.id, rater=rater, choice="left")
    with pytest.raises(NotNowError, match="no answer yet"):
        sessions.last_answer(rater)
    ballot = sessions.stage(rater).ballot
    sessions.answer(ballot.id, rater=rater, choice="right", reason="sharper")

    stage, vote = sessions.last_answer(rater)

    assert (stage.name, stage.index, stage.ballot) == ("ballots", 0, ballot)
    assert (vote.choice, vote.reason) == ("right", "sharper")
    answer_all(sessions, rater)
    with pytest.raises(NotNowError, match="can't be changed any more"):
        sessions.last_answer(rater)


@pytest.mark.parametrize("changes", [{"session": {"corrections": False}}, {"reveal": "after_vote"}])
def test_no_answer_can_be_changed_where_the_study_does_not_allow_it(store: Store, changes: dict):
    sessions = RatingSessions(store, paper(**changes))
    rater = begin(sessions)
    for _ in range(2):
        ballot = sessions.stage(rater).ballot
        sessions.answer(ballot.id, rater=rater, choice="left")

    with pytest.raises(NotNowError):
        sessions.last_answer(rater)
    with pytest.raises(NotNowError):
        sessions.answer(ballot.id, rater=rater, choice="right", correct=True)


def test_the_next_ballot_can_be_drawn_ahead_and_comes_when_the_one_before_is_answered(store: Store):
    sessions = RatingSessions(store, CASUAL)
    rater = new_rater()
    current = sessions.stage(rater).ballot

    ahead = sessions.following(rater)

    assert ahead.id != current.id
    assert sessions.following(rater) == ahead
    assert sessions.stage(rater).ballot == current
    sessions.answer(current.id, rater=rater, choice="left")
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

    pairs_and_items = [
        (frozenset(record.ballot.arms), record.ballot.item) for record in store.history(few.name, rater=rater)
    ]
    assert len(set(pairs_and_items[:12])) == len(set(pairs_and_items[12:])) == 12


def test_a_timed_study_shows_each_picture_for_what_the_answers_before_lead_to(store: Store):
    timed = paper(
        protocol="timed",
        arms=[arm.model_dump() for arm in CASUAL.arms[:2]],
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
