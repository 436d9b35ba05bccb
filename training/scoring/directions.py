"""Directions in z found from what samples show: `python -m training.scoring.directions` writes directions.json.

Many samples are measured: an attribute that a classifier names, or a property of the pixels. The direction in z along
which the measure rises most is that of a linear regression. How much it does, and what else moves, is measured on
other samples.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from evaluation.quantitative import judge
from models.gan import latent
from models.hub import manifest
from training.data import faces
from training.scoring import attributes

FILE = "directions.json"
SEED, COUNT = 2, 5_000  # latents that the directions are found from
OTHER_SEED, OTHER_COUNT = 3, 1_000  # latents that they are tried on
MOVE = 2.0  # along the direction, to either side


@dataclass(frozen=True)
class Measure:
    """What a direction is found from.

    Attributes:
        title: what it is called on the page.
        low: what there is more of where the measure is low.
        high: what there is more of where it is high.
        of: the measure `(N,)` of pictures `(N, C, H, W)` in [-1, 1].
    """

    title: str
    low: str
    high: str
    of: Callable[[Tensor], Tensor]


def share_of(attribute: str, *values: str) -> Callable[[Tensor], Tensor]:
    """How sure the classifier of faces is that an attribute has one of some values, 0 … 1."""

    def measure(pictures: Tensor) -> Tensor:
        logits = judge.look(attributes.classifier(), pictures.split(judge.BATCH)).logits
        kinds = torch.arange(logits.shape[1])
        number = faces.attributes_of(kinds)[attribute]
        wanted = torch.isin(number, torch.tensor([faces.ATTRIBUTES[attribute].index(value) for value in values]))
        return logits.softmax(dim=1)[:, wanted].sum(dim=1)

    return measure


def ink(pictures: Tensor) -> Tensor:
    """The mean level of a digit's pixels, 0 … 1: thick strokes have more."""
    return ((pictures + 1) / 2).mean(dim=(1, 2, 3))


def slant(pictures: Tensor) -> Tensor:
    """How far a digit's rows move to the right from bottom to top, in pixels a pixel: 0 is upright."""
    _, _, upright, sloping = _moments(pictures)
    return -sloping / upright


def width(pictures: Tensor) -> Tensor:
    """The standard deviation of a digit's ink from left to right, in pixels."""
    _, across, _, _ = _moments(pictures)
    return across.sqrt()


def _moments(pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The ink, its variances across and down, and their covariance, `(N,)` each."""
    level = ((pictures + 1) / 2).mean(dim=1).double() + 1e-6  # (N, H, W)
    total = level.sum(dim=(1, 2))
    x = torch.arange(level.shape[2], dtype=torch.float64)
    y = torch.arange(level.shape[1], dtype=torch.float64)[:, None]
    middle_x, middle_y = ((level * place).sum(dim=(1, 2)) / total for place in (x, y))
    dx, dy = x - middle_x[:, None, None], y - middle_y[:, None, None]
    across, down, both = ((level * moment).sum(dim=(1, 2)) / total for moment in (dx * dx, dy * dy, dx * dy))
    return total.float(), across.float(), down.float(), both.float()


FACES = (
    Measure("Skin", "lighter", "darker", share_of("skin", "darker")),
    Measure("Hair", "bald", "hair", share_of("hair", "short", "long")),
    Measure("Glasses", "no glasses", "glasses", share_of("glasses", "glasses", "sunglasses")),
    Measure("Beard", "no beard", "beard", share_of("beard", "beard")),
)
DIGITS = (
    Measure("Stroke", "thin", "thick", ink),
    Measure("Slant", "leaning left", "leaning right", slant),
    Measure("Width", "narrow", "wide", width),
)
MEASURES = {
    "faces-dcgan": FACES,
    "faces-skewed": FACES[1:],  # it never draws the darker skin tone, so no direction changes that
    "mnist-dcgan": DIGITS,
}


def main() -> None:
    """Find and write the directions of the models that were named, or of all that have some."""
    parser = argparse.ArgumentParser(prog="python -m training.scoring.directions", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}; all if none is named")
    options = parser.parse_args()
    if unknown := set(options.names) - set(MEASURES):
        parser.error(f"nothing is measured of {', '.join(sorted(unknown))}; there are: {', '.join(MEASURES)}")
    for name in options.names or MEASURES:
        print(write(name))


def write(name: str, *, folder: Path = manifest.FOLDER) -> Path:
    """Write a model's directions beside its weights, and return the file."""
    path = folder / name / FILE
    rows = measured(name)
    for row in rows:
        print(f"{name:>14}: {row['title']:10} {row['moved']}  others {row['others']}")
    path.write_text(json.dumps({"latents": COUNT, "move": MOVE, "directions": rows}, indent=1) + "\n")
    return path


def measured(name: str) -> list[dict[str, Any]]:
    """Each direction with its unit vector, and what moving along it does to its own measure and to the others."""
    measures = MEASURES[name]
    z = latent.sample_z(SEED, COUNT, attributes.z_dim(name))
    pictures = attributes.samples(name, z)
    vectors = [rising(z, measure.of(pictures)) for measure in measures]
    tried = latent.sample_z(OTHER_SEED, OTHER_COUNT, z.shape[1])
    rows = []
    for measure, vector in zip(measures, vectors, strict=True):
        low, high = (attributes.samples(name, tried + move * vector) for move in (-MOVE, MOVE))
        at_low, at_high = ({m.title: m.of(drawn).mean().item() for m in measures} for drawn in (low, high))
        rows.append(
            {
                "title": measure.title,
                "low": measure.low,
                "high": measure.high,
                "vector": [round(number, 5) for number in vector.tolist()],
                "moved": [round(at[measure.title], 3) for at in (at_low, at_high)],
                "others": {t: round(at_high[t] - at_low[t], 3) for t in at_low if t != measure.title},
            }
        )
    return rows


def rising(z: Tensor, value: Tensor) -> Tensor:
    """The unit vector along which a value rises most, by linear regression.

    Args:
        z: `(N, z_dim)`.
        value: `(N,)`.

    Raises:
        ValueError: the value is the same everywhere.
    """
    centred = (value - value.mean()).double()
    if not centred.any():
        raise ValueError("the measure is the same for all samples, so no direction changes it")
    slope = torch.linalg.lstsq(torch.cat([z, torch.ones(len(z), 1)], dim=1).double(), centred[:, None]).solution[:-1, 0]
    return (slope / slope.norm()).float()


if __name__ == "__main__":
    main()
