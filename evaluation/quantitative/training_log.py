"""The losses and verdicts of a bundled generator's training, read from weights/NAME/log.jsonl when they are asked for.

`python -m training.gan` writes these files, a line every so many steps. Reading them needs no torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from evaluation.quantitative.scores import FOLDER, ScoresError

LOG = "log.jsonl"


@dataclass(frozen=True, kw_only=True)
class LoggedStep:
    """One line of a training log.

    Attributes:
        step: the training step.
        d_loss: loss of the discriminator at this step.
        g_loss: loss of the generator.
        d_real: D(x), the mean verdict on real pictures: 1 is real, 0 is generated.
        d_fake: D(G(z)), the mean verdict on generated ones.
    """

    step: int
    d_loss: float
    g_loss: float
    d_real: float
    d_fake: float


def read(name: str, *, folder: Path = FOLDER) -> list[LoggedStep]:
    """Read the log of a bundled generator, the first step first.

    Args:
        name: of the model.
        folder: with a folder for each model.

    Raises:
        ScoresError: the model does not exist, or is no generator with one discriminator.
    """
    if name not in {path.parent.name for path in folder.glob(f"*/{LOG}")}:
        raise ScoresError(f"no training log of a generator {name!r:.80} in {folder}")
    lines = (folder / name / LOG).read_text(encoding="utf-8").splitlines()
    fields = LoggedStep.__dataclass_fields__
    try:
        return [LoggedStep(**{field: line[field] for field in fields}) for line in map(json.loads, lines)]
    except KeyError as error:
        raise ScoresError(f"the training log of {name} has no {error}") from None
