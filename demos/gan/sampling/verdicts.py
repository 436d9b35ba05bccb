"""A section of the GAN tab: what the discriminator says of each sample of the seed."""

from __future__ import annotations

import gradio as gr

from demos.gan.sampling import section
from demos.gan.selection import SAMPLES, Selected, Selection
from demos.parts import events, explanation
from demos.parts.files import generated
from demos.parts.inputs import explained
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.judging import SampleVerdicts

CELL = 64
ABOUT = (
    "A GAN trains two networks against each other: the generator draws, and the discriminator says how real a picture "
    "looks to it. This one stopped learning when the generator did. Near 50 % it can't tell the samples from real "
    "pictures, which is where the game should end."
)
NONE = "No discriminator was kept for this generator, so nobody can be asked."
PROBABLE = "How real each of the first sixteen samples looks to the discriminator, the most real first."
SCORED = (
    "The scores that the discriminator gives the first sixteen samples, the highest first. It learned to compare "
    "pictures (a critic): only the order of its scores means something."
)


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    judged = engine.judged()
    if not judged:
        return
    with section.folded("What the discriminator says", selection, elem_id="verdicts") as verdicts:
        sentence = gr.Markdown(PROBABLE)
        explanation.build("The discriminator", ABOUT)
        pictures = section.samples("Samples, the most real first", columns=8, elem_id="judged-samples")
        order = gr.State([])

    def ask(drawn: Selected) -> tuple[str, object, list[int]]:
        model, step, seed, _ = drawn
        if model not in judged:
            return NONE, gr.update(value=[]), []
        with explained(EngineError):
            given = engine.verdicts(model, step=step, seed=seed, count=SAMPLES)
            samples = engine.sample(model, step=step, seed=seed, count=SAMPLES).pictures
        ranked = sorted(range(SAMPLES), key=lambda i: -given.scores[i])
        scale = sheet.scale_to(samples[0], CELL)
        files = [
            generated(
                sheet.lay_out([samples[i]], scale=scale),
                name=f"{model}-seed-{seed}-sample-{i + 1}",
                recipe=drawn.recipe(sample=i + 1),
            )
            for i in ranked
        ]
        captioned = [(file, caption(given, i)) for file, i in zip(files, ranked, strict=True)]
        return (PROBABLE if given.probabilities else SCORED), captioned, ranked

    def hold(event: gr.SelectData, order: list[int]) -> int:
        return order[event.index] + 1

    verdicts.change(
        ask,
        selection.drawn,
        [sentence, pictures, order],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    pictures.select(hold, order, selection.held, **events.QUIET)


def caption(given: SampleVerdicts, index: int) -> str:
    """A verdict in a word: a probability in percent, or a critic's score."""
    if given.probabilities is None:
        return f"{given.scores[index]:+.1f}".replace("-", "−")
    return f"{100 * given.probabilities[index]:.0f} %"
