"""A Stop button that can be pressed from the moment the work has begun until it is over, and never before or after.

Gradio's client cancels a job by the id that the server gave it. Before that has arrived the client asks for nothing, is
refused, and the work goes on. So the button waits for the first word from the work itself, and what may begin the next
work waits until the client is done with this one: it would take the new job for the one that it is cancelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import gradio as gr

OFF, ON = gr.update(interactive=False), gr.update(interactive=True)


def stoppable(work: Callable[..., Iterator[tuple[Any, ...]]], outputs: int) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """Let a generator say when it can be stopped.

    Args:
        work: yields a value for each of its outputs.
        outputs: how many those are; the button comes after them.
    """

    @wraps(work)
    def told(*args: Any) -> Iterator[tuple[Any, ...]]:
        yield (*(gr.skip(),) * outputs, ON)
        for shown in work(*args):
            yield (*shown, gr.skip())
        yield (*(gr.skip(),) * outputs, OFF)

    return told


def wire(stop: gr.Button, begun: Any, over: Callable[..., Any], inputs: Any, outputs: Any) -> None:
    """Let a button end what was begun.

    Args:
        stop: the button.
        begun: the event that began the work.
        over: shows that the work ended before its time, stopped or by an error; it turns the button off.
        inputs: what `over` takes.
        outputs: what it gives.
    """
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    stop.click(None, None, None, cancels=begun, **private)
    stop.click(lambda: OFF, None, stop, queue=False, **private)
    begun.failure(over, inputs, outputs, **private)
