"""Faults while raters vote, each 20 times: `python -m benchmarks.serve.faults [--quick] [--only NAME …]`.

Eight raters vote without pause, as the page does, which sends an answer again until it is acknowledged. Meanwhile the
process is killed or ended, one of two processes on one SQLite file is killed, the disk fills, the clock jumps,
PostgreSQL stops, crashes, freezes or ends its connections, the Hub goes away, weights are damaged, visitors leave in
the middle. Afterwards every acknowledged vote is looked for in the database and in one rebuilt from the journal.

The full disk needs root (a small tmpfs is mounted), the clock a C compiler, the Hub `make hub`, PostgreSQL its server.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.report import Figure, print_report
from benchmarks.serve.faults import database, leaving, machine, processes, supplies
from benchmarks.serve.faults.outcome import FaultOutcome
from benchmarks.votes.storm import DISK

TIMES, QUICK = 20, 2
FAULTS: dict[str, Callable[[Path, int], FaultOutcome | list[FaultOutcome]]] = {
    "kill": processes.killed,
    "terminate": processes.terminated,
    "two": processes.two_processes,
    "disk": machine.full_disk,
    "clock": machine.jumping_clock,
    "postgresql": database.postgresql,
    "hub": supplies.hub_away,
    "weights": supplies.corrupted_weights,
    "leave": leaving.leaving,
}


def table(outcomes: list[FaultOutcome]) -> list[str]:
    """Lines with what was acknowledged, lost and counted twice, and how long each fault was felt."""
    head = f"{'fault':56}{'times':>6}{'votes':>8}{'lost':>6}{'twice':>7}"
    lines = [f"{head}{'not in journal':>16}{'again after s':>15}{'max':>7}"]
    for row in outcomes:
        counts = f"{row.fault:56}{row.injected:6}{row.acknowledged:8,}{row.lost:6}{row.twice:7}"
        seconds = f"{statistics.median(row.recovered):15.1f}{max(row.recovered):7.1f}"
        lines.append(f"{counts}{row.missing_in_journal:16}{seconds}")
    return lines


def report(outcomes: list[FaultOutcome], missing: list[str], times: int) -> None:
    """Print the table, what raters were told, and the figures."""
    print(*table(outcomes), sep="\n")
    for row in outcomes:
        for sentence, count in row.sentences.most_common(4):
            print(f"  {row.fault}: {count} × {sentence[:150]}")
    for sentence in missing:
        print(f"NOT MEASURED: {sentence}")
    figures = [
        Figure("times_each", min(row.injected for row in outcomes), times, at_least=True),
        Figure("faults_not_measured", len(missing), 0),
        Figure("votes_acknowledged", sum(row.acknowledged for row in outcomes), 1, at_least=True),
        Figure("lost", sum(row.lost for row in outcomes), 0),
        Figure("twice", sum(row.twice for row in outcomes), 0),
        Figure("stored_but_never_sent", sum(row.unknown for row in outcomes), 0),
        Figure("not_in_the_journal", sum(row.missing_in_journal for row in outcomes), 0),
        Figure("errors_without_a_sentence", sum(row.sentences[supplies.NO_SENTENCE] for row in outcomes), 0),
        Figure("answered_though_it_could_not_be", sum(row.sentences[supplies.ANSWERED] for row in outcomes), 0),
    ]
    print_report("Faults while raters vote", {row.fault: row.recovered for row in outcomes}, figures)


def main() -> None:
    """Inject the faults one after the other, in the order in which they are named, and report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serve.faults", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help=f"each {QUICK} times")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS), help="only these faults")
    options = parser.parse_args()
    times = QUICK if options.quick else TIMES
    outcomes: list[FaultOutcome] = []
    missing: list[str] = []
    for name in options.only:
        with tempfile.TemporaryDirectory(dir=DISK, prefix="faults-") as folder:
            try:
                outcome = FAULTS[name](Path(folder), times)
            except (RuntimeError, TimeoutError, httpx.HTTPError) as error:  # the others are measured still
                missing.append(f"{name}: {error}")
                logs = [path.read_text(errors="replace")[-2_000:] for path in Path(folder).glob("**/app.log")]
                print(f"{name}: {type(error).__name__} {error}", *logs, sep="\n", flush=True)
                continue
        new = outcome if isinstance(outcome, list) else [outcome]
        outcomes += new
        print(*table(new)[1:], sep="\n", flush=True)
    report(outcomes, missing, times)


if __name__ == "__main__":
    main()
