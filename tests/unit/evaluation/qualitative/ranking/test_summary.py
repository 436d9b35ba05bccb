"""A summary says what counts and what does not, the same each time, for pairs and for single pictures alike."""

from datetime import UTC, datetime
from time import process_time

import numpy as np
import pandas as pd
import pytest

from evaluation.qualitative.ranking.ranking import rank
from evaluation.qualitative.ranking.responses import pair_table, win_rates
from evaluation.qualitative.ranking.simulation import Population, draw_raters, vote
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.ranking.tally import count
from evaluation.qualitative.results.design import Design, design_of
from evaluation.qualitative.results.flow import Flow, flow_of
from evaluation.qualitative.results.methods import methods
from evaluation.qualitative.study.reading import read

POPULATION = Population(strengths=(1.6, 0.2, -0.3, -0.9))
ARMS = list(POPULATION.arms)


@pytest.fixture(scope="module")
def votes() -> pd.DataFrame:
    """Honest votes with all columns, and a rater who prefers the worst arm too fast."""
    rng = np.random.default_rng(0)
    table = vote(draw_raters(POPULATION, count=24, rng=rng), per_rater=30, rng=rng)
    table["item"] = rng.integers(8, size=len(table)).astype(str)
    table["response_ms"] = pd.array(rng.integers(1000, 5000, size=len(table)), dtype="Int64")
    table.loc[table.index[:20], "response_ms"] = pd.NA
    table["purpose"], table["flags"] = "rating", ""
    liar = pd.DataFrame(
        {
            "rater": "liar", "left": "arm-3", "right": [f"arm-{i % 3}" for i in range(90)], "choice": "left",
            "item": "0", "response_ms": 50, "purpose": "rating",
            "flags": ["too_fast,straight_line"] * 60 + ["too_fast"] * 30,
        }
    )  # fmt: skip
    gold = table.iloc[:15].assign(purpose="gold", choice="right")
    return pd.concat([table, liar, gold], ignore_index=True)


def test_flagged_votes_and_checks_do_not_count_and_are_told_by_reason(votes: pd.DataFrame):
    summary = summarise(votes, ARMS, resamples=100)
    assert (summary.votes, summary.raters, summary.excluded) == (720, 24, 90)
    assert summary.excluded_by_reason == {"too_fast": 90, "straight_line": 60}
    assert summary.checks == {"gold": 15}
    assert sum(summary.choices.values()) == 720
    honest = votes[(votes["flags"] == "") & (votes["purpose"] == "rating")]
    assert summary.comparison.standings == rank(honest, arms=ARMS, resamples=100)


def test_the_ranking_with_flagged_votes_put_back_is_beside_it(votes: pd.DataFrame):
    without, included = (
        summarise(votes, ARMS, resamples=100),
        summarise(votes, ARMS, resamples=100, include_flagged=True),
    )
    assert without.comparison.with_flagged == included.comparison.standings
    assert included.comparison.with_flagged is None
    assert (included.votes, included.excluded) == (810, 0)
    worst, raised = (
        next(standing for standing in standings if standing.arm == "arm-3")
        for standings in (without.comparison.standings, included.comparison.standings)
    )
    assert raised.wins == worst.wins + 90


def test_a_clear_winner_stands_alone_and_more_than_a_few_votes_hold_it(votes: pd.DataFrame):
    comparison = summarise(votes, ARMS, resamples=300).comparison
    assert comparison.top_set == ["arm-0"]
    assert comparison.alone == "arm-0"
    assert comparison.standings[0].best_rank == comparison.standings[0].worst_rank == 1
    assert comparison.dropped.votes > comparison.turned.votes > 5


def test_more_votes_are_needed_for_half_the_width(votes: pd.DataFrame):
    width = summarise(votes, ARMS, resamples=100).comparison.half_width
    comparison = summarise(votes, ARMS, resamples=100, wanted_half_width=width / 2).comparison
    assert 2 * comparison.votes < comparison.votes_needed < 4 * comparison.votes
    assert summarise(votes, ARMS, resamples=100, wanted_half_width=2 * width).comparison.votes_needed == 0


