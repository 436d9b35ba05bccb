"""Images as inline HTML with alt text, progress bars and status lines."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

from PIL import Image

SPOKEN = '<p class="note" role="status">{}</p>'  # a status line that a screen reader reads out as it appears
SILENT = '<p class="note">{}</p>'


def data_url(picture: Image.Image, *, kind: str = "PNG", **options: object) -> str:
    """Encode a picture as a data URL."""
    encoded = io.BytesIO()
    picture.save(encoded, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encoded.getvalue()).decode()}"


def figure(picture: Image.Image, *, alt: str, caption: str = "", crisp: bool = False) -> str:
    """A picture with its alt text, as HTML.

    Args:
        picture: what to show.
        alt: alt text: what the picture shows.
        caption: a line below it.
        crisp: whether an enlarged pixel stays a sharp square, as in a matrix; such a picture is sent without loss.
    """
    url = data_url(picture) if crisp else data_url(picture, kind="JPEG", quality=90)
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    width, height = picture.size
    kind = ' class="crisp"' if crisp else ""
    return f'<figure{kind}><img src="{url}" alt="{escape(alt)}" width="{width}" height="{height}">{below}</figure>'


def row(figures: Sequence[str], *, title: str = "", many: bool = False) -> str:
    """Figures side by side, as HTML, with a heading; `many` lets them break into several rows."""
    heading = f'<p class="figures-heading">{escape(title)}</p>' if title else ""
    kind = "figures-row many" if many else "figures-row"
    return f'{heading}<div class="{kind}" style="--count: {len(figures)}">{"".join(figures)}</div>'


def film(path: Path, *, alt: str) -> str:
    """A film with its controls, as HTML."""
    content = base64.b64encode(path.read_bytes()).decode()
    return f'<video controls loop muted aria-label="{escape(alt)}" src="data:video/mp4;base64,{content}"></video>'


def progress(done: int, total: int, *, label: str) -> str:
    """A progress bar, as HTML; `label` says what is counted."""
    return f'<progress max="{total}" value="{done}" aria-label="{escape(label)}"></progress>'


def note(text: str, *, spoken: bool = True) -> str:
    """A status line, as HTML.

    Args:
        text: what to say.
        spoken: whether a screen reader reads it out as it appears; not for lines that change several times a second.
    """
    return (SPOKEN if spoken else SILENT).format(escape(text))
