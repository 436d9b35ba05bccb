"""The section "Prepare": steps in a chosen order on a photo, and what a classifier says of the result."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import gradio as gr
from cachetools import LRUCache, cached
from PIL import Image

from assets import samples, sight
from demos import previews
from demos.parts import events, files, html, uploads
from demos.parts.inputs import explained, picture_input, refuse
from demos.parts.python_text import ORIGIN
from demos.see import pipeline_html, pipeline_script
from media import images, provenance
from media.preprocessing import Preparation
from serving.engine import Engine, preprocessing
from serving.engine.errors import EngineError
from serving.engine.preprocessing import PreprocessedStep
from serving.engine.vision import Guess

SIDE = 768  # pixels of the photo's longer side before the first step: more shows nothing new here
FIRST = "dogs"  # the sample photo at first sight
TOP = 5  # guesses
FILE = "preprocessed"
ASK_OWN = "(picture) => { justLook.ownPhoto(picture); return []; }"  # of page/pipeline.js

Picture: TypeAlias = Image.Image | None


@dataclass(frozen=True)
class PipelineRequest:
    """What the page asks for.

    Attributes:
        photo: name of a sample; empty for the visitor's own.
        steps: in their order.
        titles: of the steps.
        png: whether to send the result as PNG.
        number: counts the requests of a page.
    """

    photo: str
    steps: tuple[Preparation, ...]
    titles: tuple[str, ...]
    png: bool = False
    number: int = 0

    @classmethod
    def read(cls, text: str) -> PipelineRequest:
        """Read the page's JSON.

        Raises:
            EngineError: it is no such JSON, or the steps make no sense.
        """
        try:
            values = json.loads(text)
            photo, steps, png = str(values["photo"]), values["steps"], bool(values.get("png"))
            number = int(values.get("number", 0))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            raise EngineError("What the page asks for can't be read. Reload the page.") from None
        checked = preprocessing.steps(steps)
        return cls(photo, checked, tuple(_title(step) for step in steps), png, number)


@dataclass(frozen=True)
class Result:
    """A photo, its steps, and what a classifier says of the result and of the photo as it is."""

    photo: Image.Image
    steps: list[PreprocessedStep]
    guesses: list[Guess]
    untouched: Guess

    @property
    def last(self) -> Image.Image:
        """The picture after the last step."""
        return self.steps[-1].picture if self.steps else self.photo

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Of the photo and of the picture after each step."""
        return [self.photo.size, *(step.picture.size for step in self.steps)]


