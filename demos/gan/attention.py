"""A section of the GAN tab: where a self-attending generator looks from the place that a visitor clicks.

It shows a generator with attention whichever is chosen: the chosen one, else the first that has it.
"""

from __future__ import annotations

import gradio as gr
from PIL import Image, ImageDraw

from demos.gan import about
from demos.gan.sampling import section
from demos.gan.sampling.section import Skipped
from demos.gan.selection import FIRST_SIDE, Selected, Selection
from demos.parts import events, explanation
from demos.parts.files import generated
from demos.parts.inputs import explained, slider_input
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError

SIDE = 256
MARK = 14  # pixels of the frame around the clicked place
MIDDLE = (0.5, 0.5)
HELP = "Click a place in the picture: the parts that the generator looks at to draw it stay clear, the rest turns grey."


def build(engine: Engine, selection: Selection) -> None:
    """Add the section, with its endpoint, where a generator has attention."""
    attending = [info for info in selection.generators.values() if info.attends]
    if not attending:
        return
    first = attending[0]
    with section.folded("Where it looks (attention)", selection, elem_id="attention") as opened, gr.Row():
        attention_map = gr.Image(
            label="A sample, faded where the clicked place does not look",
            alt_text="A sample, faded where the clicked place does not look",
            format="png",
            interactive=False,
            show_label=False,
            height=SIDE + 32,
            min_width=SIDE,
            elem_classes="crisp",
            elem_id="attention-map",
            buttons=["download"],
        )
        with gr.Column(min_width=SIDE):  # on a phone below the picture
            gr.Markdown(HELP)
            whose = gr.Markdown(elem_id="attention-whose")
            explanation.build("Where it looks", about.ATTENTION)

    def look(selected: Selected, place: tuple[float, float]) -> str:
        model, step, seed, position = selected
        with explained(EngineError):
            picture = engine.attention(model, step=step, seed=seed, index=position, place=place)
        enlarged = marked(sheet.lay_out([picture], scale=sheet.scale_to(picture, SIDE)), place)
        recipe = selected.recipe(sample=selected.number, attention_of=place)
        return generated(enlarged, name=f"{model}-attention", recipe=recipe)

    def of_attending(drawn: Selected) -> Selected:
        """The drawn sample, or that of the same seed by a generator that attends."""
        if selection.generators[drawn.model].attends:
            return drawn
        return Selected(first.name, first.steps[-1], drawn.seed, drawn.position)

    def look_from_the_middle(drawn: Selected | None) -> tuple[str, str] | Skipped:
        if drawn is None:  # opened before the page has drawn anything
            return gr.skip()
        selected = of_attending(drawn)
        title = selection.generators[selected.model].title
        return look(selected, MIDDLE), f"Sample {selected.number} of seed {selected.seed}, drawn by “{title}”."

    def look_from_the_click(event: gr.SelectData, drawn: Selected | None) -> str | Skipped:
        if drawn is None:
            return gr.skip()
        across, down = (min(1.0, coordinate / SIDE) for coordinate in event.index)
        return look(of_attending(drawn), (across, down))

    def attention(
        seed: int, snapshot: int, held: int, across: float, down: float, model: str = first.name, side: int = FIRST_SIDE
    ) -> str:
        """Show where a generator with self-attention looks to draw one place of a sample.

        Args:
            seed: a whole number from 0 to 4,294,967,295.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            held: the sample, from 1 to the square of side.
            across: the place, from 0 at the left to 1 at the right.
            down: the place, from 0 at the top to 1 at the bottom.
            model: the generator's name.
            side: samples in a row of the sheet: 2, 3, 4, 6 or 8.
        """
        return look(selection.at(model, snapshot, seed, held, side), (across, down))

    gr.on(
        opened.change,
        look_from_the_middle,
        selection.drawn,
        [attention_map, whose],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    attention_map.select(look_from_the_click, selection.drawn, attention_map, **events.QUIET, **events.SAMPLER)
    across, down = (
        slider_input(0, 1, value=0.5, step=0.01, label=label, visible=False) for label in ("Across", "Down")
    )
    names = gr.Dropdown(
        [(info.title, info.name) for info in attending], value=first.name, label="Generator", visible=False
    )
    endpoint = [selection.seed, selection.snapshot, selection.held, across, down, names, selection.side]
    gr.on([], attention, endpoint, attention_map, api_name="attention", **events.SAMPLER)


def marked(picture: Image.Image, place: tuple[float, float]) -> Image.Image:
    """Frame a place of an enlarged sample.

    Args:
        picture: the sample.
        place: from the left and from the top, 0 to 1 of the side.
    """
    framed = picture.convert("RGB")
    left, top = (min(picture.width - MARK, max(0, round(share * picture.width - MARK / 2))) for share in place)
    ImageDraw.Draw(framed).rectangle((left, top, left + MARK - 1, top + MARK - 1), outline=sheet.ACCENT, width=2)
    return framed
