"""A section of the GAN tab: the same samples with z drawn towards the average, and what that does to their variety."""

from __future__ import annotations

import gradio as gr

from demos.gan.sampling import section
from demos.gan.sampling.section import Skipped
from demos.gan.selection import SAMPLES, Selected, Selection
from demos.parts import events, explanation
from demos.parts.files import generated
from demos.parts.inputs import explained, slider_input
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.variety import SampleVariety

CELL, GAP = 64, 4
ABOUT = (
    "All latent numbers are multiplied by one factor ψ (truncation). Near the average lies what the generator saw most "
    "often, so the samples are safer, and those of one kind become alike. At 0 every sample is the same average "
    "picture. The distance is measured between the features that a classifier sees in 200 samples. A generator that "
    "has a switch for the kind (modes) keeps its kinds apart."
)


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    with section.folded("Safe or varied (truncation)", selection, elem_id="truncation") as truncation:
        explanation.build("Truncation", ABOUT)
        with gr.Row(equal_height=False):
            with gr.Column(min_width=260):
                psi = slider_input(
                    0,
                    1,
                    value=0.5,
                    step=0.05,
                    precision=2,
                    label="Factor ψ of the latent numbers",
                    info="1 leaves the samples as they are, 0 draws the average.",
                    elem_id="psi",
                    buttons=[],
                )
                words = gr.Markdown(elem_id="variety")
            grid = gr.Image(
                label="Truncated samples",
                alt_text="The sixteen samples of the seed, truncated",
                format="png",
                interactive=False,
                show_label=False,
                height=300,
                min_width=260,
                elem_classes="crisp",
                elem_id="truncated",
                buttons=[],
            )

    def draw(drawn: Selected | None, psi: float) -> tuple[str, str] | Skipped:
        if drawn is None:  # opened before the page has drawn anything
            return gr.skip()
        model, step, seed, _ = drawn
        with explained(EngineError):
            pictures = engine.truncated(model, step=step, seed=seed, count=SAMPLES, psi=psi).pictures
            measured = engine.variety(model, step=step, psi=psi)
        laid_out = sheet.lay_out(pictures, scale=sheet.scale_to(pictures[0], CELL), gap=GAP)
        name, recipe = f"{model}-seed-{seed}-truncated-{psi:g}", drawn.recipe(samples=SAMPLES, psi=psi)
        return generated(laid_out, name=name, recipe=recipe), in_words(measured, psi)

    gr.on(
        [truncation.change, psi.change],
        draw,
        [selection.drawn, psi],
        [grid, words],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )


def in_words(measured: SampleVariety, psi: float) -> str:
    """What truncation does to the variety, in a sentence or two."""
    text = (
        f"At ψ = {psi:g} two samples differ by **{measured.distance:.0f} %** of what they do without truncation "
        f"(mean over {measured.samples} samples)."
    )
    if measured.kinds is None:
        return text
    return f"{text} A classifier sees **{measured.kinds:,} of {measured.all_kinds:,}** kinds among them."
