"""When a study's votes are reckoned anew, and when what was found before is shown."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.qualitative.ballot import Ballot, new_rater
from evaluation.qualitative.ranking.raters import rater_model
from evaluation.qualitative.ranking.raters.rater_model import fit
from evaluation.qualitative.results.cached import FRESH_S, LONGEST_S, PATIENCE, Analyses
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading as studies
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study

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


def vote(store: Store) -> Ballot:
    ballot = store.issue(draw(DIGITS, rater=new_rater()))
    store.cast(ballot.id, rater=ballot.rater, choice="left")
    return ballot


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

    for _ in range(3):
        clock.now += FRESH_S + 1
        assert analyses.of(DIGITS.name) is analysis


@pytest.mark.parametrize("change", ["vote", "correction", "withdrawal", "second submission"])
def test_what_another_process_stores_is_in_the_ranking_after_a_while(
    store: Store, clock: Clock, tmp_path: Path, change: str
):
    other = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    ballot = vote(store)
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    analysis = analyses.of(DIGITS.name)
    match change:
        case "vote":
            vote(other)
        case "correction":
            other.cast(ballot.id, rater=ballot.rater, choice="right", correct=True)
        case "withdrawal":
            events.withdraw(other, DIGITS.name, rater=ballot.rater)
        case _:
            for submission in "ab":
                details = {"participant": "p", "session": submission}
                events.record(other, DIGITS.name, rater=ballot.rater, kind="joined", details=details)

    clock.now += FRESH_S

    assert not analyses.of(DIGITS.name).votes.equals(analysis.votes)
    other.close()


def test_a_vote_that_takes_the_place_of_a_withdrawn_one_is_in_the_ranking(store: Store, clock: Clock):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    vote(store)
    withdrawn = vote(store)
    assert set(analyses.of(DIGITS.name).votes["rater"]) >= {withdrawn.rater}
    events.withdraw(store, DIGITS.name, rater=withdrawn.rater)
    stays = vote(store)  # SQLite gives it the id of the deleted one

    raters = set(analyses.of(DIGITS.name).votes["rater"])
    assert stays.rater in raters
    assert withdrawn.rater not in raters


def test_a_study_that_closes_by_its_date_is_analysed_once_more(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    vote(store)
    before = analyses.of(DIGITS.name)
    monkeypatch.setattr(Study, "state", lambda _: "closed")

    after = analyses.of(DIGITS.name)

    assert after is not before
    assert analyses.of(DIGITS.name) is after


def test_a_good_analysis_is_returned_while_that_of_another_study_is_computed(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    vote(store)
    analysis = analyses.of(DIGITS.name)
    begun, go_on = threading.Event(), threading.Event()
    results = store.results
    monkeypatch.setattr(store, "results", lambda study: (begun.set(), go_on.wait(30), results(study))[2])
    slow = threading.Thread(target=analyses.of, args=("variety",))
    slow.start()
    assert begun.wait(30)

    assert analyses.of(DIGITS.name) is analysis
    go_on.set()
    slow.join()


def test_a_reckoning_that_takes_long_is_kept_though_votes_come(store: Store, clock: Clock):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    vote(store)
    clock.pace = 1.0
    assert counted(analyses) == 1
    vote(store)
    clock.pace = 0.0
    assert counted(analyses) == 1
    assert analyses.freshness(DIGITS.name).seconds == PATIENCE
    clock.now += PATIENCE
    assert counted(analyses) == 2


@pytest.mark.parametrize("declared", [True, False])
def test_a_study_file_excludes_raters_by_its_thresholds_and_by_nothing_else(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: bool
):
    fits = []
    monkeypatch.setattr(rater_model, "fit", lambda answers: fits.append(answers) or fit(answers))
    rule = "\n[exclusion]\nleast_skill = 0.0\n" if declared else ""
    (tmp_path / "mine.toml").write_text(f"{DIGITS.origin.text}{rule}", encoding="utf-8")
    study = studies.read("mine", tmp_path)
    order = {arm.id: place for place, arm in enumerate(study.competing)}
    for number in range(6):
        rater, history = new_rater(), []
        for _ in range(20):
            ballot = store.issue(draw(study, rater=rater, past=history))
            history.append(ballot)
            first = order[ballot.left] < order[ballot.right]
            choice = "left" if first == (number > 0) else "right"  # the first rater has mixed up the keys
            store.cast(ballot.id, rater=rater, choice=choice, response_ms=2_000)

    analysis = Analyses(StudyLibrary(tmp_path), store).of("mine")

    assert len(fits) == 1
    mixed_up = analysis.votes["rater"].iloc[0]
    assert set(analysis.summary.rater_check.beyond) == {mixed_up}
    assert analysis.summary.rater_check.declared is declared
    assert (analysis.summary.raters, analysis.summary.excluded) == ((5, 20) if declared else (6, 0))
    assert set(analysis.votes["flags"]) == ({"low_skill", ""} if declared else {""})
    assert list(store.results("mine")["flags"].unique()) == [""]  # what is stored does not change


def test_a_summary_of_a_loaded_machine_is_kept_for_a_minute_and_not_for_an_hour(store: Store, clock: Clock):
    analyses = Analyses(StudyLibrary(), store, clock=clock)
    vote(store)
    clock.pace = 10.0
    counted(analyses)
    clock.pace = 0.0

    assert 0 < analyses.freshness(DIGITS.name).seconds <= LONGEST_S < 20 * PATIENCE
