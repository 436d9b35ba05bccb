"""A closed section whose content is written when it is opened, and again when another sample is chosen while it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from demos.gan.selection import Selected, Selection
from demos.parts import events, opening
from demos.parts.inputs import explained
from serving.engine.errors import EngineError

WAITING = '<p class="note" role="status">The pictures are on their way …</p>'


def wire(
    section: gr.Accordion,
    selection: Selection,
    write: Callable[..., Iterator[str]],
    content: gr.HTML,
    *,
    choices: Sequence[gr.Radio] = (),
) -> None:
    """Write the content while the section is open.

    Args:
        section: closed at first.
        selection: what the page shows; the section follows it.
        write: takes the selected sample and the values of `choices`, and yields HTML, which may be better each time.
        content: where it goes.
        choices: controls in the section whose change writes it again.
    """
    looks = opening.looks(section, selection.drawn.change)

    def follow(drawn: Selected, *values: Any) -> Iterator[str]:
        with explained(EngineError):
            yield from write(drawn, *values)

    gr.on(
        [looks.change, *(choice.input for choice in choices)],
        follow,
        [selection.drawn, *choices],
        content,
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
