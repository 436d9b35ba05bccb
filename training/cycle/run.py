"""The training run of two translators with CycleGAN's losses (Zhu et al., 2017).

Three losses: a translation should look like a picture of the other set (adversarial), translating it back should give
the original (cycle consistency), and a picture that is already in the target set should stay as it is (identity).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from models import tensors
from models.device import training_autocast
from models.gan.cyclegan import PatchDiscriminator, Translator
from models.gan.training import averaging, parallel, resumable
from models.gan.training.augment import augmented
from models.gan.training.draws import Draws
from models.gan.training.losses import GAMES
from models.gan.training.recipe import CycleRecipe
from training.cycle.replay import ReplayPool
from training.data import emoji

VENDORS: tuple[emoji.Vendor, emoji.Vendor] = ("twitter", "google")
GAME = GAMES["least-squares"]


@dataclass(frozen=True)
class CycleProgress:
    """The state after `step` training steps."""

    step: int
    translators: nn.ModuleDict
    figures: Mapping[str, float] = field(default_factory=dict)

    def weights(self) -> dict[str, Tensor]:
        """The state dict of both translators, with the prefixes `forth.` and `back.`."""
        return self.translators.state_dict()


class CycleRun(resumable.Resumable[CycleRecipe, CycleProgress]):
    """One training run; a checkpoint holds its networks, optimisers, pools and random state.

    Args:
        settings: the recipe.
        first: uint8 `(N, C, H, W)`, the pictures that `forth` translates.
        second: uint8 `(M, C, H, W)`, the pictures that `back` translates.
        device: where to train.
    """

    def __init__(self, settings: CycleRecipe, first: Tensor, second: Tensor, *, device: torch.device) -> None:
        self.settings, self.pictures, self.device = settings, (first, second), device
        parallel.check(settings.batch)
        torch.manual_seed(settings.seed)
        translator, judge, channels = (
            settings.generator.model_dump(),
            settings.discriminator.model_dump(),
            first.shape[1],
        )
        translators = nn.ModuleDict({way: Translator(**translator, channels=channels) for way in ("forth", "back")})
        judges = nn.ModuleDict({kind: PatchDiscriminator(**judge, channels=channels) for kind in ("first", "second")})
        self.translators = translators.to(device).to(memory_format=torch.channels_last)
        self.judges = judges.to(device).to(memory_format=torch.channels_last)
        self.average = averaging.still(self.translators)
        self.pools = (ReplayPool(settings.pool), ReplayPool(settings.pool))
        self.random = torch.Generator().manual_seed(settings.seed)
        rates = settings.optimiser
        self.g_optimiser = Adam(self.translators.parameters(), rates.generator_lr, rates.betas)
        self.d_optimiser = Adam(self.judges.parameters(), rates.discriminator_lr, rates.betas)
        parallel.average_gradients(self.g_optimiser, self.d_optimiser)
        self.schedules = [LambdaLR(o, self._decay) for o in (self.g_optimiser, self.d_optimiser)]
        self.step = 0

    parts = ("translators", "judges", "average", "g_optimiser", "d_optimiser")
    lists = ("schedules", "pools")

    def now(self) -> CycleProgress:
        """The state before the next step."""
        return CycleProgress(self.step, self.average)

    def _decay(self, step: int) -> float:
        start, end = self.settings.optimiser.decay_from, self.settings.steps
        return 1.0 if start is None else min(1.0, (end - step) / (end - start))

    def advance(self) -> CycleProgress:
        """One step of the translators, then one of the discriminators."""
        reals = [self._real(pictures) for pictures in self.pictures]
        g_losses, fakes = self._teach_translators(*reals)
        d_loss = self._teach_judges(reals, fakes)
        for schedule in self.schedules:
            schedule.step()
        self.step += 1
        averaging.follow(self.average, self.translators, step=self.step, decay=self.settings.ema)
        figures = {"d_loss": d_loss, **g_losses}
        return CycleProgress(self.step, self.average, {name: value.item() for name, value in figures.items()})

    def _teach_translators(self, first: Tensor, second: Tensor) -> tuple[dict[str, Tensor], list[Tensor]]:
        settings, count = self.settings, len(first)
        self.judges.requires_grad_(False)
        forth, same_second = self._translate("forth", torch.cat([first, second])).split(count)
        back, same_first = self._translate("back", torch.cat([second, first])).split(count)
        on_second, on_first = self._verdicts("second", forth), self._verdicts("first", back)
        adversarial = GAME.generator(on_second, on_second) + GAME.generator(on_first, on_first)
        cycle = (self._translate("back", forth) - first).abs().mean() + (
            self._translate("forth", back) - second
        ).abs().mean()
        identity = (same_first - first).abs().mean() + (same_second - second).abs().mean()
        g_loss = adversarial + settings.cycle * cycle + settings.identity * identity
        self.g_optimiser.zero_grad()
        g_loss.backward()
        self.g_optimiser.step()
        self.judges.requires_grad_(True)
        losses = {"g_loss": adversarial, "cycle_loss": cycle, "identity_loss": identity}
        return {name: loss.detach() for name, loss in losses.items()}, [back.detach(), forth.detach()]

    def _teach_judges(self, reals: list[Tensor], fakes: list[Tensor]) -> Tensor:
        loss = torch.zeros((), device=self.device)
        for kind, real, fake, pool in zip(("first", "second"), reals, fakes, self.pools, strict=True):
            verdicts = self._verdicts(kind, real)
            older = self._verdicts(kind, parallel.part(pool.exchange(parallel.whole(fake), self.random)))
            loss = loss + GAME.discriminator(verdicts, older, torch.ones_like(verdicts)) / 2
        self.d_optimiser.zero_grad()
        loss.backward()
        self.d_optimiser.step()
        return loss.detach()

    def _real(self, pictures: Tensor) -> Tensor:
        chosen = parallel.part(torch.randint(len(pictures), (self.settings.batch,), generator=self.random))
        real = tensors.from_uint8(pictures[chosen].to(self.device))
        return real.contiguous(memory_format=torch.channels_last)

    def _translate(self, way: str, pictures: Tensor) -> Tensor:
        with training_autocast(self.device):
            return self.translators[way](pictures).float()

    def _verdicts(self, kind: str, pictures: Tensor) -> Tensor:
        changed = augmented(pictures, self.settings.augment, Draws(self.random, self.device))
        with training_autocast(self.device):
            return self.judges[kind](changed).float()
