"""A replica whose work does not come to its end is unhealthy; one that works or rests is not."""

import threading

import pytest

from serving.cluster.underway import StuckError, Underway


def test_work_that_takes_longer_than_it_may_is_stuck():
    underway = Underway(patience=0.0)
    begun, ended = threading.Event(), threading.Event()

    def hang() -> None:
        with underway.piece():
            begun.set()
            ended.wait()

    thread = threading.Thread(target=hang)
    thread.start()
    begun.wait()
    with pytest.raises(StuckError, match="has not ended for"):
        underway.check()
    ended.set()
    thread.join()

    underway.check()  # nothing is under way


def test_work_within_its_time_is_not_stuck():
    underway = Underway(patience=3600.0)

    with underway.piece():
        underway.check()


def test_work_that_fails_is_over():
    underway = Underway(patience=0.0)

    with pytest.raises(ValueError, match="no"), underway.piece():
        raise ValueError("no")

    underway.check()
