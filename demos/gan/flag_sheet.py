"""A sheet to draw a flag on, and the drawing that page/flag_sheet.js sends from it."""

from __future__ import annotations

import base64
import io

from PIL import Image

from demos.parts.inputs import refuse

WIDTH, HEIGHT = 192, 128  # pixels, the shape of most flags
COLOURS = {
    "#c8102e": "Red",
    "#012169": "Blue",
    "#009a44": "Green",
    "#ffd100": "Yellow",
    "#000000": "Black",
    "#ffffff": "White",
}


def html() -> str:
    """The sheet, its colours, the width of the pen, and buttons that fill or empty it."""
    colours = "".join(
        f'<label style="--ink: {ink}"><input type="radio" name="flag-colour" value="{ink}" aria-label="{name}"'
        f"{' checked' if place == 0 else ''}></label>"
        for place, (ink, name) in enumerate(COLOURS.items())
    )
    return (
        f'<div class="flag-sheet"><canvas width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="Sheet to draw on">'
        f'</canvas><div role="radiogroup" aria-label="Colour">{colours}</div>'
        '<label>Pen <input type="range" min="4" max="64" value="20" aria-label="Width of the pen"></label>'
        '<div class="flag-tools"><button type="button" data-fill="1">Fill</button>'
        '<button type="button">Clear</button></div></div>'
    )


def read(data_url: str) -> Image.Image | None:
    """The drawing on white paper; None where nothing was drawn.

    Raises:
        gr.Error: the data URL does not hold such a sheet.
    """
    if not data_url:
        return None
    try:
        raw = base64.b64decode(data_url.partition(",")[2], validate=True)
        with Image.open(io.BytesIO(raw), formats=("PNG",)) as sheet:
            if sheet.size != (WIDTH, HEIGHT):
                raise ValueError(sheet.size)
            drawn = sheet.convert("RGBA")
    except Exception as error:  # Pillow's readers raise almost any error on hostile bytes
        raise refuse("The drawing can't be read. Clear it and draw again.") from error
    if not drawn.getchannel("A").getbbox():
        return None
    return Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB")
