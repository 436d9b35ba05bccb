"""When a study's votes are reckoned anew, and when what was found before is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.results.cached import FRESH_S, PATIENCE, Analyses
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading as studies
from evaluation.qualitative.study.library import StudyLibrary

DIGITS = studies.read("digits-by-training-step")


class Clock:
    """Stands still, or goes on by `pace` seconds whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pace = 0.0

    def __call__(self) -> float:
        self.now += self.pace
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    yield store
    store.close()


def vote(store: Store) -> None:
    rater = new_rater()
    store.cast(store.issue(draw(DIGITS, rater=rater)).id, rater=rater, choice="left")


def counted(analyses: Analyses) -> int:
    return len(analyses.of(DIGITS.name).votes)


def test_who_has_voted_finds_the_vote_in_the_ranking(store: Store, clock: Clock):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    for votes in (1, 2, 3):
        vote(store)
        assert counted(analyses) == votes


def test_without_new_votes_nothing_is_reckoned_anew(store: Store, clock: Clock):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    vote(store)
    analysis = analyses.of(DIGITS.name)
    assert analyses.of(DIGITS.name) is analysis
    clock.now += FRESH_S
    assert analyses.of(DIGITS.name) is not analysis


def test_a_reckoning_that_takes_long_is_kept_though_votes_come(store: Store, clock: Clock):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    vote(store)
    clock.pace = 1.0
    assert counted(analyses) == 1
    vote(store)
    clock.pace = 0.0
    assert counted(analyses) == 1
    assert analyses.seconds_left(DIGITS.name) == PATIENCE
    clock.now += PATIENCE
    assert counted(analyses) == 2
