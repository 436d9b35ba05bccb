"""A folded section that asks the server for something only while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.gan.selection import Selection
from demos.parts import opening
from demos.parts.strip import picture_strip


@dataclass(frozen=True)
class Section:
    """What a handler needs to know of a section.

    Attributes:
        accordion: the section itself.
        looks: a number that grows when the section opens, and when another sample is drawn while it is open.
    """

    accordion: gr.Accordion
    looks: gr.Number

    @property
    def change(self) -> Any:
        """The trigger for what the section shows."""
        return self.looks.change


@contextmanager
def folded(title: str, selection: Selection, *triggers: Any, elem_id: str, visible: bool = True) -> Iterator[Section]:
    """Lay out a section that is closed at first, and count in the browser when it has to look.

    Args:
        title: of the section.
        selection: of the tab: while the section is open, it follows the drawn sample.
        triggers: what else it follows while it is open; see `opening.looks`.
        elem_id: of the section.
        visible: whether it is on the page at first.
    """
    with gr.Accordion(title, open=False, elem_id=elem_id, visible=visible) as accordion:
        yield Section(accordion, opening.looks(accordion, selection.drawn.change, *triggers))


def samples(label: str, *, columns: int, elem_id: str) -> gr.Gallery:
    """Samples in rows with a caption below each."""
    return picture_strip(label, columns=columns, elem_id=elem_id, show_label=False, classes=["samples"])
