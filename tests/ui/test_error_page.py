"""An address that there is not, opened in a browser: a page in the app's colours that leads on, on a phone too."""

import pytest
from playwright.sync_api import Browser, expect


@pytest.mark.parametrize(
    ("scheme", "paper", "ink"),
    [("light", "rgb(250, 248, 244)", "rgb(28, 25, 23)"), ("dark", "rgb(21, 20, 19)", "rgb(245, 245, 244)")],
)
def test_an_unknown_address_is_a_page_that_leads_on(browser: Browser, app_url: str, scheme: str, paper: str, ink: str):
    context = browser.new_context(viewport={"width": 360, "height": 640}, color_scheme=scheme)
    page = context.new_page()

    answer = page.goto(f"{app_url}/a/very-long-address-that-leads-nowhere-and-has-no-place-to-break-it")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading")).to_have_text("Nothing is here")
    expect(page.locator("body")).to_have_css("background-color", paper)
    expect(page.locator("body")).to_have_css("color", ink)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    link = page.get_by_role("link", name="To the first page")
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 44, "a thumb finds it"
    link.click()
    expect(page.get_by_role("heading", name="Just Look", exact=True)).to_be_visible(timeout=120_000)
    context.close()
