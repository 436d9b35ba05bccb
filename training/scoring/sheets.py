"""Sheets of samples: beside their nearest training pictures, and over training seeds.

`python -m training.scoring.sheets nearest mnist-dcgan --out nearest.png` answers 'does it just memorise?';
`python -m training.scoring.sheets seeds mnist-dcgan --out seeds.png` shows what another training seed changes.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torchvision.utils import save_image

from evaluation.quantitative import judge
from evaluation.quantitative.memorisation import nearest
from models import tensors
from models.gan import latent
from models.gan.generators import Generator
from models.gan.training import recipe
from models.hub import loading, manifest
from training import weights_folder
from training.data import datasets
from training.scoring import report

COLUMNS = 10


class OverSeeds(NamedTuple):
    """One figure over the training seeds."""

    mean: float
    deviation: float  # of the seeds, with n - 1; 0 for a single one
    runs: int


@torch.inference_mode()
def nearest_sheet(name: str, *, seed: int = 0, columns: int = COLUMNS, among: int | None = None) -> Tensor:
    """Return samples of a bundled generator, each above the training picture nearest to it in the judge's features.

    Args:
        name: of the generator.
        seed: of the samples.
        columns: how many.
        among: of how many training pictures; all of them takes a minute or two.

    Returns:
        `(2 * columns, C, H, W)` in [-1, 1]: the samples, then their neighbours.
    """
    data_set = recipe.read(name).data
    samples = _samples(name, seed=seed, count=columns)
    pictures = datasets.DATA_SETS[data_set](train=True)[0][:among]
    features, training = (
        judge.look(report.judge_of(data_set), batches).features for batches in ([samples], report.scaled(pictures))
    )
    return torch.cat([samples, tensors.from_uint8(pictures[nearest(features, training).originals])])


@torch.inference_mode()
def seeds_sheet(name: str, *, seed: int = 0, columns: int = COLUMNS) -> Tensor:
    """The same latents through every bundled training seed of a recipe, one run a row.

    Returns:
        `(runs * columns, C, H, W)` in [-1, 1].
    """
    return torch.cat([_samples(run, seed=seed, count=columns) for run in runs_of(name)])


def runs_of(name: str, *, folder: Path = manifest.FOLDER) -> list[str]:
    """The bundled models that differ from a model in their training seed alone, itself the first."""
    others = [other for other in manifest.read(folder) if re.fullmatch(rf"{re.escape(name)}-seed-\d+", other)]
    return [name, *sorted(others)]


def over_seeds(name: str, *, folder: Path = manifest.FOLDER) -> dict[str, OverSeeds]:
    """Each figure of the finished models over the training seeds, from their metrics.json.

    Raises:
        FileNotFoundError: a run has not been scored.
    """
    figures = []
    for run in runs_of(name, folder=folder):
        steps = json.loads((folder / run / weights_folder.METRICS).read_text())["steps"]
        figures.append(steps[max(steps, key=int)])
    over = {}
    for key in figures[0]:
        values = [run[key] for run in figures]
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        over[key] = OverSeeds(statistics.fmean(values), deviation, len(values))
    return over


def _samples(name: str, *, seed: int, count: int) -> Tensor:
    generator = loading.load(name, source="bundled")
    assert isinstance(generator, Generator)
    return generator(latent.sample_z(seed, count, generator.z_dim))


def main() -> None:
    """Draw a sheet."""
    parser = argparse.ArgumentParser(prog="python -m training.scoring.sheets", description=main.__doc__)
    parser.add_argument("kind", choices=("nearest", "seeds"))
    parser.add_argument("name", metavar="NAME", help="a bundled generator")
    parser.add_argument("--seed", type=int, default=0, help="of the samples")
    parser.add_argument("--out", type=Path, default=Path("sheet.png"))
    options = parser.parse_args()
    sheet = {"nearest": nearest_sheet, "seeds": seeds_sheet}[options.kind](options.name, seed=options.seed)
    save_image(sheet, options.out, nrow=COLUMNS, normalize=True, value_range=(-1, 1), padding=1)
    if options.kind == "seeds":
        for key, figure in over_seeds(options.name).items():
            print(f"{key:>22}: {figure.mean:.4g} ± {figure.deviation:.2g} over {figure.runs} training seeds")
    print(options.out)


if __name__ == "__main__":
    main()
