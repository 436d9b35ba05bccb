"""Check a study against the models and data at hand."""

from __future__ import annotations

from evaluation.qualitative.study import real
from evaluation.qualitative.study.arms import GeneratorArm, RealArm, StudyError
from evaluation.qualitative.study.reading import misfit
from evaluation.qualitative.study.schema import Study
from models.hub import manifest
from models.hub.registry import GENERATORS


def check(study: Study) -> None:
    """Hold a study against the models and data that are here; its file alone was checked when it was read.

    Raises:
        StudyError: an arm names a model, step or data set that is not here.
    """
    entries = manifest.read()
    generators = [name for name, entry in entries.items() if entry.architecture in GENERATORS]
    for i, arm in enumerate(study.arms):
        if isinstance(arm, GeneratorArm):
            if arm.model not in generators:
                known = ", ".join(generators)
                raise misfit(study, f"there is no generator {arm.model!r}; there are: {known}", "arms", i, "model")
            if arm.step not in (steps := entries[arm.model].steps):
                known = ", ".join(map(str, steps))
                raise misfit(study, f"{arm.model} has no snapshot {arm.step}; it has: {known}", "arms", i, "step")
        if isinstance(arm, RealArm):
            try:
                real.pick(arm.data, seed=0, count=study.sheet)
            except StudyError as error:
                raise misfit(study, str(error), "arms", i, "data") from error
