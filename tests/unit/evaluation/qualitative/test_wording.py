"""Counts in singular and plural."""

import pytest

from evaluation.qualitative.wording import counted


@pytest.mark.parametrize(
    ("number", "words", "text"),
    [
        (0, ("vote",), "0 votes"),
        (1, ("vote",), "1 vote"),
        (2, ("vote",), "2 votes"),
        (1_200, ("vote",), "1,200 votes"),
        (1, ("answer is stored", "answers are stored"), "1 answer is stored"),
        (3, ("answer is stored", "answers are stored"), "3 answers are stored"),
    ],
)
def test_one_is_singular_and_every_other_number_plural(number: int, words: tuple[str, ...], text: str):
    assert counted(number, *words) == text
