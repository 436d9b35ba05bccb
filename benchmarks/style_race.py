"""How soon painting by optimisation gets where the plain recipe ends: `python -m benchmarks.style_race`.

The plain recipe is what a first implementation does: one scale, float32, contiguous, started from the photograph, Adam
with a step of 0.02, 200 steps. `VARIANTS` are what might help. Losses after 50 steps, astronaut and wheat field at
112 px on an AVX2 machine without bfloat16, where the plain recipe has 3.74 after 50 steps and 3.02 after 200:

    from AdaIN, step 0.05 settling                  3.42        from the photograph, the same              3.89
    from AdaIN, step 0.02                           3.43        from AdaIN, two scales, 20 steps more      3.41
    from AdaIN, step 0.1 settling                   3.40        from AdaIN, three scales, 40 steps more    3.34
    from AdaIN, L-BFGS                              3.43

So a start near the end carries, and little else. At 96 px the average of the iterates measured worse than the last; at
64 px Fourier coefficients and a Laplacian pyramid did worse than pixels, and so did a step that falls like a cosine.
The photograph in the painting's colours is the better start: at 128 px 2.92 after 50 steps, from AdaIN 3.11; the plain
recipe ends at 2.77. At 256 px it leads to 2.70 after 50 steps, 1.94 after 100 (2.49 where the step settles in 20 steps
instead of 40); the plain recipe has 1.96 after 100 and 1.77 after 200, so a quarter of its time is not reached.
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
from models import adain, colour, gatys, hub
from models.adain import Decoder
from models.descent import Method
from models.frames import Options
from models.style_loss import Objective
from models.style_terms import Style, Weights
from models.vgg import VGG19
from serving import networks

PLAIN_STEPS = 200
OWN = Options(steps=100, method=gatys.FROM_COLOURS)
Start = Literal["colours", "adain", "content"]
VARIANTS = {
    "chosen: in the painting's colours, settling in 40 steps": OWN,
    "settling in 20 steps": replace(OWN, method=replace(gatys.FROM_COLOURS, settle=20.0)),
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
        plain = hub.load("vgg19")
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


class PlainObjective(Objective):
    """In float32, whatever this machine is quick in."""

    def see(self, picture: Tensor) -> dict[str, Tensor]:
        """The features of the chosen layers."""
        return self.vgg(picture, self.layers)


@dataclass(frozen=True)
class Passed:
    """A point that a painting has passed: seconds since it was asked for, evaluations at the full size, loss."""

    seconds: float
    evaluations: float
    total: float


def plain(scene: Scene, *, steps: int = PLAIN_STEPS) -> Iterator[Passed]:
    """The plain recipe."""
    begun = perf_counter()
    objective = PlainObjective(scene.plain, scene.content, [Style(scene.style)], weights=Weights())
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
