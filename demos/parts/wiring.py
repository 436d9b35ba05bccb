"""Two changes to the finished page that Gradio's client needs: a page of many events would be slow, or never at rest.

**Own triggers.** A listener that waits (`events.LATEST`) is triggered again when its run ends. The client (6.31) then
triggers every listener of that component's event again, and those that still run wait in turn: with three listeners of
about the same length on one event, such as a photo's `change`, this never ended. So each such listener gets a number of
its own that the browser counts up, and listens to that.

**Quiet statuses.** Whenever a run begins, goes on or ends, the client searches the tree of components for each output
of all runs so far. An event without a progress display needs none of them, so it names one that is found at once.
"""

from __future__ import annotations

from collections import Counter

import gradio as gr
from gradio.blocks import BlockFunction
from gradio.events import EventListenerMethod

COUNT = "(runs) => runs + 1"
LOAD = "load"  # is triggered by the number of its listener, and so never repeats those of others


def settle(page: gr.Blocks, place: gr.Row) -> None:
    """Apply both to a page; call it inside the page, when all of its events are there.

    Args:
        page: the page.
        place: a hidden row, the first of the page: the numbers are put there.
    """
    with place:
        quiet = gr.Number(0, visible=False)
    for listener in list(page.fns.values()):
        if listener.fn is not None and listener.show_progress == "hidden" and listener.outputs:
            listener.show_progress_on = [quiet]
    for listener in sharing(page):
        with place:
            runs = gr.Number(0, visible=False)
        shared = [(component, event) for component, event in listener.targets if event != LOAD]
        page.default_config.set_event_trigger(
            [EventListenerMethod(page.blocks[key], event) for key, event in shared if key is not None],
            fn=None,
            inputs=runs,
            outputs=runs,
            js=COUNT,
            show_progress="hidden",
            api_visibility="private",
        )
        own = [target for target in listener.targets if target[1] == LOAD]
        listener.targets = [*own, (runs._id, "change")]


def sharing(page: gr.Blocks) -> list[BlockFunction]:
    """The listeners that wait while they run, and share an event with another listener that runs on the server."""
    at_server = [listener for listener in page.fns.values() if listener.fn is not None]
    heard = Counter(target for listener in at_server for target in listener.targets if target[1] != LOAD)
    crowded = {target for target, listeners in heard.items() if listeners > 1}
    return [
        listener
        for listener in at_server
        if listener.trigger_mode == "always_last"
        and not listener.collects_event_data
        and not crowded.isdisjoint(listener.targets)
    ]
