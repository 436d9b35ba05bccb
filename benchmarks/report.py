"""Timing in turns, and the report of a benchmark: the machine, a table of times, and the figures as a line of JSON."""

from __future__ import annotations

import json
import math
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import torch

from models import device


@dataclass(frozen=True)
class Figure:
    """A measured value with its limit: an upper one, or a lower one with `at_least`."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value is within its limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def interleaved(
    tasks: Mapping[str, Callable[[], object]], *, runs: int, warm_up: int = 1, pause: float = 0.0
) -> dict[str, list[float]]:
    """Time each task `runs` times, in turns, so that a busy moment of the machine affects all tasks alike.

    Args:
        tasks: by name.
        runs: number of timed runs of each task.
        warm_up: number of earlier runs of each, which are not timed.
        pause: seconds before each run; the threads of some libraries keep spinning for a while after a task.

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


def machine() -> str:
    """One line: the processor, whether it computes in bfloat16, its threads, the GPU, and the version of torch."""
    half = "with bfloat16" if device.half("cpu") is torch.bfloat16 else "without bfloat16"
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{processor()}, {half}, {torch.get_num_threads()} threads{gpu}, torch {torch.__version__}"


def processor() -> str:
    """The name of the processor, as Linux gives it; elsewhere what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def print_report(title: str, seconds: dict[str, list[float]], figures: Sequence[Figure]) -> None:
    """Print the machine, medians with their range, the figures, and as the last line the figures as JSON."""
    print(title)
    print(machine())
    print(f"{'':44}{'median':>10}{'min':>10}{'max':>10}{'runs':>6}")
    for name, runs in seconds.items():
        low, middle, high = (f"{1000 * s:.1f} ms" for s in (min(runs), statistics.median(runs), max(runs)))
        print(f"{name:44}{middle:>10}{low:>10}{high:>10}{len(runs):>6}")
    print_figures(figures)
    print(json_line(figures))


def print_figures(figures: Sequence[Figure]) -> None:
    """Print each figure with its limit."""
    for figure in figures:
        bound = "at least" if figure.at_least else "limit"
        print(f"{figure.name}: {figure.value:.3f}, {bound} {figure.limit:g}: {'holds' if figure.holds else 'MISSED'}")


def json_line(figures: Sequence[Figure]) -> str:
    """The figures as one JSON object."""
    return json.dumps({f.name: {"value": round(f.value, 4), "limit": f.limit, "holds": f.holds} for f in figures})


def percentile(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(seconds)[int(0.95 * len(seconds))] if seconds else math.nan


def ratio(seconds: dict[str, list[float]], ours: str, theirs: str) -> float:
    """The median of one task divided by that of another."""
    return statistics.median(seconds[ours]) / statistics.median(seconds[theirs])
