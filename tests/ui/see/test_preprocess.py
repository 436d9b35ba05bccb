"""The section Preprocess: steps in a chosen order, live guesses, a link, a script and a file, at both widths."""

import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect

from assets import samples
from media import provenance
from tests.support.widths import DESK


@pytest.fixture
def pipeline(page: Page, app_url: str) -> Page:
    page.goto(f"{app_url}?tab=see&way=preprocess")
    expect(page.locator("#pipeline-answer img")).to_be_visible()
    return page


def captions(page: Page) -> list[str]:
    return page.locator(".pipeline-strip figcaption b").all_inner_texts()


def sizes(page: Page) -> list[str]:
    return re.findall(r"\d+ × \d+", " ".join(page.locator(".pipeline-strip figcaption").all_inner_texts()))


def guesses(page: Page) -> list[str]:
    return page.locator(".guesses li").all_inner_texts()


def slide(page: Page, name: str, value: float) -> None:
    page.get_by_role("slider", name=name, exact=True).fill(str(value))


def link(page: Page) -> str:
    return page.locator("#pipeline-again input").input_value()


def test_the_first_sight_is_filled_and_asks_for_nothing(page: Page, app_url: str):
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "fn_index" in (request.post_data or ""):
            asked.append(str(request.post_data))

    page.on("request", note)
    page.goto(f"{app_url}?tab=see&way=preprocess")
    expect(page.locator("#weights :is(p, li)").first).to_be_attached()

    assert captions(page) == ["The photo", "1. Crop", "2. Rotate", "3. Scale", "4. Greyscale"]
    expect(page.locator(".guesses li")).to_have_count(5)
    expect(page.locator("#pipeline-answer")).to_be_in_viewport()
    assert len({json.loads(body)["fn_index"] for body in asked}) == 1  # the line about the weights


def test_a_step_moves_by_keyboard_and_switches_off(pipeline: Page):
    before = sizes(pipeline)
    up = pipeline.get_by_role("button", name="Move Scale up")
    up.focus()
    pipeline.keyboard.press("Enter")

    expect(pipeline.locator(".pipeline-strip b").nth(2)).to_have_text("2. Scale")
    assert captions(pipeline) == ["The photo", "1. Crop", "2. Scale", "3. Rotate", "4. Greyscale"]
    assert sizes(pipeline)[0] == before[0]
    assert sizes(pipeline) != before
    expect(up).to_be_focused()
    expect(pipeline.locator(".pipeline .note[role=status]")).to_have_text("Scale is now step 2 of 6.")

    pipeline.get_by_role("checkbox", name="Greyscale").uncheck()
    pipeline.get_by_role("checkbox", name="Crop").uncheck()
    expect(pipeline.locator(".pipeline-strip b").nth(1)).to_have_text("1. Scale")
    assert captions(pipeline) == ["The photo", "1. Scale", "2. Rotate"]

    pipeline.get_by_role("button", name="As at first").click()
    expect(pipeline.locator(".pipeline-strip b").nth(4)).to_have_text("4. Greyscale")
    assert sizes(pipeline) == before


def test_the_guesses_follow_a_slider_and_the_newest_setting_wins(pipeline: Page):
    before = guesses(pipeline)
    for degrees in (40, 80, 120, 150, -170, 180):  # far quicker than the answers come
        slide(pipeline, "Angle", degrees)

    turned = pipeline.locator(".pipeline-strip figcaption", has_text="2. Rotate")
    expect(turned).to_contain_text("677 × 460")  # upside down, the size of the crop
    assert guesses(pipeline) != before
    expect(pipeline.locator(".pipeline .spoken")).to_contain_text("The classifier says:")

    pipeline.locator(".pipeline-step", has_text="Light").get_by_role("checkbox").check()
    slide(pipeline, "Light: brightness", 0.2)
    expect(pipeline.locator(".pipeline-strip b").last).to_have_text("5. Light")


def test_the_answer_stays_in_sight_while_the_last_slider_moves(pipeline: Page):
    pipeline.get_by_role("slider", name="Size", exact=True).scroll_into_view_if_needed()

    expect(pipeline.locator(".guesses")).to_be_in_viewport(ratio=1)


