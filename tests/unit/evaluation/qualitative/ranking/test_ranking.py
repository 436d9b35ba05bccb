"""The ranking agrees with theory, with evalica and with an optimiser of its own, and never claims the infinite."""

from itertools import combinations
from math import exp, inf, log, log10

import evalica
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize

from evaluation.qualitative.ranking.ranking import Standing, rank


def votes(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    """Make votes from `(left, right, choice, how often)`."""
    return pd.DataFrame(
        [row[:3] for row in rows for _ in range(row[3])], columns=["left", "right", "choice"], dtype="object"
    )


def scores(standings: list[Standing]) -> dict[str, float]:
    return {standing.arm: standing.score for standing in standings if standing.score is not None}


def simulated(strengths: dict[str, float], *, count: int, seed: int) -> pd.DataFrame:
    """Votes of ideal raters, one in ten of them a tie."""
    rng = np.random.default_rng(seed)
    pairs = list(combinations(strengths, 2))
    rows = []
    for _ in range(count):
        left, right = rng.permutation(pairs[rng.integers(len(pairs))])
        wins = rng.random() < strengths[left] / (strengths[left] + strengths[right])
        rows.append((left, right, "tie" if rng.random() < 0.1 else "left" if wins else "right"))
    return pd.DataFrame(rows, columns=["left", "right", "choice"])


def test_no_votes_rank_nothing():
    assert rank(votes(), arms=["a", "b"]) == [
        Standing(arm="a", score=None, wins=0, losses=0, ties=0),
        Standing(arm="b", score=None, wins=0, losses=0, ties=0),
    ]


def test_counts_do_not_depend_on_the_side():
    table = votes(("a", "b", "left", 3), ("b", "a", "right", 2), ("a", "b", "right", 1), ("b", "a", "tie", 4))

    a, b = rank(table, arms=["b", "a"])

    assert (a.arm, a.wins, a.losses, a.ties, a.votes) == ("a", 5, 1, 4, 10)
    assert (b.arm, b.wins, b.losses, b.ties, b.votes) == ("b", 1, 5, 4, 10)


def test_sides_can_be_swapped():
    table = simulated({"a": 4.0, "b": 2.0, "c": 1.0}, count=200, seed=1)
    mirrored = table.rename(columns={"left": "right", "right": "left"})
    mirrored["choice"] = mirrored["choice"].replace({"left": "right", "right": "left"})

    assert scores(rank(mirrored, arms="abc")) == pytest.approx(scores(rank(table, arms="abc")), abs=1e-4)


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (3, 1), (30, 7), (500, 0)])
def test_two_arms_follow_the_closed_form(wins: int, losses: int):
    a, b = rank(votes(("a", "b", "left", wins), ("b", "a", "left", losses)), arms=["a", "b"])

    # a has strength s and b 1 / s, by symmetry; a's expected wins, the prior's among them, are as observed.
    strength = brentq(lambda s: (wins + losses) * s**2 / (s**2 + 1) + 2 * s / (s + 1) - (wins + 1), 1.0, 1e6)
    assert a.score == pytest.approx(1000 + 400 * log10(strength), abs=1e-3)
    assert b.score == pytest.approx(1000 - 400 * log10(strength), abs=1e-3)


def test_ten_to_one_odds_are_400_points_once_votes_outweigh_the_prior():
    a, b = rank(votes(("a", "b", "left", 100_000), ("a", "b", "right", 10_000)), arms=["a", "b"])
    assert a.score - b.score == pytest.approx(400, abs=0.1)


def test_a_tie_is_half_a_win_for_each():
    ties = rank(votes(("a", "b", "tie", 10), ("b", "c", "left", 4)), arms="abc")
    halves = rank(votes(("a", "b", "left", 5), ("a", "b", "right", 5), ("b", "c", "left", 4)), arms="abc")
    assert scores(ties) == pytest.approx(scores(halves), abs=1e-6)


def test_a_skip_is_no_vote():
    a, b, c = rank(votes(("a", "b", "left", 1), ("c", "a", "skip", 9)), arms="abc")
    assert (a.votes, b.votes, c.votes) == (1, 1, 0)
    assert c.score is None


