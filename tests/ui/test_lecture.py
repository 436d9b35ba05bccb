"""The lecture's page, and every link on it: the app opens in the state that the step promises."""

from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from lecture.path import LectureStep, lecture
from tests.support.widths import DESK

STEPS = lecture().steps


def test_the_page_leads_through_the_lecture(page: Page, app_url: str):
    page.goto(app_url)
    page.get_by_role("link", name="The lecture").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("The lecture, step by step")
    expect(page.get_by_role("heading", level=2)).to_have_text([step.slide for step in STEPS])
    links = page.locator("li a.button")
    expect(links).to_have_count(len(STEPS))
    for box in [links.nth(place).bounding_box() for place in (0, len(STEPS) - 1)]:
        assert box is not None
        assert box["height"] >= 44
    links.nth(6).scroll_into_view_if_needed()
    expect(page.locator("#gan img")).to_have_js_property("complete", True)
    assert page.locator("#gan img").evaluate("image => image.naturalWidth") > 0


@DESK
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_link_opens_the_app_in_that_state(step: LectureStep, page: Page, app_url: str):
    query = parse_qs(urlparse(step.open).query)
    page.goto(f"{app_url}/lecture")

    page.locator(f"#{step.name} a.button").click()

    expect(page.locator(step.shows).first).to_be_visible()
    if "seed" in query:
        expect(page.locator("#seed input[type=number]")).to_have_value(query["seed"][0])
    if "tab" in query:
        tab = page.locator(f"[role=tab][data-tab-id={query['tab'][0]}]").first
        expect(tab).to_have_attribute("aria-selected", "true")
