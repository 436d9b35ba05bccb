"""The selection that all sections of the GAN tab share: a generator, a snapshot, a seed, and the held sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import gradio as gr
from gradio.blocks import Block

from demos.gan.linked_controls import LinkedControl
from demos.parts.inputs import refuse, seed_input, slider_input
from serving.engine.sampling import GeneratorInfo

SAMPLES = 16  # of a seed, on one sheet at first
SIDES = (2, 3, 4, 6, 8)  # samples in a row of the sheet
FIRST_SIDE = 4
FIRST_SEED = 42

Values = Mapping[Block, Any]  # of a handler's input components, as Gradio hands over a set of inputs


class Selected(NamedTuple):
    """One sample: of this generator, after this many training steps, at this position of the seed's sheet."""

    model: str
    step: int
    seed: int
    position: int

    def recipe(self, **more: Any) -> dict[str, Any]:
        """What the file of a picture says about itself: the generator, the step, the seed, and what else made it."""
        return {"model": self.model, "step": self.step, "seed": self.seed, **more}

    @property
    def number(self) -> int:
        """The sample's number on the seed's sheet, from 1."""
        return self.position + 1


class Selection:
    """The components that choose a sample. Sections place them with `render` and read them with `read`.

    Attributes:
        generators: the bundled generators by name, the default first.
        model: the generator's name; the gallery shows it.
        side: samples in a row of the sheet.
        snapshot: index of the snapshot, the last one fully trained.
        seed: of the sheet.
        held: number of the held sample on the sheet, from 1.
        drawn: a `gr.State` with what the page shows, a `Selected`; its `change` tells other sections to follow.
        linked: what a link can set beside the sample, by the id of the section and the name in the link.
    """

    def __init__(self, generators: Sequence[GeneratorInfo]) -> None:
        self.generators = {info.name: info for info in generators}
        first = generators[0]
        self.model = gr.Dropdown(
            [(info.title, info.name) for info in generators],
            value=first.name,
            label="Generator",
            visible="hidden",
            elem_id="generator",
            render=False,
        )
        self.snapshot = slider_input(
            0,
            len(first.steps) - 1,
            furthest=max(len(info.steps) for info in generators) - 1,
            value=len(first.steps) - 1,
            step=1,
            precision=0,
            label=training_label(first.steps[-1]),
            called="The snapshot",
            info="The same latent numbers (z), drawn by the generator as it was earlier in its training.",
            elem_id="snapshot",
            buttons=[],
            render=False,
        )
        self.seed = seed_input(label="Seed", value=FIRST_SEED, min_width=100, elem_id="seed", render=False)
        self.side = gr.Dropdown(
            [(f"{side} × {side}", side) for side in SIDES],
            value=FIRST_SIDE,
            label="Grid",
            filterable=False,
            min_width=124,
            scale=0,
            elem_id="side",
            render=False,
        )
        self.held = slider_input(
            1,
            SAMPLES,
            furthest=max(SIDES) ** 2,
            value=1,
            step=1,
            precision=0,
            label="Held sample",
            elem_id="held",
            buttons=[],
            render=False,
        )
        self.drawn = gr.State(Selected(first.name, first.steps[-1], FIRST_SEED, 0), render=False)
        self.linked: dict[str, dict[str, LinkedControl]] = {}

    @property
    def first(self) -> GeneratorInfo:
        """The default generator."""
        return next(iter(self.generators.values()))

    @property
    def inputs(self) -> set[Block]:
        """What a handler needs to `read` the selection."""
        return {self.model, self.snapshot, self.seed, self.held, self.side}

    def read(self, values: Values) -> Selected:
        """The sample that a handler's inputs choose.

        Raises:
            gr.Error: the generator has no such snapshot.
        """
        model, snapshot, seed = (values[component] for component in (self.model, self.snapshot, self.seed))
        return self.at(model, snapshot, seed, self.held_on(values), values[self.side])

    def named(self, model: str | None) -> GeneratorInfo:
        """The generator that an endpoint's argument names.

        Raises:
            gr.Error: there is none of that name.
        """
        if model not in self.generators:
            raise refuse(f"Name a generator, such as {self.first.name}.")
        return self.generators[model]

    def at(self, model: str, snapshot: int, seed: int, held: int, side: int = FIRST_SIDE) -> Selected:
        """The sample that an endpoint's arguments choose.

        Raises:
            gr.Error: there is no such generator, it has no such snapshot, or the sheet has no such sample.
        """
        info = self.named(model)
        if snapshot >= len(info.steps):
            raise refuse(f"{info.title} has the snapshots 0 to {len(info.steps) - 1}, not {snapshot}.")
        if held > side**2:
            raise refuse(f"Held sample must be a number from 1 to {side**2}.")
        return Selected(model, info.steps[snapshot], seed, held - 1)

    def last_of(self, values: Values) -> Selected:
        """The chosen sample, from the generator's last snapshot whatever the slider says."""
        model, seed = values[self.model], values[self.seed]
        return self.at(model, len(self.generators[model].steps) - 1, seed, self.held_on(values), values[self.side])

    def held_on(self, values: Values) -> int:
        """Number of the held sample, or of the last one where the sheet became smaller."""
        return min(values[self.held], values[self.side] ** 2)

    def updates(self, selected: Selected) -> dict[Block, Any]:
        """Set the gallery and the snapshots to those of another generator."""
        info = self.generators[selected.model]
        last = len(info.steps) - 1
        return {
            self.model: selected.model,
            self.snapshot: gr.update(
                maximum=max(1, last),  # a slider needs two ends; where there is one snapshot it is hidden
                value=info.steps.index(selected.step),
                visible=last > 0,
                label=training_label(selected.step),
            ),
        }


def training_label(step: int) -> str:
    """What the snapshot slider says above a snapshot."""
    return f"Training: {step:,} steps" if step else "Training: before the first step"
