"""Real or fake?: there at first sight, and answering about a file of the visitor's own."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from assets import samples
from media import attacks, images, provenance
from media.attacks import PictureFile
from tests.support.widths import DESK


@pytest.fixture
def fakes(page: Page, app_url: str) -> Page:
    page.goto(f"{app_url}/?tab=see&way=fakes")
    expect(page.locator("#break-table tbody tr")).to_have_count(9)
    return page


def cell(page: Page, ordeal: str, layer: str):
    return page.locator(f'#break-table [data-ordeal={ordeal}] [data-layer="{layer}"]')


def verdict(page: Page, layer: str):
    return page.locator(f'#check-result [data-layer="{layer}"]')


def ours() -> bytes:
    photo = images.read(samples.photos()[2].path, max_side=512)
    return provenance.png(photo, {"strength": 1})


def test_the_first_sight_is_filled_and_the_pictures_load(fakes: Page):
    expect(cell(fakes, "jpeg", "watermark")).to_contain_text("found")
    expect(cell(fakes, "jpeg", "signature")).to_contain_text("lost")
    expect(cell(fakes, "relabel", "note")).to_contain_text("a lie")
    expect(cell(fakes, "crop", "watermark")).to_contain_text("lost")
    expect(verdict(fakes, "signature")).to_contain_text("signed by this demo, not by a recognised issuer")
    expect(fakes.locator("#detect-recorded")).to_contain_text("Wrong: by people")
    last = fakes.locator("#break-table img").last
    last.scroll_into_view_if_needed()
    expect(last).to_have_js_property("complete", True)
    assert last.evaluate("(picture) => picture.naturalWidth") > 0
    expect(fakes.locator("#fakes-quiz a.quiz")).to_have_count(6)
    heights = fakes.locator(".fakes :is(a.quiz, a.quiz-results, button, summary)").evaluate_all(
        "parts => parts.map((part) => part.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_a_visitor_sees_what_is_left_of_the_own_picture(fakes: Page, tmp_path: Path):
    Image.effect_noise((200, 220), 60).convert("RGB").save(tmp_path / "small.png")
    fakes.locator("input[type=file]:has(+ #break-own)").set_input_files(tmp_path / "small.png")
    expect(fakes.locator("#break-table caption")).to_contain_text("carries no invisible mark")
    expect(cell(fakes, "download", "signature")).to_contain_text("valid")
    expect(cell(fakes, "restyle", "note")).to_contain_text("lost")


def test_a_forged_file_does_not_match_and_a_photo_proves_nothing(fakes: Page, tmp_path: Path):
    fakes.get_by_role("button", name="A photo without a note").click()
    expect(fakes.locator("#check-result")).to_contain_text("proves neither")
    forged = attacks.relabelled(PictureFile(ours()))
    (tmp_path / "holiday.png").write_bytes(forged.content)

    fakes.locator("input[type=file]:has(+ #check-own)").set_input_files(tmp_path / "holiday.png")

    expect(fakes.locator("#check-result h3")).to_have_text("holiday.png")
    expect(verdict(fakes, "signature")).to_contain_text("The signature does not match")
    expect(verdict(fakes, "note")).to_contain_text("by a camera")
    expect(verdict(fakes, "watermark")).to_contain_text("Found")


@DESK
def test_a_file_that_is_no_picture_is_refused_in_one_sentence(fakes: Page, tmp_path: Path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    fakes.locator("input[type=file]:has(+ #check-own)").set_input_files(tmp_path / "broken.png")
    expect(fakes.locator(".toast-body")).to_contain_text("Send a JPEG, PNG, HEIC")
