"""A long run with mixed visitors: `python -m benchmarks.serve.soak --minutes N [--quick]`.

Forty visitors vote, restyle and paint, draw samples, train GANs live, ask the networks of See, open the page, and
upload garbage, for as many minutes as you say (at most 600). Printed are, by the minute, memory, temporary files,
threads, open files and the log, and at the end what has grown since the first minutes and what became of the votes.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks import app_http
from benchmarks.report import Figure, print_report
from benchmarks.serve import crowd, log, visitors, watch
from benchmarks.serve.calls import Replies
from benchmarks.serve.watch import DISK_MB, FILES_MB, MB, Watch
from benchmarks.votes.ledger import Audit, Ledger, audit
from benchmarks.votes.storm import DISK
from tests.support.app_server import AppProcess, app_process

MOST, QUICK = 600.0, 4.0  # minutes
FIRST = 0.25  # of the time, at most five minutes: until then everything has been loaded once
LOG_KB = 200  # a minute
GROWTH = 1.1  # of memory, after the first minutes
MORE = 20  # threads, and open files, that may be there for the moment
# the forty visitors: by kind, how many, and mean seconds between two actions
VISITORS = {
    "Vote": (12, 5.0),
    "Generate": (8, 6.0),
    "Paint": (6, 10.0),
    "See": (5, 10.0),
    "live training": (2, 15.0),
    "page": (4, 15.0),
    "garbage": (3, 5.0),
}


def measure(app: AppProcess, watching: Watch, replies: Replies, ledger: Ledger, *, seconds: float) -> None:
    """Let the visitors come and go on until the time is over; a line is printed each minute."""

    async def visits() -> None:
        groups = crowd.groups(VISITORS, ledger)
        async with app_http.client(app.url) as http:
            coming = asyncio.create_task(crowd.visit(http, groups, replies, seconds=seconds, first=0, seed=5))
            minute = 0
            while not coming.done():
                await asyncio.wait([coming], timeout=60.0)
                minute += 1
                if watching.readings:
                    last = watching.readings[-1]
                    print(
                        f"minute {minute}: {last.memory / MB:.0f} MB, {last.disk / MB:.1f} MB on disk, "
                        f"{last.threads} threads, {last.files} open files, {replies.answered:,} answers, "
                        f"{sum(replies.failed.values())} failed",
                        flush=True,
                    )
            await coming

    with watching.reading():
        asyncio.run(visits())


def report(watching: Watch, replies: Replies, stored: Audit, tracebacks: Counter[str], *, seconds: float) -> None:
    """Print the readings by minute, what failed, and the figures."""
    print(*watch.table(watching.readings, every_s=60.0), sep="\n")
    for counts in (tracebacks, replies.failed, replies.refused):
        for reason, count in counts.most_common(8):
            print(f"  {count} times: {reason}")
    first = min(300.0, FIRST * seconds)
    early, late = watching.at(first / 2, first + 10), watching.at(seconds - first, seconds)

    def more(name: str) -> float:
        """How much higher the median of the last minutes is than the highest of the first ones."""
        return statistics.median(getattr(r, name) for r in late) - max(getattr(r, name) for r in early)

    figures = [
        Figure("failed", sum(replies.failed.values()), 0),
        Figure("tracebacks", replies.tracebacks, 0),
        Figure("tracebacks_in_the_log", tracebacks.total(), 0),
        Figure("lost", stored.lost, 0),
        Figure("twice", stored.twice, 0),
        Figure(
            "memory_over_first_minutes",
            statistics.median(r.memory for r in late) / statistics.median(r.memory for r in early),
            GROWTH,
        ),
        Figure("disk_mb", watching.highest_disk / MB, DISK_MB),
        Figure("more_threads", more("threads"), MORE),
        Figure("more_open_files", more("files"), MORE),
        Figure("log_kb_a_minute", watching.readings[-1].log / 1024 / (seconds / 60), LOG_KB),
    ]
    print_report(f"{seconds / 60:.0f} minutes of mixed visitors", dict(sorted(replies.seconds.items())), figures)


def main() -> None:
    """Start the app, let them come, and report."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serve.soak", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--minutes", type=float, default=60.0, help=f"how long, up to {MOST:g}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:g} minutes")
    options = parser.parse_args()
    seconds = 60 * min(MOST, QUICK if options.quick else options.minutes)
    replies, ledger = Replies(), Ledger()
    with tempfile.TemporaryDirectory(dir=DISK, prefix="soak-") as name:
        with app_process(Path(name), environment={"JUST_LOOK_FILES_MB": str(FILES_MB)}) as app:
            watching = Watch(app)
            measure(app, watching, replies, ledger, seconds=seconds)
        stored = audit(f"sqlite:///{name}/votes.sqlite3", [ledger], study=visitors.STUDY)
        tracebacks = log.causes(app.log.read_text(errors="replace"))
        report(watching, replies, stored, tracebacks, seconds=seconds)


if __name__ == "__main__":
    main()
