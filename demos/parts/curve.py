"""Loss curves as inline SVG, coloured by the page's style sheet in light and dark mode."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 560, 180
LEFT, BOTTOM, TOP = 46, 22, 8

Axis = Callable[[float], float]


def draw(curves: Mapping[str, Sequence[float]], *, steps: int, caption: str) -> str:
    """Draw losses over the steps, on a logarithmic vertical axis.

    Args:
        curves: by name, a value for each step from 0 on; values that are not above 0 are left out.
        steps: where the horizontal axis ends.
        caption: alt text: what the curves show.

    Returns:
        An SVG element and its legend, as HTML.
    """
    drawn = {name: [v if v > 0 and math.isfinite(v) else None for v in values] for name, values in curves.items()}
    levels = [value for values in drawn.values() for value in values if value is not None]
    low, high = _decades(levels)

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - 8) * step / max(1, steps)

    def y(exponent: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - exponent) / (high - low)

    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y(e):.1f}" y2="{y(e):.1f}"/>'
        f'<text x="{LEFT - 6}" y="{y(e) + 4:.1f}" text-anchor="end">{_power(e)}</text>'
        for e in range(low, high + 1, max(1, (high - low) // 4))
    )
    lines = "".join(
        f'<polyline class="curve-{i}" points="{" ".join(_points(values, x, y))}"/>'
        for i, values in enumerate(drawn.values())
    )
    ends = (
        f'<text x="{LEFT}" y="{HEIGHT - 6}">0</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">{steps:,} steps</text>'
    )
    legend = "".join(f'<span class="curve-{i}">{escape(name)}</span>' for i, name in enumerate(drawn))
    return (
        f'<div class="curves"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(caption)}">'
        f'{grid}{ends}{lines}</svg><p class="legend" aria-hidden="true">{legend}</p></div>'
    )


def _decades(levels: Sequence[float]) -> tuple[int, int]:
    if not levels:
        return 0, 1
    low, high = math.floor(math.log10(min(levels))), math.ceil(math.log10(max(levels)))
    return low, max(high, low + 1)


def _power(exponent: int) -> str:
    return f"{10**exponent:,}" if 0 <= exponent <= 3 else f"1e{exponent}"


def _points(values: Sequence[float | None], x: Axis, y: Axis) -> list[str]:
    return [f"{x(i):.1f},{y(math.log10(v)):.1f}" for i, v in enumerate(values) if v is not None]
