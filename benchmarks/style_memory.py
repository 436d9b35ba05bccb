"""Memory of style transfer: `python -m benchmarks.style_memory {large,repeated} [--network NAME]`.

`large` restyles one photograph of 4096 × 3072 pixels; `repeated` restyles 200 different small pictures.
"""

from __future__ import annotations

import argparse
import resource
from dataclasses import replace
from time import perf_counter

import torch
from PIL import Image

from assets import samples
from benchmarks.report import Figure, print_report
from media import images
from serving.engine.painting import Painting
from serving.engine.settings import Network, RestyleSettings
from serving.local import LocalEngine
from serving.local.painting import default_options

LARGE = (4096, 3072)
LARGE_LIMIT = 3.0  # GB
GROWTH_LIMIT = 1.05
EARLY, LATE, SIDE = 20, 200, 96
STOPPED, STOPPED_SIDE = 20, 128  # paintings
SETTLED = 5  # paintings after which the memory of the allocator is steady


def main() -> None:
    """Measure one of the two cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=["large", "repeated"])
    parser.add_argument("--network", choices=["light", "adain"], default="adain")
    options = parser.parse_args()
    {"large": large, "repeated": repeated}[options.case](options.network)


def large(network: Network) -> None:
    """Measure the peak memory of one large photograph, and print the estimate that the app gives beforehand."""
    engine, settings = LocalEngine(), RestyleSettings(side=None, network=network)
    photo = images.read(samples.photos()[0].path).resize(LARGE)
    painting = images.read(samples.paintings()[0].path)
    announced = engine.estimate(photo.size, settings)
    print(announced.sentence)
    start = perf_counter()
    *_, last = engine.restyle_steps(photo, [painting], settings)
    seconds = perf_counter() - start
    assert last.result is not None
    assert last.result.after.size == LARGE
    print(f"{last.total} steps; announced {announced.megabytes:,.0f} MB and {announced.seconds:.0f} s")
    print_report(
        f"{network} at {LARGE[0]} × {LARGE[1]}", {"restyle": [seconds]}, [Figure("peak_gb", peak() / 1000, LARGE_LIMIT)]
    )


def repeated(network: Network) -> None:
    """Measure whether memory grows from picture to picture."""
    engine, settings = LocalEngine(), RestyleSettings(side=SIDE, network=network)
    painting = images.read(samples.paintings()[0].path)
    photo = images.read(samples.photos()[0].path).resize((SIDE, SIDE))
    seconds, levels = [], {}
    for number in range(1, LATE + 1):
        different = photo.copy()
        different.putpixel((0, 0), (number, 0, 0))
        start = perf_counter()
        engine.restyled(different, [painting], settings)
        seconds.append(perf_counter() - start)
        if number in (EARLY, LATE):
            levels[number] = resident()
            print(f"after {number:3}: {levels[number]:,.0f} MB")
    growth = Figure("resident_after_200_to_after_20", levels[LATE] / levels[EARLY], GROWTH_LIMIT)
    print_report(
        f"{LATE} restyles by {network} at {SIDE} px, {torch.get_num_threads()} threads", {"restyle": seconds}, [growth]
    )


def peak() -> float:
    """The peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def stopped_paintings(engine: LocalEngine, photo: Image.Image, painting: Image.Image) -> list[float]:
    """Start paintings, stop each after its fourth frame, and return the memory of the process after each."""
    levels = []
    options = replace(default_options(), scales=2, coarse_steps=2)
    for _ in range(STOPPED):
        frames = engine.paint(photo, [Painting(painting)], side=STOPPED_SIDE, options=options, interval=0.0)
        for _ in range(4):
            next(frames)
        frames.close()  # type: ignore[attr-defined] # a generator
        levels.append(resident())
    return levels


def resident() -> float:
    """The memory of this process now, in MB."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 - a kernel interface, not a file
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
