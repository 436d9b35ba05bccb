"""Convert the generator of painted eyes to weights/painted-eyes: `python -m training.import_eyes`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor
from torchvision.utils import save_image

from models.gan import labelled, latent
from models.gan.labelled import Generator
from training import weights_folder
from training.data import packages

NAME = "painted-eyes"
ARCHIVE = f"{packages.PAINTED_EYES.name} {packages.PAINTED_EYES.version}"
COLOURS = "amber, blue, brown, grey, greyscale, green, hazel, red"  # in the package's order
FILE_SHA256 = "dd486abbd738bfe3d28ddd46987bec11e3842ddcc8c28ccc5251b52c6ecf4da0"
BATCHES = 19_700  # counted by the file's own batch normalisation
# number of the module in the package's nn.Sequential -> number in ours, which has no dropout
MODULES = {0: 0, 1: 1, 4: 3, 5: 4, 7: 6, 8: 7, 10: 9, 11: 10, 13: 12, 14: 13, 16: 15}
LAST = "layers.15.bias"  # ours has a bias there, theirs has none

ABOUT = weights_folder.About(
    title="Painted eyes",
    shows=(
        "Eyes as painters of many centuries painted them. The last eight numbers of z choose the colour of the iris, "
        "so colours can be blended."
    ),
    origin=f"generator_model_state.pth of the PyPI package {ARCHIVE}",
    licence="mit",
    command="python -m training.import_pretrained",
    text="""
A conditional DCGAN that draws painted eyes of 128 × 128 pixels with an iris of one of eight colours, by Rogier Knoester
(Master's thesis, University of Amsterdam, 2019).

![Eight rows, one for each colour: amber, blue, brown, grey, greyscale, green, hazel, red](samples.jpg)

## Use

```python
from models.gan import labelled
from models.gan.latent import sample_z

generator = labelled.Generator.from_pretrained("weights/painted-eyes")
z = labelled.blended(sample_z(0, 16, generator.z_dim), [0, 0.5, 0, 0, 0, 0.5, 0, 0])  # half blue, half green
pictures = generator(z)  # (16, 3, 128, 128) in [-1, 1]
```

## Origin

Converted from the pickle in the package that the manifest names: its sha256 is checked, and torch reads it with
`weights_only=True`, so no code in it runs. Keys are renamed and the dropout, which does nothing after the training, is
left out. Kernels are stored in half precision; batch normalisation's statistics in full. Its batch normalisation
counted 19,700 batches, which is the step that the manifest gives.

## What is known of its training pictures

- The package says that it was trained on the OmniArt Eye Dataset: eyes that were cut out of the pictures of OmniArt
  (Strezoski & Worring, 2018), which were collected from museums and other public collections.
- The pictures are not in the package, and it does not list them. So it is not known which works they are, how many
  there are, or under which terms each was published; nor how many of the eyes have which colour, or who labelled them.
- The package and its weights are under the MIT licence. The licence says nothing about the pictures.

## Limits

Some samples show no eye, or one that came apart. Which people and which painters the eyes are of is not known, and the
shares of kinds of people among them cannot be checked.
""",
)


def original() -> Path:
    """The package's file, after its sha256 was checked.

    Raises:
        PackageError: the package could not be fetched, or the file is not the recorded one.
    """
    path = packages.PAINTED_EYES.fetch() / "omniart_eye_generator" / "generator_model_state.pth"
    packages.verify(path, FILE_SHA256)
    return path


def state() -> dict[str, Tensor]:
    """The package's weights in full precision, with the keys of `models.gan.labelled.Generator`."""
    theirs = torch.load(original(), map_location="cpu", weights_only=True)
    ours = {}
    for key, tensor in theirs.items():
        _, module, kind = key.split(".")
        ours[f"layers.{MODULES[int(module)]}.{kind}"] = tensor
    return {**ours, LAST: torch.zeros(3)}


def write() -> Path:
    """Write the model into weights/ and return its folder."""
    target = weights_folder.write(NAME, Generator(labels=COLOURS), {BATCHES: state()}, ABOUT)
    generator = Generator.from_pretrained(target)
    save_image(
        _of_each_colour(generator), target / "samples.jpg", nrow=8, normalize=True, value_range=(-1, 1), padding=0
    )
    return target


def _of_each_colour(generator: Generator) -> Tensor:
    """The same eight latents in each of the eight colours."""
    z = latent.sample_z(0, 8, generator.z_dim)
    colours = range(len(generator.labels))
    return torch.cat([generator(labelled.blended(z, [float(i == colour) for i in colours])) for colour in colours])


def main() -> None:
    """Write the model."""
    argparse.ArgumentParser(prog="python -m training.import_eyes", description=__doc__.splitlines()[0]).parse_args()
    print(write())


if __name__ == "__main__":
    main()
