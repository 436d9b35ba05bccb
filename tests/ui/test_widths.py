"""The page fits phones, tablets and short laptops: nothing sideways, every tab in sight, targets for a finger."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

SIZES = [(320, 640), (360, 740), (390, 844), (768, 1024), (1280, 860), (1366, 768)]
PHONES = [size for size in SIZES if size[0] <= 640]
TARGET = 44  # pixels, of WCAG 2.2's criterion 2.5.5
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
# Text fields take a mouse on wide screens; a box counts with the label that it can be tapped by.
SMALL = """least => [...document.querySelectorAll("button, a[href], select, input:not([type=file]), [role=tab]")]
  .filter((part) => part.checkVisibility({ visibilityProperty: true }) && !part.disabled && part.tabIndex >= 0)
  .filter((part) => innerWidth <= 640 || !part.matches("input:not([type=range], [type=checkbox], [type=radio])"))
  .map((part) => [part, part.matches("[type=checkbox], [type=radio]") ? part.closest("label") ?? part : part])
  .map(([part, target]) => [part, target.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && Math.min(box.width, box.height) < least - 0.5)
  .map(([part, box]) => `${part.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`)"""


@pytest.fixture(params=SIZES, ids=lambda size: str(size[0]))
def sized(request: pytest.FixtureRequest, browser: Browser, app_url: str) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(app_url)
    expect(page.locator("#wall [data-painting=irises]")).to_be_visible()
    yield page
    context.close()


def fits(page: Page) -> None:
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(SMALL, TARGET) == []
    for name in ("Paint", "Generate", "Vote"):
        box = page.get_by_role("tab", name=name, exact=True).bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= page.viewport_size["width"] - box["width"]


def test_paint_and_generate_fit(sized: Page):
    fits(sized)

    sized.locator("#wall [data-painting=irises]").click()
    expect(sized.locator("#download")).to_be_enabled()
    fits(sized)

    sized.get_by_role("tab", name="Paint slowly").click()
    expect(sized.locator("#paint")).to_be_visible()
    fits(sized)

    sized.get_by_role("tab", name="Generate").click()
    expect(sized.locator("#z-4 input[type=range]")).to_be_visible()
    expect(sized.locator("#neighbours img")).to_have_count(7)
    expect(sized.locator(".latent-pad input")).not_to_have_count(0)
    sized.wait_for_function("[...document.querySelectorAll('#samples img')].every((picture) => picture.naturalWidth)")
    fits(sized)


@pytest.mark.parametrize("sized", PHONES, ids=lambda size: str(size[0]), indirect=True)
def test_cause_and_effect_share_the_screen_of_a_phone(sized: Page):
    sized.locator("#wall [data-painting=irises]").click()
    expect(sized.locator("#download")).to_be_enabled()
    sized.locator("#strength").scroll_into_view_if_needed()
    expect(sized.locator("#restyled")).to_be_in_viewport(ratio=1)

    sized.get_by_role("tab", name="Generate").click()
    expect(sized.locator("#z-4 input[type=range]")).to_be_visible()
    sized.locator("#z-4").evaluate("slider => slider.scrollIntoView({ block: 'end' })")
    expect(sized.locator("#held-sample")).to_be_in_viewport(ratio=1)
    held, slider = sized.locator("#held-sample").bounding_box(), sized.locator("#z-4").bounding_box()
    assert held is not None
    assert slider is not None
    assert held["y"] + held["height"] <= slider["y"] + 1


@pytest.mark.parametrize("sized", [(1366, 768)], ids=["1366"], indirect=True)
def test_the_first_pictures_are_in_sight_on_a_short_laptop(sized: Page):
    for cell in sized.locator("#wall .cell").all()[:6]:
        box = cell.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] / 2 <= 768
