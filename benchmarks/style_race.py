"""How soon painting by optimisation gets where the plain recipe ends: `python -m benchmarks.style_race`.

The plain recipe is what a first implementation does: one scale, float32, contiguous, started from the photograph, Adam
with a step of 0.02, 200 steps. `VARIANTS` are what might help. Astronaut and wheat field at 256 px, where the plain
recipe ends at 1.709 (two cores with bfloat16, 116 s); losses after 90 steps:

    from the photograph in the painting's colours, step 0.05 settling in 40, betas 0.8, 0.99         2.04
    the same, and silent filters of relu4_2 are woken (models.style.vgg.ReviveReLU): after 80 steps              1.86
    the same, step 0.03 settling in 80                                                               1.80
    the same, betas 0.85, 0.95                                                                       1.79
    step 0.04 settling in 40, betas 0.9, 0.95, warmed up over 8 steps                                1.70
    step 0.05 settling in 40, betas 0.9, 0.95, over 15                                               1.69
    step 0.04 settling in 40, betas 0.9, 0.9, over 15: chosen                                        1.65
    step 0.05 settling in 40, betas 0.9, 0.9, over 20                                                1.69

So the chosen one is there after 71 steps. A step takes 0.55 of a plain one, in bfloat16 with channels last and a Gram
matrix's gradient in one product. Tried and left: gradients of the deep layers every second step (2.93 instead of 2.72
at 128 px after 150), 60 steps at 128 px before (2.93 after 80), two and three scales, L-BFGS, averaged iterates, a step
that falls like a cosine or a line, Fourier coefficients and a Laplacian pyramid instead of pixels.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal

import torch
from torch import Tensor

from benchmarks.style_weights import square
from models.hub import loading
from models.style import adain, colour, gatys
from models.style.adain import Decoder
from models.style.loss import Objective
from models.style.options import FROM_COLOURS, Method, Options, Weights
from models.style.terms import Style
from models.style.vgg import VGG19
from serving.local import malloc, networks

PLAIN_STEPS = 200
OWN = Options(steps=100, method=FROM_COLOURS)
Start = Literal["colours", "adain", "content"]
VARIANTS = {
    "chosen: in the painting's colours, warmed up over 15 steps": OWN,
    "not warmed up": replace(OWN, method=replace(FROM_COLOURS, warm_up=0)),
    "settling in 20 steps": replace(OWN, method=replace(FROM_COLOURS, settle=20.0)),
    "averaged (0.9)": replace(OWN, method=Method(average=0.9)),
    "step 0.02, not settling": replace(OWN, method=Method(step_size=0.02, settle=0)),
    "step 0.1 settling": replace(OWN, method=Method(step_size=0.1)),
    "two scales, 20 steps at the smaller": replace(OWN, scales=2, coarse_steps=20),
    "three scales, 20 steps at each smaller": replace(OWN, scales=3, coarse_steps=20),
    "L-BFGS": replace(OWN, method=Method(optimiser="l-bfgs")),
}


@dataclass(frozen=True)
class Scene:
    """One photograph and one painting, and the networks as the engine has them and as they come."""

    content: Tensor
    style: Tensor
    vgg: VGG19
    plain: VGG19
    decoder: Decoder

    @classmethod
    def of(cls, photo: str, painting: str, side: int) -> Scene:
        """Load it."""
        plain = loading.load("vgg19")
        assert isinstance(plain, VGG19)
        own, decoder = networks.encoder(), networks.decoder()
        return cls(square(f"photos/{photo}", side), square(f"paintings/{painting}", side), own, plain, decoder)

    @torch.no_grad()
    def restyled(self) -> Tensor:
        """What AdaIN makes of it."""
        moments = adain.style_moments(self.vgg, self.style)
        return adain.restyle(self.vgg, self.decoder, self.content, moments)

    def recoloured(self) -> Tensor:
        """The photograph in the painting's colours."""
        return colour.match_colours(self.content, self.style)


