"""Steps of preprocessing from plain values, such as those of the page and of the API."""

from typing import Any

import pytest

from media.preprocessing import Preparation
from serving.engine.errors import EngineError
from serving.engine.preprocessing import steps


def test_steps_keep_their_order():
    assert steps([{"greyscale": True}, {"rotate": 30}]) == (Preparation(greyscale=True), Preparation(rotate=30))
    assert steps([]) == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([{"rotate": 30}, {"rotate": 5}], "^rotate is in 2 steps; each setting may be in one step only.$"),
        ([{"scale": 0.5}, {"rotate": 999}], "^Step 2, rotate: .* less than or equal to 180.$"),
        ([{"blur": 3}], "^Step 1, blur: "),
        ([{"crop": [0.5, 0, 0.4, 1]}], "each at least 0.02 before its opposite"),
        ([{"crop": "left"}], "^Step 1, crop"),
        ([{}] * 9, "^There are 9 steps; up to 8 can be applied."),
        ("rotate", "^The steps must be a list of settings"),
        ([["rotate", 3]], "^The steps must be a list of settings"),
        (None, "^The steps must be a list of settings"),
        ({"rotate": 3}, "^The steps must be a list of settings"),
    ],
)
def test_steps_that_make_no_sense_are_refused_in_a_sentence(values: Any, reason: str):
    with pytest.raises(EngineError, match=reason):
        steps(values)
