"""The shipped scores of the bundled models, read from weights/NAME/metrics.json when they are asked for.

`python -m training.scoring` writes these files. Reading them needs neither torch nor torchmetrics.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "weights"
METRICS = "metrics.json"


class ScoresError(LookupError):
    """A model has no scores."""


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The scores of one set of pictures. A score that does not apply to the model's data set is None.

    Attributes:
        inception_score: 1 at worst, the number of classes at best.
        inception_score_std: its standard deviation over the splits.
        fid: Fréchet distance to the training pictures, in the judge's features; 0 is best.
        perceptual_distance: Fréchet distance to the training pictures in VGG-19's features; 0 is best.
        classes_found: how many classes have more than 1 % of the pictures.
        modes_found: how many of the 1000 combinations of stacked digits appear.
        kl_to_uniform: from the shares of the classes to equal shares, in nats; 0 is even.
        closeness: distance to the nearest training picture, over that of real pictures; near 0 the pictures are copies.
    """

    inception_score: float | None = None
    inception_score_std: float | None = None
    fid: float | None = None
    perceptual_distance: float | None = None
    classes_found: int | None = None
    modes_found: int | None = None
    kl_to_uniform: float | None = None
    closeness: float | None = None


@dataclass(frozen=True, kw_only=True)
class BattleScores:
    """The Generative Adversarial Metric of a model against an opponent; `gam.py` says what the ratios mean.

    Attributes:
        opponent: name of the other model.
        r_test: ratio of the discriminators' errors on real pictures.
        r_samples: ratio of their errors on each other's samples; below 1 the model is ahead.
        r_samples_interval: its 95 % interval; None in files that were written without one.
        winner: name of the model that wins, or "tie".
        likelihoods: the lecture's ratio, below 1 where the model is ahead.
        tolerance: of the logarithm of `r_test`.
        zero_errors: whether an error rate was 0 and counts as half a picture.
        calibrated: the models whose discriminator is a critic, so that a threshold was fitted to it.
    """

    opponent: str
    r_test: float
    r_samples: float
    r_samples_interval: tuple[float, float] | None
    winner: str
    likelihoods: float
    tolerance: float
    zero_errors: bool
    calibrated: tuple[str, ...]

    @property
    def ratios_disagree(self) -> bool:
        """Whether there is a winner and the lecture's ratio puts the other model ahead."""
        return self.winner != "tie" and (self.likelihoods < 1) == (self.winner == self.opponent)


@dataclass(frozen=True, kw_only=True)
class ModelScores:
    """The scores of one bundled generator.

    Attributes:
        name: of the model.
        judge: name of the classifier whose features and predictions the scores rest on.
        samples: how many pictures were scored at each step.
        seed: of these pictures.
        real: the same scores for real pictures.
        steps: scores by training step, the first step first.
        battles: by opponent; empty where no discriminator of the model is bundled.
    """

    name: str
    judge: str
    samples: int
    seed: int
    real: Scores
    steps: Mapping[int, Scores]
    battles: Mapping[str, BattleScores]

    @property
    def final(self) -> Scores:
        """The scores of the finished model."""
        return self.steps[max(self.steps)]


def read(name: str, *, folder: Path = FOLDER) -> ModelScores:
    """Read the scores of a bundled generator.

    Args:
        name: of the model.
        folder: with a folder for each model.

    Raises:
        ScoresError: the model does not exist, is no generator, or has not been scored.
    """
    if name not in scored(folder=folder):
        raise ScoresError(f"no scores of a generator {name!r:.80} in {folder}")
    metrics = json.loads((folder / name / METRICS).read_text(encoding="utf-8"))
    return ModelScores(
        name=name,
        judge=metrics["judge"]["name"],
        samples=metrics["samples"],
        seed=metrics["seed"],
        real=Scores(**metrics["real_test_set"]),
        steps={int(step): Scores(**scores) for step, scores in sorted(metrics["steps"].items(), key=_step)},
        battles={opponent: _battle(opponent, scores) for opponent, scores in metrics["battles"].items()},
    )


def scored(*, folder: Path = FOLDER) -> list[str]:
    """Return the names of the generators that have scores, in alphabetical order."""
    paths = sorted(folder.glob(f"*/{METRICS}"))
    return [path.parent.name for path in paths if "real_test_set" in json.loads(path.read_text(encoding="utf-8"))]


def _step(entry: tuple[str, Any]) -> int:
    return int(entry[0])


def _battle(opponent: str, scores: dict[str, Any]) -> BattleScores:
    interval = scores.get("r_samples_interval")
    return BattleScores(
        opponent=opponent,
        r_test=scores["r_test"],
        r_samples=scores["r_samples"],
        r_samples_interval=None if interval is None else (interval[0], interval[1]),
        winner=scores["winner"],
        likelihoods=scores["likelihoods"],
        tolerance=scores["tolerance"],
        zero_errors=scores["zero_errors"],
        calibrated=tuple(scores.get("calibrated", ())),
    )
