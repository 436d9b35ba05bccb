"""The engine on a local Ray cluster: `python -m benchmarks.cluster [--quick] [--keep]`.

Two clusters run beside each other, one with one replica and one with two, each replica with one thread; they are asked
in turns, so that other work on the machine slows both alike. Measured are the throughput of restyles, what the way over
the cluster adds to a sheet of sixteen samples, and what each action of a visitor costs the app on a cluster: from these
figures `python -m benchmarks.cluster.plan` works out what larger audiences need.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.cluster import clusters, plan, visits
from benchmarks.cluster.clusters import RESTYLE_PX, Round
from benchmarks.report import Figure, print_report, processor
from benchmarks.votes.__main__ import bare_commits
from benchmarks.votes.storm import DISK

NAMES = {1: "one replica", 2: "two replicas"}
REQUESTS = 16  # restyles in a round


def main() -> None:
    """Measure both clusters, then the whole app on a cluster."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--keep", action="store_true", help=f"write what the actions cost to {plan.KEPT.name}")
    options = parser.parse_args()
    turns, runs, times = (5, 60, 16) if options.quick else (20, 300, 48)
    rounds: dict[int, list[Round]] = {count: [] for count in NAMES}
    with ExitStack() as stack:
        running = {count: stack.enter_context(clusters.running(count)) for count in NAMES}
        for cluster in running.values():
            cluster.round(REQUESTS)  # every replica has worked
        for _ in range(turns):
            for count, cluster in running.items():
                rounds[count].append(cluster.round(REQUESTS))
        sheets = running[1].beside_local(runs)
        idle = running[2].idle()
    ratios = [one.seconds / two.seconds for one, two in zip(rounds[1], rounds[2], strict=True)]
    over, inside = (statistics.median(times) for times in sheets.values())
    measured = _measured(times, idle)
    if options.keep:
        measured.write()
    for count, name in NAMES.items():
        cores = [[part / REQUESTS for part in (r.used.page, r.used.replicas, r.used.ray)] for r in rounds[count]]
        page, replicas, ray = (1000 * statistics.median(part) for part in zip(*cores, strict=True))
        print(f"a restyle, {name}: {replicas:.0f} ms of a core in a replica, {page:.0f} in the page, {ray:.0f} in Ray")
    print(plan.table(measured, plan.Assumed()))
    seconds = {f"a restyle at {RESTYLE_PX} px, {NAMES[n]}": [r.seconds / REQUESTS for r in rounds[n]] for n in NAMES}
    figures = [
        Figure("restyles_with_two_replicas", statistics.median(ratios), 1.7, at_least=True),
        Figure("sheet_over_the_cluster_ms", 1000 * (over - inside), 15.0),
    ]
    print_report("The engine on a Ray cluster", {**seconds, **sheets}, figures)


def _measured(times: int, idle: float) -> plan.Measured:
    visit = visits.measure(times=times)
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        commits = bare_commits(f"sqlite:///{Path(folder)}/bare.sqlite3")
    return plan.Measured(
        processor(), visit.costs, idle, visit.vote_bytes, commits, visit.page_memory, visit.replica_memory
    )


if __name__ == "__main__":
    main()
