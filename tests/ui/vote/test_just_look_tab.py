"""Voting, as a visitor does it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.rating import go_on, panel, picture, ready, rows
from tests.support.widths import DESK


@pytest.fixture
def tab(home: Page) -> Page:
    home.get_by_role("tab", name="Vote").click()
    expect(home.locator("#ballot img")).to_have_count(2)
    ready(home)
    expect(home.locator("#ranking")).not_to_be_empty()
    return home


def expect_votes(page: Page, count: int) -> None:
    """The ranking follows: it is not reckoned anew for each vote, and seldom by a machine that is busy."""
    expect(page.locator("#ranking .note")).to_contain_text(re.compile(rf"^{count:,} votes?, skips"), timeout=120_000)


@pytest.fixture
def counted(tab: Page, app_folder: Path) -> int:
    """How many votes the first study has: the ranking on the page may lack the newest."""
    study = panel(tab).get_attribute("data-study")
    query = "SELECT count(DISTINCT ballots.id) FROM votes JOIN ballots ON ballots.id = ballot_id WHERE study = ?"
    return rows(app_folder, f"{query} AND choice != 'skip'", study)[0][0]


@DESK
@pytest.mark.parametrize(
    ("key", "answer"),
    [("1", "You chose the left one."), ("2", "You chose the right one."), ("0", "You called it a tie.")],
)
def test_a_vote_by_keyboard_reveals_the_arms_and_brings_the_next_pair(tab: Page, counted: int, key: str, answer: str):
    before = picture(tab)

    tab.keyboard.press(key)

    expect(tab.locator("#reveal")).to_contain_text(answer)
    expect(tab.locator("#reveal")).to_contain_text(re.compile(r"Left: .+Right: .+"))
    assert picture(tab) == before  # the names lie on the pictures that were judged
    expect(tab.locator("#ballot figcaption")).to_have_count(2)
    expect(tab.locator("#ballot .chosen")).to_have_count(0 if key == "0" else 1)
    tab.keyboard.press("Enter")  # the focus is on Next
    expect(tab.locator("#ballot img").first).not_to_have_attribute("src", before)
    expect(tab.locator("#ballot figcaption")).to_have_count(0)
    expect_votes(tab, counted + 1)


@DESK
def test_a_skip_is_no_vote(tab: Page, counted: int):
    before = picture(tab)
    tab.keyboard.press("s")
    expect(tab.locator("#ballot img").first).not_to_have_attribute("src", before)
    ready(tab)
    tab.keyboard.press("1")

    expect_votes(tab, counted + 1)


@DESK
def test_a_double_click_counts_once(tab: Page, counted: int):
    tab.get_by_role("button", name="Left").dblclick()
    expect(tab.locator("#reveal")).to_contain_text("You chose the left one.")
    go_on(tab)
    tab.keyboard.press("1")

    expect_votes(tab, counted + 2)


@DESK
@pytest.mark.parametrize("size", [(1366, 768), (1280, 720), (360, 740)])
def test_the_answers_and_then_the_reveal_are_in_view_without_scrolling(tab: Page, size: tuple[int, int]):
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    tab.evaluate("scrollTo(0, 0)")
    expect(tab.get_by_role("button", name="Right")).to_be_in_viewport(ratio=1)

    tab.keyboard.press("2")

    for part in (tab.locator("#reveal p"), tab.get_by_role("button", name="Next pair")):
        expect(part).to_be_in_viewport(ratio=1)
    for name in tab.locator("#ballot figcaption").all():
        expect(name).to_be_in_viewport(ratio=1)
    assert tab.evaluate("scrollY") == 0


@DESK
def test_the_next_pair_comes_by_itself_where_the_visitor_wants_that(tab: Page):
    before = picture(tab)
    tab.keyboard.press("1")
    tab.get_by_label("Go on by itself").check()
    expect(tab.locator("#ballot img").first).not_to_have_attribute("src", before)
    ready(tab)

    tab.reload()
    tab.get_by_role("tab", name="Vote").click()
    ready(tab)
    before = picture(tab)
    tab.keyboard.press("1")

    expect(tab.get_by_label("Go on by itself")).to_be_checked()
    expect(tab.locator("#ballot img").first).not_to_have_attribute("src", before)


@DESK
def test_an_explanation_opens_and_closes_by_keyboard(tab: Page):
    tab.get_by_role("button", name="About: Ranking so far").focus()

    tab.keyboard.press("Enter")
    expect(tab.locator("#about-ranking-so-far")).to_be_visible()
    tab.keyboard.press("Escape")

    expect(tab.locator("#about-ranking-so-far")).to_be_hidden()
    expect(tab.get_by_role("button", name="About: Ranking so far")).to_be_focused()


def test_a_reload_shows_the_same_pair(tab: Page):
    before = picture(tab)

    tab.reload()
    tab.get_by_role("tab", name="Vote").click()

    expect(tab.locator("#ballot img").first).to_have_attribute("src", before)


@DESK
def test_a_reason_can_be_typed_without_voting(tab: Page):
    before = picture(tab)

    tab.get_by_text("Say why").click()
    tab.get_by_label("Why, in your words (optional)").press_sequentially("1 and 2")

    assert picture(tab) == before
    tab.get_by_role("button", name="Right").click()
    expect(tab.locator("#reveal")).to_contain_text("You chose the right one.")


def test_another_study_can_be_picked(tab: Page):
    tab.get_by_role("combobox", name="Compare").select_option(label="Two of a kind")
    ready(tab)

    tab.keyboard.press("1")

    expect(tab.locator("#reveal")).to_contain_text(re.compile("After (500|20,000) steps"))


def test_left_and_right_are_alike_in_size_place_and_colour(tab: Page):
    tab.mouse.move(0, 0)
    looks = [
        tab.get_by_role("button", name=side).evaluate(
            """button => { const box = button.getBoundingClientRect(), style = getComputedStyle(button);
                return [box.width, box.height, box.top, style.color, style.backgroundColor, style.fontWeight]; }"""
        )
        for side in ("Left", "Right")
    ]
    left, right = (
        tab.locator("#ballot figure")
        .nth(side)
        .evaluate("one => { const b = one.getBoundingClientRect(); return [b.width, b.height, b.top]; }")
        for side in (0, 1)
    )
    assert looks[0] == looks[1]
    assert left == right


@DESK
def test_the_visitors_own_ranking_stands_beside_everybodys(tab: Page):
    tab.keyboard.press("1")

    expect(tab.locator("#ranking")).to_contain_text("the order by your own 1 vote", timeout=120_000)
    expect(tab.get_by_role("columnheader", name="Yours")).to_be_visible()
    expect(tab.locator("#ranking .own").filter(has_text=re.compile(r"^\d+$"))).to_have_count(2)


@DESK
@pytest.mark.parametrize(("key", "code"), [("&", "Digit1"), ("١", "Digit1"), ("1", "Numpad1")])
def test_keys_count_by_their_place_where_the_keyboard_writes_something_else(tab: Page, key: str, code: str):
    tab.evaluate(
        "([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }))",
        [key, code],
    )

    expect(tab.locator("#reveal")).to_contain_text("You chose the left one.")
