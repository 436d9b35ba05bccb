"""What the ranking costs, how often its intervals and claims are right, and what the pair rule saves.

`python -m benchmarks.ranking [--quick]`. The first part ranks 1,000,000 votes on 20 arms by 5,000 raters, beside
evalica's Bradley-Terry on the raw votes, which it gets as lists with the winners looked up beforehand. The others
simulate raters who differ (`evaluation/qualitative/ranking/simulation.py`), so the truth is known.

Coverage is counted for every arm of each scenario. An arm that hardly ever loses mostly has a bound on one side only,
and few losses come in whole numbers, so its coverage can exceed the level: the highest coverage counts arms with two
ends in most studies, the lowest counts all. A share of 500 studies has a standard error of 0.01.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import evalica
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.report import Figure, interleaved, print_report, ratio
from evaluation.qualitative.ranking import bootstrap
from evaluation.qualitative.ranking.agreement import agreement
from evaluation.qualitative.ranking.intervals import LEVEL
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.ranking.ranking import AVERAGE_SCORE, POINTS_PER_LOGIT, rank, standings, strengths
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally, rounds, truth, vote
from evaluation.qualitative.ranking.tally import Tally

VOTES, ARMS, MANY_RATERS = 1_000_000, 20, 5_000
RATERS, PER_RATER = 60, 30
MOST_ROUNDS = 150
FEWEST_LOOKED_AT, MOST_LOOKED_AT = 5, 50
CLOSE = Population(strengths=(0.6, 0.5, 0.3, 0.1, 0.0, -0.3, -0.6, -0.9))
EVEN = Population(strengths=(0.9, 0.5, 0.1, 0.0, -0.4, -1.1))
WIDE = Population(strengths=(3.6, 1.5, 0.5, 0.2, 0.0, -0.5, -1.5, -3.6))
SELDOM_LOSES = Population(strengths=(4.5, 0.8, 0.3, -0.3, -0.8, -4.5))
NEVER_LOSES = Population(strengths=(11.0, 0.8, 0.3, -0.3, -0.8, -11.0))
EQUAL = Population(strengths=(0.0, 0.0))
SEPARABLE = Population(strengths=(0.9, 0.5, 0.3, 0.1, 0.0, -0.3, -0.6, -0.9))


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One kind of simulated study.

    Attributes:
        name: of its figures.
        population: of raters.
        raters: how many vote; with `stops`, at most.
        floor: of the pair rule; with 1 pairs are drawn evenly.
        stops: whether the study ends as soon as an arm stands alone, looking after every second rater from the eighth.
    """

    name: str
    population: Population
    raters: int
    floor: float = 1.0
    stops: bool = False


SCENARIOS = (
    Scenario(name="8_raters", population=EVEN, raters=8),
    Scenario(name="15_raters_wide", population=WIDE, raters=15),
    Scenario(name="seldom_loses", population=SELDOM_LOSES, raters=15),
    Scenario(name="never_loses", population=NEVER_LOSES, raters=15),
    Scenario(name="8_raters_adaptive", population=EVEN, raters=8, floor=FLOOR),
    Scenario(name="15_raters_wide_adaptive", population=WIDE, raters=15, floor=FLOOR),
    Scenario(name="early_stop", population=EVEN, raters=20, stops=True),
)


def main() -> None:
    """Time the ranking, then simulate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer simulations and runs")
    quick = parser.parse_args().quick
    simulations, looks, races = (500, 120, 24) if quick else (2000, 1000, 200)
    seconds = _timed(runs=3 if quick else 7)
    figures = [
        Figure("point_estimate_vs_evalica", ratio(seconds, "point estimate", "evalica, raw votes"), 1.0),
        Figure("200_draws_vs_point_estimate", ratio(seconds, "with 200 draws of raters", "point estimate"), 20.0),
    ]
    for scenario in SCENARIOS:
        held, two_ends = _coverage(scenario, simulations)
        print(
            f"{scenario.name:26}coverage by arm, best first: {' '.join(f'{share:.3f}' for share in held)}", flush=True
        )
        figures.append(Figure(f"lowest_coverage_{scenario.name}", float(held.min()), 0.93, at_least=True))
        figures.append(Figure(f"highest_coverage_{scenario.name}", float(held[two_ends].max()), 0.97))
    figures.append(Figure("naive_coverage_falls_short", _naive_coverage(200 if quick else 1000), 0.93))
    figures.append(Figure("false_stands_alone_under_continuous_looking", _false_claims(looks), 0.05))
    alphas = {arms: _alpha_of_coin_flips(arms) for arms in (2, 3, 5, 8, 20)}
    print("alpha of coin flips by number of arms:", {arms: round(alpha, 4) for arms, alpha in alphas.items()})
    figures.append(Figure("alpha_of_coin_flips", max(abs(alpha) for alpha in alphas.values()), 0.02))
    figures.append(Figure("pair_rule_votes_ratio", _saved_by_the_rule(races), 0.75))
    print_report(f"{VOTES:,} votes, {ARMS} arms, {MANY_RATERS:,} raters", seconds, figures)


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


def _coverage(scenario: Scenario, simulations: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how often each arm's interval held the truth, and which arms mostly have an interval with two ends."""
    population = scenario.population
    expected = AVERAGE_SCORE + POINTS_PER_LOGIT * truth(population)
    held, two_ends = [], []
    for number in range(simulations):
        rng = np.random.default_rng([number, scenario.raters])
        *_, tally = _looks(scenario, rng)
        ranked = {standing.arm: standing for standing in standings(tally, resamples=2)}
        low, high = (
            np.array([infinite if end is None else end for end in ends])
            for infinite, ends in (
                (-np.inf, [ranked[arm].low for arm in population.arms]),
                (np.inf, [ranked[arm].high for arm in population.arms]),
            )
        )
        held.append((low <= expected) & (expected <= high))
        two_ends.append(np.isfinite(low) & np.isfinite(high))
    return np.mean(held, axis=0), np.mean(two_ends, axis=0) > 0.5