def test_response_times_leave_out_what_was_not_measured(votes: pd.DataFrame):
    times = summarise(votes, ARMS, resamples=100).response_times
    assert times.measured == 700
    assert 1000 <= times.extremes[0] < times.quartiles[0] < times.median < times.quartiles[1] < times.extremes[1] < 5000


def test_win_rates_mirror_each_other(votes: pd.DataFrame):
    pairs = pair_table(count(votes, arms=[*ARMS, "new"]))
    rates = win_rates(pairs, [*ARMS, "new"])
    met = rates[:4, :4][~np.eye(4, dtype=bool)]
    assert np.nansum(rates + rates.T) == pytest.approx(12)
    assert ((met >= 0) & (met <= 1)).all()
    assert np.isnan(rates[4]).all()
    assert sum(pair.votes for pair in pairs) == (votes["purpose"] == "rating").sum()


def test_todays_table_of_five_columns_is_enough(votes: pd.DataFrame):
    bare = votes[["rater", "left", "right", "choice", "response_ms"]]
    summary = summarise(bare, ARMS, resamples=100)
    assert (summary.votes, summary.excluded, summary.agreement.alpha) == (len(votes), 0, None)
    assert summary.realism is None


def test_rows_may_share_their_labels(votes: pd.DataFrame):
    assert summarise(votes.set_axis([0] * len(votes)), ARMS, resamples=100) == summarise(votes, ARMS, resamples=100)


def test_no_votes_are_summed_up_too(votes: pd.DataFrame):
    summary = summarise(votes.iloc[:0], ARMS, resamples=100)
    assert (summary.votes, summary.comparison, summary.realism, summary.too_few_raters) == (0, None, None, True)
    assert methods(summary).startswith("0 raters cast 0 votes")


def test_skips_alone_rank_nothing_and_break_nothing(votes: pd.DataFrame):
    summary = summarise(votes.iloc[:50].assign(choice="skip"), ARMS, resamples=100)
    assert summary.unanswered == 50
    assert summary.comparison.votes == 0
    assert summary.comparison.top_set == []
    assert "50 votes gave no judgement" in methods(summary)


def test_real_or_fake_votes_give_hype_scores_with_and_without_flagged_votes():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "rater": np.repeat([f"r{i}" for i in range(20)], 30),
            "item": rng.integers(5, size=600).astype(str),
            "left": rng.choice(["fake-a", "fake-b", "photos"], size=600),
            "right": "",
            "choice": rng.choice(["real", "fake", "not_sure", "skip"], size=600),
            "exposure_ms": pd.array([None, 400] * 300, dtype="Int64"),
            "flags": ["too_fast"] * 60 + [""] * 540,
        }
    )
    summary = summarise(table, ["fake-a", "fake-b", "photos"], real=["photos"], resamples=100)
    assert summary.comparison is None
    assert {score.arm for score in summary.realism.infinite} == {"fake-a", "fake-b"}
    assert [score.score for score in summary.realism.timed] == [400, 400]
    assert summary.realism.infinite_with_flagged[0].raters == 20
    assert summary.realism.infinite[0].raters == 18
    assert abs(summary.agreement.alpha) < 0.1
    paragraph = methods(summary)
    assert "HYPE∞" in paragraph
    assert "400.0 ms" in paragraph


def test_the_methods_paragraph_holds_the_studys_own_numbers(votes: pd.DataFrame):
    summary = summarise(votes, ARMS, resamples=300)
    paragraph = methods(summary, question="Which looks more real?")
    first = summary.comparison.standings[0]
    for fact in (
        '24 raters were asked "Which looks more real?" and cast 720 votes on 4 arms.',
        "Another 90 votes were excluded: too fast 90, straight line 60",
        "15 gold",
        f"arm-0 {first.score:.0f} ({first.low:.0f} to {first.high:.0f}, rank 1)",
        "arm-0 was better than every other arm",
        f"alpha (nominal) was {summary.agreement.alpha:.2f}",
        "300 bootstrap draws of whole raters",
        f"Without {summary.comparison.dropped.votes} votes",
    ):
        assert fact in paragraph


