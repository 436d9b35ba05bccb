"""Lengths of time are said with one unit."""

import pytest

from serving.engine.durations import in_words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (12, "12 s"), (89, "89 s"), (90, "2 min"), (300, "5 min"), (5400, "1.5 h")]
)
def test_a_duration_has_one_unit(seconds: float, words: str):
    assert in_words(seconds) == words
