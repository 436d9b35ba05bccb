"""The routes that Gradio brings for an app that is launched as ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.routes import App

from demos import previews
from serving.web import health


def paths() -> set[str]:
    """The paths of all routes, with x for what varies in them."""
    with gr.Blocks() as page:
        gr.Button().click(lambda: None, api_name="act")
    app = App.create_app(page, app_kwargs=previews.app_settings(routes=health.routes({})), mcp_server=True)
    return {re.sub(r"\{[^}]*\}", "x", path) for path in _paths(app.routes)}


def _paths(routes: list[Any]) -> Iterator[str]:
    for route in routes:
        if hasattr(route, "original_router"):  # what FastAPI keeps of a router that was included
            yield from _paths(route.original_router.routes)
        else:
            yield route.path
