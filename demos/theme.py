"""The page's theme, and the settings that every launch needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.themes.utils import colors
from starlette.routing import Route

from demos import css, previews
from serving.web import limits
from serving.web.logs import lines as logs
from serving.web.service import Service

PAGE = Path(__file__).parent / "page"
SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
FRAME = (  # there before the first part of the page, so that nothing moves
    ".gradio-container { max-width: 1180px !important; width: 100% !important; margin-inline: auto; "
    "overflow: clip !important; } "  # and not hidden, which would hold what is sticky
    "body:not(:has(#weights p, #weights li)) footer { visibility: hidden; }"  # the weights are the last line to come
)
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]


def theme() -> gr.themes.Base:
    """Colours and fonts in light and dark mode; contrasts meet WCAG AA."""
    return gr.themes.Base(
        primary_hue=colors.orange, neutral_hue=colors.stone, radius_size="sm", font=SANS, font_mono=MONO
    ).set(
        body_background_fill="#faf8f4",
        body_background_fill_dark="#151413",
        body_text_color="#1c1917",
        body_text_color_dark="#f5f5f4",
        body_text_color_subdued="#6b645e",
        body_text_color_subdued_dark="#a8a29e",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1e1c1b",
        block_border_color="#e8e3da",
        block_border_color_dark="#33302d",
        block_border_width="1px",
        block_shadow="none",
        block_label_text_color="#57534e",
        block_label_text_color_dark="#d6d3d1",
        block_info_text_color="#6b645e",
        block_info_text_color_dark="#a8a29e",
        block_title_text_color="#1c1917",
        block_title_text_color_dark="#f5f5f4",
        block_title_text_weight="500",
        border_color_primary="#e8e3da",
        border_color_primary_dark="#33302d",
        input_background_fill="#ffffff",
        input_background_fill_dark="#262321",
        input_border_color="#d9d2c6",
        input_border_color_dark="#45403c",
        color_accent="#c2410c",
        color_accent_soft="#fbeee6",
        color_accent_soft_dark="#3a251b",
        slider_color="#c2410c",
        slider_color_dark="#e8663d",
        button_primary_background_fill="#c2410c",
        button_primary_background_fill_hover="#9a3412",
        button_primary_background_fill_dark="#e8663d",
        button_primary_background_fill_hover_dark="#f07d58",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#1c1917",
        button_secondary_background_fill="#efebe3",
        button_secondary_background_fill_hover="#e4ded3",
        button_secondary_background_fill_dark="#2e2a28",
        button_secondary_background_fill_hover_dark="#3a3532",
        button_secondary_text_color="#1c1917",
        button_secondary_text_color_dark="#f5f5f4",
        link_text_color="#9a3412",
        link_text_color_dark="#f0906e",
    )


def launch_settings(*, routes: Sequence[Route] = (), service: Service | None = None) -> dict[str, Any]:
    """Arguments of `launch`: the theme, scripts and styles, and settings that keep each visitor's work private.

    Args:
        routes: addresses that the app answers beside the page.
        service: the state of the process.
    """
    scripts = "".join(f"<script>{path.read_text()}</script>" for path in sorted(PAGE.glob("*.js")))
    return {
        "theme": theme(),
        "css": css.of(sorted(PAGE.glob("*.css"))),
        "head": scripts,
        "favicon_path": PAGE / "icon.svg",
        "app_kwargs": previews.app_settings(style=FRAME, routes=routes, service=service),
        "run_history": False,
        "footer_links": ["api", "settings"],
        "max_file_size": "20mb",
        "state_session_capacity": limits.sessions(),
        "enable_monitoring": False,
        "show_error": False,
        "ssr_mode": False,
        "quiet": logs.as_json(),
    }
