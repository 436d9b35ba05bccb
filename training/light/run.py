"""The training run of the light style network.

It starts as a thinned AdaIN (`thinning.py`) and learns to give the pictures that AdaIN gives (`pairs.py`). The loss
compares the features of the first blocks of VGG-19 and their Gram matrices, each relative to the size of its target, so
that every layer and every painting counts alike.
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

LAYERS = ("relu1_1", "relu2_1", "relu3_1")  # the next block would double the cost


@dataclass(frozen=True)
class LightProgress:
    """The state after `step` training steps."""

    step: int
    network: LightStyle
    figures: Mapping[str, float] = field(default_factory=dict)

    def weights(self) -> dict[str, Tensor]:
        """The state dict of the averaged network."""
        return self.network.state_dict()


class LightRun(resumable.Resumable[Settings, LightProgress]):
    """One training run; a checkpoint holds its whole state.

    Args:
        settings: of the run.
        network: to train.
        pairs: training pairs.
        vgg: the network whose features the loss compares.
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
        """Initialise the network by thinning AdaIN, and whiten the inputs of its layers."""
        first = torch.arange(self.settings.thinned)
        photos, paintings, _ = self._batch(first)
        side = photos.shape[-1]
        unexplained = thinning.thin(
            self.average, self.vgg, decoder.to(self.device), photos, paintings[..., :side, :side]
        )
        print(
            "  ".join(f"{name} {share:.2f}" for name, share in unexplained.items()),
            "of the variance unexplained",
            flush=True,
        )
        whitening.fill(self.network, self.average)
        whitening.whiten(self.network, lambda: self._restyle(photos, paintings))

    def now(self) -> LightProgress:
        """The state before the next step."""
        return LightProgress(self.step, self.average)

    def advance(self) -> LightProgress:
        """Train on one batch."""
        chosen = torch.randint(len(self.pairs.photos), (self.settings.batch,), generator=self.random)
        photos, paintings, targets = self._batch(chosen)
        restyled = self._restyle(photos, paintings)
        features, grams = self._losses(restyled, targets)
        pixels = (restyled - targets).abs().mean()
        self.optimiser.zero_grad()
        (features + self.settings.grams * grams + pixels).backward()
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        averaging.follow(self.average, self.network, step=self.step, decay=self.settings.ema)
        figures = {"features_loss": features, "grams_loss": grams, "pixels_loss": pixels}
        return LightProgress(self.step, self.average, {name: value.item() for name, value in figures.items()})

    def _rate(self, step: int) -> float:
        share = step / self.settings.steps
        return min(1.0, (step + 1) / self.settings.warm) * 0.5 * (1 + math.cos(math.pi * share))

    def _batch(self, chosen: Tensor) -> list[Tensor]:
        """Photos, paintings and restyled photos in [0, 1]."""
        parts = (part[chosen].to(self.device).float().div(255) for part in self.pairs)
        return [part.contiguous(memory_format=torch.channels_last) for part in parts]

    def _restyle(self, photos: Tensor, paintings: Tensor) -> Tensor:
        styles = adain.moments(self.network.encode(paintings))
        return self.network.decode(adain.adain(self.network.encode(photos), styles))

    def _losses(self, restyled: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The feature and the Gram loss: 0 for equal pictures, about 1 for a flat grey picture."""
        with torch.no_grad():
            target_features = self._features(targets)
        feature_losses, gram_losses = [], []
        for layer, features in self._features(restyled).items():
            target = target_features[layer]
            feature_losses.append(((features - target).square().mean((1, 2, 3)) / target.var((1, 2, 3))).mean())
            grams, target_grams = gram.gram(features), gram.gram(target)
            distances = (grams - target_grams).square().sum((1, 2))
            gram_losses.append((distances / target_grams.square().sum((1, 2))).mean())
        return torch.stack(feature_losses).mean(), torch.stack(gram_losses).mean()

    def _features(self, pictures: Tensor) -> dict[str, Tensor]:
        with training_autocast(self.device):
            layers = self.vgg(pictures, LAYERS)
        return {layer: features.float() for layer, features in layers.items()}