def build(engine: Engine) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine."""
    asked = first_request()
    first = _stored_answer(engine, asked)
    gr.Markdown(
        "What happens to a photo before a network sees it, and what the network then says. Move a slider, or a step.",
        elem_classes="hint",
    )
    gr.HTML(pipeline_html.photo_strip(samples.photos(), chosen=FIRST), padding=False, js_on_load=None)
    own = picture_input(
        max_side=SIDE,
        label="Your photo",
        sources=["upload", "webcam", "clipboard"],
        height=190,
        alt_text="Your photo",
        elem_id="pipeline-own",
    )
    with gr.Column(elem_id="pipeline-board"):
        answer = gr.HTML(_answer(asked, first), padding=False, js_on_load=None, elem_id="pipeline-answer")
        strip = gr.HTML(
            pipeline_html.strip(first.photo, asked.titles, first.steps),
            padding=False,
            js_on_load=None,
            elem_id="pipeline-strip",
        )
        gr.HTML(pipeline_html.controls(), padding=False, js_on_load=None, elem_id="pipeline-steps")
        gr.HTML(
            pipeline_html.take_away(_script(asked, first)), padding=False, js_on_load=None, elem_id="pipeline-take-away"
        )
    question = gr.Textbox(label="What the pipeline is asked", visible="hidden", elem_id="pipeline-asked")

    def respond(text: str, own: Picture) -> tuple[str, str]:
        """Apply the steps, and ask the classifier."""
        with explained(EngineError):
            asked = PipelineRequest.read(text)
            photo = _sample(asked.photo) if asked.photo else own
            if photo is None:
                raise EngineError("There is no photo yet: upload or take one, or choose a sample.")
            result = _result(engine, photo, asked.steps)
            return _answer(asked, result), pipeline_html.strip(result.photo, asked.titles, result.steps)

    uploads.show_copy(own)
    own.change(None, own, None, js=ASK_OWN, **events.QUIET)
    question.change(respond, [question, own], [answer, strip], **events.LATEST, **events.SAMPLER, **events.QUIET)
    _offer(engine)


def _offer(engine: Engine) -> None:
    """Put the endpoint into the page that is being built."""

    def preprocess(picture: Picture, steps: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        """Preprocess a photograph step by step, and classify the result.

        Args:
            picture: the photograph; it is scaled down to 768 pixels first.
            steps: in the order in which they are applied, each a dictionary of settings, and each setting in one step
                only: crop ([left, top, right, bottom] as fractions), rotate (degrees anticlockwise, -180 to 180),
                scale (0.05 to 1), cut_out (true: the background becomes white), greyscale (true), gamma (0.2 to 5),
                brightness and contrast (0 to 3).

        Returns:
            The result as PNG; and what was done: steps with the width and height after each, guesses with label and
            probability, and a Python script that gives the same pixels with torchvision.
        """
        if picture is None:
            raise refuse("Send a picture to preprocess.")
        with explained(EngineError):
            chosen = preprocessing.steps(steps)
            result = _result(engine, picture, chosen)
        done = [
            {"settings": values, "width": step.picture.width, "height": step.picture.height, "problem": step.problem}
            for values, step in zip(steps, result.steps, strict=True)
        ]
        guesses = [{"label": guess.label, "probability": guess.probability} for guess in result.guesses]
        recipe = {"steps": steps}
        script = pipeline_script.script(chosen, result.sizes, side=SIDE)
        return files.saved(result.last, name=FILE, settings=recipe, source=provenance.EDITED), {
            "steps": done,
            "guesses": guesses,
            "script": script,
        }

    with gr.Group(visible=False):
        trigger = gr.Button()
        picture = picture_input(max_side=SIDE, label="Picture")
        steps = gr.JSON(label="Steps")
        file, answer = gr.File(label="Result"), gr.JSON(label="Answer")
    trigger.click(preprocess, [picture, steps], [file, answer], api_name="preprocess", **events.SAMPLER)


def _result(engine: Engine, photo: Image.Image, steps: Sequence[Preparation]) -> Result:
    done = engine.preprocess(photo, steps)
    guesses = engine.classify(done[-1].picture if done else photo, top=TOP)
    return Result(photo, done, guesses, _untouched(engine, photo))


def first_request() -> PipelineRequest:
    """What the controls ask for at first sight."""
    return PipelineRequest.read(json.dumps({"photo": FIRST, "steps": _first_steps()}))


def first_answer(engine: Engine) -> Result:
    """The answer to it, which `training.import_sight` stores."""
    return _result(engine, _sample(FIRST), first_request().steps)


def _stored_answer(engine: Engine, asked: PipelineRequest) -> Result:
    """The answer to it, with the stored guesses: the start of the app does not wait for the classifier."""
    photo, stored = _sample(FIRST), sight.stored()["prepare"]
    guesses = [Guess(**guess) for guess in stored["guesses"]]
    return Result(photo, engine.preprocess(photo, asked.steps), guesses, Guess(**stored["untouched"]))


def _answer(asked: PipelineRequest, result: Result) -> str:
    png = html.data_url(result.last, settings=_recipe(asked), source=provenance.EDITED) if asked.png else ""
    return pipeline_html.answer(
        result.last, result.guesses, result.untouched, number=asked.number, script=_script(asked, result), png=png
    )


def _script(asked: PipelineRequest, result: Result) -> str:
    sample = next((photo for photo in samples.every_photo() if photo.name == asked.photo), None)
    address = f"{ORIGIN}{previews.address(sample)}" if sample else None
    return pipeline_script.script(asked.steps, result.sizes, side=SIDE, address=address)


def _recipe(asked: PipelineRequest) -> dict[str, Any]:
    """How the result was made, for the file's metadata."""
    changed = [
        {name: value for name, value in vars(step).items() if value != getattr(Preparation(), name)}
        for step in asked.steps
    ]
    return {"photo": asked.photo or "own", "steps": changed}


@cached(LRUCache(32), key=lambda _, photo: images.digest(photo), lock=threading.Lock())
def _untouched(engine: Engine, photo: Image.Image) -> Guess:
    """The likeliest class of the photo as it is: the same while the steps change."""
    return engine.classify(photo, top=1)[0]


@functools.lru_cache(8)
def _sample(name: str) -> Image.Image:
    """A sample photo as the pipeline takes it."""
    for photo in samples.every_photo():
        if photo.name == name:
            return images.read(photo.path, max_side=SIDE)
    raise EngineError("There is no such sample photo. Choose one of those on the page.")


def _title(step: Mapping[str, Any]) -> str:
    return " and ".join(dict.fromkeys(pipeline_html.TITLES[name] for name in step)) or "Nothing"


def _first_steps() -> list[dict[str, Any]]:
    """What the controls say at first sight, as `page/pipeline.js` reads them."""
    return [_settings(step) for step in pipeline_html.STEPS if step.on]


def _settings(step: pipeline_html.StepControl) -> dict[str, Any]:
    values = {slider.name: slider.first for slider in step.sliders}
    if step.name == "crop":
        box = [values["left"] / 100, values["top"] / 100, 1 - values["right"] / 100, 1 - values["bottom"] / 100]
        return {"crop": box}
    if step.name == "scale":
        return {"scale": values["scale"] / 100}
    return values or dict.fromkeys(step.settings, True)
