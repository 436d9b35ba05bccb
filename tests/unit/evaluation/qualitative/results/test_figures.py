import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from evaluation.qualitative.results import figures
from evaluation.qualitative.results.figures import Dot, Drawing, Row

ROWS = [
    Row(title="Steps & <b>", score=1100, low=1000, high=1200, top=True),
    Row(title="Other", score=900, low=850, high=950),
]


def drawn() -> list[Drawing]:
    rates = np.array([[np.nan, 0.7], [0.3, np.nan]])
    return [
        figures.intervals(ROWS, label="Score"),
        figures.heat_map([row.title for row in ROWS], rates, np.array([[0, 10], [10, 0]])),
        figures.histogram([0.2, 1.0, 3.5], fastest=0.3),
        scatter(),
    ]


def scatter(mark: str = "") -> Drawing:
    points = [
        Dot(metric=0.0, score=1100, low=None, high=None),
        Dot(metric=0.2, score=1050, low=990, high=None),
        Dot(metric=358.0, score=850, low=None, high=950),
    ]
    return figures.scatter(
        points,
        numbers=[1, 2, 4],
        name="numbers-fid",
        title="Fréchet distance and people’s score",
        across="Fréchet distance",
        up="score",
        logarithmic=True,
        less_is_better=True,
        mark=mark,
    )


@pytest.mark.parametrize("drawing", drawn(), ids=lambda drawing: drawing.name)
def test_a_figure_is_well_formed_on_the_page_and_as_a_file(drawing: Drawing):
    for svg in (drawing.inline, drawing.file):
        root = ET.fromstring(svg.partition("?>\n")[2] or svg)
        assert root.get("aria-label") == drawing.title


@pytest.mark.parametrize("drawing", drawn(), ids=lambda drawing: drawing.name)
def test_a_figure_has_no_colour_of_its_own_on_the_page(drawing: Drawing):
    assert not re.findall(r"#0[1-5]0[1-5]0[1-5]", drawing.inline + drawing.file)
    assert not re.findall(r"(?:fill|stroke): #", drawing.inline)


def test_simulated_raters_are_named_right_across_the_plot_and_others_are_not():
    assert "SIMULATED RATERS" in scatter(mark="SIMULATED RATERS").inline
    assert "SIMULATED" not in scatter().inline


def test_a_metric_of_which_less_is_better_grows_to_the_left():
    places = [float(place) for place in re.findall(r'<use xlink:href="#[\w-]+" x="([\d.]+)"', scatter().inline)]
    dots = places[-3:]
    assert dots == sorted(dots, reverse=True)


def test_titles_are_text_and_nothing_else():
    assert "Steps &amp; &lt;b&gt;" in figures.intervals(ROWS, label="Score").inline


def test_figures_on_one_page_share_no_id():
    ids = [element_id for drawing in drawn() for element_id in re.findall(r'id="([^"]+)"', drawing.inline)]
    assert len(ids) == len(set(ids))