def test_arms_without_votes_come_last_in_the_order_given():
    standings = rank(votes(("c", "b", "left", 2)), arms="abcd")
    assert [standing.arm for standing in standings] == ["c", "b", "a", "d"]


def test_votes_on_arms_that_left_the_study_are_left_out():
    table = votes(("a", "b", "left", 2), ("gone", "a", "left", 9), ("b", "gone", "tie", 9))
    assert rank(table, arms="ab") == rank(votes(("a", "b", "left", 2)), arms="ab")


def test_an_arm_that_won_everything_is_finite_and_leads_by_more_the_more_it_won():
    leads = []
    for times in (1, 10, 100, 1000):
        a, b, c = rank(votes(("a", "b", "left", times), ("a", "c", "left", times), ("b", "c", "left", 1)), arms="abc")
        assert [a.arm, b.arm, c.arm] == ["a", "b", "c"]
        leads.append(a.score - b.score)
    assert leads == sorted(leads)
    assert 0 < leads[0] < 250 < 400 < leads[-1] < inf


def test_groups_that_never_met_are_each_ranked_around_the_average():
    standings = scores(rank(votes(("a", "b", "left", 50), ("c", "d", "tie", 10)), arms="abcd"))
    assert standings["c"] == pytest.approx(1000, abs=1e-4)
    assert standings["d"] == pytest.approx(1000, abs=1e-4)
    assert standings["a"] - 1000 == pytest.approx(1000 - standings["b"], abs=1e-4)
    assert standings["a"] > 1000


def test_the_average_score_wins_half_against_the_ranked_arms():
    standings = scores(rank(simulated({"a": 9.0, "b": 3.0, "c": 1.0, "d": 0.9}, count=300, seed=2), arms="abcd"))
    chances = [1 / (1 + 10 ** ((score - 1000) / 400)) for score in standings.values()]
    assert sum(chances) / len(chances) == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_fit_is_where_an_optimiser_finds_the_most_probable_strengths(seed: int):
    table = simulated({"a": 8.0, "b": 4.0, "c": 2.0, "d": 1.0, "e": 0.1}, count=60, seed=seed)
    arms = list("abcde")

    def loss(theta: np.ndarray) -> float:
        total = sum(np.logaddexp(0, t) + np.logaddexp(0, -t) for t in theta)
        for left, right, choice in table.itertuples(index=False):
            lead = theta[arms.index(left)] - theta[arms.index(right)]
            won = {"left": 1.0, "right": 0.0, "tie": 0.5}[choice]
            total += won * np.logaddexp(0, -lead) + (1 - won) * np.logaddexp(0, lead)
        return float(total)

    theta = minimize(loss, np.zeros(5), tol=1e-10).x

    expected = {arm: 1000 + 400 * t / log(10) for arm, t in zip(arms, theta, strict=True)}
    assert scores(rank(table, arms=arms)) == pytest.approx(expected, abs=0.05)


def test_with_many_votes_the_leads_are_those_of_evalica_without_a_prior():
    table = simulated({"a": 4.0, "b": 2.0, "c": 1.0, "d": 0.5}, count=20_000, seed=3)
    winner = {"left": evalica.Winner.X, "right": evalica.Winner.Y, "tie": evalica.Winner.Draw}

    plain = evalica.bradley_terry(table["left"], table["right"], [winner[choice] for choice in table["choice"]]).scores

    ours = scores(rank(table, arms="abcd"))
    for first, second in combinations("abcd", 2):
        assert ours[first] - ours[second] == pytest.approx(400 * log10(plain[first] / plain[second]), abs=0.5)


def test_known_strengths_are_recovered():
    truth = {"a": exp(1.0), "b": exp(0.5), "c": 1.0, "d": exp(-1.0)}
    table = simulated(truth, count=20_000, seed=4)

    ours = scores(rank(table[table["choice"] != "tie"], arms="abcd"))

    for first, second in combinations("abcd", 2):
        assert ours[first] - ours[second] == pytest.approx(400 * log10(truth[first] / truth[second]), abs=20)


def test_few_votes_are_preliminary():
    few, many = (rank(votes(("a", "b", "left", count)), arms="ab")[0] for count in (99, 100))
    assert (few.preliminary, many.preliminary) == (True, False)
