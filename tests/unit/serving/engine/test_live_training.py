"""Recipes of live training: what makes no sense is answered with one sentence."""

from typing import Any

import pytest

from serving.engine.errors import EngineError
from serving.engine.live_training import live_recipe


def test_values_make_a_recipe():
    recipe = live_recipe({"pictures": "clothes", "smooth_from": 0.7, "smooth_to": 1.0, "d_steps": 2, "pack": 4})

    assert (recipe.pictures, recipe.smooth_from, recipe.d_steps, recipe.pack) == ("clothes", 0.7, 2, 4)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"noise": float("nan")}, "Noise: "),
        ({"smooth_from": float("-inf")}, "Smoothing, from: "),
        ({"d_steps": 0}, "D steps: "),
        ({"g_steps": 2.5}, "G steps: "),
        ({"pack": 3}, "Pack: "),
        ({"game": "chess"}, "Game: "),
        ({"seed": -1}, "Seed: "),
        ({"smooth_from": 0.9, "smooth_to": 0.8}, "from the smaller number"),
        ({"smooth_from": 0.9, "game": "hinge"}, "no labels to smooth"),
        ({"colour": "red"}, "Colour: "),
    ],
)
def test_a_value_that_makes_no_sense_is_named(values: dict[str, Any], named: str):
    with pytest.raises(EngineError) as raised:
        live_recipe(values)

    sentence = str(raised.value)
    assert named in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
