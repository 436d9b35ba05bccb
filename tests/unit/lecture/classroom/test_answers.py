"""What a class said: shares with intervals that shrink, and the mean of a number."""

import pytest
from scipy import stats

from lecture.classroom.answers import bars, class_mean


def test_an_interval_is_wilsons_and_shrinks_with_more_answers():
    few, many = (bars(["left", "right"], {"left": 3 * n, "right": 9 * n})[0] for n in (1, 20))

    wilson = stats.binomtest(3, 12).proportion_ci(method="wilson")
    assert (few.low, few.high) == pytest.approx((wilson.low, wilson.high), abs=1e-6)
    assert (few.share, many.share) == (0.25, 0.25)
    assert many.high - many.low < (few.high - few.low) / 3


def test_before_the_first_answer_nothing_is_known():
    (bar, _) = bars(["left", "right"], {})

    assert (bar.count, bar.share, bar.low, bar.high) == (0, 0.0, 0.0, 1.0)


def test_an_answer_that_nobody_gave_is_not_impossible():
    left, right = bars(["left", "right"], {"left": 30})

    assert (right.share, right.low) == (0.0, 0.0)
    assert 0 < right.high < 0.2
    assert left.high == 1.0


def test_the_mean_of_numbers_has_students_interval():
    mean = class_mean({"3": 2, "9": 4})
    expected = stats.t.interval(0.95, 5, loc=7, scale=stats.sem([3, 3, 9, 9, 9, 9]))

    assert mean is not None
    assert (mean.mean, mean.low, mean.high) == pytest.approx((7, *expected))


def test_one_answer_has_no_mean_yet():
    assert class_mean({"3": 1}) is None
