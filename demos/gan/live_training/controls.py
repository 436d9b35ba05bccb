"""The controls of live training: what it learns from, and the switches of its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from demos.parts.inputs import seed_input, slider_input
from serving.engine.live_training import MOST_STEPS, LiveRecipe, live_recipe

PICTURES = [("Digits", "digits"), ("Clothes", "clothes"), ("Twenty drawings of your own", "drawings")]
GAMES = [
    ("real or generated? (non-saturating)", "non-saturating"),
    ("more real than the other? (relativistic)", "relativistic"),
    ("how far apart? (Wasserstein, with gradient penalty)", "wasserstein"),
    ("real enough? (hinge)", "hinge"),
    ("1 or 0? (least squares)", "least-squares"),
]
PACKS = [("1", 1), ("2 together", 2), ("4 together", 4)]


class LiveControls:
    """The components by the names of `LiveRecipe`'s fields; `pictures` is placed first, the others by `lay_out`."""

    def __init__(self) -> None:
        self.pictures = gr.Radio(PICTURES, value="digits", label="What it learns to draw", elem_id="live-pictures")
        self.fields: dict[str, Any] = {"pictures": self.pictures}

    def lay_out(self) -> None:
        """Place the switches of the recipe."""
        whole: dict[str, Any] = {"step": 1, "precision": 0, "buttons": []}
        self.fields["game"] = gr.Dropdown(GAMES, value="non-saturating", label="Loss: what D is asked")
        with gr.Row():
            self.fields["smooth_from"] = slider_input(
                0.5,
                1,
                value=1,
                step=0.05,
                label="Label smoothing: from",
                info="Below 1, D may not be quite sure of real pictures.",
                buttons=[],
                min_width=200,
            )
            self.fields["smooth_to"] = slider_input(
                0.5,
                1,
                value=1,
                step=0.05,
                label="Label smoothing: to",
                info="Each target is drawn between the two.",
                buttons=[],
                min_width=200,
            )
        with gr.Row():
            self.fields["d_steps"] = slider_input(1, MOST_STEPS, value=1, label="Steps of D", min_width=200, **whole)
            self.fields["g_steps"] = slider_input(1, MOST_STEPS, value=1, label="Steps of G", min_width=200, **whole)
        self.fields["noise"] = slider_input(
            0,
            1,
            value=0,
            step=0.05,
            label="Noise on what D sees",
            buttons=[],
            info="0 is none, 1 is half of the range.",
        )
        self.fields["pack"] = gr.Radio(
            PACKS, value=1, label="Pictures that D judges at once", info="More make it harder for G to repeat itself."
        )
        self.fields["seed"] = seed_input(label="Seed of the training", value=0)


def read(fields: Sequence[str], values: Sequence[Any]) -> LiveRecipe:
    """The recipe that the controls hold; it raises what `live_recipe` does."""
    return live_recipe(dict(zip(fields, values, strict=True)))
