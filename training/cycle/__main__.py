"""Train CycleGAN translators from recipes: `python -m training.cycle emoji-cyclegan`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from models.gan.training import parallel, recipe
from training.cycle import export
from training.cycle.run import VENDORS, CycleRun
from training.data import emoji, packages
from training.runs import processes, running


def main() -> None:
    """Train each recipe, keep its snapshots and write both translators into weights/."""
    parser = argparse.ArgumentParser(prog="python -m training.cycle", description=__doc__.splitlines()[0])
    names = recipe.cycle_names()
    parser.add_argument("recipes", nargs="+", metavar="RECIPE", choices=names, help=f"one of: {', '.join(names)}")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--work", type=Path, default=packages.CACHE / "training", help="folder for checkpoints and logs"
    )
    parser.add_argument("--no-export", action="store_true", help="do not write into weights/")
    options = parser.parse_args()
    with processes.joined(options.device) as device:
        for settings in map(recipe.read_cycle, options.recipes):
            folder = options.work / settings.name
            folder.mkdir(parents=True, exist_ok=True)
            with processes.one_before_the_others():
                sets = [emoji.drawings(vendor, settings.categories, size=settings.size) for vendor in VENDORS]
            running.train(CycleRun(settings, *sets, device=device), settings, folder, device=device)
            if parallel.place() == 0 and not options.no_export:
                for written in export.write(settings, folder):
                    print(written)


if __name__ == "__main__":
    main()
