"""The wall: what a visitor of the page sees first."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from assets import samples
from tests.support.widths import DESK

SIZES = {320: 640, 360: 740, 390: 844, 768: 1024, 1280: 860}
MOST_SHIFT = 0.05  # of the page's layout, cumulative: what web.dev calls good is 0.1
OBSERVE = """window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
# The picture of the cell, and what covers the large view just after the tap.
TAP_ON_IRISES = """() => {
  const cell = document.querySelector("#wall [data-painting=irises]");
  cell.click();
  return [cell.firstChild.src, document.querySelector("#restyled > .at-once")?.style.backgroundImage];
}"""


def cell(page: Page, painting: str):
    return page.locator(f"#wall [data-painting={painting}]")


def test_the_wall_shows_the_photo_in_every_painting_before_anything_is_clicked(home: Page):
    names = {painting.name for painting in samples.paintings()}
    expect(home.locator("#wall img")).to_have_count(1 + len(names))

    cells = home.locator("#wall button").evaluate_all(
        "cells => cells.map((cell) => [cell.dataset.painting, cell.firstChild.naturalWidth, cell.firstChild.alt])"
    )

    assert {name for name, _, _ in cells} == names
    assert all(width > 0 and "in the style of" in alt for _, width, alt in cells)


def test_a_tap_makes_a_picture_large_and_the_wall_is_one_tap_away(home: Page):
    cell(home, "irises").click()
    expect(home.locator("#restyled")).to_be_visible()
    expect(home.locator("#wall")).to_be_hidden()

    home.locator("#back-to-wall").click()

    expect(cell(home, "irises")).to_be_focused()
    expect(home.locator("#restyled")).to_be_hidden()


@DESK
def test_the_stored_picture_stands_in_until_the_restyled_one_is_there(home: Page):
    expect(home.locator("#restyled")).to_be_attached()

    stored, large = home.evaluate(TAP_ON_IRISES)

    assert large == f'url("{stored}")'
    expect(home.locator("#restyled > .at-once")).to_have_count(0)


@DESK
def test_another_photo_in_the_same_painting_is_not_shown_as_the_photo_before(home: Page):
    cell(home, "irises").click()
    expect(home.locator("#restyled img").last).to_be_visible()
    home.locator("#back-to-wall").click()
    home.locator("#wall-photos").get_by_role("button", name="Two dogs at a window").click()
    expect(cell(home, "irises").locator("img")).to_have_attribute("alt", re.compile("^Two dogs at a window"))

    stored, large = home.evaluate(TAP_ON_IRISES)

    assert large == f'url("{stored}")'
    expect(home.locator("#restyled > .at-once")).to_have_count(0)


@DESK
def test_a_tap_on_what_was_chosen_in_the_large_view_is_not_covered_for_long(home: Page):
    cell(home, "irises").click()
    home.locator("#paintings").get_by_role("button", name="Mada Primavesi").click()
    expect(home.locator("#style-query :is(input, textarea)")).to_have_value(re.compile("painting=mada-primavesi"))
    expect(home.locator("#restyled img").last).to_be_visible()
    home.locator("#back-to-wall").click()

    cell(home, "mada-primavesi").click()

    expect(home.locator("#restyled > .at-once")).to_have_count(0)


def test_another_sample_photo_fills_the_wall_from_the_store(home: Page):
    home.locator("#wall-photos").get_by_role("button", name="Two dogs at a window").click()

    expect(home.locator("#wall img[alt^='Two dogs at a window in the style of']")).to_have_count(
        len(samples.paintings())
    )
    expect(home.locator("#wall-photos [aria-pressed=true] img")).to_have_attribute("alt", "Two dogs at a window")


@DESK
def test_an_own_photo_fills_the_wall_cell_by_cell(home: Page, tmp_path: Path):
    expect(home.locator("#wall img")).to_have_count(1 + len(samples.paintings()))
    Image.effect_noise((300, 200), 80).convert("RGB").save(tmp_path / "photo.jpg")

    with home.expect_file_chooser() as chooser:
        home.locator("#own-photo").click()
    chooser.value.set_files(tmp_path / "photo.jpg")

    expect(home.locator("#wall img[alt^='Your photo in the style of']")).to_have_count(len(samples.paintings()))
    expect(home.locator("#wall .waiting")).to_have_count(0)


@DESK
def test_a_surprise_makes_one_of_the_pictures_large(home: Page):
    expect(cell(home, "irises")).to_be_visible()

    home.locator("#surprise").click()

    expect(home.locator("#restyled")).to_be_visible()


@pytest.mark.parametrize("width", SIZES)
def test_every_tab_is_in_sight_and_nothing_moves_while_the_page_loads(browser: Browser, app_url: str, width: int):
    context = browser.new_context(viewport={"width": width, "height": SIZES[width]})
    page = context.new_page()
    page.add_init_script(OBSERVE)

    page.goto(app_url)
    expect(cell(page, "irises")).to_be_visible()
    expect(page.locator("#weights :is(p, li)").first).to_be_attached()  # the last part of the page to come

    for name in ("Paint", "Generate", "Vote"):
        tab = page.get_by_role("tab", name=name, exact=True)
        expect(tab).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("shift") <= MOST_SHIFT
    context.close()


def test_the_result_stays_in_sight_above_the_paintings_on_a_phone(browser: Browser, app_url: str):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(app_url)
    cell(page, "irises").click()
    expect(page.locator("#restyled img").last).to_be_visible()

    page.locator("#network").scroll_into_view_if_needed()

    result = page.locator("#restyled").bounding_box()
    assert result is not None
    assert result["height"] <= 740 / 2
    expect(page.locator("#restyled")).to_be_in_viewport(ratio=1)
    context.close()
