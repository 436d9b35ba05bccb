"""A row of small pictures that stand for a way or a choice."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr


def picture_strip(
    label: str,
    *,
    columns: int,
    elem_id: str,
    show_label: bool = True,
    visible: bool = True,
    classes: Sequence[str] = (),
    pictures: Sequence[tuple[str, str]] = (),
) -> gr.Gallery:
    """Lay out the row.

    Args:
        label: what it shows; a screen reader says it even where `show_label` hides it.
        columns: pictures in the row.
        elem_id: id of the element.
        show_label: whether the label is to be seen.
        visible: whether the row is there at first.
        classes: of the element, besides those of all rows.
        pictures: what it shows at first: files with their captions.
    """
    return gr.Gallery(
        list(pictures) or None,
        label=label,
        show_label=show_label,
        columns=columns,
        height="auto",
        allow_preview=False,
        interactive=False,
        object_fit="contain",
        buttons=[],
        visible=visible,
        elem_classes=["thumbs", "seeds", *classes],
        elem_id=elem_id,
    )
