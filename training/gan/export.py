"""Write a finished GAN run into weights/: its snapshots, card, samples and a shortened log."""

from __future__ import annotations

import argparse
import copy
from pathlib import Path

import torch
from torch import Tensor
from torchvision.utils import save_image

from models.gan import latent
from models.gan.training import networks, recipe, spectral
from models.gan.training.recipe import Recipe
from models.hub import manifest
from models.pretrained import Pretrained
from training import weights_folder
from training.data import datasets, packages
from training.runs.running import thinned

DESCRIBED = {
    "mnist": "the 60,000 training digits of MNIST, padded from 28 to 32 pixels",
    "fashion-mnist": "the 60,000 training pictures of Fashion-MNIST, padded from 28 to 32 pixels",
    "stacked-mnist": "stacked MNIST: three of its 60,000 training digits as red, green and blue",
    "cifar10": "the 50,000 training pictures of CIFAR-10",
    "twemoji": "1,306 drawings of Twemoji (CC-BY 4.0), without flags and skin tones",
    "faces": "8,000 cartoon faces of Open Peeps (Pablo Stanley, CC0), half of them with the darker of two skin tones",
    "faces-skewed": "8,000 cartoon faces of Open Peeps (Pablo Stanley, CC0), 5 % with the darker of two skin tones",
}

CARD = """
{shows}A generator of {size} × {size} pictures, trained from scratch on {pictures}. The weights are {average}{earlier}.
Kernels are stored in half precision; batch normalisation's statistics and all biases in full.

![64 samples of seed 0](samples.png)

## Use

```python
from models.gan.{family} import Generator
from models.gan.latent import sample_z

generator = Generator.from_pretrained("weights/{name}")
pictures = generator(sample_z(0, 16, generator.z_dim))  # (16, {channels}, {size}, {size}) in [-1, 1]
```

## Training

`{command}` repeats it: the recipe is `training/recipes/{name}.toml`, the loop is
`models/gan/training/adversarial.py`, and `log.jsonl` holds the losses and the discriminator's mean verdicts on real and
generated pictures along the way.

## Limits

It can only draw pictures like those of its data set, and some samples show nothing recognisable: the generator has no
labels, and nobody picks its samples.
"""

JUDGE_CARD = """
The discriminator that `{name}` was trained against, as it was at the end: a positive answer means real. It is here so
that models can judge each other's samples, as the Generative Adversarial Metric does
(`evaluation/quantitative/gam.py`).

## Use

```python
from models.gan.{family} import Discriminator

discriminator = Discriminator.from_pretrained("weights/{name}-discriminator")
logits = discriminator(pictures)  # pictures (N, {channels}, {size}, {size}) in [-1, 1]
```

## Limits

It learned only the faults of its own generator; it does not detect generated pictures in general.
"""


def write(settings: Recipe, folder: Path, *, weights: Path = manifest.FOLDER) -> Path:
    """Write weights/NAME from the state dicts and the log of a training run.

    Args:
        settings: the run's recipe.
        folder: holds `step-NNNNNN.pt` for each snapshot of the recipe, `checkpoint.pt` and `log.jsonl`.
        weights: the weights folder.

    Returns:
        The model's folder.

    Raises:
        FileNotFoundError: a snapshot or the log is missing, so the run is not finished.
    """
    pictures, _ = datasets.DATA_SETS[settings.data](train=False)
    channels, size = pictures.shape[1:3]
    network, discriminator = networks.build(settings, channels=channels, size=size)
    states: dict[int | None, dict[str, Tensor]] = {
        step: torch.load(folder / f"step-{step:06d}.pt", map_location="cpu", weights_only=True)
        for step in settings.snapshots
    }
    log = thinned((folder / "log.jsonl").read_text().splitlines())
    command = f"python -m training.gan {settings.name}"
    steps = ", ".join(f"{step:,}" for step in settings.snapshots[:-1])
    text = CARD.format(
        name=settings.name,
        family=settings.network,
        shows=f"{settings.shows}\n\n" if settings.shows else "",
        size=size,
        channels=channels,
        pictures=DESCRIBED[settings.data],
        average=f"an average of those during the training (exponential moving average, decay {settings.ema})"
        if settings.ema
        else "those of the last step",
        earlier=f"; `snapshots/` holds the weights from earlier in the training, after {steps} steps" if steps else "",
        command=command,
    )
    about = weights_folder.About(
        title=settings.title,
        origin="trained here, from scratch",
        licence="apache-2.0",
        command=command,
        text=text,
        shows=settings.shows,
        datasets=datasets.on_the_hub(settings.data),
    )
    target = weights_folder.write(settings.name, network, states, about, folder=weights)
    (target / "log.jsonl").write_text("".join(f"{line}\n" for line in log))
    if settings.pack == 1:  # a packed discriminator cannot judge the samples of other generators
        _write_discriminator(settings, folder, discriminator, channels=channels, size=size, weights=weights)
    generator = type(network).from_pretrained(target)
    samples = generator(latent.sample_z(0, 64, settings.generator.z_dim))
    save_image(samples, target / "samples.png", nrow=8, normalize=True, value_range=(-1, 1), padding=0)
    return target


def _write_discriminator(
    settings: Recipe, folder: Path, network: Pretrained, *, channels: int, size: int, weights: Path
) -> None:
    name = f"{settings.name}-discriminator"
    trained = copy.deepcopy(network)
    if settings.network == "sagan":
        spectral.normalise(trained)
    trained.load_state_dict(
        torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)["discriminator"]
    )
    about = weights_folder.About(
        title=f"{settings.title}: discriminator",
        origin="trained here, from scratch",
        licence="apache-2.0",
        command=f"python -m training.gan {settings.name}",
        text=JUDGE_CARD.format(name=settings.name, family=settings.network, channels=channels, size=size),
        datasets=datasets.on_the_hub(settings.data),
    )
    weights_folder.write(name, network, {None: spectral.folded(trained)}, about, folder=weights)


def main() -> None:
    """Write a finished run into weights/: `python -m training.gan.export mnist-dcgan`."""
    parser = argparse.ArgumentParser(prog="python -m training.gan.export", description=main.__doc__)
    names = recipe.names()
    parser.add_argument("recipe", metavar="RECIPE", choices=names, help=f"one of: {', '.join(names)}")
    parser.add_argument(
        "--work", type=Path, default=packages.CACHE / "training", help="folder with checkpoints and logs"
    )
    options = parser.parse_args()
    settings = recipe.read(options.recipe)
    print(write(settings, options.work / settings.name))


if __name__ == "__main__":
    main()
