"""The styles that the page's files state are those that a visitor sees."""

import itertools

from playwright.sync_api import Page, expect

from tests.support.widths import DESK

ACCENT = "rgb(194, 65, 12)"


@DESK
def test_the_main_button_of_a_session_has_the_accent(page: Page, app_url: str):
    page.goto(f"{app_url}/?study=session-of-pairs&PROLIFIC_PID=colours&STUDY_ID=s1&SESSION_ID=t1")

    agree = page.get_by_role("button", name="I agree, take part")

    expect(agree).to_have_css("background-color", ACCENT)
    expect(agree).to_have_css("color", "rgb(255, 255, 255)")
    expect(page.get_by_role("button", name="I do not agree")).not_to_have_css("background-color", ACCENT)


@DESK
def test_a_bar_of_progress_has_the_accent(home: Page):
    expect(home.locator("#wall [data-painting=irises]")).to_be_visible()
    home.evaluate("document.querySelector('#wall-view').innerHTML = '<progress max=2 value=1></progress>'")
    bar = home.locator("#wall-view progress")
    expect(bar).to_have_css("appearance", "none")
    assert bar.evaluate("bar => getComputedStyle(bar).getPropertyValue('--color-accent').trim()") == "#c2410c"


@DESK
def test_the_seed_shows_where_the_keyboard_is(home: Page):
    home.get_by_role("tab", name="Generate").click()
    seed = home.locator("#seed input")
    seed.focus()
    expect(seed).to_have_css("outline-style", "solid")
    expect(seed).to_have_css("outline-color", ACCENT)


@DESK
def test_the_line_between_before_and_after_moves_by_keyboard(home: Page):
    home.locator("#wall [data-painting=irises]").click()
    expect(home.locator("#restyled img").last).to_be_visible()
    line = home.get_by_role("slider", name="Line between the photo")
    before = line.bounding_box()
    line.focus()
    home.keyboard.press("ArrowRight")
    home.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuenow", "60")
    after = line.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] > before["x"] + 30


@DESK
def test_captions_of_a_walk_are_whole_and_its_names_stand_above(home: Page):
    home.set_viewport_size({"width": 360, "height": 740})
    home.get_by_role("tab", name="Generate").click()
    home.get_by_role("button", name="Walk through the latent space").click()
    home.get_by_role("button", name="Walk", exact=True).click()
    expect(home.locator("#walk-lerp img")).to_have_count(9)
    cut = "all => all.filter((label) => label.scrollWidth > label.clientWidth + 1 && label.clientWidth).length"
    assert home.locator("#walk .caption-label").evaluate_all(cut) == 0
    boxes = [label.bounding_box() for label in home.locator("#walk-slerp .caption-label").all()[:5]]
    assert all(a["x"] + a["width"] <= b["x"] + 1 for a, b in itertools.pairwise(boxes) if a and b)
    name, first = (
        home.locator("#walk-slerp [data-testid=block-label]").bounding_box(),
        home.locator("#walk-slerp img").first.bounding_box(),
    )
    assert name is not None
    assert first is not None
    assert name["y"] + name["height"] <= first["y"] + 1
