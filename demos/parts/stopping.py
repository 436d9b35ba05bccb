"""A Stop button that is on from the click that asks for the work to the end of the work.

A job may wait in the queue, so the click itself turns the button on, in the browser. The buttons that start the next
job stay off until the client has finished with this one, or it would cancel the new job in place of the old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import gradio as gr

from demos.parts import events

TURN_ON = "() => ({ __type__: 'update', interactive: true })"
OFF, ON = gr.update(interactive=False), gr.update(interactive=True)


def stoppable(work: Callable[..., Iterator[tuple[Any, ...]]], outputs: int) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """Let a generator turn the Stop button on and off.

    Args:
        work: yields a value for each of its outputs; its arguments pass through.
        outputs: how many outputs it has; the button comes after them.
    """

    @wraps(work)
    def stoppable_work(*args: Any) -> Iterator[tuple[Any, ...]]:
        yield (*(gr.skip(),) * outputs, ON)
        for values in work(*args):
            yield (*values, gr.skip())
        yield (*(gr.skip(),) * outputs, OFF)

    return stoppable_work


def turn_on(start: gr.Button, stop: gr.Button) -> None:
    """Let a click on `start` turn the Stop button on. Gradio runs the events of a click in turn: this is the first."""
    start.click(None, None, stop, js=TURN_ON, **events.QUIET)


def wire(stop: gr.Button, begun: Any, over: Callable[..., Any], inputs: Any, outputs: Any) -> None:
    """Let a button stop the work.

    Args:
        stop: the button.
        begun: the event that started the work.
        over: runs when the work was stopped or failed; says so on the page and turns the button off.
        inputs: the components that `over` takes.
        outputs: the components that it sets.
    """
    stop.click(None, None, None, cancels=begun, **events.QUIET)
    stop.click(lambda: OFF, None, stop, **events.AT_ONCE)
    begun.failure(over, inputs, outputs, **events.QUIET)
