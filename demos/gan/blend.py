"""A section of the GAN tab: samples of one label, or of a blend of two, where the generator has labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.gan import about, linked_controls, reproduce
from demos.gan.linked_controls import LinkedControl
from demos.gan.sample import GAP
from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation, python_text
from demos.parts.files import generated
from demos.parts.inputs import changes, explained, refuse, slider_input
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError

SAMPLES = 9
CELL = 128  # pixels of a sample
HELP = "This generator learned a label with each picture. Choose one, or blend two: the rest of z stays the same."


def build(engine: Engine, selection: Selection) -> None:
    """Add the section; it is visible while the chosen generator has labels."""
    labels = {info.name: info.labels for info in selection.generators.values() if info.labels}
    if not labels:
        return
    model, names = next(iter(labels.items()))
    with gr.Accordion(
        "Choose a colour, or blend two", open=True, visible=bool(selection.first.labels), elem_id="blend"
    ) as section:
        gr.Markdown(HELP)
        explanation.build("Labels", about.LABELS)
        with gr.Row():
            first = gr.Dropdown(list(names), value=names[1], label="First", min_width=120, elem_id="blend-first")
            second = gr.Dropdown(list(names), value=names[2], label="Second", min_width=120, elem_id="blend-second")
        share = slider_input(
            0, 100, value=0, step=5, precision=0, label="Share of the second, in %", buttons=[], elem_id="blend-share"
        )
        picture = gr.Image(
            label="Samples with the chosen label",
            alt_text="Nine samples of the seed with the chosen label or blend",
            format="png",
            interactive=False,
            show_label=False,
            elem_id="blend-samples",
            buttons=["download", "fullscreen"],
        )
        again = gr.HTML(elem_id="blend-again", js_on_load=None)
    every_label = [name for own in labels.values() for name in own]
    selection.linked["blend"] = {
        "first": LinkedControl(first, linked_controls.one_of(every_label)),
        "second": LinkedControl(second, linked_controls.one_of(every_label)),
        "share": LinkedControl(share, linked_controls.whole(0, 100)),
    }

    def blend(seed: int, snapshot: int, first: str, second: str, share: float, model: str = model) -> str:
        """Draw nine samples of a seed with one label or a blend of two, by a generator that has labels.

        Args:
            seed: a whole number from 0 to 4,294,967,295.
            snapshot: which generator: the last one is fully trained.
            first: a label, for example "blue".
            second: another label, or the same.
            share: of the second label, 0 to 100 %.
            model: the generator's name.
        """
        return draw(selection.at(model, snapshot, seed, 1), first, second, share)

    def draw(drawn: Selected, first: str, second: str, share: float) -> str:
        known = labels.get(drawn.model, ())
        if unknown := {first, second} - set(known):
            raise refuse(f"There is no label {min(unknown)!r:.40}; there are: {', '.join(known) or 'none'}.")
        with explained(EngineError):
            samples = engine.blend(
                drawn.model, step=drawn.step, seed=drawn.seed, count=SAMPLES, shares=shares(known, first, second, share)
            )
        laid_out = sheet.lay_out(samples.pictures, scale=sheet.scale_to(samples.pictures[0], CELL), gap=GAP)
        recipe = drawn.recipe(samples=SAMPLES, label=first, second_label=second, share_of_second=share / 100)
        return generated(laid_out, name=f"{drawn.model}-seed-{drawn.seed}", recipe=recipe)

    def follow(drawn: Selected, first: str, second: str, share: float) -> tuple[Any, Any, Any]:
        if drawn.model not in labels:
            return gr.update(visible=False), gr.skip(), gr.skip()
        snapshot = selection.generators[drawn.model].steps.index(drawn.step)
        samples = draw(drawn, first, second, share)
        return gr.update(visible=True), samples, again_html(drawn, snapshot, labels[drawn.model], first, second, share)

    controls: list[Block] = [first, second, share]
    gr.on(
        [selection.drawn.change, *changes([first, second, share])],
        follow,
        [selection.drawn, *controls],
        [section, picture, again],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    endpoint = [selection.seed, selection.snapshot, *controls, selection.model]
    gr.on([], blend, endpoint, picture, api_name="blend", **events.SAMPLER)


def shares(labels: Sequence[str], first: str, second: str, percent: float) -> list[float]:
    """The share of each label, from 0 to 1, where `percent` of the second replace as much of the first."""
    mixed = dict.fromkeys(labels, 0.0)
    mixed[first] += 1 - percent / 100
    mixed[second] += percent / 100
    return list(mixed.values())


def torch_script(drawn: Selected, labels: Sequence[str], first: str, second: str, percent: float) -> str:
    """The script that draws the same with the modules of this code."""
    z = f"labelled.blended({reproduce.of_seed(drawn.seed, SAMPLES)}, {shares(labels, first, second, percent)})"
    name = f"{drawn.model}-seed-{drawn.seed}"
    return reproduce.z_script(drawn.model, drawn.step, z, side=CELL, gap=GAP, file=name)


def again_html(drawn: Selected, snapshot: int, labels: Sequence[str], first: str, second: str, percent: float) -> str:
    """The link and the scripts that bring the samples back, as HTML."""
    mix = {"first": first, "second": second, "share": percent}
    call = {"seed": drawn.seed, "snapshot": snapshot, **mix, "model": drawn.model}
    return reproduce.html(
        reproduce.of_sample("blend", drawn, **mix),
        python_text.script("blend", call, answer="samples"),
        torch_script(drawn, labels, first, second, percent),
    )
