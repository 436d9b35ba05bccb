"""The player's HTML: a figure for each step with its recipe inside, bars for kinds, curves that end where they do."""

import base64
import io
import re

import pytest
from PIL import Image

from demos.gan.history.player_html import Panel, SnapshotFrame, chart, player
from media import provenance

SETTINGS = {"model": "m", "step": 5, "seed": 3}


def panel(*, steps: tuple[int, ...] = (0, 5), kinds: tuple[int, ...] = ()) -> Panel:
    frames = [
        SnapshotFrame(step=step, picture=Image.new("L", (8, 8)), settings=SETTINGS, numbers="<b>", kinds=kinds)
        for step in steps
    ]
    return Panel("m", "A <i>title</i>", frames)


def test_the_last_step_is_on_the_page_and_the_others_wait():
    html = player([panel(), panel()], label="Training")
    assert html.count("<figure") == 4
    assert re.findall(r'<figure data-step="(\d+)" hidden', html) == ["0", "0"]
    assert 'data-steps="[0, 5]"' in html


def test_what_is_written_is_escaped():
    html = player([panel()], label="Training")
    assert "<b>" not in html
    assert "<i>title" not in html


def test_a_picture_says_that_it_is_machine_made_and_how():
    html = player([panel()], label="Training")
    (content,) = {base64.b64decode(text) for text in re.findall(r'src="data:image/png;base64,([^"]+)"', html)}
    assert provenance.settings(io.BytesIO(content)) == SETTINGS
    assert provenance.source_type(io.BytesIO(content)) == provenance.GENERATED


def test_each_kind_is_a_bar_as_high_as_its_share():
    html = player([panel(steps=(0,), kinds=(4, 0, 2))], label="Training")
    assert re.findall(r'<i style="height: (\d+)%"', html) == ["100", "0", "50"]
    assert "2 of 3 kinds among 6 samples" in html


def test_a_thousand_kinds_are_squares_of_a_picture():
    counts = [0] * 1000
    counts[739] = 3  # 7, 3, 9
    html = player([panel(steps=(0,), kinds=tuple(counts))], label="Training")
    assert "1 of 1,000 kinds among 3 samples; 3 would be the most." in html
    (encoded,) = re.findall(r'class="kind-map" src="data:image/png;base64,([^"]+)"', html)
    squares = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert squares.size == (54, 21)  # five blocks in a row, a line between two blocks
    levels, opaque = squares.split()
    assert levels.getbbox() == (2 * 11 + 9, 1 * 11 + 3, 2 * 11 + 10, 1 * 11 + 4)  # block 7, row 3, column 9
    assert sum(level > 0 for level in opaque.tobytes()) == 1000


def test_one_snapshot_has_no_slider_to_play():
    html = player([panel(steps=(7,))], label="Training")
    assert 'data-part="play"' not in html


@pytest.mark.parametrize(("value", "height"), [(0, 128), (1, 8), (5, 8), (-5, 128)])
def test_a_value_beyond_the_axis_stays_at_its_end(value: float, height: int):
    html = chart("Verdicts", {"D": [(0, 0.5), (10, value)]}, end=10, span=(0, 1))
    (points,) = re.findall(r'points="([^"]+)"', html)
    assert points.split() == ["40.0,68.0", f"412.0,{height:.1f}"]
