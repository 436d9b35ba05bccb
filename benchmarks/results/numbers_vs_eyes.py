"""How often the interval of a correlation holds the truth: `python -m benchmarks.results.numbers_vs_eyes [--quick]`.

Studies are simulated whose truth is known (`ranking/simulation.py`), beside a metric that follows the truth more or
less. The peer is the percentile interval of the same draws of raters.
"""

from __future__ import annotations

import argparse
import itertools
from time import perf_counter

import numpy as np

from benchmarks.report import Figure, print_report
from evaluation.qualitative.numbers_vs_eyes.correlations import interval, kendall, spearman
from evaluation.qualitative.ranking import bootstrap, ranking
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally, truth

ARMS, RATERS, NOISE = (4, 8), (8, 20), (0.2, 1.0, 5.0)  # of the metric, in standard deviations of the strengths
VOTES_EACH, RESAMPLES = 30, 300


def studies(kind: tuple[int, int, float], *, number: int, seconds: list[float]) -> list[tuple[bool, bool, bool]]:
    """Simulate studies of a kind: whether tau's interval, rho's, and tau's percentiles hold the truth."""
    arms, raters, noise = kind
    held = []
    for study in range(number):
        rng = np.random.default_rng([arms, raters, int(10 * noise), study])
        strengths = rng.normal(scale=0.7, size=arms)
        population = Population(strengths=tuple(strengths.tolist()))
        metric = strengths + rng.normal(scale=0.7 * noise, size=arms)
        tally = even_tally(draw_raters(population, count=raters, rng=rng), per_rater=VOTES_EACH, rng=rng)
        if len(tally.groups) != 1 or len(tally.groups[0]) < arms:
            continue
        begun = perf_counter()
        theta = ranking.strengths(tally)
        draws = bootstrap.strengths(tally, theta=theta, resamples=RESAMPLES, seed=study)
        row = []
        for measure in (kendall, spearman):
            drawn, true = measure(draws, metric), float(measure(truth(population)[None], metric)[0])
            low, high = interval(float(measure(theta[None], metric)[0]), drawn)
            row.append(low - 1e-9 <= true <= high + 1e-9)
            if measure is kendall:
                low, high = np.quantile(drawn, [0.025, 0.975])
                plain = bool(low - 1e-9 <= true <= high + 1e-9)
        seconds.append(perf_counter() - begun)
        held.append((row[0], row[1], plain))
    return held


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.results.numbers_vs_eyes", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="40 studies of each kind instead of 200")
    options = parser.parse_args()
    seconds: list[float] = []
    shares = []
    for kind in itertools.product(ARMS, RATERS, NOISE):
        held = np.array(studies(kind, number=40 if options.quick else 200, seconds=seconds))
        shares.append(held.mean(axis=0))
        tau, rho, plain = (f"{100 * share:.1f} %" for share in shares[-1])
        print("arms {}, raters {}, noise {}:".format(*kind), f"tau {tau}, rho {rho}, tau by percentiles {plain}")
    lowest, overall = np.min(shares, axis=0), np.mean(shares, axis=0)
    figures = [
        Figure("tau_held_on_average", float(overall[0]), 0.93, at_least=True),
        Figure("rho_held_on_average", float(overall[1]), 0.93, at_least=True),
        Figure("tau_held_in_the_worst_kind", float(lowest[0]), 0.90, at_least=True),
        Figure("rho_held_in_the_worst_kind", float(lowest[1]), 0.90, at_least=True),
    ]
    print(f"tau by percentiles alone: {100 * overall[2]:.1f} % on average, {100 * lowest[2]:.1f} % in the worst kind")
    print_report("Intervals of rank correlations", {"a study": seconds}, figures)


if __name__ == "__main__":
    main()
