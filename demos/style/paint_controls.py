"""What can be set about painting slowly: the weights, the layers, the way down and where it starts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr

from demos.parts.inputs import refuse, seed_input, slider_input
from models.style.layers import LAYERS, STYLE_LAYERS
from models.style.options import FROM_COLOURS, Options, Weights
from serving.engine.painting import Start

SIDES = (192, 256, 384, 512, 768)
FIRST_SIDE, FIRST_STEPS, MOST_STEPS = 384, 40, 1000
LECTURE = 4.0  # log10 of the lecture's 10 000
STARTS = [
    ("the photo in the painting’s colours", "colours"),
    ("AdaIN’s picture", "adain"),
    ("the photo", "content"),
    ("noise", "noise"),
]
LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]
FORMULA = r"""
$$\begin{aligned}\textrm{loss}(x) = {} & \alpha \cdot \overline{(F - P)^2} + \gamma \cdot \textrm{variation}(x) \\
& + \beta \cdot \sum_l w_l\, \overline{(G_l - A_l)^2}\,/\,4C_l\end{aligned}$$

*F*, *P*: features of the picture and of the photo at the content layer. *G*, *A*: Gram matrices of the picture and of
the painting at each style layer of *C* filters, $G = FF^\top / M$ over its *M* places. The bar is the mean. The
lecture’s α : β is 1 : 10 000.
"""


class Asked(NamedTuple):
    """How to paint."""

    side: int
    start: Start
    options: Options
    told: dict[str, Any]  # the settings by name, for the picture's file


class PaintControls:
    """The controls, named as the API names them."""

    def __init__(self) -> None:
        self.ratio = slider_input(
            2,
            6,
            value=LECTURE,
            step=0.1,
            label=weights_told(LECTURE),
            info="To the left the photo counts more, to the right the painting. Each step of 1 is ten times.",
            buttons=[],
            elem_id="ratio",
        )
        with gr.Row():
            self.side = gr.Dropdown(
                [(f"{n} px", n) for n in SIDES],
                value=FIRST_SIDE,
                label="Size of the painting",
                info="Longer side.",
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
                info="You can stop at any.",
                min_width=220,
                buttons=[],
                elem_id="steps",
            )
        self.cost = gr.Markdown(elem_classes="note", elem_id="paint-cost")
        gr.Markdown(FORMULA, latex_delimiters=LATEX, elem_classes=["note", "formula"])
        with gr.Accordion("Layers, optimiser, start", open=False, elem_id="paint-details"):
            self.style_layers = gr.CheckboxGroup(
                list(STYLE_LAYERS),
                value=list(STYLE_LAYERS),
                label="Style layers",
                info="Shallow layers hold colour and grain, deep ones the larger shapes.",
                elem_id="style-layers",
            )
            self.content_layer = gr.Dropdown(
                list(LAYERS),
                value="relu4_2",
                label="Content layer",
                info="The paper’s is relu4_2.",
                elem_id="content-layer",
            )
            self.start = gr.Radio(STARTS, value="colours", label="Start from", elem_id="start")
            self.optimiser = gr.Radio(
                [("Adam", "adam"), ("L-BFGS", "l-bfgs")],
                value="adam",
                label="Optimiser",
                info="L-BFGS is the paper’s; it needs more memory.",
                elem_id="optimiser",
            )
            with gr.Row():
                self.smoothness = slider_input(
                    0,
                    5,
                    value=0,
                    step=0.1,
                    label="Smoothness",
                    info="Total variation: γ is 10 to this power; 0 is none.",
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
                    label="Sizes",
                    info="Paint small first; each size is √2 larger.",
                    min_width=200,
                    buttons=[],
                    elem_id="scales",
                )
            self.seed = seed_input(
                label="Seed", value=0, info="Of the noise, where painting starts from it.", elem_id="paint-seed"
            )

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name."""
        names = (
            "ratio",
            "side",
            "steps",
            "style_layers",
            "content_layer",
            "start",
            "optimiser",
            "smoothness",
            "scales",
            "seed",
        )
        return {name: getattr(self, name) for name in names}


def weights_told(ratio: float) -> str:
    """The weights in the lecture's words."""
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
) -> Asked:
    """Turn what was chosen into what the engine takes.

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
    told = {
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
    return Asked(side, start, options, told)
