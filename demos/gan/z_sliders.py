"""The sliders that move some latent numbers of one sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.parts.inputs import slider_input
from serving.engine.sampling import Z_LIMIT, GeneratorInfo

KNOBS = 4


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The components: which numbers to move, a slider for each, and the way back."""

    indices: gr.Dropdown
    sliders: list[gr.Slider]
    reset: gr.Button


def build(first: GeneratorInfo, known: Iterable[GeneratorInfo]) -> Knobs:
    """Lay them out for the generator shown first; none of `known` has more numbers than can be picked."""
    indices = gr.Dropdown(
        _numbers(max(known, key=lambda info: info.z_dim)),  # the API takes any of these
        label="Latent numbers to move",
        info=_advice(first),
        multiselect=True,
        max_choices=KNOBS,
        elem_id="z-indices",
    )
    sliders = [
        slider_input(
            -Z_LIMIT,
            Z_LIMIT,
            value=0,
            step=0.1,
            precision=1,
            label=f"z, slider {k + 1}",
            visible=False,
            buttons=[],
            elem_id=f"z-{k + 1}",
        )
        for k in range(KNOBS)
    ]
    return Knobs(indices=indices, sliders=sliders, reset=gr.Button("Put z back", size="md", elem_id="reset-z"))


def choice(info: GeneratorInfo, matter: list[int]) -> dict[str, Any]:
    """Update the dropdown for a generator, with the numbers that matter most chosen."""
    return gr.update(choices=_numbers(info), value=matter, info=_advice(info))


def settings(z: list[float], indices: list[int]) -> list[dict[str, Any]]:
    """Update all sliders: one for each of `indices`, at its number of z, and the rest hidden."""
    own = shown(z)
    used = [gr.update(label=f"z[{i}]", value=own[i], visible=True) for i in indices]
    return used + [gr.update(visible=False)] * (KNOBS - len(used))


def shown(z: list[float]) -> list[float]:
    """Round z to what the sliders can show."""
    return [round(min(Z_LIMIT, max(-Z_LIMIT, value)), 1) for value in z]


def _numbers(info: GeneratorInfo) -> list[tuple[str, int]]:
    return [(f"z[{i}]", i) for i in range(info.z_dim)]


def _advice(info: GeneratorInfo) -> str:
    return f"Up to {KNOBS} of {info.z_dim}; at first the {KNOBS} that matter most."
