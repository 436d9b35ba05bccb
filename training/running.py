"""Carry a training run to its end: a progress bar, a log, snapshots, and checkpoints that it can go on from."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from tqdm import tqdm

CHECKPOINT_EVERY = 1000
LOG_EVERY = 100


class Progress(Protocol):
    """The state after a step of training."""

    @property
    def step(self) -> int:
        """How many steps have been made."""

    @property
    def figures(self) -> Mapping[str, float]:
        """What to log by name; empty before the first step."""

    def weights(self) -> dict[str, Tensor]:
        """The state dict that a snapshot keeps."""


class Run(Protocol):
    """A training run that can be stopped and goes on to the same weights as if it had not been."""

    step: int

    def progress(self) -> Iterator[Progress]:
        """Train to the last step and yield the state at every step, the first before any training."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that a later `load_state_dict` needs."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""


class Schedule(Protocol):
    """What a recipe says of the run's length."""

    @property
    def name(self) -> str:
        """Of the recipe."""

    @property
    def steps(self) -> int:
        """The last step."""

    @property
    def snapshots(self) -> list[int]:
        """The steps to keep."""


def train(
    run: Run, settings: Schedule, folder: Path, *, device: torch.device, checkpoint_every: int = CHECKPOINT_EVERY
) -> None:
    """Train to the end, from the checkpoint in `folder` if there is one, leaving snapshots and a log there."""
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        run.load_state_dict(torch.load(checkpoint, map_location=device, weights_only=True))
    started = time.perf_counter()
    bar = tqdm(initial=run.step, total=settings.steps, desc=settings.name, mininterval=5, unit="step")
    with bar, (folder / "log.jsonl").open("a") as log:
        for progress in run.progress():
            if progress.step in settings.snapshots:
                torch.save(progress.weights(), folder / f"step-{progress.step:06d}.pt")
            if not progress.figures:
                continue
            bar.update()
            if progress.step % LOG_EVERY == 0:
                row = {"step": progress.step, **progress.figures, "seconds": round(time.perf_counter() - started, 1)}
                log.write(json.dumps(row) + "\n")
                log.flush()
                bar.set_postfix({name: f"{value:.3f}" for name, value in progress.figures.items() if "loss" in name})
            if progress.step % checkpoint_every == 0 or progress.step == settings.steps:
                _replace(checkpoint, run)


def _replace(checkpoint: Path, run: Run) -> None:
    """At once: a process that dies while writing leaves the checkpoint before."""
    unfinished = checkpoint.with_suffix(".unfinished")
    torch.save(run.state_dict(), unfinished)
    unfinished.replace(checkpoint)
