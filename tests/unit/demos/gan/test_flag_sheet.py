"""What the sheet sends becomes a picture on white, and what it can't have sent is refused."""

import gradio as gr
import pytest
from PIL import Image

from demos.gan import flag_sheet
from demos.parts import html

SIZE = (flag_sheet.WIDTH, flag_sheet.HEIGHT)


def test_a_drawing_lies_on_white():
    sheet = Image.new("RGBA", SIZE)
    sheet.paste((200, 16, 46, 255), (0, 0, 20, 20))
    drawing = flag_sheet.read(html.data_url(sheet))
    assert drawing is not None
    assert (drawing.getpixel((5, 5)), drawing.getpixel((100, 100))) == ((200, 16, 46), (255, 255, 255))


@pytest.mark.parametrize("blank", ["", html.data_url(Image.new("RGBA", SIZE))])
def test_a_blank_sheet_is_no_drawing(blank: str):
    assert flag_sheet.read(blank) is None


@pytest.mark.parametrize(
    "sent",
    [
        "data:image/png;base64,AAAA",
        "no address at all",
        html.data_url(Image.new("RGBA", (4000, 4000))),
        html.data_url(Image.new("RGB", SIZE), kind="JPEG"),
    ],
)
def test_what_is_no_such_sheet_is_refused(sent: str):
    with pytest.raises(gr.Error, match="The drawing can't be read"):
        flag_sheet.read(sent)
