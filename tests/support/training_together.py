"""Trains small recipes, in one process or in those of torchrun: `-m tests.support.training_together FOLDER NAME…`.

Each gets a folder of its name in FOLDER, with what a real run leaves there. It computes in float32, where two ways to
add the same numbers differ by little.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch

from models.gan.training import adversarial
from models.gan.training.adversarial import AdversarialRun
from models.gan.training.recipe import CycleRecipe, Recipe
from training.cycle import run as cycle
from training.cycle.run import CycleRun
from training.runs import processes, running

STEPS = 12
COMMON: dict[str, Any] = {
    "title": "Small",
    "seed": 0,
    "steps": STEPS,
    "snapshots": [STEPS],
    "batch": 8,
    "ema": 0.9,
    "optimiser": {"generator_lr": 2e-3, "discriminator_lr": 2e-3, "betas": (0.5, 0.9)},
}
SMALL: dict[str, Any] = {
    "data": "mnist",
    "generator": {"z_dim": 8, "width": 4},
    "discriminator": {"width": 4},
    **COMMON,
}
WITH_BATCH_NORM = {"discriminator": {"width": 4, "batch_norm": True}}
RECIPES: dict[str, dict[str, Any]] = {  # together they use every random draw and every penalty
    "plain": {},
    "half": {"steps": STEPS // 2, "snapshots": [STEPS // 2]},
    "continued": {},
    "r1": {"r1": 1.0, "game": "relativistic", "noise": {"start": 0.5, "until": 20}, "d_steps": 2},
    "penalties-through-batch-norm": {"r1": 1.0, "r2": 1.0, **WITH_BATCH_NORM},
    "wgan-gp": {"game": "wasserstein", "gradient_penalty": 10.0, "g_steps": 2, **WITH_BATCH_NORM},
    "packed": {"pack": 2, "real_target": (0.7, 1.0), "augment": ["colour", "translation", "cutout"]},
    "attention": {
        "network": "sagan",
        "game": "hinge",
        "generator": {"z_dim": 8, "width": 8},
        "discriminator": {"width": 8},
    },
}
CYCLE: dict[str, Any] = {
    "size": 16,
    "cycle": 10.0,
    "identity": 5.0,
    "pool": 12,
    "augment": ["translation"],
    "generator": {"width": 4, "halvings": 1, "blocks": 1},
    "discriminator": {"width": 4},
    **COMMON,
}


def pictures(*, channels: int, seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (50, channels, 16, 16), generator=random, dtype=torch.uint8)


def train(name: str, folder: Path, device: torch.device) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if name == "cycle":
        settings = CycleRecipe.model_validate({**CYCLE, "name": name})
        run = CycleRun(settings, *(pictures(channels=3, seed=seed) for seed in (1, 2)), device=device)
        running.train(run, settings, folder, device=device)
        return
    small = Recipe.model_validate({**SMALL, **RECIPES[name], "name": name})
    running.train(AdversarialRun(small, pictures(channels=1, seed=1), device=device), small, folder, device=device)


def main() -> None:
    running.LOG_EVERY = 1
    adversarial.training_autocast = cycle.training_autocast = lambda _: torch.autocast("cpu", enabled=False)
    torch.set_num_threads(1)
    with processes.joined("cpu") as device:
        for name in sys.argv[2:]:
            train(name, Path(sys.argv[1]) / name, device)


if __name__ == "__main__":
    main()
