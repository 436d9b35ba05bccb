"""A section of the GAN tab: the link that brings the sample on the page back, and a script that asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import gradio as gr

from demos.gan import reproduce, sample
from demos.gan.selection import FIRST_SIDE, SIDES, Selected, Selection
from demos.parts import brought_back, python_text
from demos.parts.brought_back import BroughtBack
from models.gan.seeds import MAX_SEED
from serving.engine.sampling import Z_LIMIT

NOTE = (
    "The link restores the generator, its snapshot, the seed, the held sample and the numbers that you changed. "
    "The first script needs `pip install gradio_client` and nothing else; the second runs in a checkout of this code."
)
NUMBER = "z."  # starts the name of each changed latent number in a link


@dataclass(frozen=True)
class LinkParts:
    """The components that bring the sample back: those of every such section, and the script without the app."""

    shared: BroughtBack
    torch: gr.Textbox


def build(selection: Selection, z: Sequence[float]) -> LinkParts:
    """Lay out the section.

    Args:
        selection: what the page shows.
        z: the held sample's, at the first sight.
    """
    first = selection.drawn.value
    shared = brought_back.build(NOTE, section="gan-share", link="gan-link", query="gan-query", script="gan-python")
    shared.begin_with(query(first, {}), script(selection, first, {}))
    with shared.opened:
        torch = gr.Textbox(
            torch_script(first, z, {}),
            label="Copy as Python, torch",
            interactive=False,
            lines=9,
            max_lines=18,
            buttons=["copy"],
            elem_id="gan-torch",
        )
    return LinkParts(shared, torch)


def query(selected: Selected, moved: Mapping[int, float], side: int = FIRST_SIDE) -> str:
    """The query of the link to a sample, on a sheet with `side` samples in a row."""
    model, step, seed, position = selected
    numbers = {f"{NUMBER}{i}": f"{value:g}" for i, value in sorted(moved.items())}
    named = {"tab": "gan", "model": model, "step": step, "seed": seed, "held": position + 1, **_grid(side), **numbers}
    return urlencode(named)


def read(query: Mapping[str, str], selection: Selection) -> tuple[Selected, dict[int, float], int] | None:
    """The sample that a link names, its changed numbers and the sheet's side; None where the link names none.

    Raises:
        ValueError: a value cannot be used; one sentence names it.
    """
    if query.get("tab") != "gan" or not {"model", "seed"} & query.keys():
        return None
    model = query.get("model", selection.first.name)
    if model not in selection.generators:
        raise ValueError(f"There is no generator {model!r:.80}.")
    info = selection.generators[model]
    step = _whole(query, "step", info.steps[-1], 0, max(info.steps))
    if step not in info.steps:
        raise ValueError(f"{info.title} has no snapshot after {step:,} steps.")
    seed = _whole(query, "seed", selection.seed.value, 0, MAX_SEED)
    side = _whole(query, "side", FIRST_SIDE, SIDES[0], SIDES[-1])
    if side not in SIDES:
        raise ValueError(f"side must be one of {', '.join(map(str, SIDES))}, got {side}.")
    held = _whole(query, "held", 1, 1, side**2)
    moved = {_index(name, info.z_dim): _number(name, text) for name, text in query.items() if name.startswith(NUMBER)}
    return Selected(model, step, seed, held - 1), moved, side


def script(selection: Selection, selected: Selected, moved: Mapping[int, float], side: int = FIRST_SIDE) -> str:
    """The script that asks for the sheet, or for the held sample where its numbers were changed."""
    model, step, seed, position = selected
    snapshot = selection.generators[model].steps.index(step)
    where = {"seed": seed, "snapshot": snapshot, "held": position + 1}
    if not moved:
        return python_text.script("sample", {**where, "model": model, **_grid(side)}, answer="samples")
    indices = sorted(moved)
    values = {f"z_{k}": moved[i] for k, i in enumerate(indices, 1)}
    numbers = {"indices": indices, **values}
    return python_text.script("move_z", {**where, **numbers, "model": model, **_grid(side)}, answer="sample")


def torch_script(selected: Selected, z: Sequence[float], moved: Mapping[int, float], side: int = FIRST_SIDE) -> str:
    """The script that draws the same with the modules of this code; `z` is the held sample's own."""
    model, step, seed, position = selected
    if moved:
        numbers = [moved.get(i, value) for i, value in enumerate(z)]
        return reproduce.point_script(model, step, numbers, side=sample.LARGE)
    draft = reproduce.sheet_script(
        [model], seed, count=side**2, side=sample.WIDTH // side, gap=sample.GAP, held=position
    )
    return draft.replace(reproduce.STEP, str(step))


def _grid(side: int) -> dict[str, int]:
    return {} if side == FIRST_SIDE else {"side": side}


def _whole(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a whole number from {least:,} to {most:,}, got {text!r:.40}.")
    return int(text)


def _index(name: str, z_dim: int) -> int:
    text = name.removeprefix(NUMBER)
    if not text.isdecimal() or int(text) >= z_dim:
        raise ValueError(f"z has the numbers 0 to {z_dim - 1}; there is no {name!r:.40}.")
    return int(text)


def _number(name: str, text: str) -> float:
    try:
        value = round(float(text), 1)
    except (ValueError, OverflowError):
        value = float("nan")
    if not -Z_LIMIT <= value <= Z_LIMIT:
        raise ValueError(f"{name} must be a number from {-Z_LIMIT:g} to {Z_LIMIT:g}, got {text!r:.40}.")
    return value
