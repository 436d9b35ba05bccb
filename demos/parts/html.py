"""Images as inline HTML with alt text, progress bars and status lines."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from media import provenance

SPOKEN = '<p class="note" role="status">{}</p>'  # a status line that a screen reader reads out as it appears
SILENT = '<p class="note">{}</p>'


def data_url(
    picture: Image.Image,
    *,
    kind: str = "PNG",
    settings: Mapping[str, Any] | None = None,
    source: str = provenance.COMPOSITE,
    **options: object,
) -> str:
    """Encode a picture as a data URL.

    Args:
        picture: what to encode.
        kind: format of the file.
        settings: how it was made; given these, it is a PNG that says so, and that a machine made it.
        source: its digital source type, as the IPTC's URL.
        options: of the format.
    """
    if settings is not None:
        content = provenance.png(picture, dict(settings), source=source)
        return f"data:image/png;base64,{base64.b64encode(content).decode()}"
    encoded = io.BytesIO()
    picture.save(encoded, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(encoded.getvalue()).decode()}"


def file_url(path: str | Path) -> str:
    """A JPEG or WebP file as a data URL, as it is."""
    kind = "webp" if Path(path).suffix == ".webp" else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(Path(path).read_bytes()).decode()}"


def values(described: Mapping[str, Any]) -> str:
    """Values that a script of the page reads, as HTML: JSON in a hidden element."""
    return f'<data hidden value="{escape(json.dumps(described))}"></data>'


def numbered(kind: str) -> str:
    """The `js_on_load` of a `gr.HTML` whose buttons have a number in `data-KIND`: a click selects it as the index."""
    return f"""element.addEventListener("click", (event) => {{
  const button = event.target.closest("[data-{kind}]");
  if (button) trigger("select", {{ index: Number(button.dataset.{kind}), value: "" }});
}});"""


def figure(
    picture: Image.Image,
    *,
    alt: str,
    caption: str = "",
    crisp: bool = False,
    settings: Mapping[str, Any] | None = None,
    source: str = provenance.COMPOSITE,
) -> str:
    """A picture with its alt text, as HTML.

    Args:
        picture: what to show.
        alt: alt text: what the picture shows.
        caption: a line below it.
        crisp: whether an enlarged pixel stays a sharp square, as in a matrix; such a picture is sent without loss.
        settings: how it was made; given these, the file says so, and that a machine made it.
        source: its digital source type, as the IPTC's URL.
    """
    lossy: dict[str, Any] = {} if crisp else {"kind": "JPEG", "quality": 90}
    url = data_url(picture, settings=settings, source=source, **lossy)
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
