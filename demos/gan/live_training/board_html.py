"""The drawing board: its HTML, and the drawings as the page's script sends them."""

from __future__ import annotations

import base64
import io
import json

from PIL import Image

from demos.parts.inputs import explained
from media import images
from serving.engine.errors import EngineError
from serving.engine.live_training import MOST_DRAWINGS

SEND = "(_, ...others) => [JSON.stringify(window.justLook.drawings ?? []), ...others]"  # in place of the first input
MOST_CHARACTERS = 40_000  # of a drawing
MALFORMED = "The drawings must be a JSON list of pictures as data URLs."
SHELL = """
<div class="drawing-board" role="group" aria-label="Drawing board">
  <p class="note">Draw one thing about twenty times, each a little differently: a face, a letter, a house.</p>
  <div class="board-row">
    <canvas width="256" height="256" tabindex="0" role="img" aria-describedby="board-status"
      aria-label="Drawing area: arrow keys move the pen, Space puts it down and lifts it, Enter adds the drawing"
    ></canvas>
    <div class="board-side">
      <button type="button" data-part="add">Add drawing</button>
      <button type="button" data-part="clear">Wipe</button>
      <button type="button" data-part="examples">Twenty examples</button>
      <button type="button" data-part="remove-all">Remove all</button>
    </div>
  </div>
  <p class="note" id="board-status" data-part="status" role="status"></p>
  <ul data-part="drawings" aria-label="Your drawings; choose a drawing to remove it"></ul>
</div>
"""


def drawings(sent: str) -> list[Image.Image]:
    """The drawings in what the page or the API sends: a JSON list of pictures as data URLs.

    Raises:
        EngineError: it is something else.
        gr.Error: a picture can't be read.
    """
    try:
        urls = json.loads(sent or "[]")
    except (ValueError, RecursionError):
        raise EngineError(MALFORMED) from None
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        raise EngineError(MALFORMED)
    if len(urls) > MOST_DRAWINGS:
        raise EngineError(f"There are {len(urls)} drawings; {MOST_DRAWINGS} are allowed.")
    return [_drawing(url, number) for number, url in enumerate(urls, 1)]


def _drawing(url: str, number: int) -> Image.Image:
    if len(url) > MOST_CHARACTERS:
        raise EngineError(f"Drawing {number} is too large: send a picture of at most {MOST_CHARACTERS:,} characters.")
    try:
        content = base64.b64decode(url.partition(",")[2], validate=True)
    except ValueError:
        raise EngineError(MALFORMED) from None
    with explained(images.PictureError):
        return images.read(io.BytesIO(content), max_side=256).convert("L")
