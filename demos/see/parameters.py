"""Why convolutions: the parameters of a fully connected layer and of a convolution, as the sizes move.

`page/parameters.js` counts in the browser, with the same formulas.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import gradio as gr

SIDES = (8, 16, 28, 32, 64, 128, 224, 256, 512, 1024)
POWERS = tuple(2**exponent for exponent in range(13))
CONTROLS = (  # name, title, what it can be, first value, how it is written
    ("side", "Picture", SIDES, 64, "{0} × {0}"),
    ("channels", "Channels", (1, 3), 3, "{0}"),
    ("units", "Units", POWERS, 1024, "{0}"),
    ("kernel", "Kernel", (1, 3, 5, 7, 9, 11), 3, "{0} × {0}"),
    ("filters", "Filters", POWERS[:10], 64, "{0}"),
)
ABOUT = {
    "side": "pixels",
    "channels": "1 for grey, 3 for colour",
    "units": "of the fully connected layer",
    "kernel": "what a filter sees at a time",
    "filters": "of the convolution",
}


@dataclass(frozen=True)
class Sizes:
    """The sizes of a picture and of the two layers that take it.

    Attributes:
        side: of the picture, in pixels.
        channels: of the picture.
        units: outputs of the fully connected layer.
        kernel: side of a filter, in pixels.
        filters: of the convolution, which keeps the picture's size.
    """

    side: int = 64
    channels: int = 3
    units: int = 1024
    kernel: int = 3
    filters: int = 64

    @property
    def inputs(self) -> int:
        """Numbers in the picture."""
        return self.side**2 * self.channels

    @property
    def maps(self) -> int:
        """Numbers that the convolution puts out."""
        return self.side**2 * self.filters

    @property
    def fully_connected(self) -> int:
        """Parameters of a fully connected layer: a weight for each pair of input and unit, a bias for each unit."""
        return (self.inputs + 1) * self.units

    @property
    def convolution(self) -> int:
        """Parameters of a convolution: a weight for each number under a filter, and a bias for each filter."""
        return (self.kernel**2 * self.channels + 1) * self.filters

    @property
    def same_maps(self) -> int:
        """Parameters of a fully connected layer that puts out as many numbers as the convolution."""
        return (self.inputs + 1) * self.maps

    @property
    def multiplications(self) -> int:
        """Multiplications of the convolution: each weight is used at every place of the picture."""
        return self.kernel**2 * self.channels * self.maps


def build() -> gr.HTML:
    """Lay out the counter."""
    return gr.HTML(html(Sizes()), padding=False, js_on_load=None, elem_id="parameters")


def html(sizes: Sizes) -> str:
    """The counter as HTML, with its first numbers."""
    sliders = "".join(_slider(*control) for control in CONTROLS)
    bars = "".join(
        f'<li data-bar="{name}"><p><span>{escape(title)}</span><b>{count:,}</b> <small>{memory(count)}</small></p>'
        f'<p class="note" data-formula>{formula}</p>'
        f'<div role="presentation"><i style="--share: {share:.6g}"></i></div></li>'
        for name, title, count, formula, share in _bars(sizes)
    )
    return (
        '<div class="parameters"><h3>How many parameters?</h3>'
        '<p class="note">A fully connected layer has a weight for each input and each unit. A convolution moves the '
        "same small filters over the whole picture: its parameters do not grow with the picture.</p>"
        f'<div class="parameter-sliders">{sliders}</div><p data-inputs>{inputs_line(sizes)}</p>'
        f'<ol>{bars}</ol><label class="parameter-scale"><input type="checkbox" data-log> '
        "<span>Logarithmic scale: the same distance is always the same factor</span></label>"
        f'<p class="note" data-scale></p><p role="status">{summary(sizes)}</p>'
        f'<p class="note" data-reuse>{reuse(sizes)}</p></div>'
    )


def inputs_line(sizes: Sizes) -> str:
    """The numbers that enter, as a sum."""
    square = f"{sizes.side:,} × {sizes.side:,}"
    if sizes.channels == 1:
        return f"{square} = <b>{sizes.inputs:,} inputs</b>"
    return f"{square} = {sizes.side**2:,} pixels, × {sizes.channels} channels = <b>{sizes.inputs:,} inputs</b>"


def summary(sizes: Sizes) -> str:
    """What the bars say, in words."""
    return (
        f"The fully connected layer has {_times(sizes.fully_connected / sizes.convolution)} as many parameters. "
        f"With as many outputs as the convolution, {sizes.maps:,}, it would have {sizes.same_maps:,}: "
        f"{memory(sizes.same_maps)}."
    )


def reuse(sizes: Sizes) -> str:
    """What a convolution does not save."""
    return (
        f"The convolution uses each of its weights at {sizes.side**2:,} places. So it saves parameters and not work: "
        f"it multiplies {sizes.multiplications:,} times."
    )


def memory(count: int) -> str:
    """What so many parameters take, as numbers of four bytes each."""
    size = 4 * count
    power = min(5, int(math.log10(size)) // 3)
    value = size / 1000**power
    return f"{value:.{0 if value >= 100 or power == 0 else 1}f} {('bytes', 'kB', 'MB', 'GB', 'TB', 'PB')[power]}"


def _times(factor: float) -> str:
    return f"{factor:,.0f} times" if factor >= 10 else f"{factor:,.2f} times"


def _bars(sizes: Sizes) -> list[tuple[str, str, int, str, float]]:
    convolution, connected = sizes.convolution, sizes.fully_connected
    longest = max(convolution, connected)
    under = f"{sizes.kernel} × {sizes.kernel} × {sizes.channels}"
    return [
        (
            "convolution",
            "Convolution",
            convolution,
            f"({under} weights + 1 bias) × {sizes.filters:,} filters",
            convolution / longest,
        ),
        (
            "connected",
            "Fully connected",
            connected,
            f"({sizes.inputs:,} weights + 1 bias) × {sizes.units:,} units",
            connected / longest,
        ),
    ]


def _slider(name: str, title: str, values: tuple[int, ...], first: int, written: str) -> str:
    return (
        f'<label><span>{title} <small>{ABOUT[name]}</small></span><input type="range" min="0" max="{len(values) - 1}" '
        f'step="1" value="{values.index(first)}" data-size="{name}" data-values="{",".join(map(str, values))}" '
        f'data-written="{written}" aria-label="{title}, {ABOUT[name]}" aria-valuetext="{written.format(first)}">'
        f"<output>{written.format(f'{first:,}')}</output></label>"
    )
