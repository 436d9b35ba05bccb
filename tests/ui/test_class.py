"""A lesson in real browsers: a teacher with a big screen, and two phones, of which one is away for a while."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.app_server import OWNER_TOKEN

Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """A function that opens a page in a browser of its own; an exception or sideways scroll fails the test."""
    pages: list[Page] = []
    complaints: list[str] = []

    def open_page(width: int, height: int, *, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        pages.append(page)
        return page

    yield open_page
    assert complaints == []
    for page in pages:
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.context.close()


class Lesson:
    def __init__(self, opened: Open, url: str) -> None:
        self.teacher = opened(1280, 720)
        self.teacher.goto(f"{url}/teach")
        self.teacher.get_by_label("Owner's token").fill(OWNER_TOKEN)
        self.teacher.get_by_role("button", name="Open a room").click()
        expect(self.teacher.locator("#code")).not_to_be_empty()
        self.code = self.teacher.locator("#code").inner_text().replace(" ", "")
        with self.teacher.expect_popup() as popup:
            self.teacher.get_by_role("link", name="Open the big screen").click()
        self.screen = popup.value
        expect(self.screen.get_by_alt_text("QR code")).to_be_visible()

    def go(self, view: str) -> None:
        self.teacher.locator("#jump").select_option(view)


@pytest.fixture
def lesson(opened: Open, app_url: str) -> Lesson:
    return Lesson(opened, app_url)


def answer(phone: Page, label: str) -> None:
    phone.locator(".options label").get_by_text(label, exact=True).click()
    phone.get_by_role("button", name="Send my answer").click()


def test_two_phones_follow_answer_and_see_the_truth(lesson: Lesson, opened: Open, app_url: str):
    first, second = opened(360, 740), opened(360, 740, dark=True)
    first.goto(f"{app_url}/c/{lesson.code}")
    second.goto(f"{app_url}/class")
    second.get_by_label("Code").fill("ZZZZZZ")
    second.get_by_role("button", name="Join").click()
    expect(second.get_by_role("alert")).to_contain_text("No class has this code")
    second.get_by_label("Code").fill(lesson.code.lower())
    second.get_by_role("button", name="Join").click()
    for phone in (first, second):
        expect(phone.get_by_role("heading", name="You are in")).to_be_visible()
    expect(lesson.screen.locator("#phones")).to_have_text("2 phones")

    # The screen's keyboard steers; the phones follow, and nothing of the answer is there.
    lesson.screen.bring_to_front()
    lesson.screen.keyboard.press("PageDown")
    expect(first.get_by_role("heading", name="Preprocessing")).to_be_visible()
    lesson.screen.keyboard.press("ArrowLeft")
    expect(second.get_by_role("heading", name="You are in")).to_be_visible()
    lesson.go("gan:question")
    expect(first.locator("figure img")).to_have_count(4)
    for page in (first, lesson.screen):
        assert "drawn by the generator" not in page.content().split("<main")[1].replace(
            "was drawn by the generator", ""
        )

    # One answers; the other is out of reach, answers all the same, and reloads before it is back.
    answer(first, "2")
    expect(first.get_by_text("Your answer counts")).to_be_visible()
    expect(lesson.screen.locator("#answers")).to_have_text("1 answer")
    second.context.set_offline(True)
    answer(second, "3")
    expect(second.get_by_text("Your answer is kept here")).to_be_visible()
    second.context.set_offline(False)
    second.reload()
    expect(second.get_by_text("Your answer counts")).to_be_visible()
    expect(second.get_by_role("button", name="Send my answer")).to_be_hidden()
    expect(lesson.screen.locator("#answers")).to_have_text("2 answers")
    expect(lesson.screen.locator(".bars li").nth(1)).to_contain_text("1 · 50 %")

    # The truth comes when the teacher goes on; a phone that joins late sees it too.
    lesson.teacher.bring_to_front()
    lesson.teacher.get_by_role("button", name="Forward").click()
    late = opened(360, 740)
    late.goto(f"{app_url}/c/{lesson.code}")
    for page in (first, second, late, lesson.screen):
        expect(page.locator("figure.right figcaption")).to_contain_text("drawn by the generator")
    expect(late.get_by_text("You did not answer this one.")).to_be_visible()
    expect(first.locator(".verdict")).to_contain_text("2")
    assert lesson.screen.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0


def test_a_number_is_guessed_and_the_answers_can_be_kept(lesson: Lesson, opened: Open, app_url: str):
    phone = opened(360, 740)
    phone.goto(f"{app_url}/c/{lesson.code}")
    lesson.go("real-or-fake:question")
    for box in phone.locator(".options label").all():
        assert (box.bounding_box() or {"height": 0})["height"] >= 44
    phone.get_by_label("7", exact=True).focus()
    phone.keyboard.press("Space")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Your answer counts")).to_be_visible()
    lesson.screen.bring_to_front()
    lesson.screen.keyboard.press("b")
    expect(lesson.screen.get_by_text("The answers stay hidden")).to_be_visible()
    lesson.screen.keyboard.press("ArrowRight")
    expect(lesson.screen.locator(".marks .real").first).to_be_visible()

    phone.get_by_text("What is stored").click()
    phone.get_by_role("button", name="Delete my answers").click()
    expect(phone.get_by_text("Deleted: 1")).to_be_visible()
    lesson.teacher.reload()  # the room is still this browser's
    expect(lesson.teacher.locator("#slide")).to_have_text("How good are your eyes?")
    lesson.teacher.get_by_text("Answers and end").click()
    with lesson.teacher.expect_download() as download:
        lesson.teacher.get_by_role("button", name="Download the answers").click()
    assert download.value.suggested_filename == f"class-{lesson.code}.csv"
    lesson.teacher.on("dialog", lambda dialog: dialog.accept())
    lesson.teacher.get_by_role("button", name="Close the room").click()
    for page in (phone, lesson.screen):
        expect(page.get_by_role("heading", name="The lesson is over")).to_be_visible()

    # A key on the screen is refused now, which is no lost connection.
    lesson.screen.bring_to_front()
    with lesson.screen.expect_response("**/teach/move") as refused:
        lesson.screen.keyboard.press("ArrowRight")
    refused.value.finished()
    assert refused.value.status == 404
    lesson.screen.wait_for_timeout(100)
    expect(lesson.screen.locator("#lost")).to_be_hidden()
    assert phone.evaluate("Object.keys(localStorage)") == ["just-look-class-rater"]
