"""What the ranking costs, whether its intervals keep their word, and what the pair rule saves.

`python -m benchmarks.ranking [--quick]`. The first part ranks 1,000,000 votes on 20 arms by 5,000 raters, beside
evalica's Bradley-Terry on the raw votes, which it gets as lists with the winners looked up beforehand. The others
simulate raters who differ
(`evaluation/qualitative/ranking/simulation.py`): 60 of them judge 8 arms, and the truth is known.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass

import evalica
import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, interleaved, print_report, ratio
from evaluation.qualitative.ranking import bootstrap
from evaluation.qualitative.ranking.intervals import LEVEL, Spread, top_set
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.ranking.ranking import rank, strengths
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally, rounds, truth, vote
from evaluation.qualitative.ranking.tally import Tally

VOTES, ARMS, MANY_RATERS = 1_000_000, 20, 5_000
RATERS, PER_RATER = 60, 30
MOST_ROUNDS = 150
CLOSE = Population(strengths=(0.6, 0.5, 0.3, 0.1, 0.0, -0.3, -0.6, -0.9))
SEPARABLE = Population(strengths=(0.9, 0.5, 0.3, 0.1, 0.0, -0.3, -0.6, -0.9))


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How often intervals held the truth.

    Attributes:
        clustered: share of arms' intervals from draws of raters.
        percentile: of percentile intervals from the same draws.
        naive: of percentile intervals from draws of votes.
        top: share of simulations with the truly best arm in the top set.
        bias: mean error of the truly best arm's strength, in standard errors.
    """

    clustered: float
    percentile: float
    naive: float
    top: float
    bias: float


def main() -> None:
    """Time the ranking, then simulate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer simulations and runs")
    quick = parser.parse_args().quick
    simulations, races = (500, 200) if quick else (1500, 400)
    seconds = _timed(runs=3 if quick else 7)
    even = _coverage(simulations, floor=1.0)
    ruled = _coverage(simulations, floor=FLOOR)
    few = _coverage(simulations, floor=1.0, raters=15)
    print(f"{f'{simulations} simulations each':44}{'raters':>9}{'percentile':>12}{'naive':>8}{'top set':>9}{'bias':>7}")
    for name, found in ((f"even pairs, {RATERS} raters", even), ("pair rule", ruled), ("even pairs, 15 raters", few)):
        print(
            f"{name:44}{found.clustered:9.3f}{found.percentile:12.3f}{found.naive:8.3f}{found.top:9.3f}{found.bias:7.2f}"
        )
    evenly = np.array([_votes_to_separate(race, floor=1.0) for race in range(races)])
    by_rule = np.array([_votes_to_separate(race, floor=FLOOR) for race in range(races)])
    capped = MOST_ROUNDS * RATERS
    print(
        f"votes until the best arm stands alone, median of {races}: {np.median(evenly):.0f} evenly "
        f"({(evenly == capped).sum()} never within {capped}), {np.median(by_rule):.0f} by the rule "
        f"({(by_rule == capped).sum()} never); median ratio within a race {np.median(by_rule / evenly):.2f}"
    )
    print_report(
        f"{VOTES:,} votes, {ARMS} arms, {MANY_RATERS:,} raters",
        seconds,
        [
            Figure("point_estimate_vs_evalica", ratio(seconds, "point estimate", "evalica, raw votes"), 1.0),
            Figure("200_draws_vs_point_estimate", ratio(seconds, "with 200 draws of raters", "point estimate"), 20.0),
            Figure("coverage_off_0.95", abs(even.clustered - LEVEL), 0.02),
            Figure("coverage_off_0.95_15_raters", abs(few.clustered - LEVEL), 0.02),
            Figure("naive_coverage_falls_short", even.naive, 0.93),
            Figure("pair_rule_votes_ratio", float(np.median(by_rule) / np.median(evenly)), 0.75),
            Figure("pair_rule_coverage_off_0.95", abs(ruled.clustered - LEVEL), 0.02),
        ],
    )


def _timed(*, runs: int) -> dict[str, list[float]]:
    rng = np.random.default_rng(0)
    population = Population(strengths=tuple(np.linspace(-1.5, 1.5, ARMS)))
    votes = vote(draw_raters(population, count=MANY_RATERS, rng=rng), per_rater=VOTES // MANY_RATERS, rng=rng)
    votes = votes.sample(frac=1, random_state=0, ignore_index=True)  # as they come: raters take turns
    left, right = votes["left"].tolist(), votes["right"].tolist()
    winner = {"left": evalica.Winner.X, "right": evalica.Winner.Y, "tie": evalica.Winner.Draw}
    winners = [winner[choice] for choice in votes["choice"]]
    return interleaved(
        {
            "point estimate": lambda: rank(votes, arms=population.arms),
            "evalica, raw votes": lambda: evalica.bradley_terry(left, right, winners),
            "with 200 draws of raters": lambda: rank(votes, arms=population.arms, resamples=200),
        },
        runs=runs,
    )


def _coverage(simulations: int, *, floor: float, raters: int = RATERS) -> Coverage:
    """Let raters cast a number of votes that is fixed beforehand, and look whether the intervals hold the truth."""
    expected = truth(CLOSE)
    held: list[tuple[NDArray[np.bool_], ...]] = []
    best_in_top, bias = [], []
    for number in range(simulations):
        rng = np.random.default_rng([number, raters])
        people = draw_raters(CLOSE, count=raters, rng=rng)
        if floor == 1:
            tally = even_tally(people, per_rater=PER_RATER, rng=rng)
        else:
            tally = next(itertools.islice(rounds(people, floor=floor, rng=rng), PER_RATER - 1, None))
        theta, draws, spread = _estimates(tally, resamples=400, seed=number)
        low, high = np.quantile(draws, [0.025, 0.975], axis=0)
        naive_low, naive_high = np.quantile(
            bootstrap.naive_strengths(tally, theta=theta, resamples=400, seed=number), [0.025, 0.975], axis=0
        )
        held.append(
            (
                np.abs(theta - expected) <= spread.half_width(draws),
                (low <= expected) & (expected <= high),
                (naive_low <= expected) & (expected <= naive_high),
            )
        )
        best_in_top.append(top_set(theta, draws, spread)[expected.argmax()])
        bias.append(((theta - expected) / spread.deviation(draws))[expected.argmax()])
    clustered, percentile, naive = (float(np.mean([one[k] for one in held])) for k in range(3))
    return Coverage(
        clustered=clustered,
        percentile=percentile,
        naive=naive,
        top=float(np.mean(best_in_top)),
        bias=float(np.mean(bias)),
    )


def _votes_to_separate(race: int, *, floor: float) -> int:
    """Count votes until one arm alone is in the top set, looking after every second round from the fourth on."""
    rng = np.random.default_rng([race, 7])
    people = draw_raters(SEPARABLE, count=RATERS, rng=rng)
    for number, tally in enumerate(itertools.islice(rounds(people, floor=floor, rng=rng), MOST_ROUNDS), start=1):
        if number >= 4 and number % 2 == 0:
            theta, draws, spread = _estimates(tally, resamples=200, seed=number)
            if top_set(theta, draws, spread).sum() == 1:
                return tally.votes
    return MOST_ROUNDS * RATERS


def _estimates(tally: Tally, *, resamples: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64], Spread]:
    theta = strengths(tally)
    draws = bootstrap.strengths(tally, theta=theta, resamples=resamples, seed=seed)
    return theta, draws, Spread(raters=tally.raters, effective_raters=tally.effective_raters)


if __name__ == "__main__":
    main()
