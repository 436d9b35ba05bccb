"""Painting slowly, looking inside, many at once, and links, as a visitor does it."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from media import provenance
from tests.support.widths import DESK

AT_LEAST_TWO = re.compile(r"^([2-9]|\d\d+)$")


@pytest.fixture(autouse=True)
def _first_picture_is_there(home: Page):
    home.locator("#wall [data-painting=wheat-field]").click()
    expect(home.locator("#restyled img").last).to_be_visible()


def open_section(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def set_number(page: Page, control: str, value: int) -> None:
    field = page.locator(f"{control} input[type=number]")
    field.fill(str(value))
    field.press("Tab")


@DESK
def test_a_painting_is_stopped_keeps_its_picture_and_goes_on(page: Page, tmp_path: Path):
    open_section(page, "Paint slowly")
    page.locator("#paint-side input").click()
    page.get_by_role("option", name="192 px").click()
    set_number(page, "#steps", 300)

    page.locator("#paint").click()
    expect(page.locator("#canvas progress")).to_have_attribute("value", AT_LEAST_TWO)
    page.locator("#stop-painting").click()

    expect(page.locator("#canvas .compare")).to_be_visible()
    status = page.get_by_text("Stopped after")
    expect(status).to_be_visible()
    done = int(re.search(r"after (\d+) of 300 steps", status.inner_text())[1])
    with page.expect_download() as download:
        page.locator("#download-painting").click()
    download.value.save_as(tmp_path / "painted.png")
    assert provenance.source_type(tmp_path / "painted.png") == provenance.COMPOSITE

    set_number(page, "#steps", done + 4)
    page.locator("#continue-painting").click()
    expect(page.get_by_text(f"{done + 4} steps in")).to_be_visible()
    expect(page.locator("#canvas .compare")).to_be_visible()
    assert page.locator("#loss-curve polyline").count() == 3


@DESK
def test_the_line_between_photo_and_painting_moves_by_keyboard(page: Page):
    open_section(page, "Paint slowly")
    page.locator("#paint-side input").click()
    page.get_by_role("option", name="192 px").click()
    set_number(page, "#steps", 1)
    page.locator("#paint").click()
    line = page.get_by_role("slider", name="Move the line between the photograph")
    line.focus()
    page.keyboard.press("Home")
    assert page.locator(".compare").evaluate("board => board.style.getPropertyValue('--cut')") == "0%"


def test_looking_inside_shows_matrices_and_maps_unasked(page: Page):
    open_section(page, "Inside")
    expect(page.locator("#grams figure")).to_have_count(6)
    expect(page.locator("#feature-maps figure").first).to_be_visible()
    assert all(page.locator("#grams img").evaluate_all("pictures => pictures.map((picture) => picture.alt)"))


@DESK
def test_a_layer_is_separated_out(page: Page):
    open_section(page, "Inside")
    set_number(page, "#separate-steps", 2)
    page.locator("#separate").click()
    expect(page.locator("#separated")).to_contain_text("Step 2 of 2")


def test_a_photo_comes_in_every_painting_on_one_sheet(page: Page, tmp_path: Path):
    open_section(page, "Many")
    page.locator("#batch-side input").click()
    page.get_by_role("option", name="128 px").click()
    page.locator("#start-sheet").click()
    expect(page.locator("#download-sheet")).to_be_enabled()
    with page.expect_download() as download:
        page.locator("#download-sheet").click()
    download.value.save_as(tmp_path / "sheet.png")
    assert Image.open(tmp_path / "sheet.png").width > 3 * 128


@DESK
def test_a_link_restores_the_settings(page: Page):
    page.locator("#treatment > button").click()
    page.get_by_label("The photo’s: only light and shade are painted").check()
    page.locator("#share > button").click()
    link = page.locator("#settings-link input, #settings-link textarea")
    expect(link).to_have_value(re.compile("colours=luminance"))
    address = link.input_value()
    assert parse_qs(urlparse(address).query)["tab"] == ["style"]

    page.goto(address)
    page.locator("#treatment > button").click()
    expect(page.get_by_label("The photo’s: only light and shade are painted")).to_be_checked()


@DESK
def test_a_large_size_is_announced_and_waits(page: Page, tmp_path: Path):
    Image.linear_gradient("L").resize((2000, 1500)).convert("RGB").save(tmp_path / "large.png")
    page.locator("#photo").get_by_role("button", name="Remove Image").click()
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "large.png")
    page.locator("#side input").click()
    page.get_by_role("option", name="The photo’s own size").click()
    expect(page.locator("#described")).to_contain_text("GB of memory. Press Restyle to begin.")
    expect(page.locator("#begin-restyle")).to_be_visible()


@DESK
def test_a_painter_who_leaves_lets_the_others_work(page: Page, app_url: str):
    painter = page.context.new_page()
    painter.goto(app_url)
    painter.locator("#wall [data-painting=wheat-field]").click()
    open_section(painter, "Paint slowly")
    set_number(painter, "#steps", 1000)
    painter.locator("#paint").click()
    expect(painter.locator("#canvas progress")).to_be_visible()
    restyled = page.locator("#restyled img").last
    before = restyled.get_attribute("src")

    painter.close()
    page.locator("#strength input[type=range]").focus()
    page.keyboard.press("Home")

    expect(restyled).not_to_have_attribute("src", before or "")


@DESK
def test_a_painting_in_the_queue_can_be_stopped(page: Page, app_url: str, browser: Browser):
    painter = browser.new_page()
    painter.goto(f"{app_url}/?tab=style&way=paint&paint.steps=1000&paint.side=192")
    painter.locator("#paint").click()
    expect(painter.locator("#canvas progress")).to_be_visible()
    open_section(page, "Paint slowly")

    page.locator("#paint").click()
    expect(page.locator("#stop-painting")).to_be_enabled()
    page.locator("#stop-painting").click()

    expect(page.locator("#stop-painting")).to_be_disabled()
    expect(page.locator("#paint")).to_be_enabled()
    expect(page.locator(".toast-body")).to_have_count(0)
    painter.locator("#stop-painting").click()
    expect(painter.get_by_text("Stopped after")).to_be_visible()
    painter.close()
    expect(page.locator("#canvas progress")).to_have_count(0)  # the stopped one never began
    set_number(page, "#steps", 1)
    page.locator("#paint").click()
    expect(page.get_by_text("1 step in")).to_be_visible()
