"""A point and its text: seeds, sums and numbers are read, and whatever else somebody writes is refused."""

import math

import pytest

from demos.gan.explorer import points
from serving.engine.errors import EngineError
from serving.local import LocalEngine

MODEL = "mnist-dcgan"


def test_a_seed_and_a_sample_are_the_samplers_own(engine: LocalEngine):
    assert list(points.from_text(engine, MODEL, " 42:3 ").z) == engine.latent(MODEL, seed=42, index=2)


def test_a_sum_is_the_engines(engine: LocalEngine):
    parts = [engine.latent(MODEL, seed=seed, index=0) for seed in (1, 2, 3)]
    point = points.from_text(engine, MODEL, "1:1  - 2:1 + 3:1")
    assert list(point.z) == engine.combine(MODEL, weights=[1, -1, 1], z=parts)
    assert point.text == "1:1 - 2:1 + 3:1"


def test_numbers_come_back_to_the_last_bit(engine: LocalEngine):
    point = points.from_numbers(engine.latent(MODEL, seed=9, index=15))
    assert points.from_text(engine, MODEL, point.text) == point
    assert " " not in point.text


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "42", "42:0", "42:17", "-1:1", "4294967296:1", "1:1 -", "1:1 2:2", "1:1 * 2:2", "1:1-2:2", "²:1"),
        *("٤:١x", "z:!!", "z:AAA", "9" * 5000 + ":1", "1:" + "9" * 5000, " + ".join(["1:1"] * 9), "x" * 10_000),
    ],
)
def test_what_is_no_point_is_refused_with_an_example(engine: LocalEngine, text: str):
    with pytest.raises(EngineError, match="A point is written seed:sample, such as 42:1"):
        points.from_text(engine, MODEL, text)


@pytest.mark.parametrize("number", [math.nan, math.inf, 1e30])
def test_numbers_that_no_sample_has_are_refused_where_they_are_drawn(engine: LocalEngine, number: float):
    point = points.from_text(engine, MODEL, points.from_numbers([number] * 24).text)
    with pytest.raises(EngineError, match=r"finite numbers|too far out"):
        engine.draw(MODEL, step=20_000, z=[point.z])
