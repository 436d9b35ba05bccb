"""Folded sections ask the server for something only while they are open: the browser counts when they have to look."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.parts import events

COUNTED_IF_OPEN = "(open, count) => (open ? count + 1 : count)"


def looks(section: gr.Accordion, *triggers: Any) -> gr.Number:
    """A number that grows when a section opens, and when something else happens while it is open.

    Args:
        section: closed at first.
        triggers: what else lets it look again, such as the `change` of a component. A `gr.State` that an event may set
            belongs here: in the browser it changes with the first answer that leaves it out, from nothing to null.
    """
    opened = gr.Checkbox(False, visible=False)
    count = gr.Number(0, visible=False)
    browser: dict[str, Any] = {**events.QUIET}
    section.expand(None, count, [opened, count], js="(count) => [true, count + 1]", **browser)
    section.collapse(None, None, opened, js="() => false", **browser)
    for trigger in triggers:
        trigger(None, [opened, count], count, js=COUNTED_IF_OPEN, **browser)
    return count
