"""The training run of two translators with CycleGAN's losses (Zhu et al., 2017).

Each translation has to pass for the other set's own, the way there and back has to lead home, and a picture that has
the manner already has to be left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from models.device import training_autocast
from models.gan.cyclegan import PatchDiscriminator, Translator
from models.gan.training import averaging, resumable
from models.gan.training.augment import augmented
from models.gan.training.losses import GAMES
from models.gan.training.recipe import CycleRecipe
from training.cycle.replay import ReplayPool
from training.data import emoji

HANDS: tuple[emoji.Hand, emoji.Hand] = ("twitter", "google")
GAME = GAMES["least-squares"]


@dataclass(frozen=True)
class Progress:
    """The state after `step` training steps."""

    step: int
    translators: nn.ModuleDict
    figures: Mapping[str, float] = field(default_factory=dict)

    def weights(self) -> dict[str, Tensor]:
        """Both translators, `forth.` and `back.`."""
        return self.translators.state_dict()


class Run(resumable.Resumable[CycleRecipe, Progress]):
    """One training run: networks, optimisers, pools and random state, all of which a checkpoint holds.

    Args:
        settings: the recipe.
        first: uint8 `(N, C, H, W)`, what `forth` translates.
        second: uint8 `(M, C, H, W)`, what `back` translates.
        device: where to train.
    """

    def __init__(self, settings: CycleRecipe, first: Tensor, second: Tensor, *, device: torch.device) -> None:
        self.settings, self.pictures, self.device = settings, (first, second), device
        torch.manual_seed(settings.seed)
        made, judged, channels = settings.generator.model_dump(), settings.discriminator.model_dump(), first.shape[1]
        translators = nn.ModuleDict({way: Translator(**made, channels=channels) for way in ("forth", "back")})
        judges = nn.ModuleDict({kind: PatchDiscriminator(**judged, channels=channels) for kind in ("first", "second")})
        self.translators = translators.to(device).to(memory_format=torch.channels_last)
        self.judges = judges.to(device).to(memory_format=torch.channels_last)
        self.average = averaging.still(self.translators)
        self.pools = (ReplayPool(settings.pool), ReplayPool(settings.pool))
        self.random = torch.Generator().manual_seed(settings.seed)
        rates = settings.optimiser
        self.g_optimiser = Adam(self.translators.parameters(), rates.generator_lr, rates.betas)
        self.d_optimiser = Adam(self.judges.parameters(), rates.discriminator_lr, rates.betas)
        self.schedules = [LambdaLR(o, self._decay) for o in (self.g_optimiser, self.d_optimiser)]
        self.step = 0

    parts = ("translators", "judges", "average", "g_optimiser", "d_optimiser")
    lists = ("schedules", "pools")

    def now(self) -> Progress:
        """The state before the next step."""
        return Progress(self.step, self.average)

    def _decay(self, step: int) -> float:
        start, end = self.settings.optimiser.decay_from, self.settings.steps
        return 1.0 if start is None else min(1.0, (end - step) / (end - start))

    def advance(self) -> Progress:
        """One step of the translators, then one of the judges."""
        reals = [self._real(pictures) for pictures in self.pictures]
        g_losses, fakes = self._teach_translators(*reals)
        d_loss = self._teach_judges(reals, fakes)
        for schedule in self.schedules:
            schedule.step()
        self.step += 1
        averaging.follow(self.average, self.translators, step=self.step, decay=self.settings.ema)
        figures = {"d_loss": d_loss, **g_losses}
        return Progress(self.step, self.average, {name: value.item() for name, value in figures.items()})

    def _teach_translators(self, first: Tensor, second: Tensor) -> tuple[dict[str, Tensor], list[Tensor]]:
        settings, count = self.settings, len(first)
        self.judges.requires_grad_(False)
        forth, same_second = self._translate("forth", torch.cat([first, second])).split(count)
        back, same_first = self._translate("back", torch.cat([second, first])).split(count)
        passed = [GAME.generator(v, v) for v in (self._verdicts("second", forth), self._verdicts("first", back))]
        home = (self._translate("back", forth) - first).abs().mean() + (
            self._translate("forth", back) - second
        ).abs().mean()
        kept = (same_first - first).abs().mean() + (same_second - second).abs().mean()
        g_loss = passed[0] + passed[1] + settings.cycle * home + settings.identity * kept
        self.g_optimiser.zero_grad()
        g_loss.backward()
        self.g_optimiser.step()
        self.judges.requires_grad_(True)
        losses = {"g_loss": passed[0] + passed[1], "cycle_loss": home, "identity_loss": kept}
        return {name: loss.detach() for name, loss in losses.items()}, [back.detach(), forth.detach()]

    def _teach_judges(self, reals: list[Tensor], fakes: list[Tensor]) -> Tensor:
        loss = torch.zeros((), device=self.device)
        for kind, real, fake, pool in zip(("first", "second"), reals, fakes, self.pools, strict=True):
            verdicts = self._verdicts(kind, real)
            older = self._verdicts(kind, pool.exchange(fake, self.random))
            loss = loss + GAME.discriminator(verdicts, older, torch.ones_like(verdicts)) / 2
        self.d_optimiser.zero_grad()
        loss.backward()
        self.d_optimiser.step()
        return loss.detach()

    def _real(self, pictures: Tensor) -> Tensor:
        chosen = torch.randint(len(pictures), (self.settings.batch,), generator=self.random)
        real = pictures[chosen].to(self.device).float().div_(127.5).sub_(1.0)
        return real.contiguous(memory_format=torch.channels_last)

    def _translate(self, way: str, pictures: Tensor) -> Tensor:
        with training_autocast(self.device):
            return self.translators[way](pictures).float()

    def _verdicts(self, kind: str, pictures: Tensor) -> Tensor:
        seen = augmented(pictures, self.settings.augment, self.random)
        with training_autocast(self.device):
            return self.judges[kind](seen).float()
