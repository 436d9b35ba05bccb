"""People's order of a study's arms beside that of each metric: what agrees, and how firmly."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluation.qualitative.numbers_vs_eyes.comparison import Correlation, NumbersVsEyes, numbers_vs_eyes
from evaluation.qualitative.numbers_vs_eyes.sentences import sentences
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.study import reading
from evaluation.qualitative.study.schema import Study

DIGITS = reading.read("digits-by-training-step")


def votes(study: Study, order: Sequence[str], *, raters: int = 16, turned: float = 0.0) -> pd.DataFrame:
    """Each rater prefers the arm that comes earlier in `order` in every pair, and in a share of them the later one."""
    rng = np.random.default_rng(0)
    cast = []
    for rater in range(raters):
        for i, better in enumerate(order):
            for worse in order[i + 1 :]:
                left, right = (better, worse) if rng.random() < 0.5 else (worse, better)
                preferred = worse if rng.random() < turned else better
                cast.append((f"rater-{rater}", left, right, "left" if left == preferred else "right"))
    table = pd.DataFrame(cast, columns=["rater", "left", "right", "choice"])
    return table.assign(purpose="rating", flags="", response_ms=900.0, exposure_ms=np.nan, item="1")


def compared(study: Study, table: pd.DataFrame) -> NumbersVsEyes:
    arms = [arm.id for arm in study.competing]
    result = numbers_vs_eyes(study, table, summarise(table, arms, resamples=200))
    assert result is not None
    return result


def by_metric(result: NumbersVsEyes) -> dict[str, Correlation]:
    return {correlation.metric: correlation for correlation in result.correlations}


@pytest.fixture(scope="module")
def agreed() -> NumbersVsEyes:
    """People order the snapshots as their steps do, the real digits first, and now and then the other way."""
    order = [arm.id for arm in sorted(DIGITS.competing, key=lambda arm: -getattr(arm, "step", 10**9))]
    return compared(DIGITS, votes(DIGITS, order, turned=0.1))


def test_a_metric_that_agrees_with_people_is_found_whichever_way_it_points(agreed: NumbersVsEyes):
    part = by_metric(agreed)
    for metric in ("inception_score", "fid", "perceptual_distance"):
        assert part[metric].kendall == pytest.approx(1), metric
        assert part[metric].kendall_high == pytest.approx(1)
        assert part[metric].kendall_low > 0
        assert part[metric].alike == part[metric].settled > 0


def test_a_perfect_order_of_few_arms_is_weak_evidence_and_the_page_says_so():
    few = DIGITS.replaced(arms=DIGITS.competing[:4])
    result = compared(few, votes(few, [arm.id for arm in sorted(few.arms, key=lambda arm: -getattr(arm, "step", 9e9))]))

    assert by_metric(result)["fid"].by_chance == pytest.approx(1 / 24)
    text = " ".join(sentences(result))
    assert "4 sources have both votes and metrics. The votes of 16 people settle the order of 6 of their" in text
    assert "one study in 24" in text
    assert "No metric agrees with people more than chance explains" in text


def test_many_arms_in_one_order_are_more_than_chance(agreed: NumbersVsEyes):
    assert by_metric(agreed)["fid"].by_chance == pytest.approx(1 / math.factorial(len(agreed.compared)))
    assert "More than chance explains" in " ".join(sentences(agreed))


def test_people_who_see_it_the_other_way_round_turn_the_sign():
    order = [arm.id for arm in sorted(DIGITS.competing, key=lambda arm: getattr(arm, "step", 10**9))]

    result = compared(DIGITS, votes(DIGITS, order))

    fid = by_metric(result)["fid"]
    assert (fid.kendall, fid.alike) == (pytest.approx(-1), 0)
    assert fid.kendall_low == pytest.approx(-1)
    assert "rather the other way round than" in " ".join(sentences(result))


def test_a_metric_that_is_the_same_for_all_says_nothing(agreed: NumbersVsEyes):
    assert {arm.metrics["classes_found"] for arm in agreed.compared} == {10}
    assert (by_metric(agreed)["classes_found"].kendall, by_metric(agreed)["classes_found"].settled) == (None, 0)


def test_the_interval_of_unsure_people_is_wide_and_holds_the_estimate():
    order = [arm.id for arm in DIGITS.competing]
    for turned in (0.1, 0.45):
        part = by_metric(compared(DIGITS, votes(DIGITS, order, turned=turned)))["fid"]
        assert -1 <= part.kendall_low <= part.kendall <= part.kendall_high <= 1
        assert -1 <= part.spearman_low <= part.spearman <= part.spearman_high <= 1
    assert part.kendall_high - part.kendall_low > 0.5


def test_a_study_of_other_pictures_has_nothing_to_compare():
    study = reading.read("photos-as-paintings")
    table = votes(study, [arm.id for arm in study.competing])
    assert numbers_vs_eyes(study, table, summarise(table, [arm.id for arm in study.competing])) is None


@pytest.mark.parametrize("raters", [0, 1])
def test_until_two_people_have_voted_simulated_raters_stand_in_and_say_so(raters: int):
    result = compared(DIGITS, votes(DIGITS, [arm.id for arm in DIGITS.competing], raters=raters))

    assert result.simulated
    assert "20 simulated raters stand in" in sentences(result)[0]
    assert "say nothing about these sources" in sentences(result)[0]


def test_two_arms_have_no_correlation():
    study = DIGITS.replaced(arms=DIGITS.competing[:2])
    result = compared(study, votes(study, [arm.id for arm in study.competing]))

    assert [part.kendall for part in result.correlations] == [None] * len(result.correlations)
    assert any(part.settled == 1 for part in result.correlations)
    assert "too few for a correlation" in " ".join(sentences(result))


def test_the_table_and_the_json_hold_the_same_arms(agreed: NumbersVsEyes):
    table, plain = agreed.table(), agreed.numbers()
    assert table["arm"].tolist() == [arm["arm"] for arm in plain["arms"]]
    assert table["score"].is_monotonic_decreasing
    assert table["fid"].tolist() == [arm["metrics"]["fid"] for arm in plain["arms"]]
    assert replace(agreed, simulated=True).published() == agreed.published()