def _looks(scenario: Scenario, rng: np.random.Generator) -> Iterator[Tally]:
    """Simulate one study, and yield its votes at each look; the last look ends it."""
    people = draw_raters(scenario.population, count=scenario.raters, rng=rng)
    if scenario.floor < 1:
        yield next(itertools.islice(rounds(people, floor=scenario.floor, rng=rng), PER_RATER - 1, None))
        return
    tally = even_tally(people, per_rater=PER_RATER, rng=rng)
    for raters in range(8, scenario.raters, 2) if scenario.stops else ():
        look = _first_raters(tally, raters)
        yield look
        if any(standing.alone for standing in standings(look, resamples=100)):
            return
    yield tally


def _first_raters(tally: Tally, raters: int) -> Tally:
    return Tally(arms=tally.arms, by_rater=csr_array(tally.by_rater[:raters]))


def _false_claims(simulations: int) -> float:
    """Return in what share of studies one of two equal arms stands alone at any of the looks after each rater."""
    claimed = 0
    for number in range(simulations):
        rng = np.random.default_rng([number, 77])
        tally = even_tally(draw_raters(EQUAL, count=MOST_LOOKED_AT, rng=rng), per_rater=PER_RATER, rng=rng)
        looks = (_first_raters(tally, raters) for raters in range(FEWEST_LOOKED_AT, MOST_LOOKED_AT + 1))
        claimed += any(standing.alone for look in looks for standing in standings(look, resamples=100))
    return claimed / simulations


def _naive_coverage(simulations: int) -> float:
    """Return how often percentile intervals hold the truth if votes are drawn as if they were independent."""
    expected = truth(CLOSE)
    held = []
    for number in range(simulations):
        rng = np.random.default_rng([number, RATERS])
        tally = even_tally(draw_raters(CLOSE, count=RATERS, rng=rng), per_rater=PER_RATER, rng=rng)
        draws = bootstrap.naive_strengths(tally, theta=strengths(tally), resamples=400, seed=number)
        low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        held.append((low <= expected) & (expected <= high))
    return float(np.mean(held))


def _alpha_of_coin_flips(arms: int, *, units: int = 4000, raters: int = 4) -> float:
    """Return Krippendorff's alpha of answers by chance, from four raters who judge every unit."""
    rng = np.random.default_rng(arms)
    first = rng.integers(arms, size=units)
    second = (first + rng.integers(1, arms, size=units)) % arms
    unit = np.repeat(np.arange(units), raters)
    swapped = rng.random(len(unit)) < 0.5
    names = np.array([f"arm-{i:02}" for i in range(arms)])
    votes = pd.DataFrame(
        {
            "rater": np.tile(np.arange(raters), units),
            "item": unit,
            "left": names[np.where(swapped, second[unit], first[unit])],
            "right": names[np.where(swapped, first[unit], second[unit])],
            "choice": rng.choice(["left", "right"], size=len(unit)),
        }
    )
    alpha = agreement(votes, resamples=2).alpha
    assert alpha is not None
    return alpha


def _saved_by_the_rule(races: int) -> float:
    """Return the median votes until the best arm stands alone under the pair rule, over those with even pairs."""
    evenly, by_rule = (
        np.array([_votes_to_separate(race, floor=floor) for race in range(races)]) for floor in (1.0, FLOOR)
    )
    most = MOST_ROUNDS * RATERS
    print(
        f"votes until the best arm stands alone, median of {races}: {np.median(evenly):.0f} evenly "
        f"({(evenly == most).sum()} never within {most}), {np.median(by_rule):.0f} by the rule "
        f"({(by_rule == most).sum()} never); median ratio within a race {np.median(by_rule / evenly):.2f}"
    )
    return float(np.median(by_rule) / np.median(evenly))


def _votes_to_separate(race: int, *, floor: float) -> int:
    """Count votes until one arm stands alone, looking after every fourth round."""
    rng = np.random.default_rng([race, 7])
    people = draw_raters(SEPARABLE, count=RATERS, rng=rng)
    for number, tally in enumerate(itertools.islice(rounds(people, floor=floor, rng=rng), MOST_ROUNDS), start=1):
        if number % 4 == 0 and any(standing.alone for standing in standings(tally, resamples=100)):
            return tally.votes
    return MOST_ROUNDS * RATERS


if __name__ == "__main__":
    main()
