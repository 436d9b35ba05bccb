"""The training run of the light network.

It starts as a thinned AdaIN (`thinning.py`) and learns to paint what AdaIN paints (`pairs.py`), as the first blocks of
VGG-19 see it: their features, place by place, and their Gram matrices, each against its own size, so that no layer and
no strong painting outweighs the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from models.device import training_autocast
from models.gan.training import averaging, resumable
from models.style import adain, gram
from models.style.adain import Decoder
from models.style.light import LightStyle
from models.style.vgg import VGG19
from training.light import thinning, whitening
from training.light.pairs import Pairs
from training.light.settings import Settings

LAYERS = ("relu1_1", "relu2_1", "relu3_1")  # the next block would cost as much again


@dataclass(frozen=True)
class Progress:
    """The state after `step` training steps."""

    step: int
    network: LightStyle
    figures: Mapping[str, float] = field(default_factory=dict)

    def weights(self) -> dict[str, Tensor]:
        """The averaged network's."""
        return self.network.state_dict()


class Run(resumable.Resumable[Settings, Progress]):
    """One training run, all of whose state a checkpoint holds.

    Args:
        settings: of the run.
        network: to be trained.
        pairs: to learn from.
        vgg: what compares.
        device: where to train.
    """

    def __init__(
        self, settings: Settings, network: LightStyle, pairs: Pairs, vgg: VGG19, *, device: torch.device
    ) -> None:
        self.settings, self.pairs, self.device = settings, pairs, device
        self.average = averaging.still(network).to(device)
        self.network = network.to(device).to(memory_format=torch.channels_last)
        whitening.prepare(self.network)
        self.vgg = vgg.to(device).to(memory_format=torch.channels_last).requires_grad_(False)
        self.random = torch.Generator().manual_seed(settings.seed)
        self.optimiser = Adam(self.network.parameters(), settings.rate, (0.9, 0.99))
        self.schedule = LambdaLR(self.optimiser, self._rate)
        self.step = 0

    parts = ("network", "average", "optimiser", "schedule")

    def start(self, decoder: Decoder) -> None:
        """Fill the network by thinning AdaIN, and whiten what goes into its layers."""
        first = torch.arange(self.settings.thinned)
        photos, paintings, _ = self._batch(first)
        side = photos.shape[-1]
        missed = thinning.thin(self.average, self.vgg, decoder.to(self.device), photos, paintings[..., :side, :side])
        print("  ".join(f"{name} {share:.2f}" for name, share in missed.items()), "of the variance missed", flush=True)
        whitening.fill(self.network, self.average)
        whitening.whiten(self.network, lambda: self._paint(photos, paintings))

    def now(self) -> Progress:
        """The state before the next step."""
        return Progress(self.step, self.average)

    def advance(self) -> Progress:
        """One batch."""
        chosen = torch.randint(len(self.pairs.photos), (self.settings.batch,), generator=self.random)
        photos, paintings, wanted = self._batch(chosen)
        made = self._paint(photos, paintings)
        features, grams = self._apart(made, wanted)
        pixels = (made - wanted).abs().mean()
        self.optimiser.zero_grad()
        (features + self.settings.grams * grams + pixels).backward()
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        averaging.follow(self.average, self.network, step=self.step, decay=self.settings.ema)
        figures = {"features_loss": features, "grams_loss": grams, "pixels_loss": pixels}
        return Progress(self.step, self.average, {name: value.item() for name, value in figures.items()})

    def _rate(self, step: int) -> float:
        share = step / self.settings.steps
        return min(1.0, (step + 1) / self.settings.warm) * 0.5 * (1 + math.cos(math.pi * share))

    def _batch(self, chosen: Tensor) -> list[Tensor]:
        """Photos, paintings and painted photos in [0, 1]."""
        parts = (part[chosen].to(self.device).float().div(255) for part in self.pairs)
        return [part.contiguous(memory_format=torch.channels_last) for part in parts]

    def _paint(self, photos: Tensor, paintings: Tensor) -> Tensor:
        styles = adain.moments(self.network.encode(paintings))
        return self.network.decode(adain.adain(self.network.encode(photos), styles))

    def _apart(self, made: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """How far the features and the Gram matrices are apart: 0 is equal, 1 as far as a flat grey picture, about."""
        with torch.no_grad():
            targets = self._see(wanted)
        features, grams = [], []
        for layer, seen in self._see(made).items():
            target = targets[layer]
            features.append(((seen - target).square().mean((1, 2, 3)) / target.var((1, 2, 3))).mean())
            own, other = gram.gram(seen), gram.gram(target)
            grams.append(((own - other).square().sum((1, 2)) / other.square().sum((1, 2))).mean())
        return torch.stack(features).mean(), torch.stack(grams).mean()

    def _see(self, pictures: Tensor) -> dict[str, Tensor]:
        with training_autocast(self.device):
            found = self.vgg(pictures, LAYERS)
        return {layer: features.float() for layer, features in found.items()}
