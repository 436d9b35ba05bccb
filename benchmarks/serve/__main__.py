"""100 visitors at once, then ten times as many: `python -m benchmarks.serve [--quick]`.

They vote over HTTP as the page does, restyle and paint photos, draw samples, ask the networks of See, and open the
page. The app runs in its own process on the same machine, on SQLite with every commit on the disk. Then the load is ten
times as high for some seconds, and everybody leaves: when are a sample and a vote answered normally again?

`python -m benchmarks.serve.malformed`, `.faults` and `.soak` are the other parts.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import app_http
from benchmarks.report import Figure, percentile, print_report
from benchmarks.serve import crowd, log, visitors, watch
from benchmarks.serve.calls import Replies
from benchmarks.serve.crowd import Group
from benchmarks.serve.watch import DISK_MB, FILES_MB, MB, Watch
from benchmarks.votes.ledger import Audit, Ledger, audit
from benchmarks.votes.storm import DISK
from tests.support.app_server import AppProcess, app_process

WARM_S = 1.0  # one visitor does everything once, however long that takes
TIMES = 10  # as many visitors come for the flood
NORMAL_S = 2.0  # a sample and a vote, for the app to have recovered
BUSY_S = 2.0  # until a refusal, 95th percentile
# the 100 visitors: by kind, how many, and mean seconds between two actions
VISITORS = {"Vote": (40, 6.0), "Generate": (25, 8.0), "Paint": (15, 12.0), "See": (12, 12.0), "page": (8, 20.0)}


@dataclass(frozen=True, kw_only=True)
class Seconds:
    """How long the loads last: raters alone, the crowd, and ten times as many."""

    alone: float
    crowd: float
    flood: float


@dataclass(frozen=True, kw_only=True)
class Run:
    """What was measured.

    Attributes:
        alone: the replies to the same raters with nobody else.
        calm: the replies to 100 visitors.
        flood: the replies to ten times as many.
        stored: the comparison of the votes.
        acknowledged: votes.
        recovered_s: from the end of the flood.
        tracebacks: in the log.
        watch: readings of memory and disk; the crowd begins with the watch.
        seconds: how long the loads lasted.
    """

    alone: Replies
    calm: Replies
    flood: Replies
    stored: Audit
    acknowledged: int
    recovered_s: float
    tracebacks: Counter[str]
    watch: Watch
    seconds: Seconds


def measure(app: AppProcess, seconds: Seconds) -> Run:
    """Let the visitors come, then ten times as many, and compare what is stored."""
    ledger, alone, calm, flood = Ledger(), Replies(), Replies(), Replies()
    watching = Watch(app)

    async def both() -> float:
        async with app_http.client(app.url) as http:
            await crowd.visit(
                http, {"all": Group(visitors.everything, 1, 1.0)}, Replies(), seconds=WARM_S, first=50_000, seed=1
            )
            groups = crowd.groups(VISITORS, ledger)
            raters = {"Vote": groups["Vote"]}
            await crowd.visit(http, raters, alone, seconds=seconds.alone, first=40_000, seed=1)
            with watching.reading():
                await crowd.visit(http, groups, calm, seconds=seconds.crowd, first=0, seed=2)
            many = {name: replace(group, number=TIMES * group.number) for name, group in groups.items()}
            flooding = asyncio.create_task(
                crowd.visit(http, many, flood, seconds=3 * seconds.flood, first=1_000, seed=3)
            )
            await asyncio.sleep(seconds.flood)
            flooding.cancel()  # everybody leaves at once
            await asyncio.gather(flooding, return_exceptions=True)
        async with app_http.client(app.url) as http:
            return await crowd.recovery(http, ledger, normal_s=NORMAL_S)

    recovered_s = asyncio.run(both())
    app.kill()
    return Run(
        alone=alone,
        calm=calm,
        flood=flood,
        stored=audit(f"sqlite:///{app.folder}/votes.sqlite3", [ledger], study=visitors.STUDY),
        acknowledged=len(ledger.acknowledged),
        recovered_s=recovered_s,
        tracebacks=log.causes(app.log.read_text(errors="replace")),
        watch=watching,
        seconds=seconds,
    )


def report(run: Run) -> None:
    """Print what happened, and the figures."""
    print(*watch.table(run.watch.readings, every_s=30.0), sep="\n")
    for title, replies in (("100 visitors", run.calm), (f"{TIMES} times as many", run.flood)):
        busy = f"; {len(replies.busy)} were told that the app is busy" if replies.busy else ""
        print(f"{title}: {replies.answered:,} requests answered{busy}")
        for counts in (replies.failed, replies.refused):
            for reason, count in counts.most_common(5):
                print(f"  {count} times: {reason}")
    print(f"{TIMES} times as many, seconds to an answer:", *waits(run.flood), sep="\n  ")
    if run.flood.busy:
        median, longest = statistics.median(run.flood.busy), max(run.flood.busy)
        print(f"A refusal came after {median:.2f} s (median), at the latest after {longest:.2f} s.")
    for cause, count in run.tracebacks.most_common(10):
        print(f"in the log, {count} times: {cause}")
    votes = run.calm.seconds["a vote"]
    print(
        f"{run.acknowledged:,} votes were acknowledged, 95 % of those beside the others in {percentile(votes):.3f} s."
    )
    alone = run.alone.seconds["a vote"]
    share = percentile(alone) / statistics.median(alone)
    print(f"With nobody but the raters, the 95th percentile of a vote is {share:.1f} × its median.")
    print(f"The highest reading of memory was {run.watch.highest_memory / MB:,.0f} MB.")
    figures = [
        Figure("failed_of_100_visitors", sum(run.calm.failed.values()), 0),
        Figure("busy_of_100_visitors", len(run.calm.busy), 0),
        Figure("tracebacks", run.calm.tracebacks + run.flood.tracebacks, 0),
        Figure("tracebacks_in_the_log", run.tracebacks.total(), 0),
        Figure("lost", run.stored.lost, 0),
        Figure("twice", run.stored.twice, 0),
        Figure("vote_p95_over_median", percentile(votes) / statistics.median(votes), 3),
        Figure("memory_over_first_minute", memory_growth(run.watch, run.seconds.crowd), 1.1),
        Figure("disk_mb", run.watch.highest_disk / MB, DISK_MB),
        Figure("failed_at_ten_times", sum(run.flood.failed.values()), 0),
        Figure("busy_p95_s", percentile(run.flood.busy) if run.flood.busy else 0.0, BUSY_S),
        Figure("recovered_s", run.recovered_s, 5),
    ]
    print_report("100 visitors, and ten times as many", dict(sorted(run.calm.seconds.items())), figures)


def waits(replies: Replies) -> list[str]:
    """A line for each kind of request: how many were answered, and after how many seconds."""
    return [
        f"{kind:28}{len(seconds):6}: median {statistics.median(seconds):6.2f} s, 95 % in {percentile(seconds):6.2f} s"
        for kind, seconds in sorted(replies.seconds.items())
    ]


def memory_growth(watching: Watch, end: float) -> float:
    """The highest level of memory in a later minute, over its level in the minute after the first.

    A level is the median of a minute's readings: whether somebody's painting, of 200 MB, is under way at a moment is
    chance. A shorter run has shorter parts than minutes.
    """
    part = min(60.0, end / 3)
    later = [watching.level(start, start + part) for start in range(round(2 * part), round(end), round(part))]
    return max(later) / watching.level(part, 2 * part)


def main() -> None:
    """Start the app, let them come, and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="90 seconds instead of five minutes")
    options = parser.parse_args()
    seconds = (
        Seconds(alone=20.0, crowd=90.0, flood=15.0) if options.quick else Seconds(alone=60.0, crowd=300.0, flood=30.0)
    )
    with (
        tempfile.TemporaryDirectory(dir=DISK, prefix="serve-") as name,
        app_process(Path(name), environment={"JUST_LOOK_FILES_MB": str(FILES_MB)}) as app,
    ):
        report(measure(app, seconds))


if __name__ == "__main__":
    main()
