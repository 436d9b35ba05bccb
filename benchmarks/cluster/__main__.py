"""The engine on a local Ray cluster: `python -m benchmarks.cluster [--quick]`.

Throughput of restyles and sheets with two replicas against one, each with one thread, on the same cores; and what the
way over the cluster adds to a sheet of sixteen samples, against the engine in this process.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import Any

import torch
from PIL import Image

from assets import samples
from benchmarks.report import Figure, interleaved, print_report
from media import images
from serving.cluster import engine as cluster
from serving.cluster.settings import ClusterSettings
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine

SHEET: dict[str, Any] = {"model": "mnist-dcgan", "step": 20_000, "seed": 7, "count": 16}
SIDE = 256  # pixels of a restyle
VISITORS = 8  # who ask at the same time
WARM_UP = 24  # requests that reach every replica
NAMES = {1: "one replica", 2: "two replicas"}


def restyled(engine: Any, photo: Image.Image, paintings: Sequence[Image.Image], number: int) -> None:
    """One request: the photo in one of the paintings."""
    engine.restyled(photo, [paintings[number % len(paintings)]], RestyleSettings(side=SIDE))


def throughput(task: Callable[[int], Any], *, requests: int) -> float:
    """Requests a second of visitors who each ask again as soon as they are answered."""
    with ThreadPoolExecutor(VISITORS) as pool:
        list(pool.map(task, range(WARM_UP)))
        start = perf_counter()
        list(pool.map(task, range(requests)))
        return requests / (perf_counter() - start)


def main() -> None:
    """Measure with one replica and with two, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer requests, two turns")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    photo = images.read(samples.photos()[0].path, max_side=SIDE)
    paintings = [images.read(painting.path, max_side=SIDE) for painting in samples.paintings()[:4]]
    rates: dict[int, list[float]] = {1: [], 2: []}
    sheets: dict[str, list[float]] = {}
    local = LocalEngine()
    for _ in range(2 if quick else 5):
        for replicas in rates:
            chosen = ClusterSettings(address="local", fewest=replicas, most=replicas, cpus=1, gpus=0)
            cluster.connect(chosen)
            cluster.deploy(chosen)
            engine = cluster.ClusterEngine(chosen)
            rates[replicas].append(
                throughput(partial(restyled, engine, photo, paintings), requests=80 if quick else 200)
            )
            if replicas == 1:
                turns = interleaved(
                    {
                        "a sheet over the cluster": partial(engine.sample, **SHEET),
                        "a sheet in this process": partial(local.sample, **SHEET),
                    },
                    runs=30 if quick else 100,
                    warm_up=5,
                )
                for name, times in turns.items():
                    sheets.setdefault(name, []).extend(times)
    cluster.shut_down()
    over, inside = (statistics.median(times) for times in sheets.values())
    single, double = (statistics.median(rate) for rate in rates.values())
    figures = [
        Figure("restyles_with_two_replicas", double / single, 1.7, at_least=True),
        Figure("sheet_over_the_cluster_ms", 1000 * (over - inside), 15.0),
    ]
    seconds = {f"a restyle at {SIDE} px, {name}": [1 / rate for rate in rates[count]] for count, name in NAMES.items()}
    print_report("The engine on a Ray cluster", {**seconds, **sheets}, figures)


if __name__ == "__main__":
    main()
