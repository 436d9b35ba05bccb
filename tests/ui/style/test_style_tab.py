"""Restyling, as a visitor does it."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.widths import DESK


@pytest.fixture(autouse=True)
def _the_large_view_is_open(home: Page):
    home.locator("#wall [data-painting=wheat-field]").click()


def restyled(page: Page):
    return page.locator("#restyled img").last


def source_after(page: Page, old: str) -> str:
    expect(restyled(page)).not_to_have_attribute("src", old)
    return restyled(page).get_attribute("src")


def test_a_restyled_picture_is_there_after_one_tap_on_the_wall(page: Page):
    expect(restyled(page)).to_be_visible()
    expect(page.locator("#download")).to_have_text(re.compile(r"Download \d+ × \d+"))
    width = restyled(page).evaluate("picture => picture.decode().then(() => picture.naturalWidth)")
    assert page.locator("#download").inner_text().startswith(f"Download {width} × ")
    assert 384 <= width <= 1024  # as large as is quick here


@DESK
def test_a_photo_of_a_phone_comes_back_in_a_size_that_is_named_and_in_full_on_one_tap(page: Page, tmp_path: Path):
    Image.effect_noise((1512, 2016), 60).convert("RGB").save(tmp_path / "phone.jpg")
    page.locator("#photo").get_by_role("button", name="Remove Image").click()
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "phone.jpg")
    full = page.get_by_role("button", name="Full size: 1,512 × 2,016")
    expect(full).to_be_visible()

    full.click()

    expect(page.locator("#download")).to_have_text("Download 1,512 × 2,016", timeout=120_000)
    expect(full).to_be_hidden()
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "restyled.png")
    with Image.open(tmp_path / "restyled.png") as picture:
        assert picture.size == (1512, 2016)


@DESK
def test_a_size_above_the_pictures_own_says_so(page: Page):
    expect(page.locator("#described")).to_contain_text("Drag the line")  # what arrives moves no list under the pointer
    page.locator("#side input").click()
    page.get_by_role("option", name="2,048 px").click()
    expect(page.locator("#described")).to_contain_text("Press Restyle to begin")
    page.get_by_role("button", name="Restyle", exact=True).click()
    expect(page.locator("#described")).to_contain_text("The photo has only 1,280 × 960 pixels")
    expect(page.locator("#download")).to_have_text("Download 1,280 × 960")


def test_a_click_on_another_photo_and_painting_restyles(page: Page):
    expect(restyled(page)).to_be_visible()
    first = restyled(page).get_attribute("src")

    page.get_by_role("button", name="Two dogs at a window").click()
    second = source_after(page, first)
    page.get_by_role("button", name="Irises").click()
    third = source_after(page, second)

    assert len({first, second, third}) == 3


@DESK
def test_the_strength_slider_moves_by_keyboard(page: Page):
    expect(restyled(page)).to_be_visible()
    first = restyled(page).get_attribute("src")

    page.locator("#strength input[type=range]").focus()
    page.keyboard.press("Home")

    source_after(page, first)


def test_an_uploaded_portrait_is_shown_whole(page: Page, tmp_path: Path):
    expect(restyled(page)).to_be_visible()
    first = restyled(page).get_attribute("src")
    Image.linear_gradient("L").resize((300, 500)).convert("RGB").save(tmp_path / "portrait.png")

    page.locator("#photo").get_by_role("button", name="Remove Image").click()
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "portrait.png")
    source_after(page, first)

    layout = restyled(page).evaluate(
        """picture => picture.decode().then(() => {
            const box = picture.getBoundingClientRect();
            const natural = picture.naturalWidth / picture.naturalHeight;
            return [natural, box.width / box.height, getComputedStyle(picture).objectFit];
        })"""
    )
    natural, on_page, fitting = layout
    assert natural == pytest.approx(0.6, abs=0.01)
    assert fitting == "contain" or on_page == pytest.approx(natural, rel=0.02)


@DESK
def test_a_file_that_is_no_picture_gets_one_clear_sentence(page: Page, tmp_path: Path):
    expect(restyled(page)).to_be_visible()
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture at all")

    page.locator("#photo").get_by_role("button", name="Remove Image").click()
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "torn.jpg")

    message = page.get_by_text("The file is not a picture that can be read").filter(visible=True)
    expect(message.first).to_be_visible()
    expect(page.locator(".toast-message-item").nth(1)).to_be_attached()  # another section refused it too
    expect(message).to_have_count(1)
    page.get_by_role("button", name="Two dogs at a window").click()
    expect(restyled(page)).to_be_visible()


@DESK
def test_the_result_can_be_downloaded_as_png(page: Page, tmp_path: Path):
    expect(restyled(page)).to_be_visible()
    expect(page.locator("#download")).to_be_enabled()
    with page.expect_download() as download:
        page.locator("#download").click()

    download.value.save_as(tmp_path / "result.png")
    assert Image.open(tmp_path / "result.png").format == "PNG"
