"""A section of the GAN tab: the held sample, large, and sliders that change some of its latent numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.gan import about
from demos.gan.sample import LARGE, Sheet
from demos.gan.selection import FIRST_SIDE, Selected, Selection, Values
from demos.parts import events, explanation
from demos.parts.files import generated
from demos.parts.inputs import explained, share_button, slider_input
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.sampling import Z_LIMIT, GeneratorInfo

COUNT = 4  # sliders


@dataclass(frozen=True, kw_only=True)
class ZSliders:
    """The components: the held sample, which numbers to change, a slider for each, and the way back."""

    large: gr.Image
    indices: gr.Dropdown
    sliders: list[gr.Slider]
    reset: gr.Button

    def choice(self, info: GeneratorInfo, indices: Sequence[int]) -> dict[Block, Any]:
        """Set the dropdown to a generator's numbers, with some chosen."""
        return {self.indices: gr.update(choices=_numbers(info), value=list(indices), info=_advice(info))}

    def settings(self, z: Sequence[float], indices: Sequence[int]) -> dict[Block, Any]:
        """Set a slider for each of `indices` to its number of z, and hide the rest."""
        used = [gr.update(label=f"z[{i}]", value=_rounded(z[i]), visible=True) for i in indices]
        return dict(zip(self.sliders, [*used, *[gr.update(visible=False)] * (COUNT - len(used))], strict=True))

    def moved(self, z: Sequence[float], values: Values) -> dict[int, float]:
        """The numbers whose slider is not at z, with the sliders' values."""
        return moved_numbers(z, values[self.indices], [values[slider] for slider in self.sliders])


def build(engine: Engine, selection: Selection, first: Sheet) -> ZSliders:
    """Lay out the section and its endpoint.

    Args:
        engine: draws.
        selection: what the page shows.
        first: the sheet of the first sight, with the held sample.
    """
    infos = selection.generators.values()
    influential = engine.influential(selection.first.name, count=COUNT)
    large = gr.Image(
        first.held,
        label="Held sample",
        alt_text="The held sample, large",
        format="png",
        interactive=False,
        show_label=False,
        height=288,
        elem_classes="crisp",
        elem_id="held-sample",
        buttons=["download"],
    )
    with gr.Row(elem_classes="actions"):
        share_button("share-sample")
    selection.held.render()
    explanation.build("The sliders", about.SLIDERS)
    indices = gr.Dropdown(
        _numbers(max(infos, key=lambda info: info.z_dim)),  # the API takes any of these
        value=list(influential),
        label="Latent numbers to change",
        info=_advice(selection.first),
        multiselect=True,
        max_choices=COUNT,
        elem_id="z-indices",
    )
    sliders = [
        slider_input(
            -Z_LIMIT,
            Z_LIMIT,
            value=0 if i is None else _rounded(first.z[i]),
            step=0.1,
            precision=1,
            label=f"z, slider {k}" if i is None else f"z[{i}]",
            visible=i is not None,
            buttons=[],
            elem_id=f"z-{k}",
        )
        for k, i in enumerate([*influential, *[None] * (COUNT - len(influential))], 1)
    ]
    reset = gr.Button("Reset the sliders", size="md", elem_id="reset-z")

    def move_z(
        seed: int,
        snapshot: int,
        held: int,
        indices: list[int],
        z_1: float,
        z_2: float,
        z_3: float,
        z_4: float,
        model: str = selection.first.name,
        side: int = FIRST_SIDE,
    ) -> str:
        """Draw one sample of a seed again with up to four of its latent numbers replaced.

        Args:
            seed: a whole number from 0 to 4,294,967,295.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            held: the sample, from 1 to the square of side.
            indices: which numbers z_i to replace, up to four.
            z_1: the new value of the first of them, -4 to 4.
            z_2: of the second.
            z_3: of the third.
            z_4: of the fourth.
            model: the generator's name.
            side: samples in a row of the sheet: 2, 3, 4, 6 or 8.
        """
        selected = selection.at(model, snapshot, seed, held, side)
        z = engine.latent(model, seed=seed, index=selected.position)
        return draw_moved(engine, selected, moved_numbers(z, indices, (z_1, z_2, z_3, z_4)))

    endpoint = [selection.seed, selection.snapshot, selection.held, indices, *sliders, selection.model, selection.side]
    gr.on([], move_z, endpoint, large, api_name="move_z", **events.SAMPLER)
    return ZSliders(large=large, indices=indices, sliders=sliders, reset=reset)


def draw_moved(engine: Engine, selected: Selected, moved: Mapping[int, float]) -> str:
    """Draw the held sample alone with some of its numbers replaced."""
    model, step, seed, position = selected
    with explained(EngineError):
        picture = engine.move(model, step=step, seed=seed, index=position, moved=moved)
    large = sheet.lay_out([picture], scale=sheet.scale_to(picture, LARGE))
    name = f"{model}-seed-{seed}-sample-{selected.number}"
    return generated(large, name=name, recipe=selected.recipe(sample=selected.number, moved=dict(moved)))


def moved_numbers(z: Sequence[float], indices: Sequence[int], values: Sequence[float]) -> dict[int, float]:
    """The sliders' values that differ from z as a slider shows it; the other numbers keep all their decimals."""
    pairs = zip(indices, values, strict=False)
    return {i: value for i, value in pairs if not 0 <= i < len(z) or value != _rounded(z[i])}


def _rounded(value: float) -> float:
    """A number of z as a slider shows it."""
    return round(min(Z_LIMIT, max(-Z_LIMIT, value)), 1)


def _numbers(info: GeneratorInfo) -> list[tuple[str, int]]:
    return [(f"z[{i}]", i) for i in range(info.z_dim)]


def _advice(info: GeneratorInfo) -> str:
    return (
        f"Choose up to {COUNT} of this generator's {info.z_dim} numbers (its latent vector z). "
        f"The {COUNT} with the largest effect are chosen at first."
    )
