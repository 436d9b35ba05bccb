"""Run a session of your own: the form, the link and the QR code, as a teacher uses them."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.app_server import OWNER_TOKEN
from tests.support.rating import ready
from tests.support.widths import DESK


@pytest.fixture
def tab(home: Page) -> Page:
    home.get_by_role("tab", name="Vote").click()
    ready(home)
    return home


def fill(page: Page | Locator, title: str) -> None:
    page.get_by_label("Title, which everybody sees first").fill(title)
    first, second = page.locator("[name=source]").all()
    first.select_option(label="Real digits (MNIST)")
    second.select_option(value="mnist-dcgan@500")


def test_the_link_and_its_code_lead_others_to_the_study(tab: Page, app_url: str, tmp_path: Path):
    tab.get_by_text("Vote together: link and QR code").click()

    link = tab.get_by_label("Link for everybody who takes part")
    expect(link).to_have_value(f"{app_url}/?study=digits-by-training-step")
    expect(tab.get_by_role("img", name="QR code of the link")).to_be_visible()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download the QR code").click()
    assert download.value.suggested_filename == "digits-by-training-step-qr.svg"
    tab.get_by_role("link", name="Results", exact=True).click()
    expect(tab.get_by_role("heading", name="Digits by training step")).to_be_visible()


def test_the_form_writes_a_study_file(tab: Page, tmp_path: Path):
    tab.get_by_text("Run a session of your own").click()
    tab.get_by_role("button", name="Write the study").click()
    expect(tab.locator("form.compose [data-part=said]")).to_contain_text("needs letters or digits")

    fill(tab, "Handwriting, class 9b")
    tab.get_by_role("button", name="Write the study").click()

    expect(tab.get_by_label("The study file")).to_contain_text('model = "mnist-dcgan"')
    expect(tab.get_by_role("button", name="Start it in this app")).to_be_hidden()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download the file").click()
    assert download.value.suggested_filename == "handwriting-class-9b.toml"


@DESK
def test_an_owner_starts_the_study_and_gets_its_link(page: Page, app_url: str):
    page.goto(f"{app_url}/?results=")
    page.get_by_label("Owner’s token").fill(OWNER_TOKEN)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("button", name="Close").first).to_be_in_viewport(ratio=1)
    table = page.get_by_role("group", name="Studies")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")  # no column is cut off

    place = page.locator(".only-results")  # the hidden voting panel has a form of its own
    fill(place, "A class of its own")
    place.get_by_role("button", name="Write the study").click()
    place.get_by_role("button", name="Start it in this app").click()

    link = place.get_by_label("Link for everybody who takes part")
    expect(link).to_have_value(f"{app_url}/?study=a-class-of-its-own")
    page.goto(link.input_value())
    ready(page)
    page.keyboard.press("1")
    accent = "rgb(194, 65, 12)"  # of the theme's primary buttons: a more specific rule once made them grey here
    expect(page.get_by_role("button", name="Next pair")).to_have_css("background-color", accent)
