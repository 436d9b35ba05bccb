"""The page names a best arm only where the votes allow it at any time, and shows one-sided bounds as such.

Every section of it has an explanation.
"""

import re
from datetime import UTC, datetime

import pandas as pd
import pytest

from demos.just_look import ranking_html, raters_html, results_html
from demos.just_look.results_words import EXPLAINED
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.study.reading import read

STUDY = read("digits-by-training-step")
REAL, STEP_500, STEP_1000, STEP_2000 = ("real", "step-500", "step-1000", "step-2000")
FOUR = {"arms": [arm.model_dump() for arm in STUDY.arms[:4]], "preliminary_below": 1}


def analysis(*rows: tuple[str, str, str, str, int], **changes: object) -> Analysis:
    """Analyse votes given as `(rater, left, right, choice, how often)`."""
    study = STUDY.replaced(**{**FOUR, **changes})
    table = pd.DataFrame([row[:4] for row in rows for _ in range(row[4])], columns=["rater", "left", "right", "choice"])
    table = table.assign(response_ms=pd.array([900] * len(table), dtype="Int64"))
    summary = summarise(table, [arm.id for arm in study.competing], resamples=200)
    return Analysis(study=study, votes=table, summary=summary)


def many(left: str, right: str, *, won: int, lost: int = 0, raters: int = 20) -> list[tuple[str, str, str, str, int]]:
    """Votes of each of several raters on one pair."""
    names = [f"r{i}" for i in range(raters)]
    return [
        *((name, left, right, "left", won) for name in names),
        *((name, left, right, "right", lost) for name in names if lost),
    ]


def test_an_arm_that_never_lost_stands_alone_with_a_lower_bound():
    result = analysis(*many(REAL, STEP_500, won=10))
    assert "<strong>Real digits (MNIST)</strong> stands alone at the top." in ranking_html.standing(result)
    best, worst, *_ = ranking_html.rows(result)
    assert (best["high"], worst["low"]) == (None, None)
    assert "(at least " in ranking_html.table(result)
    page = results_html.page(result, checked=True)
    assert "at least" in page
    assert "at most" in page


def test_unanimous_votes_of_two_raters_name_nobody():
    result = analysis(*many(REAL, STEP_500, won=1, raters=2))
    assert ranking_html.standing(result).endswith("The votes do not show yet which source is best.")
    assert "It is too early to say how many more votes" in results_html.page(result, checked=True)


def test_a_keen_visitor_and_another_one_break_nothing():
    result = analysis((("x", REAL, STEP_500, "left", 250)), ("y", REAL, STEP_500, "right", 1))
    assert ranking_html.standing(result).startswith("Preliminary: there is no order")
    assert "251" in ranking_html.table(result)
    assert "Ranking" in results_html.page(result, checked=True)


def test_arms_that_never_met_are_said_to_be_in_groups():
    result = analysis(*many(REAL, STEP_500, won=5), *many(STEP_1000, STEP_2000, won=5))
    assert "2 groups that were never compared" in ranking_html.standing(result)
    assert "stands alone" not in ranking_html.standing(result)
    assert "would be first" not in results_html.page(result, checked=True)  # each group has a winner of its own


def test_a_lead_that_is_clear_for_one_look_only_is_not_final():
    result = analysis(
        *((f"r{i}", REAL, STEP_500, "left" if i < 22 else "right", 1) for i in range(30)),
    )
    assert result.summary.comparison.top_set == [REAL]
    assert ranking_html.standing(result).endswith("is ahead, but that is not final: more votes may still change it.")


def test_an_open_study_calls_its_intervals_not_final_and_a_closed_one_does_not():
    votes = many(REAL, STEP_500, won=3, lost=1)
    assert "they are not final" in ranking_html.table(analysis(*votes))
    closed = analysis(*votes, closes=datetime(2026, 1, 1, tzinfo=UTC))
    assert "not final" not in ranking_html.table(closed)


def test_a_declared_stopping_rule_is_met_when_an_arm_stands_alone_and_enough_raters_took_part():
    votes = many(REAL, STEP_500, won=10)
    assert "stopping rule" not in ranking_html.table(analysis(*votes))
    assert "is met: close it" in ranking_html.table(analysis(*votes, stop_early=True))
    assert "is not met" in ranking_html.table(analysis(*votes, stop_early=True, minimum_raters=21))


def test_only_an_owner_sees_single_raters():
    spoiler = [("upside-down", REAL, STEP_500, "right", 20)]
    result = analysis(*many(REAL, STEP_500, won=9, lost=1, raters=12), *spoiler)
    everybody, owner = (raters_html.section(result, owner=owner) for owner in (False, True))

    assert "1 of 13 raters is beyond a threshold" in everybody
    assert "suggested; the study file declares none): their votes count" in everybody
    assert "Without these raters" in everybody
    assert "upside-down"[:14] in owner
    assert "upside-down"[:14] not in everybody
    assert owner in results_html.page(result, checked=True, owner=True)
    assert everybody in results_html.page(result, checked=True)


def page() -> str:
    return results_html.page(analysis(*many(REAL, STEP_500, won=3, lost=1)), checked=True)


def test_every_section_is_explained():
    titles = re.findall(r"<h3>([^<]+)</h3>", page())
    assert len(titles) >= 6
    assert [title for title in titles if f'aria-label="About: {title}"' not in page()] == []


def test_the_ids_of_explanations_are_used_once():
    ids = re.findall(r' id="([^"]+)"', page())
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ["Krippendorff", "Bradley", "Davidson", "Kish"])
def test_no_statistician_stands_between_a_visitor_and_the_results(name: str):
    result = analysis(*many(REAL, STEP_500, won=3, lost=1))
    assert name not in page() + ranking_html.table(result) + " ".join(EXPLAINED.values())
