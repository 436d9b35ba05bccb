"""Put a finished pair of translators into weights/: one model for each way."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torchvision.utils import save_image

from models.gan.cyclegan import Translator
from models.gan.training.recipe import CycleRecipe
from models.hub import manifest
from training import weights_folder
from training.data import emoji
from training.running import thinned

TITLES = {"twitter": "Twemoji", "google": "Noto"}
WAYS: dict[str, tuple[emoji.Hand, emoji.Hand]] = {"forth": ("twitter", "google"), "back": ("google", "twitter")}
SAMPLES = 12

CARD = """
{shows}Redraws emoji of {source} in the manner of {target}, at {size} × {size} pixels. It has never been shown which
drawing of the one belongs to which of the other: a CycleGAN learns from two sets that nobody paired.

![Held-out emoji: as they came in, as they came out, and as {target} draws them](samples.png)

## Use

```python
from models.gan.cyclegan import Translator

translator = Translator.from_pretrained("weights/{name}")
translated = translator(pictures)  # pictures (N, 3, {size}, {size}) in [-1, 1]
```

## Training

`{command}` repeats it: the recipe is `training/recipes/cycle/{recipe}.toml`, the loop is
`training/cycle/run.py`. It saw {drawings} drawings by each hand ({categories}); every fifth code
point was held out and seen in neither.

## Limits

It changes colours, shadows and outlines; what only the other hand draws it cannot know. The drawings that it learned
from are CC-BY 4.0 (Twemoji) and Apache-2.0 (Noto).
"""


def name_of(settings: CycleRecipe, way: str) -> str:
    """What a way's model is called."""
    source, target = (TITLES[hand].lower() for hand in WAYS[way])
    return f"{settings.name}-{source}-to-{target}"


def write(settings: CycleRecipe, folder: Path, *, weights: Path = manifest.FOLDER) -> list[Path]:
    """Write both ways' folders from the state dicts and the log that a training run left.

    Args:
        settings: the run's recipe.
        folder: holds `step-NNNNNN.pt` for each snapshot of the recipe and `log.jsonl`.
        weights: the weights folder.

    Raises:
        FileNotFoundError: a snapshot or the log is missing, so the run is not finished.
    """
    kept = {
        step: torch.load(folder / f"step-{step:06d}.pt", map_location="cpu", weights_only=True)
        for step in settings.snapshots
    }
    log = "".join(f"{line}\n" for line in thinned((folder / "log.jsonl").read_text().splitlines()))
    return [_write_one(settings, way, kept, log, weights) for way in WAYS]


def _write_one(settings: CycleRecipe, way: str, kept: dict[int, dict[str, Tensor]], log: str, weights: Path) -> Path:
    name, (source, target) = name_of(settings, way), WAYS[way]
    network = Translator(**settings.generator.model_dump(), channels=3)
    states: dict[int | None, dict[str, Tensor]] = {
        step: {key.removeprefix(f"{way}."): t for key, t in state.items() if key.startswith(f"{way}.")}
        for step, state in kept.items()
    }
    titles, command = (TITLES[source], TITLES[target]), f"python -m training.cycle {settings.name}"
    text = CARD.format(
        name=name,
        recipe=settings.name,
        shows=f"{settings.shows}\n\n" if settings.shows else "",
        source=titles[0],
        target=titles[1],
        size=settings.size,
        command=command,
        drawings=len(emoji.drawn(source, settings.categories)),
        categories=", ".join(settings.categories) or "all categories",
    )
    about = weights_folder.About(
        title=f"{settings.title}: {titles[0]} to {titles[1]}",
        origin="trained here, from scratch",
        licence="apache-2.0",
        command=command,
        text=text,
        shows=settings.shows,
    )
    written = weights_folder.write(name, network, states, about, folder=weights)
    (written / "log.jsonl").write_text(log)
    translator = Translator.from_pretrained(written)
    given, wanted = (emoji.drawn(hand, settings.categories, train=False, size=settings.size) for hand in WAYS[way])
    chosen = torch.linspace(0, len(given) - 1, SAMPLES).long()
    scaled = given[chosen].float() / 127.5 - 1
    rows = torch.cat([scaled, translator(scaled), wanted[chosen].float() / 127.5 - 1])
    save_image(rows, written / "samples.png", nrow=SAMPLES, normalize=True, value_range=(-1, 1), padding=0)
    return written
