"""The section Applications of See: filled at first sight, then by a sample and an upload; boxes, classes, threshold."""

import re
from pathlib import Path

from playwright.sync_api import Page, Request, expect

from tests.support.folders import ROOT
from tests.support.widths import DESK

ASTRONAUT = ROOT / "assets/photos/astronaut.jpg"


def test_three_answers_about_ones_own_picture(page: Page, app_url: str):
    asked: list[str] = []

    def note(request: Request) -> None:
        if "queue/join" in request.url:
            asked.append(request.post_data or "")

    page.goto(f"{app_url}/?tab=see&way=applications")
    cards = page.locator(".applications .card")
    expect(cards).to_have_count(3)
    expect(page.locator(".guesses button").first).to_contain_text("spaniel")
    expect(page.locator(".things li:visible")).to_have_count(2)
    expect(page.locator(".box:visible")).to_have_count(2)
    expect(page.locator("#weights :is(p, li)").first).to_be_attached()  # what the page asks for at its start
    page.on("request", note)

    # all of this happens in the browser
    page.locator(".things li:visible button").first.click()
    expect(page.locator(".box[aria-pressed=true]")).to_have_count(1)
    page.locator(".threshold input").fill("5")
    expect(page.locator(".threshold output")).to_have_text("5 %")
    assert page.locator(".box:visible").count() > 2
    second = page.locator(".guesses button").nth(1)
    second.click()
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".heat:visible")).to_have_attribute("data-heat", "1")
    page.get_by_role("button", name="Subject", exact=True).click()
    expect(page.get_by_text(re.compile("The subject covers"))).to_be_visible()
    expect(page.get_by_role("img", name="The picture, darkened around its subject")).to_be_visible()
    assert asked == []
    small = page.eval_on_selector_all(
        ".applications button:not(.box):not([hidden])",
        "all => all.filter((b) => b.checkVisibility() && b.offsetHeight < 44).length",
    )
    assert small == 0

    # an upload is looked at; the threshold stays
    upload(page, ASTRONAUT)
    expect(page.locator(".things li:visible").first).to_contain_text("person")
    expect(page.locator(".threshold output")).to_have_text("5 %")
    expect(page.locator(".applications")).to_contain_text(re.compile(r"EfficientNet-Lite0: [\d,]+ ms"))


@DESK
def test_a_broken_upload_gets_one_sentence_and_a_sample_follows(page: Page, app_url: str, tmp_path: Path):
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(ASTRONAUT.read_bytes()[:3000])
    page.goto(f"{app_url}/?tab=see&way=applications")

    upload(page, torn)

    expect(page.get_by_text("damaged or cut off")).to_be_visible()
    page.locator("#see-photos .thumbnail-item").nth(2).click()
    expect(page.locator(".guesses button").first).to_contain_text(re.compile("cat|tabby"))


def upload(page: Page, path: Path) -> None:
    """Put a file in the place of the picture that is there."""
    page.locator("#see-photo").get_by_role("button", name="Remove Image").click()
    page.locator("#see-photo input[type=file]").set_input_files(path)


def test_a_photo_from_the_camera_is_looked_at(page: Page, app_url: str):
    page.context.grant_permissions(["camera"])
    page.goto(f"{app_url}/?tab=see&way=applications")
    photo, times = page.locator("#see-photo"), re.compile(r"EfficientNet-Lite0: [\d,]+ ms")
    expect(page.locator(".applications")).not_to_contain_text(times)  # a stored answer has none

    photo.get_by_role("button", name="Remove Image").click()
    photo.get_by_role("button", name="Capture from camera").click()
    photo.get_by_role("button", name="Click to Access Webcam").click()
    page.wait_for_function("document.querySelector('#see-photo video')?.readyState >= 2")  # it has a picture
    photo.get_by_role("button", name="capture photo").click()

    expect(page.locator(".applications")).to_contain_text(times)
