"""How each benchmark ends: a readable table, then one line of JSON."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, sleep

import torch


@dataclass(frozen=True)
class Figure:
    """A measured value that must not exceed its limit, or not fall short of it."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value keeps to its limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def interleaved(
    tasks: Mapping[str, Callable[[], object]], *, runs: int, warm_up: int = 1, pause: float = 0.0
) -> dict[str, list[float]]:
    """Time each task `runs` times, in turns, so that a noisy moment hits all of them alike.

    Args:
        tasks: by name.
        runs: of each.
        warm_up: runs before, which are not timed.
        pause: seconds before each; the threads of some libraries go on waiting busily for a while after a task.

    Returns:
        Seconds of each run, by task.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for run in range(-warm_up, runs):
        for name, task in tasks.items():
            sleep(pause)
            start = perf_counter()
            task()
            if run >= 0:
                seconds[name].append(perf_counter() - start)
    return seconds


def print_report(title: str, seconds: dict[str, list[float]], figures: Sequence[Figure]) -> None:
    """Print medians with their spread, the figures, and the figures again as the last line, in JSON."""
    print(f"{title}: {platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"{'':44}{'median':>10}{'min':>10}{'max':>10}{'runs':>6}")
    for name, runs in seconds.items():
        low, middle, high = (f"{1000 * s:.1f} ms" for s in (min(runs), statistics.median(runs), max(runs)))
        print(f"{name:44}{middle:>10}{low:>10}{high:>10}{len(runs):>6}")
    for figure in figures:
        bound = "at least" if figure.at_least else "limit"
        print(f"{figure.name}: {figure.value:.3f}, {bound} {figure.limit:g}: {'holds' if figure.holds else 'MISSED'}")
    print(json.dumps({f.name: {"value": round(f.value, 4), "limit": f.limit, "holds": f.holds} for f in figures}))


def ratio(seconds: dict[str, list[float]], ours: str, theirs: str) -> float:
    """The ratio of two medians."""
    return statistics.median(seconds[ours]) / statistics.median(seconds[theirs])
