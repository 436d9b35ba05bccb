"""Train a run to its last step, with a progress bar, a log, snapshots and checkpoints to resume from."""

from __future__ import annotations

import io
import json
import time
from contextlib import nullcontext
from pathlib import Path

import torch
from tqdm import tqdm

from models.gan.training import parallel
from models.gan.training.resumable import Schedule, TrainingRun

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_EVERY = 1000
LOG_EVERY = 100
LOG_ROWS = 200


def train(
    run: TrainingRun,
    settings: Schedule,
    folder: Path,
    *,
    device: torch.device,
    checkpoint_every: int = CHECKPOINT_EVERY,
) -> None:
    """Train to the last step, from the checkpoint in `folder` if there is one; write snapshots and a log there.

    Of several processes that train together only the first reads and writes files.
    """
    checkpoint = folder / CHECKPOINT
    first = parallel.place() == 0
    saved = parallel.from_first(checkpoint.read_bytes() if first and checkpoint.exists() else None)
    if saved is not None:
        run.load_state_dict(torch.load(io.BytesIO(saved), map_location=device, weights_only=True))
    started = time.perf_counter()
    bar = tqdm(
        initial=run.step, total=settings.steps, desc=settings.name, mininterval=5, unit="step", disable=not first
    )
    with bar, (folder / "log.jsonl").open("a") if first else nullcontext() as log:
        for progress in run.progress():
            if first and progress.step in settings.snapshots:
                torch.save(progress.weights(), folder / f"step-{progress.step:06d}.pt")
            if not progress.figures:
                continue
            bar.update()
            if progress.step % LOG_EVERY == 0:
                figures = parallel.averaged(progress.figures, device)
                if log is not None:
                    row = {"step": progress.step, **figures, "seconds": round(time.perf_counter() - started, 1)}
                    log.write(json.dumps(row) + "\n")
                    log.flush()
                bar.set_postfix({name: f"{value:.3f}" for name, value in figures.items() if "loss" in name})
            if first and (progress.step % checkpoint_every == 0 or progress.step == settings.steps):
                _replace(checkpoint, run)


def _replace(checkpoint: Path, run: TrainingRun) -> None:
    """At once: a process that dies while writing leaves the checkpoint before."""
    unfinished = checkpoint.with_suffix(".unfinished")
    torch.save(run.state_dict(), unfinished)
    unfinished.replace(checkpoint)


def thinned(lines: list[str]) -> list[str]:
    """Keep about `LOG_ROWS` evenly spaced lines, including the last.

    A resumed run logs the steps since its last checkpoint again; the later line counts.
    """
    rows = list({json.loads(line)["step"]: line for line in lines}.values())
    every = -(-len(rows) // LOG_ROWS)
    return rows[::-1][:: every or 1][::-1]
