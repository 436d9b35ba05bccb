"""A study's own text on the rater's pages."""

import pytest

from demos.just_look.rating_html import prose


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
