"""The engine on a local Ray cluster: `python -m benchmarks.cluster [--quick] [--keep]`.

One cluster runs with one replica and with two in turns, each replica with one thread, so that other work on the machine
slows both alike. In the same turns one and two processes without Ray do the same work: what two of them gain is what
the machine has to give. (Two clusters beside each other would not do: while nobody asks, Ray's own processes take eight
hundredths of a core, so each would slow the other, and the one that needs both cores more.) Measured are the throughput
of restyles, what the way over the cluster adds to a sheet of sixteen samples, and what each action of a visitor costs
the app on a cluster: from these figures `python -m benchmarks.cluster.plan` works out what larger audiences need.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.cluster import clusters, plan, visits
from benchmarks.cluster.clusters import RESTYLE_PX, Round
from benchmarks.report import Figure, print_report, processor
from benchmarks.votes.__main__ import bare_commits
from benchmarks.votes.storm import DISK

NAMES = {1: "one replica", 2: "two replicas"}
REQUESTS = 24  # restyles in a round: each visitor makes several, one after another


def main() -> None:
    """Measure both clusters, then the whole app on a cluster."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--keep", action="store_true", help=f"write what the actions cost to {plan.KEPT.name}")
    options = parser.parse_args()
    turns, runs, times = (4, 40, 8) if options.quick else (10, 300, 48)
    rounds: dict[int, list[Round]] = {count: [] for count in NAMES}
    alone: dict[int, list[float]] = {count: [] for count in NAMES}
    with ExitStack() as stack:
        plain = [stack.enter_context(clusters.plain()) for _ in NAMES]
        cluster = stack.enter_context(clusters.running())
        clusters.plain_round(plain, REQUESTS)
        for _ in range(turns):
            for count in NAMES:
                cluster.scale(count)
                cluster.round(clusters.VISITORS)  # every replica has worked
                rounds[count].append(cluster.round(REQUESTS))
                alone[count].append(clusters.plain_round(plain[:count], REQUESTS))
        sheets = cluster.beside_local(runs)
        idle = cluster.idle()
    gain = _gain([[round_.seconds for round_ in rounds[count]] for count in NAMES])
    possible = _gain(alone.values())
    over, inside = (statistics.median(times) for times in sheets.values())
    measured = _measured(times, idle)
    if options.keep:
        measured.write()
    for count, name in NAMES.items():
        cores = [[part / REQUESTS for part in (r.used.page, r.used.replicas, r.used.ray)] for r in rounds[count]]
        page, replicas, ray = (1000 * statistics.median(part) for part in zip(*cores, strict=True))
        print(f"a restyle, {name}: {replicas:.0f} ms of a core in a replica, {page:.0f} in the page, {ray:.0f} in Ray")
    print(plan.table(measured, plan.Assumed()))
    print(f"two processes without Ray do {possible:.2f} × the work of one")
    seconds = {f"a restyle at {RESTYLE_PX} px, {NAMES[n]}": [r.seconds / REQUESTS for r in rounds[n]] for n in NAMES}
    seconds |= {f"the same without Ray, {n} of 2 processes": [s / REQUESTS for s in alone[n]] for n in NAMES}
    figures = [
        Figure("restyles_with_two_replicas", gain, 1.7, at_least=True),
        Figure("of_what_two_processes_gain", gain / possible, 0.9, at_least=True),
        Figure("sheet_over_the_cluster_ms", 1000 * (over - inside), 15.0),
    ]
    print_report("The engine on a Ray cluster", {**seconds, **sheets}, figures)


def _gain(seconds: Iterable[list[float]]) -> float:
    """How many times the work of one two do; the median over turns."""
    return statistics.median(single / double for single, double in zip(*seconds, strict=True))


def _measured(times: int, idle: float) -> plan.MachineCosts:
    visit = visits.measure(times=times)
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        commits = bare_commits(f"sqlite:///{Path(folder)}/bare.sqlite3")
    return plan.MachineCosts(
        processor(), visit.costs, idle, visit.vote_bytes, commits, visit.page_memory, visit.replica_memory
    )


if __name__ == "__main__":
    main()
