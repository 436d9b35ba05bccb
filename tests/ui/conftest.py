"""A real browser on the real app."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.support.app_server import running_app
from tests.support.widths import WIDTHS

expect.set_options(timeout=120_000)  # a loaded machine is slow, not broken


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test that fails runs once more, for two loaded cores can stop a browser for longer than it waits.

    The closing lines name each test that needed it: one that is named twice in a week has a fault to be looked for.
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """The system's Chromium: Playwright's own is not needed."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "no Chromium: run `make browser`"
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # a test picture for a webcam
    return {"executable_path": executable, "args": [*quiet, *camera]}


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="session")
def app_url(app_folder: Path) -> Iterator[str]:
    with running_app(app_folder) as url:
        yield url


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, app_url: str) -> Iterator[Page]:
    """An empty page, watched: a console error, a foreign request or sideways scroll fails the test."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(120_000)
    complaints: list[str] = []
    host = urlparse(app_url).netloc
    leaving = False  # a page that is being left breaks off its open requests, which Gradio's client calls errors

    def on_request(sent: Request) -> None:
        nonlocal leaving
        leaving |= sent.is_navigation_request()
        if urlparse(sent.url).netloc not in ("", host):
            complaints.append(sent.url)

    def on_load(_: Page) -> None:
        nonlocal leaving
        leaving = False

    page.on("request", on_request)
    page.on("load", on_load)

    def on_console(message: ConsoleMessage) -> None:
        # Gradio's client may tell of the requests of a page that was left when the new one is up already.
        broken_off = (
            leaving or message.text.startswith("AbortError: signal is aborted") or "errored out" in message.text
        )
        # After a photo from the camera it closes a stream that nobody opened, which Gradio itself answers with 404.
        unopened = re.search(r"/gradio_api/stream/\w+/close$", message.location["url"])
        if message.type == "error" and not broken_off and not unopened:
            complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: None if leaving or "AbortError" in str(error) else complaints.append(str(error)))
    yield page
    if request.node.get_closest_marker("expects_broken_requests"):
        # the browser's words for it, and Gradio's own when it happens to ask
        broken = ("net::ERR_", "with a status of 503", "Failed to fetch")
        complaints = [complaint for complaint in complaints if not any(word in complaint for word in broken)]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()


@pytest.fixture
def home(page: Page, app_url: str) -> Page:
    """The page with the whole app open, all tabs of it: the slowest way to begin a test."""
    page.goto(app_url)
    return page
