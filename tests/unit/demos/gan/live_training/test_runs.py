"""The losses of a run stay few however long it runs."""

import math

from demos.gan.live_training.runs import MOST_VALUES, LossHistory, VisitorRun, VisitorRuns
from serving.engine.live_training import LiveRecipe, LossPoint


def test_a_long_run_is_averaged_and_nothing_is_lost():
    losses = LossHistory()
    losses.add([LossPoint(step, float(step), 2.0) for step in range(1, 1001)])

    values = losses.discriminator
    assert losses.steps == 1000
    assert len(values) <= MOST_VALUES
    assert losses.every == 8
    assert values[0] == 4.5  # of the steps 1 to 8
    assert values == sorted(values)
    assert losses.generator == [2.0] * len(values)


def test_a_step_of_one_network_leaves_a_gap_in_the_curve_of_the_other():
    losses = LossHistory()
    losses.add([LossPoint(1, 0.5, None), LossPoint(2, None, 0.25)])

    assert losses.discriminator[0] == 0.5
    assert math.isnan(losses.discriminator[1])
    assert math.isnan(losses.generator[0])
    assert losses.generator[1] == 0.25


def test_a_visitor_has_one_run_and_the_oldest_makes_room():
    runs = VisitorRuns(most=2)
    for visitor in ("a", "a", "b", "c"):
        runs.put(visitor, VisitorRun(visitor, (), LiveRecipe()))

    assert runs.get("a") is None
    assert runs.take("b") is not None
    assert runs.get("b") is None
