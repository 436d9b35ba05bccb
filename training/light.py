"""Train the light style network: `python -m training.light`.

It learns from the loss that paintings are measured by (`models.style_loss`), with the lecture's 1 : 10,000, on random
squares of paintings and of photographs; every painting is paired with every photograph of its batch. The logarithm of
the loss is what falls, so that a pair with a strong painting counts no more than one with a faint one.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from models import colour, gram, hub, light
from models.device import training_autocast
from models.light import LightStyle
from models.style_loss import total_variation
from models.style_terms import Weights
from models.vgg import VGG19
from training import averaging, export_light, light_pictures, packages, running

STYLE_LAYERS = gram.STYLE_LAYERS[:-1]  # relu5_1 sees more than a small square holds, and a fifth of the time goes there
CHECKPOINT_EVERY = 100
STRONG = 3.0


@dataclass(frozen=True)
class Settings:
    """A run: `steps` batches of `paintings` × `photos` squares of `side` pixels."""

    name: str = "light-style"
    steps: int = 900
    side: int = 128
    paintings: int = 2
    photos: int = 2
    seed: int = 0
    rate: float = 1e-3
    warm: int = 50  # steps until the rate is reached; from there it falls to zero like a cosine
    ema: float = 0.99
    painted: float = 0.85  # the share of styles that are paintings; the others are any picture
    recoloured: float = 0.3  # the share of styles whose colours are changed
    strong: int = 500  # steps in which the style weighs three times as much: strokes first, their places then
    variation: float = 3.0  # the weight of the total variation

    @property
    def snapshots(self) -> list[int]:
        """The last step alone."""
        return [self.steps]


@dataclass(frozen=True)
class Progress:
    """The state after `step` training steps."""

    step: int
    network: LightStyle
    figures: Mapping[str, float] = field(default_factory=dict)

    def weights(self) -> dict[str, Tensor]:
        """The averaged network's."""
        return self.network.state_dict()


class Run(running.Resumable[Settings, Progress]):
    """One training run, all of whose state a checkpoint holds.

    Args:
        settings: of the run.
        paintings: uint8 `(3, H, W)` each.
        others: the same, of pictures that are none.
        vgg: what measures.
        device: where to train.
    """

    def __init__(
        self, settings: Settings, paintings: list[Tensor], others: list[Tensor], vgg: VGG19, *, device: torch.device
    ) -> None:
        self.settings, self.device = settings, device
        self.paintings, self.pictures = paintings, [*paintings, *others]
        torch.manual_seed(settings.seed)
        self.network = LightStyle().to(device).to(memory_format=torch.channels_last)
        self.average = averaging.still(self.network)
        self.vgg = vgg.to(device).to(memory_format=torch.channels_last).requires_grad_(False)
        self.random = torch.Generator().manual_seed(settings.seed)
        self.optimiser = Adam(self.network.parameters(), settings.rate, (0.9, 0.99))
        self.schedule = LambdaLR(self.optimiser, self._rate)
        self.weights = Weights(style_layers=dict.fromkeys(STYLE_LAYERS, 1.0))
        self.step = 0

    parts = ("network", "average", "optimiser", "schedule")

    def now(self) -> Progress:
        """The state before the next step."""
        return Progress(self.step, self.average)

    def _rate(self, step: int) -> float:
        warm, steps = self.settings.warm, self.settings.steps
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + float(torch.cos(torch.tensor(torch.pi * (step - warm) / max(1, steps - warm)))))

    def advance(self) -> Progress:
        """One batch: every painting of it with every photograph."""
        photos = torch.cat([self._cut(self.pictures) for _ in range(self.settings.photos)]).to(self.device)
        styles = torch.cat([self._style() for _ in range(self.settings.paintings)]).to(self.device)
        with torch.no_grad():
            wanted = self._see(photos)
            targets = self._see(styles)
        coloured = torch.cat([light.coloured(p[None], *colour.statistics(s[None])) for s in styles for p in photos])
        codes, strokes = (
            made.repeat_interleave(len(photos), 0) for made in (self.network.encoder(styles), light.strokes(styles))
        )
        painted = self.network(coloured.contiguous(memory_format=torch.channels_last), strokes, codes)
        content, style = self._losses(self._see(painted), wanted, targets)
        emphasis = STRONG if self.step < self.settings.strong else 1.0
        total = self.weights.content * content + emphasis * self.weights.style * style
        loss = total.log().mean() + self.settings.variation * total_variation(painted)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        averaging.follow(self.average, self.network, step=self.step, decay=self.settings.ema)
        terms = {"content": self.weights.content * content.mean(), "style": self.weights.style * style.mean()}
        means = {"loss": total.log().mean().exp(), **terms}
        return Progress(self.step, self.average, {name: value.item() for name, value in means.items()})

    def _losses(
        self, seen: dict[str, Tensor], wanted: dict[str, Tensor], targets: dict[str, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Content and style of each painted square, `(paintings * photos,)`, before their weights."""
        paintings, photos = self.settings.paintings, self.settings.photos
        content = torch.zeros(paintings * photos, device=self.device)
        style = torch.zeros_like(content)
        for layer, weight in self.weights.of_content.items():
            away = seen[layer] - wanted[layer].repeat(paintings, 1, 1, 1)
            content = content + weight * away.square().mean((1, 2, 3))
        for layer, weight in self.weights.of_style.items():
            target = gram.gram(targets[layer]).repeat_interleave(photos, 0)
            away = (gram.gram(seen[layer]) - target).square().mean((1, 2))
            style = style + weight * away / (16 * target.shape[-1])
        return content, style

    def _see(self, pictures: Tensor) -> dict[str, Tensor]:
        layers = {*self.weights.of_content, *self.weights.of_style}
        with training_autocast(self.device):
            found = self.vgg(pictures.contiguous(memory_format=torch.channels_last), layers)
        return {layer: features.float() for layer, features in found.items()}

    def _style(self) -> Tensor:
        square = self._cut(self.paintings if self._chance(self.settings.painted) else self.pictures)
        return light_pictures.recoloured(square, self.random) if self._chance(self.settings.recoloured) else square

    def _cut(self, pictures: list[Tensor]) -> Tensor:
        chosen = int(torch.randint(len(pictures), (), generator=self.random))
        return light_pictures.cut(pictures[chosen], self.settings.side, self.random)

    def _chance(self, share: float) -> bool:
        return bool(torch.rand((), generator=self.random) < share)


def main() -> None:
    """Train it and put it into weights/."""
    parser = argparse.ArgumentParser(prog="python -m training.light", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--work", type=Path, default=packages.CACHE / "training", help="checkpoints and logs")
    parser.add_argument("--no-export", action="store_true", help="leave weights/ alone")
    options = parser.parse_args()
    settings, device = Settings(), torch.device(options.device)
    folder = options.work / settings.name
    folder.mkdir(parents=True, exist_ok=True)
    vgg = hub.load("vgg19")
    assert isinstance(vgg, VGG19)
    paintings, others = (light_pictures.read(paths) for paths in light_pictures.found())
    run = Run(settings, paintings, others, vgg, device=device)
    running.train(run, settings, folder, device=device, checkpoint_every=CHECKPOINT_EVERY)
    if not options.no_export:
        print(export_light.write(settings, folder, pictures=len(paintings) + len(others)))


if __name__ == "__main__":
    main()
