"""An error names the line on which its key stands, whatever TOML the author writes around it."""

import tomllib

import pytest

from evaluation.qualitative.study import toml_lines
from evaluation.qualitative.study.toml_lines import Positions

TEXT = '''\
# a comment with [brackets] and "quotes
title = "one # no comment"
description = """
[[arms]]
x = 1
"""
answers = [
    "tie",  # ] not the end
    "skip",
]
"quoted key" = 'literal = "x"'
items.seeds = 3

[session] # how
ballots_per_rater = 5

[[session.gold]]
better = "a"

[[arms]]
id = "first"

[[arms]]
id = "second"
extra = { step = 1, deep = [1, 2] }
last = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["title"], 2),
        (["description"], 3),
        (["answers", 1], 7),
        (["quoted key"], 11),
        (["items", "seeds"], 12),
        (["session"], 14),
        (["session", "ballots_per_rater"], 15),
        (["session", "gold", 0, "better"], 18),
        (["session", "gold", 0, "worse"], 17),
        (["arms", 0], 20),
        (["arms", 0, "id"], 21),
        (["arms", 1, "id"], 24),
        (["arms", 1, "extra", "step"], 25),
        (["arms", 1, "last"], 26),
        (["missing"], 1),
        ([], 1),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_key_is_found_on_its_line(path: list[str | int], line: int, newline: str):
    text = TEXT.replace("\n", newline)
    tomllib.loads(text)

    assert Positions(text).line(path) == line


def test_the_place_that_pydantic_names_loses_the_tags_of_unions():
    data = {"arms": [{"kind": "style", "method": "adain", "strength": 2}]}

    assert toml_lines.resolve(("arms", 0, "style", "adain", "strength"), data) == ("arms", 0, "strength")
    assert toml_lines.resolve(("arms", 0, "style", "adain", "id"), data) == ("arms", 0, "id")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("arms", 2, "step"), "step of arm 3"),
        (("arms", 0), "arm 1"),
        (("session", "gold", 1, "better"), "better of session.gold 2"),
        (("items", "pairs", 0, 1), "items.pairs.1 2"),
        (("completion", "redirect"), "completion.redirect"),
        ((), ""),
    ],
)
def test_a_place_is_spelt_as_people_count(path: tuple[str | int, ...], words: str):
    assert toml_lines.spell(path) == words
