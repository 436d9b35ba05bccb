"""Voting, as a visitor does it."""

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def tab(page: Page) -> Page:
    page.get_by_role("tab", name="Just look").click()
    expect(page.locator("#ballot img")).to_have_count(2)
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-ballot", "ready")


def left_picture(page: Page) -> str:
    return page.locator("#ballot img").first.get_attribute("src")


def votes(page: Page) -> int:
    found = re.search(r"([\d,]+) votes?, skips", page.locator("#ranking").inner_text())
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize(
    ("key", "answer"),
    [("1", "You chose the left one."), ("2", "You chose the right one."), ("0", "You called it a tie.")],
)
def test_a_vote_by_keyboard_reveals_the_arms_and_brings_the_next_pair(tab: Page, key: str, answer: str):
    before, counted = left_picture(tab), votes(tab)

    tab.keyboard.press(key)

    expect(tab.locator("#reveal")).to_contain_text(answer)
    expect(tab.locator("#reveal")).to_contain_text(re.compile(r"Left: .+Right: .+"))
    expect(tab.locator("#ballot img").first).not_to_have_attribute("src", before)
    assert votes(tab) == counted + 1


def test_a_skip_is_no_vote(tab: Page):
    counted = votes(tab)

    tab.keyboard.press("s")

    expect(tab.locator("#reveal")).to_contain_text("You skipped this pair.")
    assert votes(tab) == counted


def test_a_double_click_counts_once(tab: Page):
    counted = votes(tab)

    tab.get_by_role("button", name="Left", exact=True).dblclick()
    expect(tab.locator("#reveal")).to_contain_text("You chose the left one.")
    ready(tab)

    assert votes(tab) == counted + 1


def test_a_reload_shows_the_same_pair(tab: Page):
    before = left_picture(tab)

    tab.reload()
    tab.get_by_role("tab", name="Just look").click()

    expect(tab.locator("#ballot img").first).to_have_attribute("src", before)


def test_nothing_about_the_arms_is_on_the_page_before_the_vote(tab: Page):
    ballot = tab.locator("#ballot").inner_html()

    assert "steps" not in ballot
    assert not re.search(r"real|generator|mnist", re.sub(r"base64,[^\"]+", "", ballot), re.IGNORECASE)
    sizes = tab.locator("#ballot img").evaluate_all("all => all.map(one => one.src.length)")
    assert sizes[0] == sizes[1]
