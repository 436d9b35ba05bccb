"""A visitor's own errors about single pictures, beside everybody's."""

from dataclasses import replace

import pytest

from demos.just_look import ranking_html
from demos.just_look.own.score import OwnScore, own_score, sentence
from evaluation.qualitative.ballot import Choice, Purpose, Record, Vote, new_rater
from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.reading import read

STUDY = read("style-real-or-fake")
RATER = new_rater()
GAN = HypeScore(arm="gan", score=0.3, low=None, high=None, fake_errors=0.4, real_errors=0.2, votes=30, raters=3)
EARLY = replace(GAN, arm="early", fake_errors=0.1, votes=10)


def record(arm: str, choice: str | None, purpose: Purpose = Purpose.RATING) -> Record:
    ballot = replace(draw(STUDY, rater=RATER), left=arm, purpose=purpose)
    if choice is None:
        return Record(ballot=ballot, vote=None)
    return Record(
        ballot=ballot, vote=Vote(ballot=ballot, choice=Choice(choice), response_ms=900, cast_at=ballot.issued_at)
    )


def test_errors_count_and_a_guess_is_half_of_one():
    history = [
        record("painted", "real"),
        record("painted", "fake"),
        record("restyled", "real"),
        record("restyled", "fake"),
        record("restyled", "not_sure"),
        record("restyled", "skip"),
        record("restyled", None),
        record("restyled", "real", Purpose.GOLD),
    ]
    assert own_score(history, {"painted"}) == OwnScore(wrong=2.5, judged=5)


def test_without_an_answer_there_is_no_score():
    assert own_score([record("painted", "skip"), record("painted", None)], {"painted"}) is None


def test_the_sentence_sets_it_beside_everybody():
    assert sentence(OwnScore(wrong=3, judged=12), [GAN, EARLY]) == (
        "You were wrong about 3 of 12 pictures (25 %). "
        "All visitors take 32 % of the fakes for real, and 20 % of the real pictures for fake."
    )


@pytest.mark.parametrize("everybody", [[], [replace(GAN, votes=0)]])
def test_nobody_else_is_left_out(everybody: list[HypeScore]):
    assert sentence(OwnScore(wrong=0.5, judged=1), everybody) == "You were wrong about 0.5 of 1 picture (50 %)."


def test_the_table_begins_with_the_first_answer(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/votes.sqlite3")
    analysis = Analyses(StudyLibrary(), store).of(STUDY.name)
    assert "the first answer starts the table" in ranking_html.realism_table(analysis)
    store.close()
