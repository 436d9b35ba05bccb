"""Train a GAN from a recipe: `python -m training.gan mnist-dcgan`.

The loop is the non-saturating game of Goodfellow et al. (2014), section 3: the discriminator learns to tell real
from generated, the generator to be taken for real. A run that was stopped goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import softplus
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from models.dcgan import Discriminator, Generator
from training import data, export, packages, recipe
from training.recipe import Recipe

CHECKPOINT_EVERY = 1000
LOG_EVERY = 100


@dataclass(frozen=True)
class Progress:
    """The state after `step` training steps; the figures are None before the first."""

    step: int
    generator: Generator
    d_loss: float | None = None
    g_loss: float | None = None
    d_real: float | None = None
    d_fake: float | None = None


class Run:
    """One training run: networks, optimisers and random state, all of which a checkpoint holds.

    Args:
        settings: the recipe.
        pictures: uint8 `(N, C, H, W)`.
        device: where to train.
    """

    def __init__(self, settings: Recipe, pictures: Tensor, *, device: torch.device) -> None:
        self.settings, self.pictures, self.device = settings, pictures, device
        torch.manual_seed(settings.seed)
        channels, size = pictures.shape[1], pictures.shape[2]
        generator = Generator(**settings.generator.model_dump(), channels=channels, size=size).to(device)
        discriminator = Discriminator(**settings.discriminator.model_dump(), channels=channels, size=size).to(device)
        self.generator = generator.to(memory_format=torch.channels_last)
        self.discriminator = discriminator.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.random = torch.Generator().manual_seed(settings.seed)
        rates, betas = settings.optimiser, settings.optimiser.betas
        self.g_optimiser = Adam(self.generator.parameters(), rates.generator_lr, betas)
        self.d_optimiser = Adam(self.discriminator.parameters(), rates.discriminator_lr, betas)
        self.schedules = [LambdaLR(o, self._decay) for o in (self.g_optimiser, self.d_optimiser)]
        self.step = 0

    def progress(self) -> Iterator[Progress]:
        """Train to the last step and yield the state at every step, the first before any training."""
        yield Progress(self.step, self.average)
        while self.step < self.settings.steps:
            yield self._advance()

    def state_dict(self) -> dict[str, Any]:
        """Everything that a later `load_state_dict` needs to go on as if nothing had happened."""
        parts = {name: getattr(self, name).state_dict() for name in self._parts}
        schedules = [s.state_dict() for s in self.schedules]
        return {"step": self.step, "random": self.random.get_state(), "schedules": schedules, **parts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.step = state["step"]
        self.random.set_state(state["random"])
        for schedule, saved in zip(self.schedules, state["schedules"], strict=True):
            schedule.load_state_dict(saved)
        for name in self._parts:
            getattr(self, name).load_state_dict(state[name])

    _parts = ("generator", "discriminator", "average", "g_optimiser", "d_optimiser")

    def _decay(self, step: int) -> float:
        start, end = self.settings.optimiser.decay_from, self.settings.steps
        return min(1.0, (end - step) / (end - start))

    def _advance(self) -> Progress:
        count = self.settings.batch
        chosen = torch.randint(len(self.pictures), (count,), generator=self.random)
        real = self.pictures[chosen].to(self.device).float().div_(127.5).sub_(1.0)  # (B, C, H, W) in [-1, 1]
        real = real.contiguous(memory_format=torch.channels_last).requires_grad_(self.settings.r1 > 0)
        with torch.autocast(self.device.type, torch.bfloat16):
            fake = self.generator(self._latents(count))
            real_logits = self.discriminator(real)
            fake_logits = self.discriminator(fake.detach())
        d_loss = softplus(-real_logits.float()).mean() + softplus(fake_logits.float()).mean()
        if self.settings.r1:
            d_loss = d_loss + self.settings.r1 / 2 * _squared_slope(real_logits, real)
        self.d_optimiser.zero_grad()
        d_loss.backward()
        self.d_optimiser.step()

        self.discriminator.requires_grad_(False)
        with torch.autocast(self.device.type, torch.bfloat16):
            g_loss = softplus(-self.discriminator(fake).float()).mean()
        self.g_optimiser.zero_grad()
        g_loss.backward()
        self.g_optimiser.step()
        self.discriminator.requires_grad_(True)

        for schedule in self.schedules:
            schedule.step()
        self.step += 1
        self._average_weights()
        return Progress(
            self.step,
            self.average,
            d_loss.item(),
            g_loss.item(),
            real_logits.sigmoid().mean().item(),
            fake_logits.sigmoid().mean().item(),
        )

    def _latents(self, count: int) -> Tensor:
        return torch.randn(count, self.settings.generator.z_dim, generator=self.random).to(self.device)

    @torch.no_grad()
    def _average_weights(self) -> None:
        """Move the averaged generator; a young average follows quickly, or step 500 would still show step 0."""
        decay = min(self.settings.ema, (1 + self.step) / (10 + self.step))
        new = self.generator.state_dict()
        for name, mean in self.average.state_dict().items():
            if name.endswith(("weight", "bias")):
                mean.lerp_(new[name], 1 - decay)
            else:  # batch norm's own running statistics
                mean.copy_(new[name])


def _squared_slope(logits: Tensor, pictures: Tensor) -> Tensor:
    """R1 of Mescheder et al. (2018): the squared gradient of the verdict with respect to the picture, on average."""
    (slope,) = torch.autograd.grad(logits.float().sum(), pictures, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)).mean()


def main() -> None:
    """Train one recipe, keep its snapshots and put them into weights/."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", help="name of a file in training/recipes, without .toml")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--work", type=Path, default=packages.CACHE / "training", help="checkpoints and logs")
    options = parser.parse_args()
    settings = recipe.read(options.recipe)
    folder = options.work / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    train(settings, folder, device=torch.device(options.device))
    export.write(settings, folder)


def train(settings: Recipe, folder: Path, *, device: torch.device) -> None:
    """Train to the end, from the checkpoint in `folder` if there is one, leaving snapshots and a log there."""
    pictures, _ = data.DATA_SETS[settings.data]()
    run = Run(settings, pictures, device=device)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        run.load_state_dict(torch.load(checkpoint, map_location=device, weights_only=True))
    started, first = time.perf_counter(), run.step
    with (folder / "log.jsonl").open("a") as log:
        for progress in run.progress():
            if progress.step in settings.snapshots:
                torch.save(progress.generator.state_dict(), folder / f"step-{progress.step:06d}.pt")
            if progress.step % LOG_EVERY == 0 and progress.d_loss is not None:
                figures = {k: v for k, v in vars(progress).items() if k != "generator"}
                log.write(json.dumps(figures) + "\n")
                log.flush()
                pace = (progress.step - first) / (time.perf_counter() - started)
                left = (settings.steps - progress.step) / pace / 60
                print(
                    f"\r{settings.name} {progress.step}/{settings.steps}, {pace:.0f} steps/s, {left:.0f} min left, "
                    f"D {progress.d_loss:.3f} G {progress.g_loss:.3f}",
                    end="",
                    flush=True,
                )
            if progress.step % CHECKPOINT_EVERY == 0:
                torch.save(run.state_dict(), checkpoint)
    print()


if __name__ == "__main__":
    main()
