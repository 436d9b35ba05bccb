"""A session belongs to its browser and to the rater's own link, and keys are read by letter and by place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.rating import SESSION, answer, begin, picture, progress, ready
from tests.support.widths import DESK

STORAGE_DENIED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied'); } });"


def link(url: str, participant: str) -> str:
    return f"{url}/?study={SESSION}&PROLIFIC_PID={participant}&STUDY_ID=s1&SESSION_ID=t1"


@pytest.fixture
def elsewhere(browser: Browser) -> Iterator[Page]:
    """Another browser."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@DESK
def test_the_platforms_link_opens_nothing_in_another_browser_and_the_own_link_goes_on_there(
    page: Page, app_url: str, elsewhere: Page
):
    page.goto(link(app_url, "changes-the-device"))
    page.locator("summary", has_text="Continue on another device").click()
    at_start = page.get_by_role("textbox", name="My link").input_value()
    begin(page)
    answer(page)
    ready(page)
    place = progress(page)
    page.get_by_role("button", name="My link").click()
    dialog = page.get_by_role("dialog", name="My link")
    own = dialog.get_by_role("textbox", name="My link").input_value()
    dialog.get_by_role("button", name="Close").click()
    assert own == at_start

    elsewhere.goto(link(app_url, "changes-the-device"))
    expect(elsewhere.get_by_role("heading", name="This link opens no session here")).to_be_visible()
    expect(elsewhere.locator("[data-part=page]")).to_contain_text(
        "A session with your id has begun in another browser."
    )

    sent = []
    elsewhere.on("request", lambda request: sent.append(request.url + str(request.headers)))
    elsewhere.goto("about:blank")
    elsewhere.goto(own)
    ready(elsewhere)
    assert progress(elsewhere) == place
    assert "#" not in elsewhere.url, "the secret leaves the address bar"
    secret = own.partition("#key=")[2]
    assert len(secret) >= 22
    assert not [request for request in sent if secret in request], "it is in no address that a server sees"
    elsewhere.reload()
    ready(elsewhere)
    assert progress(elsewhere) == place


def test_the_own_link_fits_its_place(page: Page, app_url: str):
    page.goto(link(app_url, f"looks-at-{page.viewport_size['width']}"))
    page.locator("summary", has_text="Continue on another device").click()
    box = page.get_by_role("textbox", name="My link").bounding_box()
    button = page.get_by_role("button", name="Copy my link").bounding_box()
    assert min(box["height"], button["height"]) >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]

    page.get_by_role("button", name="Copy my link").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()


@DESK
def test_a_browser_that_stores_nothing_goes_on_after_a_reload(page: Page, app_url: str):
    page.add_init_script(STORAGE_DENIED)
    page.goto(link(app_url, "in-a-frame"))
    begin(page)
    answer(page)
    ready(page)
    before, place = picture(page), progress(page)

    page.reload()

    ready(page)
    assert (picture(page), progress(page)) == (before, place)


@DESK
@pytest.mark.expects_broken_requests
def test_a_first_reply_that_was_lost_locks_nobody_out(page: Page, app_url: str):
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())  # the session has begun, and the page never hears of it
        return route.abort()

    page.route("**/rating_open", lose)
    page.goto(link(app_url, "lost-at-first"))

    expect(page.get_by_role("heading", name="Handwriting")).to_be_visible()


PRESSES = [
    ("&", "Digit1", "French, unshifted", "left"),
    ("à", "Digit0", "French, unshifted", "tie"),
    ("1", "Digit1", "French, with Shift", "left"),
    ("٢", "Digit2", "Arabic", "right"),
    ("۰", "", "Persian, on a screen", "tie"),
    ("и", "KeyB", "Russian", "both_bad"),
    ("ى", "KeyB", "Arabic letters", "both_bad"),
    ("b", "KeyN", "Dvorak", "both_bad"),
    ("s", "KeyO", "another Latin one", "skip"),
    ("x", "KeyB", "Dvorak: x where a QWERTY has b", None),
    ("!", "Digit1", "Shift and 1", None),
]


@DESK
@pytest.mark.expects_broken_requests
def test_keys_count_by_their_letter_and_by_their_place(page: Page, app_url: str):
    page.goto(link(app_url, "writes-in-letters-of-all-kinds"))
    begin(page)
    page.route("**/rating_answer", lambda route: route.abort())  # what is pressed counts here, not what is stored
    page.evaluate(
        """() => {
          window.chosen = [];
          document.querySelector(".rating").addEventListener("click", (event) => {
            const button = event.target.closest("[data-choice]");
            if (!button) return;
            window.chosen.push(button.dataset.choice);
            event.stopImmediatePropagation();
          }, true);
        }"""
    )
    for key, code, keyboard, expected in PRESSES:
        page.evaluate(
            "([key, code, shiftKey]) => document.body.dispatchEvent("
            "new KeyboardEvent('keydown', { key, code, shiftKey, bubbles: true, cancelable: true }))",
            [key, code, key == "!" or "with Shift" in keyboard],
        )
        assert page.evaluate("window.chosen.splice(0)") == ([expected] if expected else []), keyboard
