"""The cards say what the networks said, hide what is below the threshold, and escape every label."""

from dataclasses import replace

from PIL import Image

from assets import sight
from demos.see import applications_html
from serving.engine.sight import Sight
from serving.engine.vision import Box

PHOTO = Image.new("RGB", (120, 80), (90, 90, 90))


def test_boxes_below_the_threshold_are_there_and_hidden():
    stored = Sight.from_json(sight.stored()["tasks"])
    boxes = (Box("cat", 0.8, 0.1, 0.1, 0.9, 0.9), Box("dog", 0.1, 0.2, 0.2, 0.4, 0.4))

    html = applications_html.answers(PHOTO, replace(stored, boxes=boxes))

    assert '<p class="note count" role="status">1 thing</p>' in html
    assert html.count('data-percent="80"') == html.count('data-percent="10"') == 2
    assert html.count('data-percent="10" hidden') == 1  # its row; its box is hidden after its place
    assert 'width: 20.00%; height: 20.00%" hidden>' in html


def test_nothing_found_is_said():
    stored = Sight.from_json(sight.stored()["tasks"])

    html = applications_html.answers(
        PHOTO, replace(stored, boxes=(), subject=None, segments=replace(stored.segments, classes=()))
    )

    assert "Nothing that sure. Lower the threshold." in html
    assert "all of it is background" in html
    assert "Nothing stands out in this picture" in html


def test_labels_are_escaped():
    stored = Sight.from_json(sight.stored()["tasks"])

    html = applications_html.answers(PHOTO, replace(stored, boxes=(Box("<b>", 0.9, 0, 0, 1, 1),)))

    assert "<b>" not in html
    assert "&lt;b&gt;" in html
