"""A study's own text on the rater's pages."""

import pytest

from demos.just_look.rating_html import prose, revealed
from evaluation.qualitative.ballot import Choice
from evaluation.qualitative.session.other_votes import Concurrence


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("wrapped in\nthe file", "<p>wrapped in the file</p>"),
        ("one\n\ntwo\r\n\r\nthree\n", "<p>one</p><p>two</p><p>three</p>"),
        ("Look at:\n- strokes,\n- colours", "<p>Look at:<br>- strokes,<br>- colours</p>"),
        ("1. first\n2. second, which\ngoes on", "<p>1. first<br>2. second, which goes on</p>"),
        ("<b>bold</b> & more", "<p>&lt;b&gt;bold&lt;/b&gt; &amp; more</p>"),
        ("", ""),
    ],
)
def test_text_becomes_paragraphs(text: str, paragraphs: str):
    assert prose(text) == paragraphs


@pytest.mark.parametrize(
    ("agreement", "sentence"),
    [
        (Concurrence(agreeing=0, votes=0), "Nobody else has judged these yet."),
        (Concurrence(agreeing=1, votes=1), "1 of 1 other vote agrees."),
        (Concurrence(agreeing=2, votes=9), "2 of 9 other votes agree."),
        (Concurrence(agreeing=63, votes=100), "<strong>63 %</strong> of 100 other votes agree."),
    ],
)
def test_the_reveal_says_how_many_others_agree(agreement: Concurrence, sentence: str):
    assert f"You chose the left one. {sentence}" in revealed(Choice.LEFT, ["Real", "After 500 steps"], agreement)


@pytest.mark.parametrize(
    ("choice", "real", "sentence"),
    [
        (Choice.REAL, True, "You called it real, and it is."),
        (Choice.REAL, False, "You called it real, but it is not."),
        (Choice.FAKE, True, "You called it fake, but it is real."),
        (Choice.FAKE, False, "You called it fake, and it is."),
    ],
)
def test_a_single_picture_is_called_by_what_it_is(choice: Choice, real: bool, sentence: str):
    assert sentence in revealed(choice, ["A title"], None, real=real)
