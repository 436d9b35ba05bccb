"""Pictures along a training, as HTML that plays and scrubs without the server: `page/player.js` moves through it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from PIL import Image

from demos.parts.html import data_url
from media import provenance

WIDTH, HEIGHT = 420, 150
LEFT, RIGHT, BOTTOM, TOP = 40, 8, 22, 8
LINES = 4  # of a chart's grid
BLOCK, BLOCKS_IN_A_ROW = 10, 5  # of a picture with a square for each of very many kinds: blocks of 10 x 10
MANY_KINDS = 20  # from which on each kind is a square instead of a bar

MAP = "Each square is a kind: a block for the first of its three digits, a row for the second, a column for the third."
COUNTING = (
    '<div class="kinds"></div><div class="kind-names"><span>&nbsp;</span></div><p class="note">counting the kinds …</p>'
)

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class SnapshotFrame:
    """A generator at one step.

    Attributes:
        step: the training step.
        picture: its samples.
        settings: how the picture was made, for its file.
        numbers: a line below it.
        kinds: how often each kind appears among its samples; empty where nobody counted.
        labels: a short word for each kind; empty where they have none.
        room: whether to leave room for the kinds, which are being counted.
    """

    step: int
    picture: Image.Image
    settings: Mapping[str, object]
    numbers: str
    kinds: Sequence[int] = ()
    labels: Sequence[str] = ()
    room: bool = False


@dataclass(frozen=True)
class Panel:
    """A generator: its name in files, its title, a frame for each step, and its charts below."""

    name: str
    title: str
    frames: Sequence[SnapshotFrame]
    charts: str = ""


def player(panels: Sequence[Panel], *, label: str, below: str = "") -> str:
    """Generators side by side, with one slider over their steps.

    Args:
        panels: all with frames of the same steps.
        label: what a screen reader calls the whole.
        below: HTML after the panels.
    """
    steps = [frame.step for frame in panels[0].frames]
    last = len(steps) - 1
    controls = (
        '<div class="player-row"><button type="button" data-part="play" aria-pressed="false">Play</button>'
        f'<label><span>Training steps</span><input type="range" min="0" max="{last}" value="{last}" step="1"></label>'
        f"<output>{steps[-1]:,}</output></div>"
    )
    single = '<input type="range" hidden disabled min="0" max="0" value="0">'
    return (
        f'<div class="player" role="group" aria-label="{escape(label)}" data-steps="{json.dumps(steps)}">'
        f"{controls if last else single}"
        f'<div class="panels" style="--count: {len(panels)}">{"".join(map(_panel, panels))}</div>'
        '<div class="player-row"><button type="button" data-part="save">Save the pictures</button></div>'
        f"{below}</div>"
    )


def _panel(panel: Panel) -> str:
    frames = "".join(_frame(frame, panel, last=frame is panel.frames[-1]) for frame in panel.frames)
    return f"<section><h4>{escape(panel.title)}</h4>{frames}{panel.charts}</section>"


def _frame(frame: SnapshotFrame, panel: Panel, *, last: bool) -> str:
    url = data_url(frame.picture, settings=frame.settings, source=provenance.GENERATED)
    alt = f"Samples of {panel.title} after {frame.step:,} steps"
    bars = _kinds(frame.kinds, frame.labels) if frame.kinds else COUNTING if frame.room else ""
    width, height = frame.picture.size
    return (
        f'<figure data-step="{frame.step}"{"" if last else " hidden"}><img src="{url}" alt="{escape(alt)}" '
        f'width="{width}" height="{height}" data-file="{escape(panel.name)}-step-{frame.step}.png">'
        f"<figcaption>{escape(frame.numbers)}</figcaption>{bars}</figure>"
    )


def _kinds(counts: Sequence[int], labels: Sequence[str]) -> str:
    """A bar for each kind, or a square where they are very many."""
    total, there = sum(counts), sum(count > 0 for count in counts)
    spoken = f"{there} of {len(counts):,} kinds among {total:,} samples"
    if len(counts) > MANY_KINDS:
        squares = _squares(counts)
        size = f'width="{squares.width}" height="{squares.height}"'
        picture = f'<img class="kind-map" src="{data_url(squares)}" alt="{spoken}; a square for each" {size}>'
        return f'{picture}<p class="note">{spoken}; {total:,} would be the most. {MAP}</p>'
    most = max(counts)
    bars = "".join(
        f'<i style="height: {100 * count / most:.0f}%" title="kind {kind}: {count}"></i>'
        for kind, count in enumerate(counts)
    )
    names = "".join(f"<span>{escape(label)}</span>" for label in labels)
    below = f'<div class="kind-names" aria-hidden="true">{names}</div>' if names else ""
    return f'<div class="kinds" role="img" aria-label="{spoken}">{bars}</div>{below}<p class="note">{spoken}</p>'


def _squares(counts: Sequence[int]) -> Image.Image:
    """A pixel for each kind, the brighter the more often it was drawn: a block for each hundred, a row for each ten."""
    blocks = math.ceil(len(counts) / BLOCK**2)
    pitch = BLOCK + 1  # a transparent line lies between two blocks
    squares = Image.new("LA", (pitch * BLOCKS_IN_A_ROW - 1, pitch * math.ceil(blocks / BLOCKS_IN_A_ROW) - 1))
    for kind, count in enumerate(counts):
        block, (down, across) = kind // BLOCK**2, divmod(kind % BLOCK**2, BLOCK)
        row, column = divmod(block, BLOCKS_IN_A_ROW)
        squares.putpixel((pitch * column + across, pitch * row + down), (min(255, 90 * count), 255))
    return squares


def chart(
    title: str,
    curves: Mapping[str, Points],
    *,
    end: float,
    span: tuple[float, float] | None = None,
    ends: tuple[str, str] | None = None,
) -> str:
    """Curves over the training steps, as an SVG with a line that marks the step on the page.

    Args:
        title: what is drawn; a screen reader reads it with each curve's last value.
        curves: by name, pairs of step and value.
        end: the last step.
        span: of the vertical axis; from the values by default.
        ends: words at both ends of the horizontal axis where it has no steps; then no line marks one.
    """
    values = sorted(value for points in curves.values() for _, value in points if math.isfinite(value))
    low, high = span or _span(values)

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / max(1, end)

    def y(value: float) -> float:
        share = (min(high, max(low, value)) - low) / (high - low)
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)

    levels = [low + (high - low) * i / LINES for i in range(LINES + 1)]
    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text x="{LEFT - 5}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.3g}</text>'
        for v in levels
    )
    lines = "".join(
        f'<polyline class="curve-{i}" points="{" ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in points)}"/>'
        for i, points in enumerate(curves.values())
    )
    spoken = "; ".join(f"{name}: {points[-1][1]:.3g} at the end" for name, points in curves.items())
    legend = "".join(f'<span class="curve-{i}">{escape(name)}</span>' for i, name in enumerate(curves))
    now = (
        f'<line class="now" data-left="{LEFT}" data-wide="{WIDTH - LEFT - RIGHT}" data-end="{end:g}" '
        f'x1="{x(end):.1f}" x2="{x(end):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
    )
    left, right = ends or ("0", f"{end:,.0f} steps")
    return (
        f'<div class="curves"><p class="curves-title">{escape(title)}</p>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(f"{title}: {spoken}")}">{grid}{lines}'
        f"{'' if ends else now}"
        f'<text x="{LEFT}" y="{HEIGHT - 6}">{left}</text>'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{right}</text></svg>'
        f'<p class="legend" aria-hidden="true">{legend}</p></div>'
    )


def _span(values: Sequence[float]) -> tuple[float, float]:
    """From the values but for the highest and lowest of a hundred, which would flatten the rest."""
    if not values:
        return 0.0, 1.0
    cut = len(values) // 100
    low, high = min(0.0, values[cut]), max(0.0, values[-1 - cut])
    return _tidy(low), _tidy(high) if high > 0 or low < 0 else 1.0


def _tidy(value: float) -> float:
    """The next number of one digit and a half, away from 0: 1.39 becomes 1.4, and 16.8 becomes 17."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1) * 2
    return math.copysign(math.ceil(abs(value) / unit) * unit, value)
