"""Exploring the latent space: from point to point and back, pins, sums, and a drawing that becomes a point."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def explorer(page: Page, app_url: str) -> Locator:
    """The section, opened by a link that names a point."""
    page.goto(f"{app_url}?tab=gan&section=explore&point=42:3")
    expect(page.locator("#point-place")).to_contain_text("Point 42:3", timeout=240_000)
    return page.locator("#explore")


def press(section: Locator, name: str) -> None:
    section.get_by_role("button", name=name, exact=True).click()


def go(section: Locator, text: str) -> None:
    field = section.locator("#point-text :is(input, textarea)")
    field.fill(text)
    field.press("Enter")
    expect(section.locator("#point-place")).to_contain_text(f"Point {text}")


def test_points_are_undone_pinned_mixed_and_walked_between(explorer: Locator):
    place = explorer.locator("#point-place")
    press(explorer, "Pin as A")
    expect(explorer.locator("#pins img")).to_have_count(1)
    go(explorer, "42:1")
    press(explorer, "Pin as B")
    expect(explorer.locator("#pins img")).to_have_count(2)
    go(explorer, "7:2")
    press(explorer, "Undo")
    expect(place).to_contain_text("Point 42:1")
    press(explorer, "Redo")
    expect(place).to_contain_text("Point 7:2")
    press(explorer, "Pin as C")
    expect(explorer.locator("#pins img")).to_have_count(3)

    press(explorer, "From A to B")
    expect(explorer.locator("#way-lerp img")).to_have_count(9)
    expect(explorer.locator("#way-slerp img")).to_have_count(9)
    press(explorer, "A − B + C")
    expect(explorer.locator("#point-text :is(input, textarea)")).to_have_value("42:3 - 42:1 + 7:2")

    press(explorer, "Reset")
    expect(place).to_contain_text("Point 42:3")


def test_a_drawing_becomes_a_point(explorer: Locator, page: Page):
    canvas = explorer.locator(".draw-pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 140, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 240, steps=4)
    page.mouse.up()
    press(explorer, "Search")

    expect(explorer.locator("#projection")).to_contain_text("Done. Root mean square error")
    expect(explorer.locator("#projection .again input")).to_have_value(re.compile("point=z%3A.*&section=explore"))
    expect(explorer.locator("#point-text :is(input, textarea)")).to_have_value(re.compile(r"z:[\w-]{128}"))
    expect(explorer.get_by_role("button", name="Stop", exact=True)).to_be_disabled()


def test_what_is_no_point_is_answered_with_a_sentence(explorer: Locator, page: Page):
    field = explorer.locator("#point-text :is(input, textarea)")
    field.fill("a seven")
    field.press("Enter")

    expect(page.locator(".toast-body")).to_contain_text("A point is written seed:sample, such as 42:1")
    expect(explorer.locator("#point-place")).to_contain_text("Point 42:3")
