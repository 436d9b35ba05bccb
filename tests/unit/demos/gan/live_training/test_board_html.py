"""Drawings as the page sends them: anything else is answered with one sentence."""

import base64
import io
import json

import gradio as gr
import pytest
from PIL import Image

from demos.gan.live_training.board_html import drawings
from serving.engine.errors import EngineError


def url(picture: Image.Image) -> str:
    encoded = io.BytesIO()
    picture.save(encoded, "PNG")
    return f"data:image/png;base64,{base64.b64encode(encoded.getvalue()).decode()}"


def test_drawings_arrive_in_their_order():
    sent = json.dumps([url(Image.new("L", (64, 64), level)) for level in (10, 200)])

    assert [picture.getpixel((0, 0)) for picture in drawings(sent)] == [10, 200]
    assert drawings("") == []


@pytest.mark.parametrize("sent", ["{", "7", "[7]", '["data:image/png;base64,*"]', "[" * 100_000, f'["{"x" * 50_000}"]'])
def test_what_is_no_list_of_pictures_is_refused(sent: str):
    with pytest.raises(EngineError):
        drawings(sent)


def test_a_file_that_is_no_picture_is_refused():
    with pytest.raises(gr.Error):
        drawings(json.dumps([f"data:image/png;base64,{base64.b64encode(b'no picture').decode()}"]))


def test_too_many_drawings_are_refused():
    with pytest.raises(EngineError, match="41 drawings"):
        drawings(json.dumps([url(Image.new("L", (8, 8)))] * 41))
