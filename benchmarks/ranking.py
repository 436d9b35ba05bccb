"""What the ranking costs, how often its intervals and claims are right, and what the pair rule saves.

`python -m benchmarks.ranking [--quick] [PART…]`. A part is one of the scenarios or of the names in `PARTS`, so that a
long run can be split; without any, all are run. The first part ranks 1,000,000 votes on 20 arms by 5,000 raters, beside
evalica's Bradley-Terry on the raw votes, which it gets as lists with the winners looked up beforehand. The others
simulate raters who differ (`evaluation/qualitative/ranking/simulation.py`), so the truth is known.

Coverage is counted for every arm of each scenario. An arm that hardly ever loses mostly has a bound on one side only,
and few losses come in whole numbers, so its coverage can exceed the level: the highest coverage counts arms with two
ends in most studies, the lowest counts all. A share of 500 studies has a standard error of 0.01. In the rough scenarios
raters differ in skill too, lean to a side more, and answer one ballot of twenty without a look.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from time import process_time

import evalica
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.report import Figure, interleaved, print_report, ratio
from evaluation.qualitative.ranking import bootstrap
from evaluation.qualitative.ranking.agreement import agreement
from evaluation.qualitative.ranking.intervals import LEVEL, votes_needed
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.ranking.ranking import AVERAGE_SCORE, POINTS_PER_LOGIT, rank, standings, strengths
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally, rounds, truth, vote
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.ranking.tally import Tally

VOTES, ARMS, MANY_RATERS = 1_000_000, 20, 5_000
RATERS, PER_RATER = 60, 30
MOST_ROUNDS = 150
WANTED = 50.0  # points, of the widest interval
FORECAST_AFTER = (5, 8, 12, 20)  # raters
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


def _rough(population: Population) -> Population:
    """Return the same arms before raters who differ in skill, lean to a side, and lapse."""
    return replace(population, skill_spread=0.4, lapses=0.05, side_spread=0.5)


SCENARIOS = (
    Scenario(name="8_raters", population=EVEN, raters=8),
    Scenario(name="15_raters_wide", population=WIDE, raters=15),
    Scenario(name="seldom_loses", population=SELDOM_LOSES, raters=15),
    Scenario(name="never_loses", population=NEVER_LOSES, raters=15),
    Scenario(name="8_raters_adaptive", population=EVEN, raters=8, floor=FLOOR),
    Scenario(name="15_raters_wide_adaptive", population=WIDE, raters=15, floor=FLOOR),
    Scenario(name="8_raters_rough", population=_rough(EVEN), raters=8),
    Scenario(name="15_raters_wide_rough", population=_rough(WIDE), raters=15),
    Scenario(name="early_stop", population=EVEN, raters=20, stops=True),
)


@dataclass(frozen=True, kw_only=True)
class Runs:
    """How many simulations of each kind.

    Attributes:
        timed: runs of each task that is timed.
        coverage: studies for each scenario.
        naive: studies for the comparison with votes drawn one by one.
        looks: studies under continuous looking.
        forecasts: studies for the forecast of votes.
        races: for the pair rule.
    """

    timed: int
    coverage: int
    naive: int
    looks: int
    forecasts: int
    races: int


QUICK = Runs(timed=3, coverage=500, naive=200, looks=120, forecasts=100, races=24)
FULL = Runs(timed=7, coverage=2000, naive=1000, looks=1000, forecasts=400, races=200)


def main() -> None:
    """Run the parts that were named, or all."""
    known = [*PARTS, *(scenario.name for scenario in SCENARIOS)]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer simulations and runs")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(known)}")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(known):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    runs, chosen = QUICK if options.quick else FULL, options.parts or known
    seconds: dict[str, list[float]] = {}
    figures: list[Figure] = []
    for name, part in PARTS.items():
        if name in chosen:
            figures += part(runs, seconds)
    for scenario in SCENARIOS:
        if scenario.name in chosen:
            figures += _coverage_figures(scenario, runs.coverage)
    print_report(f"{VOTES:,} votes, {ARMS} arms, {MANY_RATERS:,} raters", seconds, figures)


def _coverage_figures(scenario: Scenario, simulations: int) -> list[Figure]:
    held, two_ends = _coverage(scenario, simulations)
    print(f"{scenario.name:26}coverage by arm, best first: {' '.join(f'{share:.3f}' for share in held)}", flush=True)
    return [
        Figure(f"lowest_coverage_{scenario.name}", float(held.min()), 0.93, at_least=True),
        Figure(f"highest_coverage_{scenario.name}", float(held[two_ends].max()), 0.97),
    ]


def _time_figures(runs: Runs, seconds: dict[str, list[float]]) -> list[Figure]:
    seconds.update(_timed(runs=runs.timed))
    return [
        Figure("point_estimate_vs_evalica", ratio(seconds, "point estimate", "evalica, raw votes"), 1.0),
        Figure("200_draws_vs_point_estimate", ratio(seconds, "with 200 draws of raters", "point estimate"), 20.0),
    ]


def _summary_figures(runs: Runs, seconds: dict[str, list[float]]) -> list[Figure]:
    """Time the whole analysis of 60 arms; seconds of the processor, which other programs do not lengthen."""
    rng = np.random.default_rng(0)
    population = Population(strengths=tuple(np.linspace(-1.5, 1.5, 60)))
    votes = vote(draw_raters(population, count=150, rng=rng), per_rater=60, rng=rng)
    votes["item"] = rng.integers(20, size=len(votes)).astype(str)
    start = process_time()
    seconds.update(interleaved({"summarise, 60 arms": lambda: summarise(votes, population.arms)}, runs=runs.timed))
    return [Figure("summarise_60_arms_processor_s", (process_time() - start) / (runs.timed + 1), 10.0)]


def _naive_figures(runs: Runs, _: dict[str, list[float]]) -> list[Figure]:
    return [Figure("naive_coverage_falls_short", _naive_coverage(runs.naive), 0.93)]


def _looking_figures(runs: Runs, _: dict[str, list[float]]) -> list[Figure]:
    return [Figure("false_stands_alone_under_continuous_looking", _false_claims(runs.looks), 0.05)]


def _alpha_figures(_: Runs, __: dict[str, list[float]]) -> list[Figure]:
    alphas = {arms: _alpha_of_coin_flips(arms) for arms in range(2, 21)}
    _print_by_number("alpha of coin flips by number of arms", alphas)
    return [Figure("alpha_of_coin_flips", max(abs(alpha) for alpha in alphas.values()), 0.02)]


def _forecast_figures(runs: Runs, _: dict[str, list[float]]) -> list[Figure]:
    ratios = _forecasts(runs.forecasts)
    _print_by_number("predicted over true votes, median by number of raters", ratios)
    return [
        Figure("votes_needed_lowest_ratio", min(ratios.values()), 1 / 1.5, at_least=True),
        Figure("votes_needed_highest_ratio", max(ratios.values()), 1.5),
    ]


def _print_by_number(what: str, values: Mapping[int, float]) -> None:
    print(f"{what}: {', '.join(f'{number}: {value:.3f}' for number, value in values.items())}", flush=True)


def _race_figures(runs: Runs, _: dict[str, list[float]]) -> list[Figure]:
    return [Figure("pair_rule_votes_ratio", _saved_by_the_rule(runs.races), 0.75)]


PARTS: dict[str, Callable[[Runs, dict[str, list[float]]], list[Figure]]] = {
    "time": _time_figures,
    "summary": _summary_figures,
    "naive": _naive_figures,
    "looking": _looking_figures,
    "alpha": _alpha_figures,
    "forecast": _forecast_figures,
    "races": _race_figures,
}


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


def _forecasts(simulations: int) -> dict[int, float]:
    """Return, by number of raters so far, the median predicted number of all votes over the true one.

    The truth is the number of raters after which the widest interval of a study is ± `WANTED` points, in the median.
    """
    most = 60
    widths = np.full((simulations, most + 1), np.nan)
    predicted = {raters: np.full(simulations, np.nan) for raters in FORECAST_AFTER}
    for number in range(simulations):
        rng = np.random.default_rng([number, 31])
        tally = even_tally(draw_raters(EVEN, count=most, rng=rng), per_rater=PER_RATER, rng=rng)
        for raters in sorted({*FORECAST_AFTER, *range(12, most + 1, 2)}):
            look = _first_raters(tally, raters)
            bounded = [arm for arm in standings(look, resamples=2) if arm.low is not None and arm.high is not None]
            widths[number, raters] = max((arm.high - arm.low) / 2 for arm in bounded)  # type: ignore[operator]
            if raters in predicted:
                more = votes_needed(
                    max(arm.precise_to or 0.0 for arm in bounded),
                    wanted=WANTED, votes=look.votes, effective_raters=look.effective_raters, arms=len(bounded),
                )  # fmt: skip
                predicted[raters][number] = np.nan if more is None else look.votes + more
    known = ~np.isnan(widths).all(axis=0)
    counts, median = np.flatnonzero(known), np.nanmedian(widths[:, known], axis=0)
    enough = float(np.interp(-WANTED, -median, counts)) * PER_RATER
    print(f"the widest interval is ± {WANTED:.0f} points after {enough:.0f} votes", flush=True)
    return {raters: float(np.nanmedian(numbers)) / enough for raters, numbers in predicted.items()}


def _alpha_of_coin_flips(arms: int, *, units: int = 8000, raters: int = 4) -> float:
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
    """Return the median votes until one arm alone is in the top set under the pair rule, over those with even pairs.

    That is the claim of a single look: how far arms can ever stand alone depends on the number of raters, not of votes.
    """
    evenly, by_rule = (
        np.array([_votes_to_separate(race, floor=floor) for race in range(races)]) for floor in (1.0, FLOOR)
    )
    most = MOST_ROUNDS * RATERS
    print(
        f"votes until one arm alone is in the top set, median of {races}: {np.median(evenly):.0f} evenly "
        f"({(evenly == most).sum()} never within {most}), {np.median(by_rule):.0f} by the rule "
        f"({(by_rule == most).sum()} never); median ratio within a race {np.median(by_rule / evenly):.2f}"
    )
    return float(np.median(by_rule) / np.median(evenly))


def _votes_to_separate(race: int, *, floor: float) -> int:
    """Count votes until one arm alone is in the top set, looking after every fourth round."""
    rng = np.random.default_rng([race, 7])
    people = draw_raters(SEPARABLE, count=RATERS, rng=rng)
    for number, tally in enumerate(itertools.islice(rounds(people, floor=floor, rng=rng), MOST_ROUNDS), start=1):
        if number % 4 == 0 and sum(bool(standing.top) for standing in standings(tally, resamples=100)) == 1:
            return tally.votes
    return MOST_ROUNDS * RATERS


if __name__ == "__main__":
    main()