def test_a_link_brings_the_steps_back_and_the_file_says_how_it_was_made(pipeline: Page, app_url: str, tmp_path: Path):
    pipeline.get_by_role("button", name="European honey bee").click()
    pipeline.get_by_role("checkbox", name="Crop").uncheck()
    pipeline.get_by_role("button", name="Move Scale up").click()
    slide(pipeline, "Angle", 90)
    expect(pipeline.locator(".pipeline-strip figcaption").nth(2)).to_contain_text("304 × 384")

    address = link(pipeline)
    assert parse_qs(urlparse(address).query)["steps"] == ["scale:50;rotate:90;greyscale"]
    with pipeline.expect_download() as download:
        pipeline.get_by_role("button", name="Download PNG").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "preprocessed.png"
    with pipeline.expect_download():  # and once more, unchanged
        pipeline.get_by_role("button", name="Download PNG").click()
    assert provenance.settings(file) == {
        "photo": "bee",
        "steps": [{"scale": 0.5}, {"rotate": 90.0}, {"greyscale": True}],
    }

    expected, script = Image.open(file), pipeline.locator("#pipeline-again pre").text_content() or ""
    assert f'urlretrieve("{app_url}/samples/photos/bee.jpg")' in script
    (tmp_path / "run").mkdir()
    namespace: dict[str, object] = {}
    exec(script.replace('"preprocessed.png"', repr(str(tmp_path / "run" / "again.png"))), namespace)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "run" / "again.png")), np.asarray(expected))

    pipeline.goto(address)
    expect(pipeline.locator(".pipeline-strip b").nth(1)).to_have_text("1. Scale")
    expect(pipeline.get_by_role("button", name="European honey bee")).to_have_attribute("aria-pressed", "true")
    assert captions(pipeline) == ["The photo", "1. Scale", "2. Rotate", "3. Greyscale"]
    assert link(pipeline) == address


@DESK
@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("rotate:999", "rotate takes numbers from -180 to 180"),
        ("crop:1", "crop needs 4 numbers"),
        ("explode", "there is no step “explode”"),
        ("greyscale;greyscale", "a step is in it twice"),
    ],
)
def test_a_link_that_makes_no_sense_changes_nothing_and_says_why(page: Page, app_url: str, steps: str, reason: str):
    page.goto(f"{app_url}?tab=see&way=preprocess&steps={steps}")

    expect(page.locator(".pipeline .note[role=status]")).to_have_text(f"The link was not used: {reason}.")
    assert captions(page) == ["The photo", "1. Crop", "2. Rotate", "3. Scale", "4. Greyscale"]


def test_an_own_photo_takes_the_place_of_the_sample_and_stays_out_of_the_link(pipeline: Page):
    content = io.BytesIO()
    Image.open(samples.photos()[0].path).resize((400, 600)).save(content, "JPEG")
    pipeline.get_by_role("button", name="Your photo").first.click()
    with pipeline.expect_file_chooser() as chooser:
        pipeline.locator("#pipeline-own button.upload-container, #pipeline-own .wrap").first.click()
    chooser.value.set_files({"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()})

    expect(pipeline.locator(".pipeline-strip figcaption").first).to_contain_text("400 × 600")
    assert "photo=" not in link(pipeline)
    assert 'read("photo.jpg", 768)' in (pipeline.locator("#pipeline-again pre").text_content() or "")

    pipeline.get_by_role("checkbox", name="Remove the background").check()
    expect(pipeline.locator(".pipeline-strip b").nth(4)).to_have_text("4. Remove the background")
    pipeline.get_by_role("button", name="Fig in a red bowl").click()
    expect(pipeline.locator(".pipeline-strip figcaption").first).to_contain_text("768 × 519")
    assert "photo=fig" in link(pipeline)


def test_what_a_finger_touches_is_large_enough(pipeline: Page):
    small = pipeline.evaluate("""() => [...document.querySelectorAll(
        '.pipeline button, .pipeline label, .pipeline-photos button, .pipeline-row button, #pipeline-again summary')]
      .filter((target) => target.checkVisibility())
      .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
      .filter(([, box]) => box.height < 44 || box.width < 44).map(([name]) => name)""")

    assert small == []
