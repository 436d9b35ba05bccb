"""Pages beside Gradio's, in the same colours, light and dark: small files that phones show at once."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from gradio.route_utils import get_root_url
from starlette.requests import Request

from demos import theme

STYLES = Path(__file__).parent / "plain_page.css"
_COLOURS = {  # the name in the styles, and the theme's for it
    "page": "body_background_fill",
    "ink": "body_text_color",
    "quiet": "body_text_color_subdued",
    "block": "block_background_fill",
    "line": "border_color_primary",
    "accent": "button_primary_background_fill",
    "on-accent": "button_primary_text_color",
    "soft": "button_secondary_background_fill",
    "link": "link_text_color",
}


def page(title: str, body: str, *, styles: Sequence[Path] = (), scripts: Sequence[str] = (), root: str = "") -> str:
    """Return a page.

    Args:
        title: of the window, as text.
        body: as HTML.
        styles: files whose text is in the page.
        scripts: addresses, relative to the app's page.
        root: the way from this page to the app's: "" beside it, "../" below a folder.
    """
    css = colours() + "".join(path.read_text(encoding="utf-8") for path in (STYLES, *styles))
    sources = "".join(f'<script src="{root}{html.escape(script)}" defer></script>' for script in scripts)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><link rel="icon" href="{root}favicon.ico"><style>{css}</style>{sources}</head>
<body data-root="{root}">{body}</body></html>"""


def colours() -> str:
    """Return the theme's colours as variables, light, and dark where the device asks for it."""
    look = theme.theme()
    light = "".join(f"--{name}: {getattr(look, wanted)}; " for name, wanted in _COLOURS.items())
    dark = "".join(f"--{name}: {getattr(look, f'{wanted}_dark')}; " for name, wanted in _COLOURS.items())
    return (
        f":root {{ color-scheme: light dark; {light}}}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n"
    )


def address(request: Request) -> str:
    """Return the app's address as the visitor's browser sees it, also behind a proxy; without a slash at its end."""
    return get_root_url(request, route_path=request.url.path, root_path=request.scope.get("root_path")).rstrip("/")
