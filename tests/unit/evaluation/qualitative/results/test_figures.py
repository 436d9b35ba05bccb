import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from evaluation.qualitative.results import figures
from evaluation.qualitative.results.figures import Drawing, Row

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
    ]


@pytest.mark.parametrize("drawing", drawn(), ids=lambda drawing: drawing.name)
def test_a_figure_is_well_formed_on_the_page_and_as_a_file(drawing: Drawing):
    for svg in (drawing.inline, drawing.file):
        root = ET.fromstring(svg.partition("?>\n")[2] or svg)
        assert root.get("aria-label") == drawing.title


@pytest.mark.parametrize("drawing", drawn(), ids=lambda drawing: drawing.name)
def test_a_figure_has_no_colour_of_its_own_on_the_page(drawing: Drawing):
    assert not re.findall(r"#0[1-5]0[1-5]0[1-5]", drawing.inline + drawing.file)
    assert not re.findall(r"(?:fill|stroke): #", drawing.inline)


def test_titles_are_text_and_nothing_else():
    assert "Steps &amp; &lt;b&gt;" in figures.intervals(ROWS, label="Score").inline


def test_figures_on_one_page_share_no_id():
    ids = [element_id for drawing in drawn() for element_id in re.findall(r'id="([^"]+)"', drawing.inline)]
    assert len(ids) == len(set(ids))