def test_the_methods_paragraph_says_how_the_study_was_set_up_and_who_took_part(votes: pd.DataFrame):
    summary = summarise(votes, ARMS, resamples=100)
    design = Design(
        question="Which looks more real?", adaptive=True, counterbalanced=True, paired=True, minimum_look_ms=400,
        preliminary_below=1000, minimum_raters=30, version="1.2", thresholds={"too_fast": "under 300 ms"},
    )  # fmt: skip
    flow = Flow(
        invited=40, began=30, declined=3, dropped_out=1, withdrew=2, withdrew_after_close=1, excluded=1,
        first=datetime(2026, 5, 1, tzinfo=UTC), last=datetime(2026, 5, 9, tzinfo=UTC),
    )  # fmt: skip
    paragraph = methods(summary, design=design, flow=flow)
    for fact in (
        '24 raters were asked "Which looks more real?"',
        "40 were invited, 30 began, 3 declined, 1 dropped out, 2 withdrew and 1 was excluded with all their votes.",
        "1 rater withdrew after the study had closed",
        "Votes were cast from 2026-05-01 to 2026-05-09.",
        "Pairs were drawn adaptively",
        "50 % of the ballots spread evenly over all pairs",
        "Sides were counterbalanced for each rater.",
        "came from the same seed or photo",
        "400 ms or more",
        "Just Look 1.2",
        "fixed before the first vote. The thresholds: too fast: under 300 ms.",
        "Fewer than 1,000 votes make the place of arm-0, arm-1, arm-2 and arm-3 preliminary.",
        "The study file requires at least 30 raters: these results are preliminary.",
        "seed 0",
    ):
        assert fact in paragraph, fact


def test_the_paragraph_counts_in_the_singular(votes: pd.DataFrame):
    lone = votes.iloc[:1].assign(flags="", response_ms=pd.NA)
    flagged = lone.assign(flags="too_fast", rater="other")
    paragraph = methods(summarise(pd.concat([lone, flagged]), ARMS, resamples=100), question="Which?")
    assert paragraph.startswith('1 rater was asked "Which?" and cast 1 vote on 4 arms. Another 1 vote was excluded')
    assert "1 judgement of pairs by 1 rater" in paragraph
    assert "ITU-R BT.500 requires at least 15 observers" in paragraph


def test_the_flow_and_the_dates_are_those_of_the_table(votes: pd.DataFrame):
    dated = votes.assign(cast_at=pd.date_range("2026-05-01", periods=len(votes), freq="h", tz="UTC"))
    flow = flow_of(dated, summarise(votes, ARMS, resamples=100))
    assert (flow.began, flow.excluded, flow.invited) == (25, 1, None)
    assert f"{flow.first:%Y-%m-%d}" == "2026-05-01"
    assert flow.last == dated["cast_at"].iloc[-1]


def test_a_study_file_gives_its_own_thresholds_to_the_paragraph():
    study = read("digits-by-training-step").replaced(preliminary_below=10, minimum_raters=5)
    design = design_of(study)
    assert (design.preliminary_below, design.minimum_raters, design.adaptive) == (10, 5, True)
    assert design_of(read("digits-by-training-step")).minimum_raters == 15


def test_even_pairs_and_a_stopping_rule_are_in_the_paragraph(votes: pd.DataFrame):
    study = read("digits-by-training-step").replaced(session={"pairs": "even"}, stop_early=True, minimum_raters=8)
    paragraph = methods(summarise(votes, ARMS, resamples=50), design=design_of(study))
    assert "All pairs were equally likely." in paragraph
    assert "adaptively" not in paragraph
    assert "lets the study end when one arm stands alone, from 8 raters on" in paragraph


def test_sixty_arms_are_summed_up_within_seconds():
    population = Population(strengths=tuple(np.linspace(-2, 2, 60)))
    rng = np.random.default_rng(0)
    table = vote(draw_raters(population, count=100, rng=rng), per_rater=60, rng=rng)
    start = process_time()
    summary = summarise(table, population.arms)
    assert process_time() - start < 20  # on two cores at once, 10 s
    assert summary.comparison.groups == [list(population.arms)]
    assert summary.comparison.standings[0].best_rank == 1
