"""One choice of a picture costs one restyle."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlparse

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect

from tests.support.app_server import PATIENCE_S
from tests.support.widths import DESK

pytestmark = DESK
FOLLOW_A_PHOTO = ("automatic", "preview", "lay_under", "cost")
QUIET_MS = 4_000  # a restyle at this size takes under a second, and a page in a loop never stays quiet for so long


class Requests:
    """Counts the calls that a page makes, by the name of the handler."""

    def __init__(self, page: Page, url: str) -> None:
        config = httpx.get(f"{url}/config", timeout=PATIENCE_S).json()
        self.names = {dependency["id"]: dependency["api_name"] for dependency in config["dependencies"]}
        self.page = page
        self.counted: Counter[str] = Counter()
        page.on("request", self._count)

    def _count(self, request: Request) -> None:
        if urlparse(request.url).path.endswith("/queue/join"):
            self.counted[self.names[json.loads(request.post_data or "{}")["fn_index"]]] += 1

    def after(self, expected: int, handlers: Sequence[str] = ("automatic",)) -> Counter[str]:
        """Wait for as many calls of each handler, and then until the page is quiet; return all the calls."""
        for _ in range(300):
            if all(self.counted[name] >= expected for name in handlers):
                break
            self.page.wait_for_timeout(100)
        for _ in range(10):
            before = self.counted.total()
            self.page.wait_for_timeout(QUIET_MS)
            if self.counted.total() == before:
                break
        calls, self.counted = self.counted, Counter()
        return calls


@pytest.fixture
def requests(page: Page, app_url: str) -> Requests:
    requests = Requests(page, app_url)
    page.goto(app_url)
    page.locator("#wall [data-painting=wheat-field]").click()
    expect(page.locator("#restyled img").last).to_be_visible(timeout=240_000)  # the first loads the network
    requests.after(1)
    return requests


@pytest.mark.parametrize("tab", ["style", "gan", "just-look"])
def test_the_first_sight_asks_for_nothing_but_the_weights(page: Page, app_url: str, tab: str):
    requests = Requests(page, app_url)
    page.goto(f"{app_url}/?tab={tab}")

    assert requests.after(1, ("sources",)) == {"sources": 1}


def upload(page: Page, path: Path, size: tuple[int, int]) -> None:
    Image.effect_noise(size, 80).convert("RGB").save(path)
    page.locator("#photo").get_by_role("button", name="Remove Image").click()
    page.locator("#photo input[type=file]").set_input_files(path)


@pytest.mark.parametrize("size", [(300, 500), (3000, 2000)], ids=["small", "phone"])
def test_an_upload_restyles_once(page: Page, requests: Requests, tmp_path: Path, size: tuple[int, int]):
    upload(page, tmp_path / "photo.jpg", size)

    calls = requests.after(1, FOLLOW_A_PHOTO)

    assert {name: calls[name] for name in FOLLOW_A_PHOTO} == dict.fromkeys(FOLLOW_A_PHOTO, 1)


def test_a_photo_that_browsers_cannot_show_is_shown_and_restyled_once(page: Page, requests: Requests, tmp_path: Path):
    upload(page, tmp_path / "photo.tiff", (300, 500))

    assert requests.after(1)["automatic"] == 1
    copy = page.locator("#photo img")
    assert copy.evaluate("async (picture) => { await picture.decode(); return picture.naturalHeight; }") == 500


def test_another_sample_restyles_once(page: Page, requests: Requests):
    page.get_by_role("button", name="Irises").click()
    assert requests.after(1)["automatic"] == 1

    page.get_by_role("button", name="Two dogs at a window").click()
    assert requests.after(1)["automatic"] == 1


def test_a_removed_photo_asks_for_nothing_until_the_next_is_there(page: Page, requests: Requests):
    page.locator("#photo").get_by_role("button", name="Remove Image").click()
    assert requests.after(0)["automatic"] == 0

    page.get_by_role("button", name="Two dogs at a window").click()
    assert requests.after(1)["automatic"] == 1


def test_a_painting_taken_out_of_the_mixture_restyles_once(page: Page, requests: Requests):
    page.locator("#more-paintings > button").click()
    page.locator("#mix-in button.thumbnail-item").first.click()
    assert requests.after(1)["automatic"] == 1

    page.locator("#painting-2").get_by_role("button", name="Remove Image").click()

    assert requests.after(1)["automatic"] == 1


def test_a_tap_on_the_wall_restyles_once(page: Page, requests: Requests):
    page.locator("#back-to-wall").click()

    page.locator("#wall [data-painting=irises]").click()

    assert requests.after(1)["automatic"] == 1


def test_an_own_photo_on_the_wall_restyles_once(page: Page, requests: Requests, tmp_path: Path):
    page.locator("#back-to-wall").click()
    Image.effect_noise((300, 500), 80).convert("RGB").save(tmp_path / "photo.jpg")

    with page.expect_file_chooser() as chooser:
        page.locator("#own-photo").click()
    chooser.value.set_files(tmp_path / "photo.jpg")

    calls = requests.after(1, ("fill",))
    assert (calls["automatic"], calls["fill"]) == (0, 1)  # the large picture is out of sight

    page.locator("#wall [data-painting=wheat-field]").click()
    assert requests.after(1)["automatic"] == 1
