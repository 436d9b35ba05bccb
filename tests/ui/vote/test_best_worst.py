"""The best and the worst of four pictures: by mouse, by keys, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.rating import picture, ready
from tests.support.widths import DESK


@pytest.fixture
def four(page: Page, app_url: str) -> Page:
    page.goto(f"{app_url}/?study=digits-best-of-four")
    expect(page.locator("#ballot img")).to_have_count(4)
    ready(page)
    return page


def test_a_choice_of_both_is_an_answer_and_reveals_four_names(four: Page):
    before = picture(four)
    content = re.sub(r"data:image[^\"]+", "", four.locator("[data-part=board]").inner_html())
    assert not re.search("steps|DCGAN|Real digits", content)

    four.get_by_role("button", name="Picture 3 is the worst").click()
    four.get_by_role("button", name="Picture 3 is the best").click()  # takes the place of the worst
    expect(four.get_by_role("button", name="Picture 3 is the worst")).to_have_attribute("aria-pressed", "false")
    four.get_by_role("button", name="Picture 1 is the worst").click()

    expect(four.locator("#reveal")).to_contain_text("You chose picture 3 as the best and picture 1 as the worst.")
    expect(four.locator("#ballot figcaption")).to_have_count(4)
    expect(four.get_by_role("button", name="Next four")).to_be_in_viewport(ratio=1)
    four.keyboard.press("Enter")
    expect(four.locator("#ballot img").first).not_to_have_attribute("src", before)
    ready(four)


def test_buttons_are_large_enough_for_a_finger_and_alike(four: Page):
    boxes = [button.bounding_box() for button in four.locator(".best-worst button").all()]
    assert len(boxes) == 8
    assert min(box["height"] for box in boxes) >= 44
    assert min(box["width"] for box in boxes) >= 44
    assert max(box["width"] for box in boxes) - min(box["width"] for box in boxes) < 1
    overflowing = "buttons => buttons.filter(button => button.scrollWidth > button.clientWidth).length"
    assert four.locator(".best-worst button").evaluate_all(overflowing) == 0


@DESK
def test_two_keys_choose_the_best_and_then_the_worst(four: Page):
    four.keyboard.press("2")
    expect(four.get_by_role("button", name="Picture 2 is the best")).to_have_attribute("aria-pressed", "true")
    four.keyboard.press("4")

    expect(four.locator("#reveal")).to_contain_text("You chose picture 2 as the best and picture 4 as the worst.")


@DESK
def test_a_skip_is_possible(four: Page):
    before = picture(four)
    four.keyboard.press("s")
    expect(four.locator("#ballot img").first).not_to_have_attribute("src", before)
    expect(four.locator("#ballot figcaption")).to_have_count(0)  # what judges nothing reveals nothing
