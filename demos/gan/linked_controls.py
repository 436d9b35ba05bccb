"""What a link says of a section's own controls, such as ψ of the truncation: the tab's first drawing sets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.parts.inputs import plain


@dataclass(frozen=True)
class LinkedControl:
    """A component that a link can set.

    Attributes:
        component: what is set.
        read: its value from the link's text; raises `ValueError` where that cannot be used.
    """

    component: Block
    read: Callable[[str], Any]


Sections = Mapping[str, Mapping[str, LinkedControl]]  # by the section's id, then by the name in the link


def updates(sections: Sections, query: Mapping[str, str]) -> dict[Block, Any]:
    """The values that a link gives to the controls of the section that it opens; a wrong value changes nothing."""
    try:
        return read(sections, query)
    except ValueError as error:
        gr.Warning(f"The link was not used: {plain(error)}")
        return {}


def read(sections: Sections, query: Mapping[str, str]) -> dict[Block, Any]:
    """The same.

    Raises:
        ValueError: a value cannot be used; one sentence names it.
    """
    controls = sections.get(query.get("section", ""), {}) if query.get("tab") == "gan" else {}
    values = {}
    for name in controls.keys() & query.keys():
        text = query[name]
        try:
            values[controls[name].component] = controls[name].read(text)
        except ValueError as error:
            raise ValueError(f"{name} must be {error}, got {text!r:.40}.") from None
    return values


def number(least: float, most: float) -> Callable[[str], float]:
    """Read a number between two."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise ValueError(f"a number from {least:g} to {most:g}")
        return value

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    """Read a whole number between two."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most):
            raise ValueError(f"a whole number from {least:,} to {most:,}")
        return int(text)

    return read


def one_of(options: Sequence[str]) -> Callable[[str], str]:
    """Read one of some words."""

    def read(text: str) -> str:
        if text not in options:
            raise ValueError(f"one of {', '.join(options)}")
        return text

    return read


def place(text: str) -> tuple[float, float]:
    """Read a place in a picture: from the left and from the top, 0 to 1 of the side, with a comma between."""
    across, _, down = text.partition(",")
    try:
        return number(0, 1)(across), number(0, 1)(down)
    except ValueError:
        raise ValueError("two numbers from 0 to 1 such as 0.5,0.25") from None
