"""Figures of a results page as SVG, with real text, no background and the colours of the page's theme.

Matplotlib draws with placeholder colours, which are then replaced by CSS: `currentColor` for ink, the theme's variables
for the rest. A downloaded file has its own values for light and dark.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # Matplotlib takes half a second to import: the first figure waits for it, and not the app's start
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, LINE, ACCENT, LESS = "#010101", "#020202", "#030303", "#040404", "#050505"
ON_PAGE = {
    INK: "currentColor",
    MUTED: "var(--body-text-color-subdued)",
    LINE: "var(--block-border-color)",
    ACCENT: "var(--color-accent)",
    LESS: "var(--figure-less, #3b6ea5)",
}
LIGHT = {INK: "#1c1917", MUTED: "#57534e", LINE: "#d9d2c6", ACCENT: "#c2410c", LESS: "#3b6ea5"}
DARK = {INK: "#f5f5f4", MUTED: "#d6d3d1", LINE: "#57524e", ACCENT: "#f0906e", LESS: "#7fb2e5"}
STYLE: Any = {  # the stubs know each setting by name only
    "svg.fonttype": "none",
    "svg.hashsalt": "just-look",
    "font.family": "sans-serif",
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": LINE,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}
FONT = re.compile(r"'[\w ]+'(, '?[\w ]+'?)*, sans-serif")  # Matplotlib's fonts, replaced by the page's own
WIDTH = 7.2  # inches of 72 points: fits the panel
_SQUARE = (3.6, 3.0)  # fits a phone; two or three fit the panel
_DRAWING = threading.Lock()  # all threads share Matplotlib's settings


@dataclass(frozen=True, kw_only=True)
class Row:
    """One arm in the interval plot.

    Attributes:
        title: title of the arm.
        score: estimated score.
        low: lower end of the interval.
        high: upper end of the interval.
        top: whether the arm is in the top set and drawn with emphasis.
    """

    title: str
    score: float
    low: float
    high: float
    top: bool = False


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One arm in a scatter plot.

    Attributes:
        metric: its value of the metric.
        score: its score by people.
        low: lower end of the score's interval; None where there is none.
        high: upper end likewise.
    """

    metric: float
    score: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A figure, for the page and for a file.

    Attributes:
        name: file name without ending.
        title: title of the figure.
        svg: the figure with placeholder colours; see `inline` and `file`.
    """

    name: str
    title: str
    svg: str

    @property
    def inline(self) -> str:
        """The figure for a page with the theme's variables."""
        return _coloured(self.svg, ON_PAGE)

    @property
    def file(self) -> str:
        """The figure as a separate file, legible in light and in dark."""
        names = {colour: f"var(--c{i})" for i, colour in enumerate(LIGHT)}
        light, dark = (
            "".join(f"--c{i}:{colour};" for i, colour in enumerate(scheme.values())) for scheme in (LIGHT, DARK)
        )
        style = (
            f"<style>svg{{{light}background:#fff}}"
            f"@media (prefers-color-scheme: dark){{svg{{{dark}background:#151413}}}}</style>"
        )
        head, tag, rest = _coloured(self.svg, names).partition(">")
        return f'<?xml version="1.0" encoding="utf-8"?>\n{head}{tag}{style}{rest}'


