"""Truncation makes samples alike, which is measured; neighbours of a point are near it."""

import math

import pytest

from serving.engine.errors import EngineError
from serving.engine.variety import SampleVariety
from serving.local import LocalEngine

CONTROL = {"model": "mnist-control", "step": 10_000}


def test_truncation_takes_variety_away(engine: LocalEngine):
    whole, half, average = (engine.variety(**CONTROL, psi=psi) for psi in (1.0, 0.3, 0.0))

    assert (whole.distance, whole.kinds, whole.all_kinds) == (pytest.approx(100), 10, 10)
    assert average.distance < half.distance < 90
    assert average == SampleVariety(200, pytest.approx(0, abs=1e-3), 1, 10)


def test_stacked_digits_have_a_thousand_kinds(engine: LocalEngine):
    last = next(info.steps[-1] for info in engine.generators() if info.name == "stacked-collapse")
    measured = engine.variety("stacked-collapse", step=last, psi=1.0)
    assert measured.all_kinds == 1000
    assert measured.kinds is not None
    assert 1 <= measured.kinds < 20  # metrics.json counts 7


def test_truncated_samples_lie_on_the_way_to_the_average(engine: LocalEngine):
    whole = engine.sample(**CONTROL, seed=3, count=2)
    same, shorter = (engine.truncated(**CONTROL, seed=3, count=2, psi=psi) for psi in (1.0, 0.5))
    assert same == whole
    assert shorter.z[1] == pytest.approx([number / 2 for number in whole.z[1]])


def test_neighbours_are_as_far_from_the_point_as_was_asked(engine: LocalEngine):
    z = engine.latent("mnist-control", seed=1, index=0)
    near, far, same = (engine.alike(**CONTROL, z=z, count=8, spread=spread) for spread in (0.2, 0.9, 0.0))

    def distance(other: tuple[float, ...]) -> float:
        return math.dist(z, other)

    assert max(map(distance, near.z)) < min(map(distance, far.z))
    assert same.z == (pytest.approx(tuple(z)),) * 8
    lengths = [math.hypot(*other) for other in far.z]
    assert sum(lengths) / len(lengths) == pytest.approx(math.sqrt(len(z)), rel=0.2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"z": [0.0]}, "has 64 finite numbers"),
        ({"z": [math.nan] * 64}, "has 64 finite numbers"),
        ({"count": 0}, "1 to 64 samples"),
        ({"count": 10_000}, "1 to 64 samples"),
        ({"spread": 1.1}, "between 0 and 1"),
        ({"spread": math.nan}, "between 0 and 1"),
    ],
)
def test_a_point_or_a_spread_that_makes_no_sense_is_refused(engine: LocalEngine, change: dict, reason: str):
    with pytest.raises(EngineError, match=reason):
        engine.alike(**{**CONTROL, "z": [0.0] * 64, "count": 4, "spread": 0.5, **change})


@pytest.mark.parametrize("psi", [-0.1, 1.1, math.nan])
def test_a_truncation_outside_of_its_range_is_refused(engine: LocalEngine, psi: float):
    with pytest.raises(EngineError, match="must lie between 0 and 1"):
        engine.variety(**CONTROL, psi=psi)
