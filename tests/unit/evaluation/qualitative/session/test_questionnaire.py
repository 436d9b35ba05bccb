"""Questions before and after a session, and the comprehension check with two tries."""

from pathlib import Path
from typing import Any

import pytest

from evaluation.qualitative.results.answers import answers_csv
from evaluation.qualitative.session.questionnaire import InvalidAnswerError
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import NotDoneError, StageName
from evaluation.qualitative.store.answers import answers
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.questionnaire import DECLINED
from evaluation.qualitative.study.reading import read
from evaluation.qualitative.study.schema import Study
from tests.support.folders import STUDIES
from tests.support.sessions import LINK

STUDY = read("session-with-questions", STUDIES)
RIGHT = {"try": "1", "0": "the one that a person may have written"}
WRONG = {"try": "1", "0": "the darker one"}
SECOND = {"try": "2"}
AFTER = {"effort": "4", "comment": "=the strokes", "age": DECLINED}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")


@pytest.fixture
def sessions(store: Store) -> RatingSessions:
    return RatingSessions(store, STUDY)


def consented(sessions: RatingSessions) -> str:
    rater = sessions.join(query=LINK).rater
    sessions.consent(rater)
    return rater


def at_the_check(sessions: RatingSessions) -> str:
    rater = consented(sessions)
    sessions.answer_questions(rater, {"drawing": "often"})
    sessions.instructed(rater)
    return rater


def rated(sessions: RatingSessions) -> str:
    rater = at_the_check(sessions)
    sessions.answer_questions(rater, RIGHT)
    while (ballot := sessions.stage(rater).ballot) is not None:
        sessions.answer(ballot.id, rater=rater, choice="left", response_ms=900)
    return rater


def test_the_questions_stand_around_the_ballots_in_this_order(sessions: RatingSessions):
    rater = sessions.join(query=LINK).rater
    assert sessions.stage(rater).name == StageName.CONSENT
    assert sessions.consent(rater).name == StageName.QUESTIONS_BEFORE
    assert sessions.answer_questions(rater, {"drawing": "never"}).name == StageName.INSTRUCTIONS
    assert sessions.instructed(rater).name == StageName.COMPREHENSION
    assert sessions.answer_questions(rater, RIGHT).name == StageName.BALLOTS
    while (ballot := sessions.stage(rater).ballot) is not None:
        sessions.answer(ballot.id, rater=rater, choice="left", response_ms=900)
    assert sessions.stage(rater).name == StageName.QUESTIONS_AFTER
    with pytest.raises(NotDoneError):
        sessions.completion(rater)
    assert sessions.answer_questions(rater, AFTER).name == StageName.DONE
    assert sessions.completion(rater).code == "C0DE-HERON"


def test_a_second_try_may_be_right(sessions: RatingSessions):
    rater = at_the_check(sessions)
    again = sessions.answer_questions(rater, WRONG)
    assert (again.name, again.index, again.total, again.wrong) == (StageName.COMPREHENSION, 1, 2, (0,))
    assert sessions.answer_questions(rater, RIGHT | SECOND).name == StageName.BALLOTS


def test_a_try_that_is_sent_again_because_its_reply_was_lost_counts_once(sessions: RatingSessions):
    rater = at_the_check(sessions)
    for _ in range(3):
        again = sessions.answer_questions(rater, WRONG)
        assert (again.name, again.index) == (StageName.COMPREHENSION, 1)


def test_two_wrong_tries_end_the_session_for_good(sessions: RatingSessions):
    rater = at_the_check(sessions)
    sessions.answer_questions(rater, WRONG)
    assert sessions.answer_questions(rater, WRONG | SECOND).name == StageName.NOT_UNDERSTOOD
    assert sessions.answer_questions(rater, RIGHT | {"try": "3"}).name == StageName.NOT_UNDERSTOOD
    assert sessions.stage(rater).name == StageName.NOT_UNDERSTOOD
    assert sessions.stage(rater).ballot is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "An answer is missing: How hard was it?"),
        ({**AFTER, "effort": "0"}, "Choose a number from 1 to 7"),
        ({**AFTER, "effort": "4.5"}, "Choose a number from 1 to 7"),
        ({**AFTER, "effort": True}, "Choose a number from 1 to 7"),
        ({**AFTER, "age": "17"}, "Choose one of the answers: How old"),
        ({**AFTER, "comment": "x" * 1_001}, "Write up to 1,000 characters"),
        ({**AFTER, "comment": "\x00"}, "Write up to 1,000 characters"),
        ({**AFTER, "comment": ["a"]}, "Write up to 1,000 characters"),
        ("text", "did not arrive completely"),
    ],
)
def test_an_answer_that_the_question_does_not_allow_is_refused_and_nothing_stored(
    sessions: RatingSessions, store: Store, given: Any, sentence: str
):
    rater = rated(sessions)
    before = len(answers(store, STUDY.name))
    with pytest.raises(InvalidAnswerError, match=sentence):
        sessions.answer_questions(rater, given)
    assert len(answers(store, STUDY.name)) == before
    assert sessions.stage(rater).name == StageName.QUESTIONS_AFTER


def test_an_optional_answer_may_be_left_out(sessions: RatingSessions):
    rater = rated(sessions)
    assert sessions.answer_questions(rater, {"effort": 7, "age": DECLINED, "comment": " "}).name == StageName.DONE


def test_answers_sent_twice_are_stored_once(sessions: RatingSessions, store: Store):
    rater = consented(sessions)
    for _ in range(2):
        sessions.answer_questions(rater, {"drawing": "never"})
    assert len(answers(store, STUDY.name)) == 1


def test_the_export_has_a_row_for_each_answer_under_the_pseudonym_of_the_votes(sessions: RatingSessions, store: Store):
    rater = at_the_check(sessions)
    sessions.answer_questions(rater, WRONG)
    sessions.answer_questions(rater, RIGHT | SECOND)
    while (ballot := sessions.stage(rater).ballot) is not None:
        sessions.answer(ballot.id, rater=rater, choice="left", response_ms=900)
    sessions.answer_questions(rater, AFTER)

    table = answers(store, STUDY.name)

    assert set(table["rater"]) == set(store.results(STUDY.name)["rater"])
    assert table[["part", "question", "answer", "attempt", "right"]].to_numpy().tolist() == [
        ["before", "drawing", "often", 1, None],
        ["comprehension", "1", WRONG["0"], 1, False],
        ["comprehension", "1", RIGHT["0"], 2, True],
        ["after", "effort", 4, 1, None],
        ["after", "comment", "=the strokes", 1, None],
        ["after", "age", DECLINED, 1, None],
    ]


def test_the_csv_runs_nothing_in_a_spreadsheet(sessions: RatingSessions, store: Store):
    sessions.answer_questions(rated(sessions), AFTER)
    assert ",after,comment,'=the strokes,1,," in answers_csv(store, STUDY.name)


def test_who_withdraws_takes_the_answers_along_from_the_journal_too(
    sessions: RatingSessions, store: Store, tmp_path: Path
):
    rater = rated(sessions)
    sessions.answer_questions(rater, AFTER)

    sessions.withdraw(rater)
    store.journal.compact()

    assert answers(store, STUDY.name).empty
    assert "the strokes" not in (tmp_path / "votes.sqlite3.jsonl").read_text()


def test_without_questions_nothing_changes(store: Store):
    plain = Study.model_validate({**STUDY.model_dump(exclude={"before", "after", "comprehension", "demographics"})})
    sessions = RatingSessions(store, plain)
    rater = consented(sessions)
    assert sessions.instructed(rater).name == StageName.BALLOTS
