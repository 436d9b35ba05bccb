"""Train GANs from recipes, one after another: `python -m training.gan mnist-dcgan mnist-collapse`.

A stopped run resumes from its last checkpoint and ends with the same weights as an uninterrupted one.
`torchrun --nproc-per-node 2 -m training.gan mnist-dcgan` trains in two processes, each with half of every batch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from models.gan.training import parallel, recipe
from models.gan.training.adversarial import AdversarialRun
from training.data import datasets, packages
from training.gan import export
from training.runs import processes, running


def main() -> None:
    """Train each recipe, keep its snapshots and write them into weights/."""
    parser = argparse.ArgumentParser(prog="python -m training.gan", description=__doc__.splitlines()[0])
    names = recipe.names()
    parser.add_argument("recipes", nargs="+", metavar="RECIPE", choices=names, help=f"one of: {', '.join(names)}")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--work", type=Path, default=packages.CACHE / "training", help="folder for checkpoints and logs"
    )
    parser.add_argument(
        "--no-export",
        action="store_true",
        help="do not write into weights/; `python -m training.gan.export` does it later",
    )
    options = parser.parse_args()
    with processes.joined(options.device) as device:
        for settings in map(recipe.read, options.recipes):
            folder = options.work / settings.name
            folder.mkdir(parents=True, exist_ok=True)
            with processes.one_before_the_others():
                pictures, _ = datasets.DATA_SETS[settings.data]()
            running.train(AdversarialRun(settings, pictures, device=device), settings, folder, device=device)
            if parallel.place() == 0 and not options.no_export:
                export.write(settings, folder)


if __name__ == "__main__":
    main()
