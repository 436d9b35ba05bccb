"""A section of the GAN tab: where a self-attending generator looks from the place that a visitor clicks.

It shows a generator with attention whichever is chosen: the chosen one, else the first that has it.
"""

from __future__ import annotations

import gradio as gr
from PIL import Image, ImageDraw

from demos.gan import about, linked_controls, reproduce
from demos.gan.linked_controls import LinkedControl
from demos.gan.sampling import section
from demos.gan.selection import FIRST_SIDE, Selected, Selection
from demos.parts import events, explanation, python_text
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
    clicked = gr.State(MIDDLE)
    folded = section.folded("Where it looks (attention)", selection, clicked.change, elem_id="attention")
    with folded as opened, gr.Row():
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
            again = gr.HTML(elem_id="attention-again", js_on_load=None)
    selection.linked["attention"] = {"place": LinkedControl(clicked, linked_controls.place)}

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

    def follow(drawn: Selected, place: tuple[float, float]) -> tuple[str, str, str]:
        selected = of_attending(drawn)
        info = selection.generators[selected.model]
        whose = f"Sample {selected.number} of seed {selected.seed}, drawn by “{info.title}”."
        return look(selected, place), whose, again_html(selected, info.steps.index(selected.step), place)

    def click(event: gr.SelectData) -> tuple[float, float]:
        across, down = (round(min(1.0, coordinate / SIDE), 3) for coordinate in event.index)
        return across, down

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
        follow,
        [selection.drawn, clicked],
        [attention_map, whose, again],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    attention_map.select(click, None, clicked, **events.QUIET)
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


def again_html(selected: Selected, snapshot: int, place: tuple[float, float]) -> str:
    """The link and the scripts that bring the picture back, as HTML."""
    link = reproduce.of_sample("attention", selected, place="{:g},{:g}".format(*place))
    sample = {"seed": selected.seed, "snapshot": snapshot, "held": selected.number, **reproduce.grid(selected)}
    call = {**sample, "across": place[0], "down": place[1], "model": selected.model}
    client = python_text.script("attention", call, answer="attention")
    return reproduce.html(link, client, reproduce.attention_script(selected, place))
