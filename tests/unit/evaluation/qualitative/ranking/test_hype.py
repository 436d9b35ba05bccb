"""HYPE's staircase steps as the paper says, and its scores are shares of errors and exposures that raters needed."""

import numpy as np
import pandas as pd
import pytest

from evaluation.qualitative.ranking.hype import hype_infinity, hype_time
from evaluation.qualitative.session.staircase import START_MS, next_exposure

ARMS = ["good", "bad", "photos"]


def answers(*rows: tuple[str, str, str, int], exposure_ms: int | None = None) -> pd.DataFrame:
    """Make votes from `(rater, arm, choice, how often)`."""
    table = pd.DataFrame([row[:3] for row in rows for _ in range(row[3])], columns=["rater", "left", "choice"])
    return table.assign(right="", exposure_ms=pd.array([exposure_ms] * len(table), dtype="Int64"))


def exposure_after(answers: list[bool]) -> int:
    exposure = START_MS
    for right in answers:
        exposure = next_exposure(exposure, right=right)
    return exposure


def test_the_staircase_starts_at_half_a_second_and_falls_slowly_and_rises_fast():
    assert exposure_after([]) == 500
    assert exposure_after([True, True, False, True]) == 500
    assert exposure_after([False]) == 530


def test_the_staircase_stays_between_a_tenth_of_a_second_and_a_second():
    assert exposure_after([True] * 100) == 100
    assert exposure_after([False] * 100) == 1000
    assert next_exposure(100, right=True) == 100
    assert next_exposure(990, right=False) == 1000


def test_the_staircase_settles_where_three_of_four_answers_are_right():
    rng = np.random.default_rng(0)
    exposure, visited, rights = 500, [], []
    for _ in range(4000):
        right = rng.random() < 1 / (1 + np.exp(-(exposure - 300) / 60))  # three of four at 366 ms
        exposure = next_exposure(exposure, right=right)
        visited.append(exposure)
        rights.append(right)
    assert np.mean(rights) == pytest.approx(0.75, abs=0.01)
    assert np.mean(visited[500:]) == pytest.approx(366, abs=25)


def test_hype_infinity_is_the_share_of_errors_on_as_many_fakes_as_real_pictures():
    table = answers(
        ("x", "good", "real", 6), ("x", "good", "fake", 4), ("x", "bad", "real", 1), ("x", "bad", "fake", 9),
        ("x", "photos", "fake", 4), ("x", "photos", "real", 16),
    )  # fmt: skip
    good, bad = hype_infinity(table, arms=ARMS, real=["photos"])
    assert (good.arm, good.fake_errors, good.real_errors, good.votes) == ("good", 0.6, 0.2, 10)
    assert good.score == pytest.approx(0.4)
    assert bad.score == pytest.approx(0.15)
    assert good.low is None


def test_not_sure_is_half_an_error_and_a_skip_none():
    table = answers(("x", "good", "not_sure", 3), ("x", "good", "skip", 50), ("x", "good", "real", 1))
    assert hype_infinity(table, arms=["good"], real=[])[0].score == pytest.approx(2.5 / 4)


def test_an_arm_nobody_saw_has_no_score_and_comes_last():
    table = answers(("x", "bad", "real", 3), ("y", "bad", "fake", 3))
    scores = hype_infinity(table, arms=ARMS, real=["photos"])
    assert [(score.arm, score.score) for score in scores] == [("bad", 0.5), ("good", None)]
    assert hype_time(table, arms=ARMS, real=["photos"])[0].score is None


def test_the_interval_hangs_on_raters_not_on_votes():
    rng = np.random.default_rng(0)
    rates = rng.uniform(0.1, 0.9, size=20)
    widths = []
    for often in (10, 1000):
        table = answers(
            *((f"r{i}", "good", "real", round(often * rate)) for i, rate in enumerate(rates)),
            *((f"r{i}", "good", "fake", often - round(often * rate)) for i, rate in enumerate(rates)),
        )
        (score,) = hype_infinity(table, arms=["good"], real=[])
        assert score.low < score.score < score.high
        widths.append(score.high - score.low)
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_clustered_hype_intervals_hold_the_truth():
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rows = []
        for rater in range(15):
            wrong = rng.binomial(20, rng.beta(2, 3))
            rows += [(f"r{rater}", "good", "real", wrong), (f"r{rater}", "good", "fake", 20 - wrong)]
        (score,) = hype_infinity(answers(*rows), arms=["good"], real=[], resamples=200, seed=seed)
        held.append(score.low <= 0.4 <= score.high)
    assert 0.91 <= np.mean(held) <= 0.99


def test_hype_time_is_the_exposure_that_each_rater_visited_most():
    table = pd.concat(
        [
            answers(("x", "good", "fake", 5), exposure_ms=400),
            answers(("x", "good", "real", 2), exposure_ms=300),
            answers(("y", "good", "fake", 3), exposure_ms=200),
            answers(("y", "good", "fake", 3), exposure_ms=240),
            answers(("x", "bad", "fake", 3), exposure_ms=100),
            answers(("x", "photos", "real", 9), exposure_ms=900),
            answers(("x", "good", "real", 99)),
        ]
    )
    good, bad = hype_time(table, arms=ARMS, real=["photos"])
    assert (good.arm, good.score, good.raters, good.votes) == ("good", (400 + 220) / 2, 2, 13)
    assert (bad.score, bad.low) == (100, None)
    assert good.low < good.score < good.high


def test_raters_without_an_error_leave_room_for_errors():
    table = answers(
        *((f"r{i}", "good", "fake", 20) for i in range(20)), *((f"r{i}", "photos", "real", 20) for i in range(20))
    )
    (score,) = hype_infinity(table, arms=["good", "photos"], real=["photos"])
    assert score.score == score.low == 0
    assert 0.002 < score.high < 0.1


def test_one_busy_rater_has_no_interval_of_hype():
    table = answers(("x", "good", "real", 90), ("x", "good", "fake", 60), ("y", "good", "fake", 1))
    (score,) = hype_infinity(table, arms=["good"], real=[])
    assert (score.low, score.high) == (None, None)


def test_raters_with_the_same_modal_exposure_do_not_make_it_certain():
    table = answers(*((f"r{i}", "good", "fake", 5) for i in range(20)), exposure_ms=400)
    (score,) = hype_time(table, arms=["good"], real=[])
    assert score.low < score.score == 400 < score.high
