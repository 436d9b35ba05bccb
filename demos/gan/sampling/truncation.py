"""A section of the GAN tab: the same samples with z drawn towards the average, and what that does to their variety."""

from __future__ import annotations

import gradio as gr

from demos.gan import linked_controls, reproduce
from demos.gan.linked_controls import LinkedControl
from demos.gan.sampling import section
from demos.gan.selection import SAMPLES, Selected, Selection
from demos.parts import events, explanation, python_text
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
        again = gr.HTML(elem_id="truncation-again", js_on_load=None)
    selection.linked["truncation"] = {"psi": LinkedControl(psi, linked_controls.number(0, 1))}

    def draw(drawn: Selected, psi: float) -> tuple[str, str, str]:
        file = laid_out(drawn, psi)
        with explained(EngineError):
            measured = engine.variety(drawn.model, step=drawn.step, psi=psi)
        snapshot = selection.generators[drawn.model].steps.index(drawn.step)
        return file, in_words(measured, psi), again_html(drawn, snapshot, psi)

    def truncate(seed: int, snapshot: int, psi: float, model: str = selection.first.name) -> str:
        """Draw the sixteen samples of a seed nearer to the average: all numbers of z are multiplied by one factor.

        Args:
            seed: a whole number from 0 to 4,294,967,295.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            psi: the factor: 1 leaves the samples as they are, 0 draws the average sixteen times.
            model: the generator's name.
        """
        return laid_out(selection.at(model, snapshot, seed, 1), psi)

    def laid_out(drawn: Selected, psi: float) -> str:
        model, step, seed, _ = drawn
        with explained(EngineError):
            pictures = engine.truncated(model, step=step, seed=seed, count=SAMPLES, psi=psi).pictures
        samples = sheet.lay_out(pictures, scale=sheet.scale_to(pictures[0], CELL), gap=GAP)
        return generated(samples, name=file_name(drawn, psi), recipe=drawn.recipe(samples=SAMPLES, psi=psi))

    gr.on(
        [truncation.change, psi.change],
        draw,
        [selection.drawn, psi],
        [grid, words, again],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    endpoint = [selection.seed, selection.snapshot, psi, selection.model]
    gr.on([], truncate, endpoint, grid, api_name="truncate", **events.SAMPLER)


def file_name(drawn: Selected, psi: float) -> str:
    """What the file of a truncated sheet is called."""
    return f"{drawn.model}-seed-{drawn.seed}-truncated-{psi:g}"


def torch_script(drawn: Selected, psi: float) -> str:
    """The script that draws the same with the modules of this code."""
    z = f"latent.truncated({reproduce.of_seed(drawn.seed, SAMPLES)}, {psi:g})"
    return reproduce.z_script(drawn.model, drawn.step, z, side=CELL, gap=GAP, file=file_name(drawn, psi))


def again_html(drawn: Selected, snapshot: int, psi: float) -> str:
    """The link and the scripts that bring the samples back, as HTML."""
    call = {"seed": drawn.seed, "snapshot": snapshot, "psi": psi, "model": drawn.model}
    client = python_text.script("truncate", call, answer="samples")
    return reproduce.html(reproduce.of_sample("truncation", drawn, psi=f"{psi:g}"), client, torch_script(drawn, psi))


def in_words(measured: SampleVariety, psi: float) -> str:
    """What truncation does to the variety, in a sentence or two."""
    text = (
        f"At ψ = {psi:g} two samples differ by **{measured.distance:.0f} %** of what they do without truncation "
        f"(mean over {measured.samples} samples)."
    )
    if measured.kinds is None:
        return text
    return f"{text} A classifier sees **{measured.kinds:,} of {measured.all_kinds:,}** kinds among them."