def intervals(rows: Sequence[Row], *, label: str) -> Drawing:
    """A dot and an interval for each arm, best on top.

    Args:
        rows: best first.
        label: label of the horizontal axis, with its unit.
    """
    with _styled():
        figure, axes = _axes(height=0.42 * len(rows) + 0.8)
        for y, row in enumerate(reversed(rows)):
            colour = ACCENT if row.top else INK
            axes.plot([row.low, row.high], [y, y], color=colour, linewidth=2, solid_capstyle="round")
            axes.plot([row.score], [y], "o", color=colour, markersize=7 if row.top else 6)
        axes.set_yticks(range(len(rows)), [row.title for row in reversed(rows)])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlabel(label)
        axes.grid(axis="x", color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
        return _drawn(figure, "intervals", "Scores with 95 % intervals")


def heat_map(titles: Sequence[str], rates: NDArray[np.float64], votes: NDArray[np.int64]) -> Drawing:
    """A matrix of win rates: how often the arm of a row won against the arm of a column.

    Args:
        titles: titles of the `n` arms.
        rates: `(n, n)` in 0 … 1, NaN where two arms never met.
        votes: `(n, n)`, number of votes behind each rate.
    """
    from matplotlib.patches import Rectangle

    n = len(titles)
    with _styled():
        figure, axes = _axes(height=0.5 * n + 1.4)
        for row, column in np.ndindex(n, n):
            rate = rates[row, column]
            if row == column or np.isnan(rate):
                continue
            axes.add_patch(
                Rectangle(
                    (column - 0.5, row - 0.5),
                    1,
                    1,
                    facecolor=ACCENT if rate >= 0.5 else LESS,
                    alpha=float(0.08 + 0.92 * abs(rate - 0.5)),
                    linewidth=0,
                )
            )
            axes.text(column, row - 0.08, f"{100 * rate:.0f} %", ha="center", va="center", color=INK)
            axes.text(column, row + 0.26, f"{votes[row, column]:,}", ha="center", va="center", color=MUTED, fontsize=9)
        axes.set_xlim(-0.5, n - 0.5)
        axes.set_ylim(n - 0.5, -0.5)
        axes.set_yticks(range(n), titles)
        axes.set_xticks(range(n), titles, rotation=35, ha="left", rotation_mode="anchor")
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines["bottom"].set_visible(False)
        return _drawn(figure, "win-rates", "Win rates: how often the row won against the column")


def histogram(seconds: Sequence[float], *, fastest: float | None = None) -> Drawing:
    """Response times on a logarithmic axis.

    Args:
        seconds: response time of each answer, above 0.
        fastest: threshold of the flag `too_fast`, drawn as a line.
    """
    values = np.maximum(np.asarray(seconds, dtype=float), 0.01)
    with _styled():
        figure, axes = _axes(height=2.2)
        edges = np.geomspace(min(values.min(), 0.1), max(values.max(), 30) * 1.01, 41)
        axes.hist(values, bins=edges.tolist(), color=INK, alpha=0.75)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
        axes.set_ylabel("answers")
        if fastest is not None:
            axes.axvline(fastest, color=ACCENT, linewidth=1.5)
        return _drawn(figure, "response-times", "Response times")


def scatter(
    points: Sequence[Dot],
    *,
    numbers: Sequence[int],
    name: str,
    title: str,
    across: str,
    up: str,
    logarithmic: bool = False,
    less_is_better: bool = False,
    best: float | None = None,
    mark: str = "",
) -> Drawing:
    """People's score of each arm over a metric, with intervals: numbered dots, better to the right and to the top.

    Args:
        points: the arms.
        numbers: of the arms, as in the table beside the figure.
        name: of the figure.
        title: of the figure, also read aloud.
        across: label of the metric.
        up: label of people's score.
        logarithmic: whether the metric's axis is.
        less_is_better: turn the metric's axis round.
        best: the metric's best value, drawn as a line, where that is neither its highest nor its lowest.
        mark: written right across the figure, where it does not show what people said.
    """
    with _styled():
        figure, axes = _axes(height=_SQUARE[1], width=_SQUARE[0])
        across_of = np.array([point.metric for point in points], dtype=float)
        if logarithmic:
            positive = across_of[across_of > 0]
            across_of = np.maximum(across_of, positive.min() / 2 if len(positive) else 1.0)
            axes.set_xscale("log")
        ends = [end for point in points for end in (point.score, point.low, point.high) if end is not None]
        lowest, highest = min(ends), max(ends)
        for number, point, x in zip(numbers, points, across_of.tolist(), strict=True):
            if point.low is not None or point.high is not None:
                low, high = lowest if point.low is None else point.low, highest if point.high is None else point.high
                axes.plot([x, x], [low, high], color=MUTED, linewidth=1.5, solid_capstyle="round")
            axes.plot([x], [point.score], "o", color=ACCENT, markersize=6, markerfacecolor="none" if mark else ACCENT)
            axes.annotate(str(number), (x, point.score), xytext=(5, 3), textcoords="offset points", color=INK)
        _ticks(axes, across_of, logarithmic=logarithmic)
        axes.margins(0.12)
        if less_is_better:
            axes.invert_xaxis()
        if best is not None:
            axes.axvline(best, color=MUTED, linewidth=1, linestyle="--", zorder=0)
        axes.set_xlabel(f"{across}, better →" if best is None else f"{across}, {best:g} is best", fontsize=11)
        axes.set_ylabel(f"{up}, better →", fontsize=11)
        axes.grid(axis="y", color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
        if mark:
            axes.text(
                0.5,
                0.5,
                mark,
                transform=axes.transAxes,
                rotation=24,
                ha="center",
                va="center",
                fontsize=19,
                fontweight="bold",
                color=LESS,
                alpha=0.55,
                zorder=0,
            )
        return _drawn(figure, name, title)


def _ticks(axes: Axes, values: NDArray[np.float64], *, logarithmic: bool) -> None:
    """Label few places of a narrow horizontal axis, with plain numbers."""
    from matplotlib import ticker

    low, high = float(values.min()), float(values.max())
    if not logarithmic or low == high:
        axes.xaxis.set_major_locator(ticker.MaxNLocator(4) if low < high else ticker.FixedLocator([low]))
    else:
        places = sorted({float(f"{place:.2g}") for place in np.geomspace(low, high, 3)})
        axes.xaxis.set_major_locator(ticker.FixedLocator(places))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.3g}" if abs(value) < 1_000 else f"{value:,.0f}")


def power_curve(
    raters: Sequence[int],
    power: Sequence[float],
    bands: Sequence[tuple[float, float]],
    *,
    wanted: float,
    needed: int | None,
) -> Drawing:
    """Power by number of raters: a line with the 95 % intervals of the simulation, and the size that is needed.

    Args:
        raters: the sizes, rising.
        power: share of the simulated studies that found the best arm, at each size.
        bands: both ends of each interval.
        wanted: the power that is asked for, drawn as a line.
        needed: raters that reach it, drawn as a line; None where none do.
    """
    with _styled():
        figure, axes = _axes(height=3.0)
        low, high = np.array(bands).T
        axes.fill_between(raters, low, high, color=ACCENT, alpha=0.15, linewidth=0)
        axes.plot(raters, power, "o-", color=ACCENT, linewidth=2, markersize=6)
        axes.axhline(wanted, color=MUTED, linewidth=1, linestyle="--")
        if needed is not None:
            axes.axvline(needed, color=INK, linewidth=1.5)
            axes.text(needed, 0.02, f" {needed:,} raters", color=INK, ha="left", va="bottom")
        axes.set_ylim(0, 1.02)
        axes.set_xlim(0, max(*raters, needed or 0) * 1.12)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
        axes.set_xlabel("raters")
        axes.set_ylabel("studies that find the best arm")
        axes.grid(axis="y", color=LINE, linewidth=0.8)
        axes.set_axisbelow(True)
        return _drawn(figure, "power", "Power by number of raters")


@contextmanager
def _styled() -> Iterator[None]:
    """Draw with the page's style, one thread at a time."""
    import matplotlib as mpl

    with _DRAWING, mpl.rc_context(STYLE):
        yield


def _axes(*, height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.patch.set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure, axes


def _drawn(figure: Figure, name: str, title: str) -> Drawing:
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(id="|xlink:href="#|url\(#)', rf"\g<1>{name}-", svg)  # several figures are on one page
    svg = FONT.sub("system-ui, sans-serif", svg)
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()  # type: ignore[union-attr]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-label="{escape(title)}" class="figure" viewBox="0 0 {width} {height}">'
    )
    return Drawing(name=name, title=title, svg=opening + svg[svg.index(">") + 1 :])


def _coloured(svg: str, colours: dict[str, str]) -> str:
    for stand_in, colour in colours.items():
        svg = svg.replace(stand_in, colour)
    return svg
