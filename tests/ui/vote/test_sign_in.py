"""Owners sign in through an OpenID provider, as on a Space they do with Hugging Face."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.app_server import running_app
from tests.support.rating import SESSION
from tests.support.servers.openid_server import running_provider


@pytest.fixture(scope="module")
def space_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app as on a Space with `hf_oauth: true`, whose author is somebody."""
    folder: Path = tmp_path_factory.mktemp("space")
    with (
        running_provider() as provider,
        running_app(folder, environment={**provider.environment(), "SPACE_AUTHOR_NAME": "somebody"}) as url,
    ):
        yield url


@pytest.fixture
def space(browser: Browser, space_url: str) -> Iterator[Page]:
    """The results page of a session that runs, to somebody who is not signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{space_url}/?results={SESSION}")
    expect(page.get_by_text("not public")).to_be_visible()
    yield page
    context.close()


def sign_in(page: Page, name: str) -> Page:
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in with Hugging Face").click()
    there = opened.value
    there.get_by_label("Name").fill(name)
    there.get_by_role("button", name="Allow").click()
    return there


def test_an_owner_who_signs_in_comes_back_to_the_results_they_came_for_and_signs_out(space: Page):
    results = sign_in(space, "nobody-here")  # as the study's file names its owner

    expect(results.get_by_role("heading", name="Handwriting")).to_be_visible()
    expect(results.get_by_text("Signed in as nobody-here")).to_be_visible()
    results.get_by_role("link", name="Sign out").click()
    expect(results.get_by_text("not public")).to_be_visible()
    assert "Okapi" not in results.content()


def test_the_author_of_the_space_sees_all_studies(space: Page, space_url: str):
    owner = sign_in(space, "somebody")
    expect(owner.get_by_role("heading", name="Handwriting")).to_be_visible()
    owner.goto(f"{space_url}/?results=")
    expect(owner.get_by_role("heading", name="Your studies")).to_be_visible()
    expect(owner.get_by_text("Add a study")).to_be_visible()


def test_anybody_else_is_told_who_they_are_and_nothing_more(space: Page):
    stranger = sign_in(space, "somebody-else")
    expect(stranger.get_by_text("somebody-else is not among the owners.")).to_be_visible()
    assert "Okapi" not in stranger.content()


@pytest.fixture
def teacher(browser: Browser, space_url: str) -> Iterator[Page]:
    """The teacher's page, to somebody who is not signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{space_url}/teach")
    yield page
    context.close()


def sign_in_to_teach(page: Page, name: str) -> None:
    page.get_by_role("link", name="Sign in with Hugging Face").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Teach a class")).to_be_visible()
    expect(page.locator("#known")).to_contain_text(name)
    page.get_by_role("button", name="Open a room").click()


def test_a_teacher_who_signs_in_opens_a_room_without_a_token(teacher: Page):
    sign_in_to_teach(teacher, "somebody")
    expect(teacher.locator("#code")).to_have_text(re.compile(r"[A-Z0-9]"))


def test_a_teacher_who_is_no_owner_opens_none(teacher: Page):
    sign_in_to_teach(teacher, "somebody-else")
    expect(teacher.get_by_role("alert")).to_contain_text("sign in as an owner")
    expect(teacher.locator("#room")).to_be_hidden()
