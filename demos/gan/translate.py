"""A section of the GAN tab: CycleGAN redraws a flag in the style of another vendor, and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from PIL import Image

from assets import flags
from demos import previews
from demos.gan import flag_sheet, linked_controls, reproduce
from demos.gan.linked_controls import LinkedControl
from demos.gan.selection import Selection
from demos.parts import events, explanation, html, python_text
from demos.parts.files import saved
from demos.parts.inputs import explained, picture_input, refuse, slider_input
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.translate import Translation, TranslatorInfo

SIDE = 256  # pixels of a result
TITLES = {"twemoji": "Twemoji", "noto": "Noto"}
LABELS = ("Start", "There", "Back again", "The true pair")
HELP = "Two vendors draw the same flags, one flat, the other waving. Choose a flag, upload a picture, or draw one."
ABOUT = (
    "Two networks learned to redraw flags from one style to the other and back (CycleGAN, Zhu et al., 2017). In "
    "training no flag was matched with its counterpart (unpaired): a picture that goes there and back had to come out "
    "as it was (cycle consistency). The flags here were held out of the training. How the other vendor really draws "
    "them is known to us, but was not to the networks."
)
FLAT_FIRST = "twemoji"
OWN_PICTURE = (
    "Your picture is not in the link: it stays private. In the scripts, put the name of its file. "
    "A drawing has no file; take a screenshot of it."
)


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, with its endpoint."""
    infos = {info.name: info for info in engine.translators()}
    if not infos:
        return
    first = next((info for info in infos.values() if info.source == FLAT_FIRST), next(iter(infos.values())))
    with gr.Accordion("Translate a picture there and back", open=False, elem_id="translate") as section:
        gr.Markdown(HELP)
        explanation.build("Translation", ABOUT)
        way = gr.Radio([(title(info), name) for name, info in infos.items()], value=first.name, label="Way")
        with gr.Row(equal_height=False):
            with gr.Column(min_width=280):
                strip = gr.Gallery(
                    thumbnails(first),
                    label="Flags",
                    show_label=False,
                    columns=8,
                    height="auto",
                    allow_preview=False,
                    interactive=False,
                    object_fit="contain",
                    buttons=[],
                    elem_classes="thumbs",
                    elem_id="flags",
                )
                own = picture_input(
                    label="Your picture", sources=["upload", "clipboard"], height=200, elem_id="own-flag"
                )
                with gr.Accordion("Draw a flag", open=False, elem_id="draw-flag"):
                    gr.HTML(flag_sheet.html(), padding=False, js_on_load=None)
                    drawing = gr.Textbox(label="Drawn flag", visible="hidden", elem_id="flag-drawing")
                snapshot = slider_input(
                    0,
                    len(first.steps) - 1,
                    value=len(first.steps) - 1,
                    step=1,
                    precision=0,
                    label=label(first, len(first.steps) - 1),
                    called="The snapshot",
                    info="The networks as they were earlier in their training.",
                    elem_id="translate-snapshot",
                    buttons=[],
                )
            with gr.Column(min_width=280, elem_classes="translation-results"):
                results = gr.HTML(elem_id="translation", js_on_load=None)
                errors = gr.Markdown(elem_id="cycle-error")
                again = gr.HTML(elem_id="translate-again", js_on_load=None)
    start, number = gr.State(None), gr.State(0)  # what is translated: a flag's number, or else a picture
    selection.linked["translate"] = {
        "way": LinkedControl(way, linked_controls.one_of(list(infos))),
        "snapshot": LinkedControl(snapshot, linked_controls.whole(0, len(first.steps) - 1)),
        "flag": LinkedControl(number, linked_controls.whole(0, len(flags.names()) - 1)),
    }

    def redraw(way: str, snapshot: int, number: int | None, start: Image.Image | None) -> tuple[Any, ...]:
        info = infos[way]
        picture = start if number is None else flags.flags(info.source)[number]
        if picture is None:
            return gr.skip()
        pair = None if number is None else flags.flags(info.target)[number]
        with explained(EngineError):
            done = engine.translate(picture, model=way, step=info.steps[snapshot], pair=pair)
        back = next(other for other in infos.values() if (other.source, other.target) == (info.target, info.source))
        pictures = figures(done, pair, recipes(info, snapshot))
        slider = gr.update(label=label(info, snapshot))
        return pictures, in_words(done), slider, again_html(info, back, snapshot, number)

    def translate(
        picture: Image.Image | None, way: str = first.name, snapshot: int = len(first.steps) - 1
    ) -> tuple[Any, ...]:
        """Redraw a picture in another style of drawing, and the result back again (CycleGAN).

        Args:
            picture: of any size; it is fitted into a small white square.
            way: name of the network that redraws.
            snapshot: which networks: 0 is untrained, the last one fully trained.

        Returns:
            The redrawn picture, the picture redrawn back, and the cycle error: the mean difference to the start, in
            percent of black to white.
        """
        info = infos[way]
        if picture is None:
            raise refuse("Send a picture to translate.")
        with explained(EngineError):
            done = engine.translate(picture, model=way, step=info.steps[snapshot])
        there, back = recipes(info, snapshot)
        return large(done.there, "there", there), large(done.back, "back", back), done.cycle_error

    def pick(event: gr.SelectData) -> tuple[int, None]:
        return event.index, None

    def take(picture: Image.Image | None) -> tuple[Any, ...]:
        return (gr.skip(), gr.skip()) if picture is None else (None, picture)

    def take_drawing(drawing: str) -> tuple[Any, ...]:
        return take(flag_sheet.read(drawing))

    strip.select(pick, None, [number, start], **events.QUIET)
    own.change(take, own, [number, start], **events.QUIET)
    drawing.change(take_drawing, drawing, [number, start], **events.QUIET, **events.LATEST)
    way.change(lambda way: thumbnails(infos[way]), way, strip, **events.QUIET)
    gr.on(
        [section.expand, way.change, snapshot.change, number.change, start.change],
        redraw,
        [way, snapshot, number, start],
        [results, errors, snapshot, again],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    there, back = (gr.Image(label=text, format="png", visible=False) for text in LABELS[1:3])
    cycle_error = gr.Number(label="Cycle error", visible=False)
    gr.on([], translate, [own, way, snapshot], [there, back, cycle_error], api_name="translate", **events.SAMPLER)


def title(info: TranslatorInfo) -> str:
    """A way in words: Twemoji to Noto."""
    return f"{TITLES.get(info.source, info.source)} to {TITLES.get(info.target, info.target)}"


def label(info: TranslatorInfo, snapshot: int) -> str:
    """What the snapshot slider says above a snapshot."""
    step = info.steps[snapshot]
    return f"Training: {step:,} steps" if step else "Training: before the first step"


def thumbnails(info: TranslatorInfo) -> list[tuple[str, str]]:
    """The flags in the style that a translator reads, with their names."""
    files = (saved(sheet.lay_out([flag], scale=2), name="flag") for flag in flags.flags(info.source))
    return list(zip(files, flags.names(), strict=True))


def recipes(info: TranslatorInfo, snapshot: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the files of a translation and of the way back say about themselves."""
    there = {"model": info.name, "step": info.steps[snapshot]}
    return there, {**there, "redrawn_back": True}


def figures(done: Translation, pair: Image.Image | None, recipes: Sequence[Mapping[str, Any]]) -> str:
    """The picture, its translation, the way back and the true pair where there is one, as HTML.

    Args:
        done: the pictures.
        pair: how the other vendor draws it.
        recipes: of the translation and of the way back.
    """
    pictures = [(done.start, None), (done.there, recipes[0]), (done.back, recipes[1]), (pair, None)]
    return html.row(
        [
            html.figure(enlarged(picture), alt=text, caption=text, crisp=True, settings=settings)
            for (picture, settings), text in zip(pictures, LABELS, strict=True)
            if picture
        ],
        many=True,
    )


def enlarged(picture: Image.Image) -> Image.Image:
    """A small picture, enlarged without blur."""
    return sheet.lay_out([picture], scale=sheet.scale_to(picture, SIDE))


def large(picture: Image.Image, name: str, recipe: Mapping[str, Any]) -> str:
    """A file of a small redrawn picture, enlarged; it says that a machine redrew it, and how."""
    return saved(enlarged(picture), name=name, settings=recipe)


def in_words(done: Translation) -> str:
    """The errors in sentences."""
    text = f"There and back the picture changed by **{done.cycle_error:.1f} %** (cycle error)."
    if done.pair_error is None or done.unchanged_error is None:
        return text
    return (
        f"{text} The translation is **{done.pair_error:.1f} %** away from the true pair; "
        f"the untranslated flag is {done.unchanged_error:.1f} % away."
    )


def again_html(there: TranslatorInfo, back: TranslatorInfo, snapshot: int, flag: int | None) -> str:
    """The link and the scripts that bring a translation back, as HTML.

    Args:
        there: the translator.
        back: the one that leads back.
        snapshot: of both.
        flag: its number; None for a picture that the visitor brought or drew.
    """
    of_flag = {} if flag is None else {"flag": flag}
    address = None if flag is None else previews.flag(there.source, flag)
    client = python_text.script(
        "translate",
        {"way": there.name, "snapshot": snapshot},
        pictures={"picture": address},
        answer="there, back, cycle_error",
    )
    return reproduce.html(
        reproduce.query("translate", way=there.name, snapshot=snapshot, **of_flag),
        client,
        torch_script(there, back, snapshot, flag),
        note=OWN_PICTURE if flag is None else "",
    )


def torch_script(there: TranslatorInfo, back: TranslatorInfo, snapshot: int, flag: int | None) -> str:
    """The script that redraws the same with the modules of this code; the arguments are those of `again_html`."""
    own = 'Image.open("picture.jpg")'  # the name that the script for the API has too
    picture = own if flag is None else f"flags.flags({there.source!r})[{flag}]"
    return reproduce.translation_script(picture, there, back, there.steps[snapshot], side=SIDE)
