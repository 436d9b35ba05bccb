"""The metrics in weights/NAME/metrics.json, and which arms of a study have which; GAM is computed for each study."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.qualitative.study.arms import Arm, GeneratorArm, HubArm, PicturesArm, RealArm
from evaluation.qualitative.study.schema import Study
from evaluation.quantitative import scores
from evaluation.quantitative.scores import ModelScores, Scores, ScoresError


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A score that is computed without raters.

    Attributes:
        key: as in `Scores`, or `gam`.
        title: for figures and tables.
        higher_is_better: False: less is better.
        logarithmic: whether a figure spreads it by its logarithm.
        best: the value that is best, where that is neither the highest nor the lowest.
    """

    key: str
    title: str
    higher_is_better: bool
    logarithmic: bool = False
    best: float | None = None

    def turned(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values so that more is better; with a best value, half of it is as bad as twice of it."""
        if self.best is not None:
            return -np.abs(np.log(values / self.best))
        return values if self.higher_is_better else -values


METRICS = (
    Metric(key="inception_score", title="Inception Score", higher_is_better=True),
    Metric(key="fid", title="Fréchet distance, classifier", higher_is_better=False, logarithmic=True),
    Metric(key="perceptual_distance", title="Fréchet distance, VGG-19", higher_is_better=False, logarithmic=True),
    Metric(key="classes_found", title="Coverage: classes found", higher_is_better=True),
    Metric(key="modes_found", title="Coverage: kinds found, of 1000", higher_is_better=True),
    Metric(key="kl_to_uniform", title="Uneven classes (KL)", higher_is_better=False, logarithmic=True),
    Metric(key="closeness", title="Distance to training set", higher_is_better=True, logarithmic=True, best=1.0),
    Metric(key="gam", title="GAM: errors against rivals", higher_is_better=False, logarithmic=True),
)
BY_KEY = {metric.key: metric for metric in METRICS}


def metrics_of(study: Study) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Return the metrics of the competing arms by id, and why an arm has none by title."""
    known: dict[str, dict[str, float]] = {}
    left_out: dict[str, str] = {}
    models: dict[str, ModelScores | None] = {}
    judges: dict[str, str] = {}  # by arm
    for arm in study.competing:
        if isinstance(arm, RealArm):
            continue
        if not isinstance(arm, GeneratorArm):
            left_out[arm.title] = _why_none(arm)
            continue
        if arm.model not in models:
            models[arm.model] = _read(arm.model)
        model = models[arm.model]
        if model is None or arm.step not in model.steps:
            left_out[arm.title] = "not scored"
            continue
        known[arm.id], judges[arm.id] = _values(model.steps[arm.step]), model.judge
    if judges:
        judge = max(judges.values(), key=list(judges.values()).count)
        for arm in study.competing:
            if judges.get(arm.id, judge) != judge:
                del known[arm.id]
                left_out[arm.title] = "scored by another classifier, so its numbers do not compare"
        real = {model.name: model.real for model in models.values() if model is not None and model.judge == judge}
        for arm in study.competing:
            if isinstance(arm, RealArm):
                known[arm.id] = _values(next(iter(real.values())))
    for arm_id, value in _gam(study, models).items():
        if arm_id in known:
            known[arm_id]["gam"] = value
    return known, left_out


def _why_none(arm: Arm) -> str:
    if isinstance(arm, HubArm):
        return "a generator from the Hub has no metrics here"
    if isinstance(arm, PicturesArm):
        return "pictures from files have no metrics here"
    return "these metrics are for generators"


def _read(model: str) -> ModelScores | None:
    try:
        return scores.read(model)
    except ScoresError:
        return None


def _values(of: Scores) -> dict[str, float]:
    values = {metric.key: getattr(of, metric.key, None) for metric in METRICS}
    return {key: float(value) for key, value in values.items() if value is not None}


def _gam(study: Study, models: Mapping[str, ModelScores | None]) -> dict[str, float]:
    """Return, by arm, the geometric mean of `r_samples` over its battles in the study that count; below 1 it is ahead.

    Battles are between finished models. Those where one discriminator is simply better on real pictures do not count,
    as in the paper.
    """
    finished = {}
    for arm in study.competing:
        if isinstance(arm, GeneratorArm):
            model = models.get(arm.model)
            if model is not None and arm.step == max(model.steps):
                finished[arm.model] = arm.id, model
    ratios = {}
    for name, (arm_id, model) in finished.items():
        counting = [
            math.log(battle.r_samples)
            for rival, battle in model.battles.items()
            if rival in finished and rival != name and abs(math.log(battle.r_test)) <= battle.tolerance
        ]
        if counting:
            ratios[arm_id] = math.exp(sum(counting) / len(counting))
    return ratios