@dataclass(frozen=True)
class Passed:
    """A point that a painting has passed: seconds since it was asked for, evaluations at the full size, loss."""

    seconds: float
    evaluations: float
    total: float


def plain(scene: Scene, *, steps: int = PLAIN_STEPS) -> Iterator[Passed]:
    """The plain recipe."""
    begun = perf_counter()
    objective = Objective(scene.plain, scene.content, [Style(scene.style)], weights=Weights(), exact=True)
    picture = scene.content.clone().requires_grad_()
    adam = torch.optim.Adam([picture], lr=0.02)
    for step in range(steps + 1):
        adam.zero_grad()
        losses = objective(picture)
        if step < steps:
            losses.total.backward()
        yield Passed(perf_counter() - begun, step + 1, float(losses.total.detach()))
        if step < steps:
            adam.step()
            with torch.no_grad():
                picture.clamp_(0, 1)


def own(scene: Scene, options: Options = OWN, *, start: Start = "colours") -> Iterator[Passed]:
    """The engine's way, everything that it does for a new photograph and a new painting included."""
    begun, evaluations = perf_counter(), 0.0
    first = {"colours": scene.recoloured, "adain": scene.restyled, "content": lambda: scene.content}[start]()
    frames = gatys.paint(scene.vgg, scene.content, [Style(scene.style)], options=options, start=first)
    for frame in frames:
        share = frame.image.shape[-1] * frame.image.shape[-2] / (scene.content.shape[-1] * scene.content.shape[-2])
        evaluations += share
        if share == 1:
            yield Passed(perf_counter() - begun, evaluations, frame.total)


def reached(passed: list[Passed], target: float) -> Passed | None:
    """The first point at or below a loss."""
    return next((one for one in passed if one.total <= target), None)


def race(scene: Scene) -> tuple[list[float], list[Passed], float]:
    """Run the engine's way before, amid and after the plain recipe, so that a noisy moment hits both.

    Returns:
        Seconds of the engine's way to the loss that the plain recipe ends at, three times (infinite if it stays
        above); the plain recipe's points; and its seconds.
    """
    before = list(own(scene))
    pause, ends, amid = 0.0, [], []
    for point in plain(scene):
        ends.append(point)
        if point.evaluations == PLAIN_STEPS // 2:
            begun = perf_counter()
            amid = list(own(scene))
            pause = perf_counter() - begun
    after = list(own(scene))
    target = ends[-1].total
    found = [reached(run, target) for run in (before, amid, after)]
    return [one.seconds if one else float("inf") for one in found], ends, ends[-1].seconds - pause


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--photo", default="astronaut")
    parser.add_argument("--painting", default="wheat-field")
    wanted = parser.parse_args()
    malloc.keep_freed()  # as the app does, for both
    scene = Scene.of(wanted.photo, wanted.painting, wanted.side)
    ends = list(plain(scene))
    target = ends[-1].total
    print(f"{wanted.photo}, {wanted.painting}, {wanted.side} px, {torch.get_num_threads()} threads")
    print(f"{'plain, 200 steps':44} ends at {target:.3f} after {ends[-1].seconds:.0f} s", flush=True)
    _line("plain, 100 steps only", ends[: OWN.steps + 1], target)
    _line("from the photograph, else as chosen", list(own(scene, start="content")), target)
    _line("from AdaIN's picture, else as chosen", list(own(scene, start="adain")), target)
    for name, options in VARIANTS.items():
        _line(name, list(own(scene, options)), target)


def _line(name: str, passed: list[Passed], target: float) -> None:
    there = reached(passed, target)
    told = f"there after {there.evaluations:.1f} evaluations, {there.seconds:.1f} s" if there else "not there"
    end = passed[-1]
    print(f"{name:44} {told}; ends at {end.total:.3f} after {end.evaluations:.1f}, {end.seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
