"""The flow of raters is counted from what a session stored."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.results.asked import Asked, asked_of
from evaluation.qualitative.results.design import design_of
from evaluation.qualitative.results.flow import Flow, flow_of
from evaluation.qualitative.results.methods import methods
from evaluation.qualitative.results.stages import stages_of
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store import declarations, events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.reading import read
from evaluation.qualitative.study.schema import Study
from tests.support.folders import STUDIES
from tests.support.sessions import CASUAL, LINK, answer_all, begin, paper

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    yield store
    store.close()


def flow(store: Store, study: Study) -> Flow:
    votes = store.results(study.name)
    return flow_of(
        votes,
        summarise(votes, [arm.id for arm in study.competing], resamples=2),
        withdrawn_at=events.withdrawn_at(store, study.name),
        closes=study.closes,
        stages=stages_of(store, study.name),
        study=study,
        asked=asked_of(store, study),
        declared=declarations.declared(store, study.name),
    )


def written(store: Store, study: Study) -> str:
    """What the methods paragraph says of the flow."""
    return " ".join(flow(store, study).sentences())


def test_each_rater_of_a_session_is_counted_at_the_stage_that_was_reached(store: Store):
    study = paper()
    sessions = RatingSessions(store, study)
    for number in range(3):
        rater = begin(sessions, PROLIFIC_PID=f"done-{number}", SESSION_ID=f"d{number}")
        answer_all(sessions, rater)
        sessions.completion(rater)
    left = begin(sessions, PROLIFIC_PID="left", SESSION_ID="l")
    sessions.answer(sessions.stage(left).ballot.id, rater=left, choice="left", response_ms=900)
    sessions.join(query={**LINK, "PROLIFIC_PID": "no", "SESSION_ID": "n"})  # and never consents
    gone = begin(sessions, PROLIFIC_PID="gone", SESSION_ID="g")
    answer_all(sessions, gone)
    events.withdraw(store, study.name, rater=gone)

    open_still, closed = flow(store, study), flow(store, study.replaced(closes=YESTERDAY))

    assert (closed.opened, closed.began, closed.declined, closed.dropped_out, closed.withdrew) == (6, 5, 1, 1, 1)
    assert open_still.dropped_out is None  # who has not finished yet may still do so
    paragraph = methods(summarise(store.results(study.name), [arm.id for arm in study.competing]), flow=closed)
    assert "6 opened the link, 5 began, 1 declined, 1 dropped out, 1 withdrew" in paragraph


def test_visitors_of_a_casual_study_open_no_link_and_decline_nothing(store: Store):
    counted = flow(store, CASUAL)
    assert (counted.opened, counted.declined, counted.dropped_out, counted.began) == (None, None, None, 0)


def test_the_thresholds_of_the_software_are_in_the_design():
    assert design_of(CASUAL).thresholds["too_fast"] == "under 300 ms"
    assert design_of(CASUAL, thresholds={}).thresholds == {}


def test_how_many_were_invited_is_what_the_owner_declares_or_not_known(store: Store):
    study = paper()
    RatingSessions(store, study).join(query=LINK)
    assert "1 opened the link, 0 began, 1 declined and 0 withdrew; how many were invited is not known." in written(
        store, study
    )

    declarations.declare_invited(store, study.name, 1_200)

    assert "Of the participants, 1,200 were invited, 1 opened the link" in written(store, study)
    assert "not known" not in written(store, study)
    assert flow(store, study).invited == 1_200


QUESTIONS = read("session-with-questions", STUDIES)
RIGHT, WRONG = "the one that a person may have written", "the darker one"


def check(sessions: RatingSessions, name: str, *tries: str) -> str:
    """Let a rater come as far as the comprehension check, and give these answers."""
    rater = begin(sessions, PROLIFIC_PID=name)
    sessions.answer_questions(rater, {"drawing": "often"})
    sessions.instructed(rater)
    for number, answer in enumerate(tries, start=1):
        sessions.answer_questions(rater, {"try": str(number), "0": answer})
    return rater


def test_answers_to_questions_and_failed_tries_are_counted(store: Store):
    sessions = RatingSessions(store, QUESTIONS)
    begin(sessions, PROLIFIC_PID="before-the-questions")
    check(sessions, "still-at-it", WRONG)
    check(sessions, "sent-back", WRONG, WRONG)
    check(sessions, "second", WRONG, RIGHT)
    done = check(sessions, "first", RIGHT)
    answer_all(sessions, done)
    sessions.answer_questions(done, {"effort": "4", "age": "18 to 24"})
    gone = check(sessions, "withdrew", WRONG, WRONG)
    sessions.withdraw(gone)

    asked = flow(store, QUESTIONS).asked

    assert asked == Asked(before=4, after=1, first_try=1, second_try=1, not_understood=1, failed_tries=4)
    paragraph = methods(
        summarise(store.results(QUESTIONS.name), ["real", "early"], resamples=2), flow=flow(store, QUESTIONS)
    )
    assert "4 answered the questions before the ballots and 1 answered the questions after the ballots." in paragraph
    assert (
        "1 passed the comprehension check at the first try, 1 at the second; 1 failed 2 tries and was not let in "
        "(4 tries failed in all)."
    ) in paragraph


def test_a_study_without_questions_says_nothing_of_them(store: Store):
    RatingSessions(store, paper()).join(query=LINK)
    assert flow(store, paper()).asked == Asked()
    assert "questions" not in written(store, paper())
    assert "comprehension" not in written(store, paper())


def test_an_id_that_was_freed_is_told_with_the_answers_given_before(store: Store):
    study = paper()
    sessions = RatingSessions(store, study)
    stranger = begin(sessions)
    for _ in range(2):
        sessions.answer(sessions.stage(stranger).ballot.id, rater=stranger, choice="left", response_ms=900)
    declarations.free(store, study.name, participant=events.participant_of(store, study.name, LINK["PROLIFIC_PID"]))

    assert (flow(store, study).freed, flow(store, study).freed_answers) == (1, 2)
    assert (
        "1 platform id was freed by the researchers because another browser had begun with it; 2 answers given there "
        "were kept."
    ) in written(store, study)
