"""Training to look at: the adversarial loop one network's step at a time, with what both networks do in between.

Where the loss allows it, one pass through the discriminator serves both networks: the gradient that it sends back to a
generated picture is the generator's but for a factor, the ratio of the two losses' derivatives by the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.gan.training import averaging
from models.gan.training.adversarial import AdversarialRun, AdversarialStep
from models.gan.training.losses import GAMES
from models.gan.training.recipe import Recipe

BINS = 10  # of D's verdicts, from 0 to 1
LARGEST = 30.0  # a verdict's logit: beyond it the factor between the two losses would leave the range of float32
SHIFT, TURN, GROWTH = 0.07, 0.14, 0.1  # of `varied`: shares of the side, radians, share of the size
GRADIENT_PENALTY = 10.0  # of WGAN-GP (Gulrajani et al., 2017), without which the Wasserstein game has no bound
NEVER = 10**9  # steps: a live run ends by the clock


def recipe(
    *,
    game: str = "non-saturating",
    real_target: tuple[float, float] = (1.0, 1.0),
    d_steps: int = 1,
    g_steps: int = 1,
    noise: float = 0.0,
    pack: int = 1,
    seed: int = 0,
) -> Recipe:
    """The recipe of a network that is small enough to train while one looks on.

    Args:
        game: a key of `models.gan.training.losses.GAMES`.
        real_target: label smoothing: the discriminator's targets for real pictures come from this range.
        d_steps: of the discriminator in one training step.
        g_steps: of the generator.
        noise: deviation of the noise on every picture that the discriminator sees, in units of -1 to 1.
        pack: pictures that the discriminator judges together, a power of two up to 8.
        seed: of the run.

    Raises:
        pydantic.ValidationError: a value does not fit; the message names it.
    """
    values: dict[str, Any] = {
        "name": "live",
        "title": "Trained live",
        "data": "mnist",
        "seed": seed,
        "steps": NEVER,
        "snapshots": [NEVER],
        "batch": 32,
        "ema": 0.98,
        "game": game,
        "real_target": real_target,
        "d_steps": d_steps,
        "g_steps": g_steps,
        "pack": pack,
        "noise": {"start": noise, "until": NEVER},
        "gradient_penalty": GRADIENT_PENALTY if game == "wasserstein" else 0.0,
        "generator": {"z_dim": 32, "width": 16},
        "discriminator": {"width": 16},
        "optimiser": {"generator_lr": 2e-3, "discriminator_lr": 2e-4, "betas": (0.5, 0.99)},
    }
    return Recipe.model_validate(values)


@dataclass(frozen=True)
class LiveStep(AdversarialStep):
    """The state after a step; the figures are those that the step had.

    Attributes:
        real: D's verdicts on the last batch of real pictures, 0 to 1.
        fake: those on generated pictures.
    """

    real: Tensor = field(default_factory=lambda: torch.empty(0))
    fake: Tensor = field(default_factory=lambda: torch.empty(0))


class LiveRun(AdversarialRun):
    """A run that can also make a step of one network alone; see `AdversarialRun` for its arguments."""

    def __init__(self, settings: Recipe, pictures: Tensor, *, device: torch.device) -> None:
        super().__init__(settings, pictures, device=device, static=False)
        self.shares_a_pass = (
            settings.game == "non-saturating"
            and not settings.discriminator.batch_norm
            and not (settings.r1 or settings.r2 or settings.augment)
        )

    def advance(self) -> LiveStep:
        """A step of each network, or as many as the recipe says; the last generated batch serves both."""
        for _ in range(self.settings.d_steps - 1):
            self._train_discriminator(self._draw())
        if self.shares_a_pass:
            figures, real, fake = self._train_both()
        else:
            generated = self._draw()
            d_loss, pictures, real, fake = self._train_discriminator(generated)
            figures = {"d_loss": d_loss, "g_loss": self._train_generator(generated, pictures)}
        for _ in range(self.settings.g_steps - 1):
            figures["g_loss"] = self._train_generator(self._draw(), self._real())
        self.follow()
        return self._seen(figures, real, fake)

    def discriminator_step(self) -> LiveStep:
        """A step of the discriminator alone."""
        d_loss, _, real, fake = self._train_discriminator(self._draw())
        self.step += 1
        return self._seen({"d_loss": d_loss}, real, fake)

    def generator_step(self) -> LiveStep:
        """A step of the generator alone."""
        generated, pictures = self._draw(), self._real()
        with torch.no_grad():
            real, fake = self._verdicts(pictures), self._verdicts(generated)
        g_loss = self._train_generator(generated, pictures)
        self.follow()
        return self._seen({"g_loss": g_loss}, real, fake)

    @torch.no_grad()
    def follow(self) -> None:
        """Count the step, and move the averaged generator, as `averaging.follow` does: here all tensors in one call."""
        self.step += 1
        share = 1 - averaging.decay_at(self.step, self.settings.ema)
        torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), share)
        torch._foreach_copy_(list(self.average.buffers()), list(self.generator.buffers()))

    def _train_both(self) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """A step of each network from one pass of real and generated pictures through the discriminator."""
        game, pack = GAMES[self.settings.game], self.settings.pack
        generated, pictures = self._draw(), self._real()
        judged = generated.detach().requires_grad_()
        real, fake = self._verdicts_on_both(self._noisy(pictures), self._noisy(judged))
        d_loss = game.discriminator(real, fake, self._targets(len(real)))
        self.d_optimiser.zero_grad()
        d_loss.backward()
        self.d_optimiser.step()
        fake = fake.detach()
        # d softplus(-v) / dv = -sigmoid(-v) for the generator, d softplus(v) / dv = sigmoid(v) for the discriminator
        factor = -(-fake.clamp(-LARGEST, LARGEST)).exp().repeat_interleave(pack)
        assert judged.grad is not None
        self.g_optimiser.zero_grad()
        generated.backward((judged.grad * factor[:, None, None, None]).to(generated.dtype))
        self.g_optimiser.step()
        return {"d_loss": d_loss.detach(), "g_loss": game.generator(real, fake)}, real.detach(), fake

    def _verdicts_on_both(self, pictures: Tensor, generated: Tensor) -> tuple[Tensor, Tensor]:
        """Verdicts, float32 `(B / pack,)` each: one pass from the second layer on.

        The first layer takes them apart: a gradient of the real pictures is of no use, and that layer's costs most.
        """
        layers = self.discriminator.layers
        assert isinstance(layers, nn.Sequential)
        first, rest = layers[0], layers[1:]
        with self._autocast():
            maps = [first(self._packed(part)) for part in (pictures, generated)]
            verdicts = rest(torch.cat(maps)).flatten().float()
        real, fake = verdicts.split(len(verdicts) // 2)
        return real, fake

    def _seen(self, figures: dict[str, Tensor], real: Tensor, fake: Tensor) -> LiveStep:
        real, fake = real.sigmoid(), fake.sigmoid()
        figures = {**figures, "d_real": real.mean(), "d_fake": fake.mean()}
        values = {name: value.item() for name, value in figures.items()}
        return LiveStep(self.step, self.average, values, real.cpu(), fake.cpu())


def histogram(verdicts: Tensor) -> tuple[int, ...]:
    """How many verdicts `(N,)` in 0 … 1 fall into each of `BINS` equal parts."""
    return tuple(torch.histc(verdicts.float(), bins=BINS, min=0.0, max=1.0).int().tolist())


def blurred(pictures: Tensor) -> Tensor:
    """Pictures `(N, C, H, W)` in [-1, 1] as rows `(N, C H W / 4)` that `closest` compares with."""
    return F.avg_pool2d(pictures, 2).flatten(1)


def closest(samples: Tensor, rows: Tensor) -> list[int]:
    """For each sample `(B, C, H, W)` in [-1, 1] the index of the picture whose row, see `blurred`, differs least."""
    return torch.cdist(blurred(samples), rows).argmin(dim=1).tolist()


def varied(pictures: Tensor, count: int, *, random: torch.Generator) -> Tensor:
    """Make many pictures of few: each moved, turned and scaled by a little, so that no two are quite alike.

    Args:
        pictures: uint8 `(N, C, H, W)`, light on black.
        count: how many to return, in turns.
        random: on the CPU.

    Returns:
        uint8 `(count, C, H, W)`.
    """
    chosen = pictures[torch.arange(count) % len(pictures)].float()
    turn, size, across, down = (2 * torch.rand(4, count, generator=random) - 1).unbind()
    angle, scale = TURN * turn, 1 + GROWTH * size
    rows: Sequence[Tensor] = (
        scale * angle.cos(),
        -scale * angle.sin(),
        2 * SHIFT * across,
        scale * angle.sin(),
        scale * angle.cos(),
        2 * SHIFT * down,
    )
    grid = F.affine_grid(torch.stack(list(rows), dim=1).view(-1, 2, 3), list(chosen.shape), align_corners=False)
    return F.grid_sample(chosen, grid, align_corners=False).round().clamp(0, 255).to(torch.uint8)
