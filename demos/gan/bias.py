"""A section of the GAN tab: how often training pictures and samples have an attribute, where that could be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr

from demos.gan import about
from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation
from serving.engine import Engine
from serving.engine.attributes import Counted

HELP = (
    "Two generators learned from the same cartoon faces by the same recipe. Only the share of skin tones in their "
    "training pictures differs. A classifier counted what they draw: is a rare kind drawn as often as it was shown?"
)
HEAD = "<tr><th></th><th>training pictures</th><th>samples</th></tr>"


def build(engine: Engine, selection: Selection) -> None:
    """Add the section; it is visible while the chosen generator is one of those that were counted."""
    counted = {info.name: rows for info in selection.generators.values() if (rows := engine.counted(info.name))}
    if not counted:
        return
    titles = {name: selection.generators[name].title for name in counted}
    with gr.Accordion(
        "Who is drawn, and how often", open=True, visible=selection.first.name in counted, elem_id="bias"
    ) as section:
        gr.Markdown(HELP)
        explanation.build("Counting what is drawn", about.BIAS)
        gr.HTML(figure(titles, counted), elem_id="bias-figure", padding=False, js_on_load=None)

    def follow(drawn: Selected) -> Any:
        return gr.update(visible=drawn.model in counted)

    selection.drawn.change(follow, selection.drawn, section, **events.AT_ONCE)


def figure(titles: Mapping[str, str], counted: Mapping[str, Sequence[Counted]]) -> str:
    """A table for each generator, its attributes one below the other, with a bar for each share."""
    return f'<div class="bias">{"".join(_table(titles[name], rows) for name, rows in counted.items())}</div>'


def _table(title: str, rows: Sequence[Counted]) -> str:
    lines = []
    attribute = ""
    for row in rows:
        if row.attribute != attribute:
            attribute = row.attribute
            lines.append(f'<tr><th colspan="3" scope="rowgroup">{escape(attribute.capitalize())}</th></tr>')
        cells = "".join(f"<td>{_bar(share)}</td>" for share in (row.in_data, row.in_samples))
        lines.append(f'<tr><th scope="row">{escape(row.value)}</th>{cells}</tr>')
    return f"<table><caption>{escape(title)}</caption>{HEAD}{''.join(lines)}</table>"


def _bar(share: float) -> str:
    percent = f"{100 * share:.1f} %"
    return f'<span class="bar" style="--share: {share:.4f}" aria-hidden="true"></span><span>{percent}</span>'
