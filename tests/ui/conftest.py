"""A real browser on the real app."""

import shutil
from collections.abc import Iterator
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.app_server import running_app

WIDTHS = {"desktop": (1280, 860), "phone": (390, 844)}
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """The system's Chromium: Playwright's own is not needed."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "no Chromium: run `make browser`"
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
    return {"executable_path": executable, "args": quiet}


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app")) as url:
        yield url


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, app_url: str) -> Iterator[Page]:
    """The page, open and watched: a console error, a foreign request or sideways scroll fails the test."""
    width, height = WIDTHS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    # a reload aborts Gradio's open stream, which its client reports as an AbortError of its own
    host = urlparse(app_url).netloc
    page.on("console", on_console)
    page.on("pageerror", lambda error: None if "AbortError" in str(error) else complaints.append(str(error)))
    page.on("request", lambda r: None if urlparse(r.url).netloc in ("", host) else complaints.append(r.url))
    page.goto(app_url)
    yield page
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()
