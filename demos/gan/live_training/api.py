"""Live training as an endpoint, `train_live`, which streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from demos.gan.live_training import board_html, frame_html
from demos.gan.live_training.controls import LiveControls
from demos.parts import html
from demos.parts.inputs import explained, slider_input
from media import provenance
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.live_training import SECONDS, LiveFrame, LiveRecipe, live_recipe

EVERY = 1.0  # seconds from one answer to the next, at least


def publish(engine: Engine, controls: LiveControls) -> None:
    """Put the endpoint into the page that is being built; its inputs are the page's own controls."""
    with gr.Group(visible=False):
        trigger, answer = gr.Button(), gr.JSON(label="Answer")
        drawings = gr.Textbox(value="", label="Drawings")
        seconds = slider_input(1, SECONDS, value=10, label="Seconds")

    def train_live(  # noqa: D417 - the request is Gradio's
        request: gr.Request,
        pictures: str = "digits",
        game: str = "non-saturating",
        smooth_from: float = 1.0,
        smooth_to: float = 1.0,
        d_steps: int = 1,
        g_steps: int = 1,
        noise: float = 0.0,
        pack: int = 1,
        seed: int = 0,
        drawings: str = "",
        seconds: float = 10,
    ) -> Iterator[dict[str, Any]]:
        """Train a small GAN and stream how it stands, about once a second.

        Args:
            pictures: digits, clothes or drawings.
            game: the losses: non-saturating, relativistic, wasserstein, hinge or least-squares.
            smooth_from: label smoothing: the least target of a real picture, 0.5 to 1.
            smooth_to: the largest target, from smooth_from to 1.
            d_steps: steps of the discriminator in a training step, 1 to 5.
            g_steps: steps of the generator, 1 to 5.
            noise: deviation of the noise on what the discriminator sees, 0 to 1.
            pack: pictures that the discriminator judges together: 1, 2 or 4.
            seed: a whole number from 0 to 4,294,967,295.
            drawings: for pictures = drawings: a JSON list of 5 to 40 pictures as data URLs, dark on light.
            seconds: of computing, 1 to 180.

        Returns:
            The step, the state, D's mean verdicts, the losses, how many of 32 samples are of each kind, and the sixteen
            samples as data URLs.
        """
        with explained(EngineError):
            recipe = live_recipe(
                {
                    "pictures": pictures,
                    "game": game,
                    "smooth_from": smooth_from,
                    "smooth_to": smooth_to,
                    "d_steps": d_steps,
                    "g_steps": g_steps,
                    "noise": noise,
                    "pack": pack,
                    "seed": seed,
                }
            )
            own = board_html.drawings(drawings) if recipe.pictures == "drawings" else []
            handle = engine.start_live(recipe, drawings=own, visitor=request.session_hash or "")
            try:
                for frame in engine.live_frames(handle, interval=EVERY):
                    yield _plain(frame, recipe)
                    if frame.seconds >= seconds:
                        break
            finally:
                engine.end_live(handle)

    trigger.click(
        train_live,
        [*controls.fields.values(), drawings, seconds],
        answer,
        api_name="train_live",
        concurrency_id="live-training",
        concurrency_limit=16,
    )


def _plain(frame: LiveFrame, recipe: LiveRecipe) -> dict[str, Any]:
    last = frame.curve[-1] if frame.curve else None
    in_file = frame_html.in_file(frame, recipe)
    return {
        "step": frame.step,
        "seconds": round(frame.seconds, 2),
        "state": frame.state,
        "d_loss": last and last.d_loss,
        "g_loss": last and last.g_loss,
        "d_real": frame.d_real if frame.d_real == frame.d_real else None,  # NaN is no JSON
        "d_fake": frame.d_fake if frame.d_fake == frame.d_fake else None,
        "kinds": list(frame.kinds),
        "source": frame.source,
        "samples": [
            html.data_url(sample, settings={**in_file, "sample": number}, source=provenance.GENERATED)
            for number, sample in enumerate(frame.samples, 1)
        ],
    }
