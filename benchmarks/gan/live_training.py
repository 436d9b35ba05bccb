"""Live training, what it costs others, and what it leaves: `python -m benchmarks.gan.live_training [--quick]`.

A step is timed beside a plain float32 loop of the same recipe. Samples for somebody else are timed while every place
for live training is taken, beside the same runs paused; a run in a thread of the app is timed as well, to compare.
Memory is that of the app and all its processes, before and after 50 visitors who train and leave.
"""

from __future__ import annotations

import argparse
import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import perf_counter, sleep

import psutil
import torch
from torch import Tensor

from benchmarks.report import Figure, interleaved, print_report, ratio
from benchmarks.train import PlainRun
from models.gan.training import live
from models.gan.training.adversarial import AdversarialRun
from serving.engine.errors import EngineError
from serving.engine.live_training import LiveRecipe
from serving.local import LocalEngine
from serving.local.live_training import MOST_RUNS

STEPS = 10  # in each timed run
VISITORS, EARLIER = 50, 3
MODEL, LAST = "mnist-dcgan", 20_000
ROUNDS, QUICK_ROUNDS = 20, 8
SAMPLES = 12  # timed in a round
OURS, PLAIN = f"ours, {STEPS} steps", f"plain float32, contiguous, {STEPS} steps"
ALONE, BESIDE, IN_THREAD = "sample, nobody trains", f"sample, {MOST_RUNS} train", "sample, a thread of the app trains"


class PlainLoop(PlainRun):
    """The loop as a tutorial has it."""

    def _fast_r1(self, real: Tensor) -> None:  # noqa: ARG002 - the recipe has no such penalty
        return None


def steps(*, quick: bool) -> dict[str, list[float]]:
    """Seconds of both loops on one thread, as the training process has it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 256, (1024, 1, 32, 32), dtype=torch.uint8, generator=random)

    def timed(run: AdversarialRun) -> Callable[[], None]:
        def train() -> None:
            for _ in range(STEPS):
                run.advance()

        return train

    kinds = {OURS: live.LiveRun, PLAIN: PlainLoop}
    tasks = {name: timed(kind(live.recipe(), pictures, device=torch.device("cpu"))) for name, kind in kinds.items()}
    seconds = interleaved(tasks, runs=20 if quick else 60, warm_up=3)
    torch.set_num_threads(threads)
    return seconds


def sampling(engine: LocalEngine, *, quick: bool) -> dict[str, list[float]]:
    """Seconds of sixteen samples while nobody trains, while every place is taken, and beside a thread that trains."""
    seconds: dict[str, list[float]] = {ALONE: [], BESIDE: [], IN_THREAD: []}
    handles = [engine.start_live(LiveRecipe(), visitor=str(i)) for i in range(MOST_RUNS)]
    for handle in handles:
        threading.Thread(target=_watch, args=(engine, handle), daemon=True).start()

    def sample(name: str) -> None:
        for _ in range(SAMPLES):
            start = perf_counter()
            engine.sample(MODEL, step=LAST, seed=1, count=16)
            seconds[name].append(perf_counter() - start)

    for turn in range(-1, QUICK_ROUNDS if quick else ROUNDS):
        for name in (ALONE, BESIDE, IN_THREAD):
            for handle in handles:
                engine.control_live(handle, "go" if name == BESIDE else "pause")
            sleep(0.2)
            with _training_thread(on=name == IN_THREAD):
                sample(name)
        if turn < 0:  # the first round warms up
            seconds = {name: [] for name in seconds}
    for handle in handles:
        engine.end_live(handle)
    return seconds


def _watch(engine: LocalEngine, handle: str) -> None:
    """Look at a run as the page does, until it ends."""
    with suppress(EngineError):
        for _ in engine.live_frames(handle):
            pass


@contextmanager
def _training_thread(*, on: bool) -> Iterator[None]:
    pictures = torch.zeros(64, 1, 32, 32, dtype=torch.uint8)
    over = threading.Event()

    def train() -> None:
        run = live.LiveRun(live.recipe(), pictures, device=torch.device("cpu"))
        while not over.is_set():
            run.advance()

    thread = threading.Thread(target=train)
    if on:
        thread.start()
        sleep(0.2)
    yield
    over.set()
    if on:
        thread.join()


def memory(engine: LocalEngine) -> tuple[float, float]:
    """Megabytes of this process and its children, before and after the visitors."""
    for i in range(EARLIER):
        _visit(engine, f"earlier {i}")
    before = _megabytes()
    for i in range(VISITORS):
        _visit(engine, str(i))
    return before, _megabytes()


def _visit(engine: LocalEngine, visitor: str) -> None:
    handle = engine.start_live(LiveRecipe(), visitor=visitor)
    frames = engine.live_frames(handle, interval=0.1)
    for _ in range(3):
        next(frames)
    engine.sample(engine.keep_live(handle).name, step=0, seed=1, count=16)
    engine.end_live(handle)


def _megabytes() -> float:
    process = psutil.Process()
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 2**20


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    quick = parser.parse_args().quick
    engine = LocalEngine()
    engine.sample(MODEL, step=LAST, seed=1, count=16)
    seconds = {**steps(quick=quick), **sampling(engine, quick=quick)}
    before, after = memory(engine)
    in_thread = statistics.median(seconds[IN_THREAD]) / statistics.median(seconds[ALONE])
    print(f"sampling beside a run in a thread of the app: {in_thread:.2f} × the median; runs have their own process")
    print(f"memory before and after {VISITORS} visitors: {before:.0f} and {after:.0f} MB")
    figures = [
        Figure("live step", ratio(seconds, OURS, PLAIN), 0.6),
        Figure("sampling beside live training", ratio(seconds, BESIDE, ALONE), 2.0),
        Figure("memory after visitors", after / before, 1.05),
    ]
    print_report("Live training", seconds, figures)


if __name__ == "__main__":
    main()
