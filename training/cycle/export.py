"""Write a finished CycleGAN run into weights/: one model for each direction."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torchvision.utils import save_image

from models import tensors
from models.gan.cyclegan import Translator
from models.gan.training.recipe import CycleRecipe
from models.hub import manifest
from training import weights_folder
from training.data import emoji
from training.runs.running import thinned

TITLES: dict[emoji.Vendor, str] = {"twitter": "Twemoji", "google": "Noto"}
DIRECTIONS: dict[str, tuple[emoji.Vendor, emoji.Vendor]] = {
    "forth": ("twitter", "google"),
    "back": ("google", "twitter"),
}
SAMPLES = 12

CARD = """
{shows}Redraws emoji of {source} in the manner of {target}, at {size} × {size} pixels. It learned from two
unpaired sets: no drawing was matched with its counterpart.

![Held-out emoji: as they came in, as they came out, and as {target} draws them](samples.png)

## Use

```python
from models.gan.cyclegan import Translator

translator = Translator.from_pretrained("weights/{name}")
translated = translator(pictures)  # pictures (N, 3, {size}, {size}) in [-1, 1]
```

## Training

`{command}` repeats it: the recipe is `training/recipes/cycle/{recipe}.toml`, the loop is
`training/cycle/run.py`. It saw {drawings} drawings of each vendor ({categories}); every fifth code
point was held out of the training.

## Limits

It changes colours, shadows and outlines; it cannot add details that only the other vendor draws. The drawings that it
learned from are CC-BY 4.0 (Twemoji) and Apache-2.0 (Noto).
"""


def model_name(settings: CycleRecipe, direction: str) -> str:
    """The name of the translator of one direction."""
    source, target = (TITLES[vendor].lower() for vendor in DIRECTIONS[direction])
    return f"{settings.name}-{source}-to-{target}"


def write(settings: CycleRecipe, folder: Path, *, weights: Path = manifest.FOLDER) -> list[Path]:
    """Write both translators from the state dicts and the log of a training run.

    Args:
        settings: the run's recipe.
        folder: holds `step-NNNNNN.pt` for each snapshot of the recipe and `log.jsonl`.
        weights: the weights folder.

    Returns:
        The folders of the two models.

    Raises:
        FileNotFoundError: a snapshot or the log is missing, so the run is not finished.
    """
    snapshots = {
        step: torch.load(folder / f"step-{step:06d}.pt", map_location="cpu", weights_only=True)
        for step in settings.snapshots
    }
    log = "".join(f"{line}\n" for line in thinned((folder / "log.jsonl").read_text().splitlines()))
    return [_write_translator(settings, direction, snapshots, log, weights) for direction in DIRECTIONS]


def _write_translator(
    settings: CycleRecipe, direction: str, snapshots: dict[int, dict[str, Tensor]], log: str, weights: Path
) -> Path:
    name, (source, target) = model_name(settings, direction), DIRECTIONS[direction]
    network = Translator(**settings.generator.model_dump(), channels=3)
    states: dict[int | None, dict[str, Tensor]] = {
        step: {key.removeprefix(f"{direction}."): t for key, t in state.items() if key.startswith(f"{direction}.")}
        for step, state in snapshots.items()
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
        drawings=len(emoji.drawings(source, settings.categories)),
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
    model = weights_folder.write(name, network, states, about, folder=weights)
    (model / "log.jsonl").write_text(log)
    _save_samples(model, settings, source, target)
    return model


def _save_samples(model: Path, settings: CycleRecipe, source: emoji.Vendor, target: emoji.Vendor) -> None:
    """Three rows of held-out emoji: the source's drawings, their translations, the target's drawings."""
    originals, references = (
        emoji.drawings(vendor, settings.categories, train=False, size=settings.size) for vendor in (source, target)
    )
    chosen = torch.linspace(0, len(originals) - 1, SAMPLES).long()
    pictures = tensors.from_uint8(originals[chosen])
    translations = Translator.from_pretrained(model)(pictures)
    rows = torch.cat([pictures, translations, tensors.from_uint8(references[chosen])])
    save_image(rows, model / "samples.png", nrow=SAMPLES, normalize=True, value_range=(-1, 1), padding=0)
