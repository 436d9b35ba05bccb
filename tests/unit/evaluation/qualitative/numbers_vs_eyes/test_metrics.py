"""Which arms of a study have which metric, and why the others have none."""

import math

import numpy as np
import pytest
from scipy import stats

from evaluation.qualitative.numbers_vs_eyes.metrics import BY_KEY, metrics_of
from evaluation.qualitative.study import reading
from evaluation.qualitative.study.arms import GeneratorArm, HubArm, PicturesArm
from evaluation.quantitative import scores

DIGITS = reading.read("digits-by-training-step")
ZOO = reading.read("gan-zoo")


def test_arms_without_metrics_are_left_out_and_named():
    hub = HubArm(id="guest", title="A guest", kind="hub", repo_id="some/body", revision="a" * 40)
    own = PicturesArm(id="own", title="My pictures", kind="pictures", path="mine.zip")
    unscored = GeneratorArm(id="eyes", title="Painted eyes", kind="generator", model="painted-eyes", step=0)
    faces = GeneratorArm(id="faces", title="Faces", kind="generator", model="faces-dcgan", step=6_000)
    study = DIGITS.replaced(arms=[*DIGITS.arms, hub, own, unscored, faces])

    known, left_out = metrics_of(study)

    assert set(known) == {arm.id for arm in DIGITS.competing}
    assert left_out == {
        "A guest": "a generator from the Hub has no metrics here",
        "My pictures": "pictures from files have no metrics here",
        "Painted eyes": "not scored",
        "Faces": "scored by another classifier, so its numbers do not compare",
    }


def test_gam_is_of_finished_models_and_of_battles_that_count():
    known, _ = metrics_of(ZOO)
    models = {arm.id: arm for arm in ZOO.competing if isinstance(arm, GeneratorArm)}
    having = {arm for arm, metrics in known.items() if "gam" in metrics}
    assert having
    finished = {arm.model for arm in models.values() if arm.step == max(scores.read(arm.model).steps)}
    for arm in having:
        model = scores.read(models[arm].model)
        assert models[arm].step == max(model.steps)
        ratios = [
            battle.r_samples
            for rival, battle in model.battles.items()
            if rival in finished - {model.name} and abs(math.log(battle.r_test)) <= battle.tolerance
        ]
        assert known[arm]["gam"] == pytest.approx(stats.gmean(ratios))


def test_closeness_is_best_at_one():
    closeness = BY_KEY["closeness"].turned(np.array([0.5, 1.0, 2.0, 4.0]))
    assert closeness.argmax() == 1
    assert closeness[0] == pytest.approx(closeness[2])
    assert closeness[3] < closeness[2]
