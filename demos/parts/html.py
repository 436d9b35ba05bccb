"""Pictures that live inside the page's own text: nothing of them is written to the disk, and each has its words."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

from PIL import Image


def data_url(picture: Image.Image, *, kind: str = "PNG", **options: object) -> str:
    """Encode a picture into an address."""
    encoded = io.BytesIO()
    picture.save(encoded, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encoded.getvalue()).decode()}"


def figure(picture: Image.Image, *, alt: str, caption: str = "", crisp: bool = False) -> str:
    """A picture with its words, as HTML.

    Args:
        picture: what to show.
        alt: what is to be seen, for who does not see it.
        caption: a line below it.
        crisp: whether each pixel means something and stays a square when enlarged.
    """
    url = data_url(picture) if crisp else data_url(picture, kind="JPEG", quality=90)
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    width, height = picture.size
    kind = ' class="crisp"' if crisp else ""
    return f'<figure{kind}><img src="{url}" alt="{escape(alt)}" width="{width}" height="{height}">{below}</figure>'


def row(figures: Sequence[str], *, title: str = "", many: bool = False) -> str:
    """Figures side by side, as HTML, with a heading; many of them in as many rows as they take."""
    heading = f'<p class="figures-heading">{escape(title)}</p>' if title else ""
    kind = "figures-row many" if many else "figures-row"
    return f'{heading}<div class="{kind}" style="--count: {len(figures)}">{"".join(figures)}</div>'


def film(path: Path, *, alt: str) -> str:
    """A film with its controls, as HTML."""
    content = base64.b64encode(path.read_bytes()).decode()
    return f'<video controls loop muted aria-label="{escape(alt)}" src="data:video/mp4;base64,{content}"></video>'
