"""A section of the GAN tab: the training pictures nearest to the held sample. Does the generator just memorise?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr
from PIL import Image

from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation, html
from demos.parts.inputs import explained
from media import provenance, sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.nearest import NearestPictures, NearestStep

COUNT, CELL = 3, 128
COPY = 0.25  # of the usual distance: nearer than that, a sample would be called a copy
ABOUT = (
    "A generator could learn its training pictures by heart and draw them again (memorisation). So the nearest ones "
    "are searched. What counts as near is decided by a classifier's features, in which a shifted or thicker 3 is still "
    "close to a 3. The usual distance is that of real pictures which nobody trained on: a sample at about this "
    "distance is new."
)
HELP = "The three training pictures that are nearest to the held sample, out of all that the generator learned from."
FIRST = "The first search fetches the training pictures and looks at all of them, which can take minutes."


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    remembered = engine.remembered()
    if not remembered:
        return
    with gr.Accordion("Does it just memorise?", open=False, elem_id="nearest"):
        gr.Markdown(f"{HELP} {FIRST}")
        explanation.build("Memorising", ABOUT)
        with gr.Row():
            search = gr.Button("Search the training pictures", min_width=220, elem_id="search-nearest")
            stop = gr.Button("Stop", min_width=90, elem_id="stop-nearest")
        answer = gr.HTML(elem_id="nearest-pictures", js_on_load=None)

    def look(drawn: Selected) -> Iterator[str]:
        model, step, seed, position = drawn
        with explained(EngineError):
            steps = engine.nearest(model, step=step, seed=seed, index=position, count=COUNT)
            for now in steps:
                nearest = now.result
                yield progress_html(now) if nearest is None else result_html(nearest, drawn.recipe(sample=drawn.number))

    begun = search.click(
        look,
        selection.drawn,
        answer,
        concurrency_id="nearest",
        concurrency_limit=1,
        show_progress="minimal",
        api_visibility="private",
    )
    stop.click(None, None, None, cancels=begun, **events.QUIET)
    selection.drawn.change(None, None, answer, js="() => ''", cancels=begun, **events.QUIET)


def progress_html(now: NearestStep) -> str:
    """How far the search is."""
    return html.note(f"{now.doing} …", spoken=False) + html.progress(now.done, now.total, label=now.doing)


def result_html(result: NearestPictures, recipe: Mapping[str, Any]) -> str:
    """The sample, whose file holds its recipe, beside the training pictures, with a sentence."""
    scale = sheet.scale_to(result.sample, CELL)
    figures = [figure(result.sample, scale, alt="The held sample", caption="The sample", recipe=recipe)]
    for number, (picture, distance) in enumerate(zip(result.pictures, result.distances, strict=True), 1):
        text = f"{distance:.1f}"
        figures.append(figure(picture, scale, alt=f"Training picture {number}, at a distance of {text}", caption=text))
    return html.row(figures) + html.note(in_words(result))


def figure(picture: Image.Image, scale: int, *, alt: str, caption: str, recipe: Mapping[str, Any] | None = None) -> str:
    """A sample with its recipe, or a training picture without, enlarged."""
    enlarged = sheet.lay_out([picture], scale=scale)
    return html.figure(enlarged, alt=alt, caption=caption, crisp=True, settings=recipe, source=provenance.GENERATED)


def in_words(result: NearestPictures) -> str:
    """What the distances say."""
    nearest, usual = result.distances[0], result.usual
    verdict = "So near that it may be a copy" if nearest < COPY * usual else "No copy"
    return (
        f"{verdict}: the nearest of {result.searched:,} training pictures is at a distance of {nearest:.1f}. "
        f"For a new real picture {usual:.1f} is usual."
    )
