"""The flow of raters is counted from what a session stored."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.results.design import design_of
from evaluation.qualitative.results.flow import Flow, flow_of
from evaluation.qualitative.results.methods import methods
from evaluation.qualitative.results.stages import stages_of
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study
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
    )


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
