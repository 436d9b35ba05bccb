"""Training steps of a DCGAN beside a plain loop in float32: `python -m benchmarks.train [--quick]`.

Both loops have the same recipe, pictures and random numbers, and run in turns.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch
from torch import Tensor, nn

from benchmarks.report import Figure, interleaved, print_report, ratio
from models.gan import dcgan
from models.gan.training import recipe
from models.gan.training.adversarial import AdversarialRun, AdversarialStep
from training.data import datasets

LIMIT = 1 / 1.7
STEPS = 20  # in each timed run
PLAIN: dict[type[nn.Module], type[nn.Module]] = {
    dcgan.FromPicture: nn.Conv2d,
    dcgan.ToVerdict: nn.Conv2d,
    dcgan.FromLatent: nn.ConvTranspose2d,
    dcgan.ToPicture: nn.ConvTranspose2d,
}


class PlainRun(AdversarialRun):
    """The loop as a tutorial has it."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **{**options, "static": False})  # type: ignore[arg-type]
        for network in (self.generator, self.discriminator, self.average):
            network.to(memory_format=torch.contiguous_format)
            for module in network.modules():
                module.__class__ = PLAIN.get(type(module), type(module))
        for optimiser in (self.g_optimiser, self.d_optimiser):
            optimiser.param_groups[0]["fused"] = False

    def advance(self) -> AdversarialStep:
        """One step, whose figures are read at once."""
        progress = super().advance()
        dict(progress.figures)
        return progress

    def _real(self) -> Tensor:
        return super()._real().contiguous()

    def _fast_r1(self, real: Tensor) -> None:  # noqa: ARG002 - R1 by autograd
        return None

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, enabled=False)


def main() -> None:
    """Time both loops."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    parser.add_argument("--recipe", default="mnist-dcgan", help="a recipe of `python -m training.gan`")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    settings, device = recipe.read(options.recipe), torch.device(options.device)
    pictures, _ = datasets.DATA_SETS[settings.data]()

    def steps(kind: type[AdversarialRun]) -> Callable[[], None]:
        progress = kind(settings, pictures, device=device).progress()

        def train() -> None:
            for _ in range(STEPS):
                step = next(progress)
            dict(step.figures)  # reads the losses, and so waits for the device

        return train

    ours, plain = f"ours, {STEPS} steps", f"plain float32, contiguous, {STEPS} steps"
    seconds = interleaved(
        {ours: steps(AdversarialRun), plain: steps(PlainRun)}, runs=12 if options.quick else 40, warm_up=2
    )
    print_report(
        f"Training {settings.name} on {device}", seconds, [Figure("train", ratio(seconds, ours, plain), LIMIT)]
    )


if __name__ == "__main__":
    main()
