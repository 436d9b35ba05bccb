"""A cluster with one replica or two, asked by a page's process of its own, and plain processes beside it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import count, islice
from multiprocessing.connection import Connection
from time import perf_counter, sleep
from typing import Any

import psutil
from PIL import Image, ImageChops

from assets import samples
from media import images
from serving.cluster import engine as cluster
from serving.cluster.settings import ClusterSettings
from serving.engine.settings import RestyleSettings

SHEET: dict[str, Any] = {"model": "mnist-dcgan", "step": 20_000, "seed": 7, "count": 16}
RESTYLE_PX = 1024  # the size that Paint begins with on a core with bfloat16
VISITORS = 8  # who ask at the same time
NUMBERS = count(1)  # each request of a process has its own
IDLE_S = 10.0
IDLE = 0.1  # cores: a replica that uses less has done what it does at its start


@dataclass(frozen=True)
class Used:
    """Seconds of a core.

    Attributes:
        page: of the page's process.
        replicas: of all replicas together.
        ray: of Ray's own processes, and of the replica for live training.
    """

    page: float
    replicas: float
    ray: float

    def __sub__(self, before: Used) -> Used:
        return Used(self.page - before.page, self.replicas - before.replicas, self.ray - before.ray)


@dataclass(frozen=True)
class Round:
    """The seconds from the first to the last answer of some requests, and what cores they used."""

    seconds: float
    used: Used


class ServingProcess:
    """The other end of a process that answers requests."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def ask(self, *request: Any) -> None:
        """Send a request."""
        self._pipe.send(request)

    def answer(self) -> Any:
        """Wait for the answer to it."""
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


class Cluster(ServingProcess):
    """The other end of a page's process that asks a cluster of its own."""

    def scale(self, replicas: int) -> None:
        """Run so many replicas, and wait until each has loaded its networks."""
        self.ask("scale", replicas)
        self.answer()

    def round(self, requests: int) -> Round:
        """Let visitors restyle, each again as soon as he is answered; so many restyles of all together."""
        self.ask("round", requests)
        return self.answer()

    def beside_local(self, runs: int) -> dict[str, list[float]]:
        """Seconds of sheets of sixteen samples, over the cluster and in the page's process, in turns."""
        self.ask("beside_local", runs)
        return self.answer()

    def idle(self) -> float:
        """Cores that Ray's own processes use while nobody asks."""
        self.ask("idle")
        return self.answer()


def plain_round(processes: Sequence[ServingProcess], requests: int) -> float:
    """Seconds in which processes without Ray make restyles, each its share of them: what the machine can do."""
    start = perf_counter()
    for process in processes:
        process.ask("round", requests // len(processes))
    for process in processes:
        process.answer()
    return perf_counter() - start


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """A cluster on this machine with one replica, which has one thread and has loaded its networks."""
    with _process(_serve) as pipe:
        yield Cluster(pipe)


@contextlib.contextmanager
def plain() -> Iterator[ServingProcess]:
    """A process with an engine of its own and one thread, without Ray."""
    with _process(_serve_plainly) as pipe:
        yield ServingProcess(pipe)


@contextlib.contextmanager
def _process(work: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there, *arguments))
    process.start()
    there.close()
    try:
        assert here.recv() == "ready"
        yield here
    finally:
        here.close()
        process.join()


def _serve(pipe: Connection) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    engine = cluster.ClusterEngine(_with(replicas=1))
    _wait_until_idle()
    tasks: dict[str, Callable[..., Any]] = {
        "scale": _scale,
        "round": partial(_round, engine),
        "beside_local": partial(_beside_local, engine),
        "idle": _idle,
    }
    _answer(pipe, tasks)
    cluster.shut_down()


def _with(replicas: int) -> ClusterSettings:
    return ClusterSettings(address="local", fewest=replicas, most=replicas, cpus=1, gpus=0)


def _scale(replicas: int) -> None:
    cluster.deploy(_with(replicas))
    while sum(map(is_replica, psutil.Process().children(recursive=True))) != replicas:
        sleep(0.2)
    _wait_until_idle()


def _serve_plainly(pipe: Connection) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    from serving.local import LocalEngine

    engine = LocalEngine()

    def round_(requests: int) -> None:
        for number in islice(NUMBERS, requests):
            _restyle(engine, number)

    _answer(pipe, {"round": round_})


def _answer(pipe: Connection, tasks: Mapping[str, Callable[..., Any]]) -> None:
    pipe.send("ready")
    with contextlib.suppress(EOFError):
        while True:
            name, *arguments = pipe.recv()
            try:
                pipe.send(tasks[name](*arguments))
            except Exception as error:
                pipe.send(RuntimeError(f"{name}: {error!r}"))


@cache
def _picture(path: str) -> Image.Image:
    return images.read(path, max_side=RESTYLE_PX)


def _restyle(engine: Any, number: int) -> None:
    """A photo that no replica has seen, in one of four paintings."""
    photo = ImageChops.offset(_picture(samples.photos()[0].path), number, 0)
    engine.restyled(photo, [_picture(samples.paintings()[number % 4].path)], RestyleSettings(side=RESTYLE_PX))


def _round(engine: Any, requests: int) -> Round:
    with ThreadPoolExecutor(VISITORS) as pool:
        before, start = used(psutil.Process()), perf_counter()
        list(pool.map(partial(_restyle, engine), islice(NUMBERS, requests)))
        return Round(perf_counter() - start, used(psutil.Process()) - before)


def used(page: psutil.Process) -> Used:
    """What a page's process and the cluster that it started have used so far."""
    replicas = ray = 0.0
    for process in page.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if is_replica(process):
                replicas += _seconds(process)
            else:
                ray += _seconds(process)
    return Used(_seconds(page), replicas, ray)


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def is_replica(process: psutil.Process) -> bool:
    """Whether it answers requests of the page, any but those of live training."""
    return f"ServeReplica:{cluster.MANY}:" in " ".join(process.cmdline())


def _beside_local(engine: Any, runs: int) -> dict[str, list[float]]:
    import torch

    from benchmarks.report import interleaved
    from serving.local import LocalEngine

    torch.set_num_threads(1)
    local = LocalEngine()
    tasks = {
        "a sheet over the cluster": partial(engine.sample, **SHEET),
        "a sheet in one process": partial(local.sample, **SHEET),
    }
    return interleaved(tasks, runs=runs, warm_up=5)


def _idle() -> float:
    before = used(psutil.Process()).ray
    sleep(IDLE_S)
    return (used(psutil.Process()).ray - before) / IDLE_S


def _wait_until_idle() -> None:
    """Replicas load their networks after they have started."""
    before = used(psutil.Process()).replicas
    while True:
        sleep(1)
        after = used(psutil.Process()).replicas
        if after - before < IDLE:
            return
        before = after
