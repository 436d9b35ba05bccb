"""Loss curves as inline SVG, coloured by the page's style sheet in light and dark mode."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 560, 180
LEFT, BOTTOM, TOP = 46, 22, 8


def draw_linear(curves: Mapping[str, Sequence[float]], *, steps: int, caption: str) -> str:
    """Draw losses that may be negative, on an even vertical axis that shows 0.

    Args:
        curves: by name, values at even distances from step 0 to the last; NaN is left out.
        steps: where the horizontal axis ends.
        caption: alt text: what the curves show.

    Returns:
        An SVG element and its legend, as HTML.
    """
    levels = [value for values in curves.values() for value in values if math.isfinite(value)]
    low, high = min([0.0, *levels]), max([0.0, *levels])
    mark = 10.0 ** math.ceil(math.log10(max(high - low, 1e-6) / 4))
    mark = next(m for m in (mark / 5, mark / 2, mark) if (high - low) / m <= 5)
    low, high = mark * math.floor(low / mark), mark * max(math.ceil(high / mark), math.floor(low / mark) + 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    grid = [(y(low + i * mark), f"{low + i * mark:g}") for i in range(round((high - low) / mark) + 1)]
    points = {
        name: [
            (LEFT + (WIDTH - LEFT - 8) * i / max(1, len(values) - 1), y(value))
            for i, value in enumerate(values)
            if math.isfinite(value)
        ]
        for name, values in curves.items()
    }
    return _svg(points, grid, steps=steps, caption=caption)


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

    grid = [(y(e), _power(e)) for e in range(low, high + 1, max(1, (high - low) // 4))]
    points = {
        name: [(x(i), y(math.log10(v))) for i, v in enumerate(values) if v is not None]
        for name, values in drawn.items()
    }
    return _svg(points, grid, steps=steps, caption=caption)


def _svg(
    curves: Mapping[str, Sequence[tuple[float, float]]], grid: Sequence[tuple[float, str]], *, steps: int, caption: str
) -> str:
    """The curves by name, in pixels, over grid lines at a height with a label each."""
    marks = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{height:.1f}" y2="{height:.1f}"/>'
        f'<text x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{label}</text>'
        for height, label in grid
    )
    lines = "".join(
        f'<polyline class="curve-{i}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        for i, points in enumerate(curves.values())
    )
    ends = (
        f'<text x="{LEFT}" y="{HEIGHT - 6}">0</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">{steps:,} steps</text>'
    )
    legend = "".join(f'<span class="curve-{i}">{escape(name)}</span>' for i, name in enumerate(curves))
    return (
        f'<div class="curves"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(caption)}">'
        f'{marks}{ends}{lines}</svg><p class="legend" aria-hidden="true">{legend}</p></div>'
    )


def _decades(levels: Sequence[float]) -> tuple[int, int]:
    if not levels:
        return 0, 1
    low, high = math.floor(math.log10(min(levels))), math.ceil(math.log10(max(levels)))
    return low, max(high, low + 1)


def _power(exponent: int) -> str:
    return f"{10**exponent:,}" if 0 <= exponent <= 3 else f"1e{exponent}"
