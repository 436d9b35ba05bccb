"""Train GANs from recipes, one after the other: `python -m training.gan mnist-dcgan mnist-collapse`.

A run that was stopped goes on from its last checkpoint, to the same weights as if it had not been.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from tqdm import tqdm

from training import data, export, packages, recipe
from training.adversarial import Run
from training.recipe import Recipe

CHECKPOINT_EVERY = 1000
LOG_EVERY = 100


def main() -> None:
    """Train recipes, keep their snapshots and put them into weights/."""
    parser = argparse.ArgumentParser(prog="python -m training.gan", description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="+", metavar="RECIPE", choices=recipe.names(), help="a file in recipes/")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--work", type=Path, default=packages.CACHE / "training", help="checkpoints and logs")
    parser.add_argument(
        "--no-export", action="store_true", help="leave weights/ alone; `training.export` does it later"
    )
    options = parser.parse_args()
    for settings in map(recipe.read, options.recipes):
        folder = options.work / settings.name
        folder.mkdir(parents=True, exist_ok=True)
        train(settings, folder, device=torch.device(options.device))
        if not options.no_export:
            export.write(settings, folder)


def train(settings: Recipe, folder: Path, *, device: torch.device) -> None:
    """Train to the end, from the checkpoint in `folder` if there is one, leaving snapshots and a log there."""
    pictures, _ = data.DATA_SETS[settings.data]()
    run = Run(settings, pictures, device=device)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        run.load_state_dict(torch.load(checkpoint, map_location=device, weights_only=True))
    started = time.perf_counter()
    bar = tqdm(initial=run.step, total=settings.steps, desc=settings.name, mininterval=5, unit="step")
    with bar, (folder / "log.jsonl").open("a") as log:
        for progress in run.progress():
            if progress.step in settings.snapshots:
                torch.save(progress.generator.state_dict(), folder / f"step-{progress.step:06d}.pt")
            if progress.d_loss is None:
                continue
            bar.update()
            if progress.step % LOG_EVERY == 0:
                figures = {k: v for k, v in vars(progress).items() if k != "generator"}
                log.write(json.dumps({**figures, "seconds": round(time.perf_counter() - started, 1)}) + "\n")
                log.flush()
                bar.set_postfix(D=f"{progress.d_loss:.3f}", G=f"{progress.g_loss:.3f}")
            if progress.step % CHECKPOINT_EVERY == 0 or progress.step == settings.steps:
                _replace(checkpoint, run)


def _replace(checkpoint: Path, run: Run) -> None:
    """At once: a process that dies while writing leaves the checkpoint before."""
    unfinished = checkpoint.with_suffix(".unfinished")
    torch.save(run.state_dict(), unfinished)
    unfinished.replace(checkpoint)


if __name__ == "__main__":
    main()
