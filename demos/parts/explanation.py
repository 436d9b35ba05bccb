"""The 'i' of a section: a button that opens one paragraph about it, by mouse, finger, keyboard and screen reader.

The paragraph is a popover of the browser (`popover` in HTML): Escape or a click elsewhere closes it, it moves nothing
on the page, and a screen reader meets it right after its button. Browsers without popovers show the paragraph.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

_ICON = (
    '<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="none" stroke="currentColor" '
    'stroke-width="2" stroke-linecap="round"><circle cx="12" cy="12" r="10"/><path d="M12 11v6M12 7v.01"/></svg>'
)


def html(about: str, text: str, *, label: str = "") -> str:
    """The button and its paragraph, as HTML.

    Args:
        about: what is explained, in a few words; the button's name, and different for every button of a page.
        text: the paragraph, as plain text.
        label: words beside the 'i', where no heading stands there.
    """
    spoken = f"{label} {about}" if label else f"About: {about}"  # a spoken name holds the words that are seen
    name = "about-" + re.sub(r"[^a-z0-9]+", "-", about.lower()).strip("-")
    return (
        f'<button type="button" class="explain" popovertarget="{name}" style="anchor-name: --{name}" '
        f'aria-label="{escape(spoken)}">{_ICON}{label and f"<span>{label}</span>"}</button>'
        f'<span class="explanation" id="{name}" popover style="position-anchor: --{name}">{escape(text)}</span>'
    )


def heading(title: str, text: str, *, level: int) -> str:
    """A heading with its explanation, as HTML.

    Args:
        title: text of the heading.
        text: the paragraph, as plain text.
        level: 2 to 4, as in `<h2>`.
    """
    return f'<div class="explained"><h{level}>{escape(title)}</h{level}>{html(title, text)}</div>'


def build(about: str, text: str) -> gr.HTML:
    """Lay out the button and its paragraph at this place of a tab; see `html`."""
    import gradio as gr  # here: the process that writes results needs only the HTML

    return gr.HTML(html(about, text, label="What is this?"), padding=False, elem_classes="explained")
