"""The one event of the GAN tab that draws: whatever changes, it sets the sheet, the sliders and the held sample.

Each picture belongs to this event alone, and while it runs only the newest trigger waits. So no answer to an earlier
change can arrive last and stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.gan import link, linked_controls, sample, z_sliders
from demos.gan.link import LinkParts
from demos.gan.sample import SheetParts
from demos.gan.selection import Selected, Selection, training_label
from demos.gan.z_sliders import ZSliders
from demos.parts import events
from demos.parts.inputs import changes, plain
from serving.engine import Engine

ASKED_FOR, READ = 1, 2  # a link names something; it was read
ASKED = f"""() => {{
  const query = new URLSearchParams(location.search);
  return query.get("tab") === "gan" && ["model", "seed", "section"].some((name) => query.has(name)) ? {ASKED_FOR} : 0;
}}"""


@dataclass(frozen=True)
class Drawn:
    """What the page shows: the held sample with its z, which numbers have sliders, what those replace, the grid."""

    selected: Selected
    z: tuple[float, ...]
    indices: tuple[int, ...]
    moved: dict[int, float]
    side: int

    def has_sliders_of(self, selected: Selected, indices: tuple[int, ...]) -> bool:
        """Whether the sliders already stand for these numbers of a sample; z is the same at every snapshot."""
        return (self.selected._replace(step=selected.step), self.indices) == (selected, indices)


def wire(
    engine: Engine,
    page: gr.Blocks,
    selection: Selection,
    sheet: SheetParts,
    sliders: ZSliders,
    link_parts: LinkParts,
    z: tuple[float, ...],
) -> None:
    """Draw what a link names, and whenever a part of the selection or a slider changes.

    The first sight is on the page already, with the held sample's z, so a visitor without a link asks for nothing.
    """
    shared = link_parts.shared
    resets = gr.State(0)
    asked = gr.Number(0, visible="hidden", elem_id="gan-linked")  # page/linked_section.js waits for `READ`
    page.load(None, None, asked, js=ASKED, **events.QUIET)
    state = gr.State(Drawn(selection.drawn.value, z, tuple(sliders.indices.value), {}, selection.side.value))

    def open_link(request: gr.Request) -> tuple[Drawn, dict[Block, Any]] | None:
        """What a link names, and the values of the components that it changes."""
        try:
            linked = link.read(request.query_params, selection)
        except ValueError as error:
            gr.Warning(f"The link was not used: {plain(error)}")
            return None
        if linked is None:
            return None
        selected, moved, side = linked
        info = selection.generators[selected.model]
        others = engine.influential(selected.model, count=z_sliders.COUNT)
        indices = tuple(dict.fromkeys([*sorted(moved), *others]))[: z_sliders.COUNT]
        drawn = sample.draw(engine, selected, side)
        numbers = {i: value for i, value in moved.items() if i in indices}
        now = Drawn(selected, drawn.z, indices, numbers, side)
        updates = selection.updates(selected) | sliders.choice(info, indices)
        updates |= {selection.seed: selected.seed, selection.side: side, selection.held: held_update(selected, side)}
        updates |= {sheet.ticks: sample.ticks_html(info.steps), sheet.grid: drawn.grid}
        updates |= sliders.settings([numbers.get(i, value) for i, value in enumerate(drawn.z)], indices)
        updates[sliders.large] = z_sliders.draw_moved(engine, selected, numbers) if numbers else drawn.held
        return now, updates | {selection.drawn: selected}

    def draw(values: dict[Block, Any], request: gr.Request) -> dict[Block, Any]:
        before: Drawn = values[state]
        opens = values[asked] == ASKED_FOR
        opened = open_link(request) if opens else None
        now, updates = opened or following(before, values)
        if opens:
            updates |= {asked: READ, **linked_controls.updates(selection.linked, request.query_params)}
        if now == before:
            return updates | {state: before}
        texts = {shared.query: link.query(now.selected, now.moved, now.side)}
        texts[shared.draft] = link.script(selection, now.selected, now.moved, now.side)
        texts[link_parts.torch] = link.torch_script(now.selected, now.z, now.moved, now.side)
        return updates | texts | {state: now}

    def following(before: Drawn, values: dict[Block, Any]) -> tuple[Drawn, dict[Block, Any]]:
        """What the page shows next, and the values of the components that change."""
        updates: dict[Block, Any] = {}
        model, side = values[selection.model], values[selection.side]
        info = selection.generators[model]
        if before.selected.model == model:
            selected, indices = selection.read(values), tuple(values[sliders.indices])
        else:
            selected = selection.last_of(values)
            indices = tuple(engine.influential(model, count=z_sliders.COUNT))
            updates |= selection.updates(selected) | sliders.choice(info, indices)
            updates[sheet.ticks] = sample.ticks_html(info.steps)

        if before.side != side:
            updates[selection.held] = held_update(selected, side)

        if not before.has_sliders_of(selected, indices):
            drawn = sample.draw(engine, selected, side)
            now = Drawn(selected, drawn.z, indices, {}, side)
            updates |= sliders.settings(drawn.z, indices) | {sheet.grid: drawn.grid, sliders.large: drawn.held}
        else:
            now = Drawn(selected, before.z, indices, sliders.moved(before.z, values), side)
            if now == before:
                return now, {}
            if (selected, side) != (before.selected, before.side) or not now.moved:
                drawn = sample.draw(engine, selected, side)
                updates |= {sheet.grid: drawn.grid, sliders.large: drawn.held}
            if now.moved:
                updates[sliders.large] = z_sliders.draw_moved(engine, selected, now.moved)
        if selected != before.selected:
            updates[selection.drawn] = selected
            updates.setdefault(selection.snapshot, gr.update(label=training_label(selected.step)))
        return now, updates

    def reset(values: dict[Block, Any]) -> dict[Block, Any]:
        """Put the sliders back to z at once, even while a picture is drawn; `draw` then finds nothing moved."""
        drawn: Drawn = values[state]
        return sliders.settings(drawn.z, drawn.indices) | {resets: values[resets] + 1}

    gr.on(
        sliders.reset.click,
        reset,
        {state, resets},
        {*sliders.sliders, resets},
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    gr.on(
        [
            asked.change,
            selection.side.input,
            *changes([selection.model, selection.seed, selection.snapshot, selection.held, sliders.indices]),
            *(slider.input for slider in sliders.sliders),
            resets.change,
        ],
        draw,
        selection.inputs | {sliders.indices, *sliders.sliders, state, asked},
        {
            selection.model,
            selection.snapshot,
            selection.seed,
            selection.held,
            selection.side,
            selection.drawn,
            sheet.grid,
            sheet.ticks,
            sliders.large,
            sliders.indices,
            *sliders.sliders,
            shared.query,
            shared.draft,
            link_parts.torch,
            state,
            asked,
            *(control.component for section in selection.linked.values() for control in section.values()),
        },
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )


def held_update(selected: Selected, side: int) -> dict[str, Any]:
    """Set the slider of the held sample to a sheet with `side` samples in a row."""
    return gr.update(maximum=side**2, value=selected.position + 1)
