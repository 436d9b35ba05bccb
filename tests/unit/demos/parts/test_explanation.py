"""The 'i' of a section: its name holds what is seen, and its paragraph is one of a kind on the page."""

import re

import pytest

from demos.parts import explanation


@pytest.mark.parametrize(
    ("label", "name"), [("", "About: Feature maps"), ("What is this?", "What is this? Feature maps")]
)
def test_the_spoken_name_holds_the_words_that_are_seen(label: str, name: str):
    html = explanation.html("Feature maps", "Text.", label=label)
    assert f'aria-label="{name}"' in html
    assert label in re.sub(r"<[^>]*>", "", html)


def test_the_button_opens_its_own_paragraph_and_text_is_no_markup():
    html = explanation.html("A & B", "1 < 2")
    (target,) = re.findall(r'popovertarget="([^"]+)"', html)
    assert f'id="{target}" popover' in html
    assert "1 &lt; 2</span>" in html


def test_a_heading_has_its_level():
    assert explanation.heading("Ranking", "Text.", level=3).startswith('<div class="explained"><h3>Ranking</h3>')
