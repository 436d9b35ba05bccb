"""The adversarial training loop: a discriminator and a generator trained against each other, step by step.

The losses are in `models.gan.training.losses`; all that differs between two runs is in their recipes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from models import tensors
from models.cuda_graph import Replayed
from models.device import training_autocast
from models.gan.training import averaging, networks, parallel, r1, resumable, spectral
from models.gan.training.augment import augmented
from models.gan.training.draws import Draws
from models.gan.training.losses import GAMES, slope_from_one, squared_slope
from models.gan.training.recipe import Recipe
from models.gan.training.resumable import Figures

FIGURES = ("d_loss", "g_loss", "d_real", "d_fake")  # the losses, and D's mean verdicts


@dataclass(frozen=True)
class AdversarialStep:
    """The state after `step` training steps; the figures are the losses and D's mean verdicts, 0 to 1."""

    step: int
    generator: nn.Module
    figures: Mapping[str, float] = field(default_factory=dict)

    def weights(self) -> dict[str, Tensor]:
        """The averaged generator's state dict."""
        return self.generator.state_dict()


class AdversarialRun(resumable.Resumable[Recipe, AdversarialStep]):
    """One training run: networks, optimisers and random state; `state_dict` returns all of it.

    Args:
        settings: the recipe.
        pictures: uint8 `(N, C, H, W)`.
        device: where to train.
        static: a step does the same work on the same tensors, in float32, so that on CUDA it becomes one graph. None
            chooses that on CUDA, with two exceptions: noise that fades changes what a step does, and several processes
            exchange messages within it. Any other step computes in half precision where `training_autocast` does: a CPU
            with bfloat16 trains faster so.
    """

    def __init__(self, settings: Recipe, pictures: Tensor, *, device: torch.device, static: bool | None = None) -> None:
        self.settings, self.pictures, self.device = settings, pictures, device
        parallel.check(settings.batch, pack=settings.pack)
        self._batch = settings.batch // parallel.processes()
        if static is None:
            static = device.type == "cuda" and not settings.noise.start and parallel.processes() == 1
        self.static = static
        self._rows = pictures.permute(0, 2, 3, 1).to(device)  # (N, H, W, C)
        if self.static:
            self._rows = self._rows.contiguous()  # so that what is taken from it is channels last
        torch.manual_seed(settings.seed)
        generator, discriminator = networks.build(settings, channels=pictures.shape[1], size=pictures.shape[2])
        self.average = averaging.still(generator).to(device).to(memory_format=torch.channels_last)
        if settings.network == "sagan":
            spectral.normalise(generator)
            spectral.normalise(discriminator)
        parallel.prepare(generator, discriminator)
        self.generator = generator.to(device).to(memory_format=torch.channels_last)
        self.discriminator = discriminator.to(device).to(memory_format=torch.channels_last)
        self.random = torch.Generator().manual_seed(settings.seed)
        rates, betas = settings.optimiser, settings.optimiser.betas
        self.g_optimiser = Adam(self.generator.parameters(), rates.generator_lr, betas, fused=True)
        self.d_optimiser = Adam(self.discriminator.parameters(), rates.discriminator_lr, betas, fused=True)
        parallel.average_gradients(self.g_optimiser, self.d_optimiser)
        self.schedules = [LambdaLR(o, self._decay) for o in (self.g_optimiser, self.d_optimiser)]
        self.step = 0
        self._prepare()

    def _prepare(self) -> None:
        """Make what a step finds in place; anew where the optimisers' state is another."""
        for optimiser in (self.g_optimiser, self.d_optimiser):
            for group in optimiser.param_groups:
                rate = float(group["lr"])
                group["lr"] = torch.tensor(rate, device=self.device) if self.static else rate
                group["capturable"] = self.static and self.device.type == "cuda"
        self.draws = Draws(self.random, self.device, in_place=self.static)
        self._share = torch.zeros((), device=self.device)  # by which the average moves
        self._figures = torch.zeros(len(FIGURES), device=self.device)
        self._step = Replayed(self.static_step, self.device) if self.static else self.static_step

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state, of a run on any device."""
        super().load_state_dict(state)
        self._prepare()

    parts = ("generator", "discriminator", "average", "g_optimiser", "d_optimiser")
    lists = ("schedules",)

    def now(self) -> AdversarialStep:
        """The state before the next step."""
        return AdversarialStep(self.step, self.average)

    def _decay(self, step: int) -> float:
        start, end = self.settings.optimiser.decay_from, self.settings.steps
        return 1.0 if start is None else min(1.0, (end - step) / (end - start))

    def advance(self) -> AdversarialStep:
        """One step of each network, or as many as the recipe says; the last generated batch serves both."""
        self.draws.renew()
        self._share.fill_(1 - averaging.decay_at(self.step + 1, self.settings.ema))
        self._step()
        for schedule in self.schedules:
            schedule.step()
        self.step += 1
        return AdversarialStep(self.step, self.average, Figures(FIGURES, self._figures.clone()))

    def static_step(self) -> None:
        """One step of tensors alone; a static run has the same one as a CUDA graph."""
        self.draws.begin()
        for _ in range(self.settings.d_steps):
            fake = self._draw()
            d_loss, real, real_verdicts, fake_verdicts = self._train_discriminator(fake)
        for i in range(self.settings.g_steps):
            g_loss = self._train_generator(self._draw() if i else fake, real)
        averaging.move(self.average, self.generator, self._share)
        d_real, d_fake = (verdicts.sigmoid().mean() for verdicts in (real_verdicts, fake_verdicts))
        torch.stack([d_loss, g_loss, d_real, d_fake], out=self._figures)

    def _train_discriminator(self, fake: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        settings, fake = self.settings, fake.detach()
        real = self._noisy(self._real())
        fake = self._noisy(fake)
        if settings.r2:
            fake = fake.float().requires_grad_()
        fast = self._fast_r1(real)
        if settings.r1 and not fast:
            real.requires_grad_()
        real_verdicts = fast.verdicts if fast else self._verdicts(real)
        fake_verdicts = self._verdicts(fake)
        loss = GAMES[settings.game].discriminator(real_verdicts, fake_verdicts, self._targets(len(real_verdicts)))
        if settings.r1:
            loss = loss + settings.r1 / 2 * (fast.penalty() if fast else squared_slope(real_verdicts, real))
        if settings.r2:
            loss = loss + settings.r2 / 2 * squared_slope(fake_verdicts, fake)
        if settings.gradient_penalty:
            share = self.draws.uniform(len(real))
            loss = loss + settings.gradient_penalty * slope_from_one(self._verdicts, real, fake, share)
        self.d_optimiser.zero_grad()
        loss.backward()
        if fast:
            with self._autocast():
                fast.add_gradients(settings.r1)
        self.d_optimiser.step()
        return loss.detach(), real.detach(), real_verdicts.detach(), fake_verdicts.detach()

    def _fast_r1(self, real: Tensor) -> r1.ForwardPass | None:
        """The fast R1 penalty, or None where the recipe or the discriminator does not allow it."""
        settings = self.settings
        if not settings.r1 or settings.pack > 1 or settings.augment or not r1.is_piecewise_linear(self.discriminator):
            return None
        with self._autocast():
            return r1.forward(self.discriminator, real)

    def _train_generator(self, fake: Tensor, real: Tensor) -> Tensor:
        self.discriminator.requires_grad_(False)
        verdicts = self._verdicts(self._noisy(fake))
        with torch.no_grad():  # only the relativistic game needs the verdicts on real pictures
            others = self._verdicts(real) if self.settings.game == "relativistic" else verdicts
        loss = GAMES[self.settings.game].generator(others, verdicts)
        self.g_optimiser.zero_grad()
        loss.backward()
        self.g_optimiser.step()
        self.discriminator.requires_grad_(True)
        return loss.detach()

    def _real(self) -> Tensor:
        """A batch of real pictures `(B, C, H, W)` in [-1, 1]."""
        chosen = self.draws.integers(0, len(self._rows), self._batch)
        real = tensors.from_uint8(self._rows[chosen].permute(0, 3, 1, 2))
        return real.contiguous(memory_format=torch.channels_last)

    def _draw(self) -> Tensor:
        z = self.draws.normal(self._batch, self.settings.generator.z_dim)
        with self._autocast():
            return self.generator(z)

    def _verdicts(self, pictures: Tensor) -> Tensor:
        """Verdicts, float32 `(B / pack,)`."""
        pictures = augmented(pictures, self.settings.augment, self.draws)
        with self._autocast():
            return self.discriminator(self._packed(pictures)).float()

    def _packed(self, pictures: Tensor) -> Tensor:
        """Pictures as the discriminator takes them: packed ones become the channels of one."""
        return pictures.unflatten(0, (-1, self.settings.pack)).flatten(1, 2) if self.settings.pack > 1 else pictures

    def _noisy(self, pictures: Tensor) -> Tensor:
        deviation = self.settings.noise.start * (1 - self.step / self.settings.noise.until)
        if deviation <= 0:
            return pictures
        return pictures + deviation * self.draws.normal(*pictures.shape)

    def _targets(self, count: int) -> Tensor:
        low, high = self.settings.real_target
        if low == high:
            return torch.full((count,), high, device=self.device)
        return low + (high - low) * self.draws.uniform(count)

    def _autocast(self) -> torch.autocast:
        """Half precision where it is fast; none in a static step, which would convert the weights at every use."""
        return torch.autocast(self.device.type, enabled=False) if self.static else training_autocast(self.device)
