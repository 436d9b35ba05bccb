"""The pins, the way between two of them and the place of the point, as HTML."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from PIL import Image

from demos.gan.explorer.visited import PINS
from demos.gan.history.player_html import chart
from demos.parts.html import data_url
from media import provenance
from serving.engine.sampling import Way, Waypoint

WAYS: dict[Way, str] = {"slerp": "around the centre (slerp)", "lerp": "straight (lerp)"}
LONGEST_TEXT = 16  # characters of a point's text that are shown


def short(text: str) -> str:
    """A point's text, cut where it is long."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def place(text: str, length: float, z_dim: int) -> str:
    """The line below the point's picture."""
    usual = math.sqrt(z_dim)
    return (
        f'<p class="note" role="status">Point {escape(short(text))}: ‖z‖ is {length:.1f}, '
        f"where samples have about {usual:.1f}.</p>"
    )


@dataclass(frozen=True)
class Pin:
    """A pinned point: its picture, its text as the page shows it, and how the picture was made."""

    picture: Image.Image
    text: str
    recipe: Mapping[str, Any]


def pins(pinned: Mapping[str, Pin]) -> str:
    """The three pins by letter, each a picture with its point's text, or an empty place."""
    return f'<div class="pins">{"".join(_pin(letter, pinned.get(letter)) for letter in PINS)}</div>'


def _pin(letter: str, pinned: Pin | None) -> str:
    if pinned is None:
        return f"<figure><span>nothing yet</span><figcaption>{letter}</figcaption></figure>"
    url = data_url(pinned.picture, settings=pinned.recipe, source=provenance.GENERATED)
    alt, text = f"The picture pinned as {letter}", escape(pinned.text)
    return f'<figure><img src="{url}" alt="{alt}"><figcaption>{letter}: {text}</figcaption></figure>'


def lengths(ways: Mapping[Way, Sequence[Waypoint]]) -> str:
    """‖z‖ along both ways, as a chart."""
    curves = {WAYS[way]: [(float(i), point.length) for i, point in enumerate(ways[way])] for way in ways}
    highest = max(point.length for waypoints in ways.values() for point in waypoints)
    pictures = len(next(iter(ways.values())))
    return chart("‖z‖ from A to B", curves, end=pictures - 1, span=(0, math.ceil(highest)), ends=("A", "B"))
