"""Loss curves as SVG."""

import math
import re

import pytest

from demos.parts import curve


def points(svg: str) -> list[tuple[float, float]]:
    (line,) = re.findall(r'points="([^"]*)"', svg)
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())]


@pytest.mark.parametrize("values", [[-3.0, 5.0], [0.0, 0.0], [1e-9, 2e-9], [math.nan, 4.0], [-2000.0, -1000.0]])
def test_an_even_axis_shows_zero_and_keeps_every_value_inside(values: list[float]):
    svg = curve.draw_linear({"D": values}, steps=10, caption="losses")

    assert ">0</text>" in svg
    assert all(0 <= y <= curve.HEIGHT - curve.BOTTOM + 0.1 for _, y in points(svg))
    assert len(points(svg)) == sum(not math.isnan(value) for value in values)


def test_the_last_value_stands_at_the_end_of_the_axis():
    assert points(curve.draw_linear({"D": [1.0, 2.0, 3.0]}, steps=90, caption=""))[-1][0] == curve.WIDTH - 8


def test_a_curve_without_values_is_drawn_too():
    assert points(curve.draw_linear({"D": []}, steps=0, caption="")) == []
