"""The controls for painting slowly: weights, layers, optimiser and starting picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr

from demos.parts.inputs import refuse, seed_input, slider_input
from models.style.layers import LAYERS, STYLE_LAYERS
from models.style.options import FROM_COLOURS, Options, Weights
from serving.engine.painting import Start

NAMES = (
    *("ratio", "side", "steps", "style_layers", "content_layer"),
    *("start", "optimiser", "smoothness", "scales", "seed"),
)
SIDES = (192, 256, 384, 512, 768)
FIRST_SIDE, FIRST_STEPS, MOST_STEPS = 256, 40, 1000  # small at first: a step takes its time for each pixel
LECTURE = 4.0  # log10 of the lecture's 10 000
STARTS = [
    ("the photo in the painting’s colours", "colours"),
    ("the photo restyled in one pass (AdaIN)", "adain"),
    ("the photo", "content"),
    ("noise: random dots", "noise"),
]
LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]
FORMULA = r"""
$$\begin{aligned}\textrm{loss}(x) = {} & \alpha \cdot \overline{(F - P)^2} + \gamma \cdot \textrm{variation}(x) \\
& + \beta \cdot \sum_l w_l\, \overline{(G_l - A_l)^2}\,/\,4C_l\end{aligned}$$

*F*, *P*: features of the picture and of the photo at the content layer. *G*, *A*: Gram matrices of the picture and of
the painting at each style layer with *C* filters, $G = FF^\top / M$ over its *M* positions. The bar means the average.
The lecture takes α : β = 1 : 10 000.
"""


class PaintRequest(NamedTuple):
    """How to paint, as the engine takes it."""

    side: int
    start: Start
    options: Options
    metadata: dict[str, Any]  # the settings by name, for the picture's file


class PaintControls:
    """The controls, named as the API names them."""

    def __init__(self) -> None:
        self.ratio = slider_input(
            2,
            6,
            value=LECTURE,
            step=0.1,
            label=ratio_label(LECTURE),
            info="How much the painting counts. The slider counts zeros: 4 is 1 : 10 000, as in the lecture.",
            buttons=[],
            elem_id="ratio",
        )
        with gr.Row():
            self.side = gr.Dropdown(
                [(f"{n} px", n) for n in SIDES],
                value=FIRST_SIDE,
                label="Size of the painting",
                info="Pixels along the longer side.",
                min_width=140,
                elem_id="paint-side",
            )
            self.steps = slider_input(
                1,
                MOST_STEPS,
                value=FIRST_STEPS,
                step=1,
                precision=0,
                label="Steps",
                info="More steps bring out more of the style. You can stop at any time.",
                min_width=220,
                buttons=[],
                elem_id="steps",
            )
        self.cost = gr.Markdown(
            "How long a step takes here comes in a moment.", elem_classes="note", elem_id="paint-cost"
        )
        gr.Markdown(FORMULA, latex_delimiters=LATEX, elem_classes=["note", "formula"])
        with gr.Accordion("More settings: layers, optimiser, first picture", open=False, elem_id="paint-details"):
            self.style_layers = gr.CheckboxGroup(
                list(STYLE_LAYERS),
                value=list(STYLE_LAYERS),
                label="Style layers",
                info="Where the network reads the style: relu1_1 sees colours and fine grain, relu5_1 large shapes.",
                elem_id="style-layers",
            )
            self.content_layer = gr.Dropdown(
                list(LAYERS),
                value="relu4_2",
                label="Content layer",
                info="Which layer compares the picture with the photo. The lecture and the paper take relu4_2.",
                elem_id="content-layer",
            )
            self.start = gr.Radio(STARTS, value="colours", label="Start from", elem_id="start")
            self.optimiser = gr.Radio(
                [("Adam", "adam"), ("L-BFGS", "l-bfgs")],
                value="adam",
                label="Optimiser",
                info="How the next step is chosen. The paper takes L-BFGS; Adam needs less memory.",
                elem_id="optimiser",
            )
            with gr.Row():
                self.smoothness = slider_input(
                    0,
                    5,
                    value=0,
                    step=0.1,
                    label="Smoothness",
                    info="Removes grain (total variation, γ). 0 is off; each step of 1 counts ten times more.",
                    min_width=200,
                    buttons=[],
                    elem_id="smoothness",
                )
                self.scales = slider_input(
                    1,
                    6,
                    value=1,
                    step=1,
                    precision=0,
                    label="Number of sizes",
                    info="Paint a small picture first, then larger ones, each √2 times the one before.",
                    min_width=200,
                    buttons=[],
                    elem_id="scales",
                )
            self.seed = seed_input(
                label="Seed", value=0, info="Which noise, if you start from noise.", elem_id="paint-seed"
            )

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name."""
        return {name: getattr(self, name) for name in NAMES}


def ratio_label(ratio: float) -> str:
    """The label of the slider: the weights as the lecture writes them."""
    return f"Content : style = 1 : {10**ratio:,.0f}".replace(",", " ")


def read(
    *,
    ratio: float,
    side: int,
    steps: int,
    style_layers: list[str],
    content_layer: str,
    start: Start,
    optimiser: Any,
    smoothness: float,
    scales: int,
    seed: int,
    style_scale: float = 1.0,
) -> PaintRequest:
    """Turn the values of the controls into what the engine takes.

    Raises:
        gr.Error: no layer is chosen.
    """
    if not style_layers:
        raise refuse("No style layer is chosen: choose at least one.")
    weights = Weights(
        style=10**ratio,
        variation=10**smoothness if smoothness else 0.0,
        content_layers={content_layer: 1.0},
        style_layers=dict.fromkeys(style_layers, 1.0),
    )
    options = Options(
        weights=weights,
        method=replace(FROM_COLOURS, optimiser=optimiser),
        steps=steps,
        scales=scales,
        style_scale=style_scale,
        seed=seed,
    )
    metadata = {
        "content_style": f"1:{10**ratio:.0f}",
        "side": side,
        "style_layers": "+".join(style_layers),
        "content_layer": content_layer,
        "start": start,
        "optimiser": optimiser,
        "smoothness": smoothness,
        "scales": scales,
        "seed": seed,
    }
    return PaintRequest(side, start, options, metadata)
