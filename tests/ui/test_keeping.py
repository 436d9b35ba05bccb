"""The old picture stays until the new one is there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.widths import DESK

pytestmark = DESK
# Whether, in any frame, a picture was missing or hidden under a cover. A browser shows the old one of an element until
# the new one is decoded.
WATCH = """selector => {
  window.blanks = [];
  const look = () => {
    const pictures = [...document.querySelectorAll(`${selector} img`)];
    const cover = document.querySelector(`${selector} [data-testid=status-tracker]`);
    const hidden = cover && !cover.classList.contains("hide") && getComputedStyle(cover).opacity > 0.9
      && !/rgba\\(.*, 0\\)|transparent/.test(getComputedStyle(cover).backgroundColor);
    const known = (window.known ??= pictures);
    if (!pictures.length || pictures.some((picture) => picture.offsetHeight < 50)) window.blanks.push("no picture");
    if (pictures.some((picture) => !known.includes(picture))) window.blanks.push("another element");
    if (hidden) window.blanks.push("covered");
    requestAnimationFrame(look);
  };
  look();
}"""


ALL_THERE = """selector => {
  const pictures = [...document.querySelectorAll(`${selector} img`)];
  return pictures.length > 0 && pictures.every((picture) => picture.complete && picture.naturalWidth);
}"""


def watch(page: Page, selector: str) -> None:
    page.wait_for_function(ALL_THERE, arg=selector)
    page.evaluate(WATCH, selector)


def source(page: Page, selector: str) -> str:
    return page.locator(f"{selector} img").last.get_attribute("src") or ""


def test_the_restyled_picture_stays_until_the_next_is_there(home: Page):
    home.locator("#wall [data-painting=irises]").click()
    expect(home.locator("#style-query :is(input, textarea)")).to_have_value(re.compile("painting=irises"))
    expect(home.locator("#restyled > .at-once")).to_have_count(0)
    before = source(home, "#restyled")
    watch(home, "#restyled")

    home.locator("#paintings").get_by_role("button", name="Mada Primavesi").click()

    expect(home.locator("#restyled img").last).not_to_have_attribute("src", before)
    home.locator("#restyled img").last.evaluate("picture => picture.decode()")
    assert home.evaluate("[...new Set(blanks)]") == []


@pytest.mark.parametrize("selector", ["#samples", "#held-sample"])
def test_the_samples_stay_until_the_next_are_there(home: Page, selector: str):
    home.get_by_role("tab", name="Generate").click()
    expect(home.locator("#neighbours img")).to_have_count(7)
    before = source(home, selector)
    watch(home, selector)

    home.get_by_role("button", name="Roll").click()

    expect(home.locator(f"{selector} img")).not_to_have_attribute("src", before)
    home.locator(f"{selector} img").last.evaluate("picture => picture.decode()")
    assert home.evaluate("[...new Set(blanks)]") == []
