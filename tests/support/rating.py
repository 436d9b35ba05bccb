"""The rating panel, as a rater handles it, and the database behind it."""

import re
import sqlite3
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SESSION = "session-of-pairs"


def panel(page: Page) -> Locator:
    return page.locator(".rating[data-study]")


def ready(page: Page) -> None:
    expect(panel(page)).to_have_attribute("data-ballot", "ready")


def picture(page: Page) -> str:
    return page.locator("#ballot img").first.get_attribute("src")


def progress(page: Page) -> str:
    return page.locator("[data-part=progress] span").inner_text()


def begin(page: Page) -> None:
    """Consent, read the instructions, answer the practice trial: the first pair that counts is on the screen."""
    page.get_by_role("button", name="I agree, take part").click()
    page.get_by_role("button", name="Begin").click()
    ready(page)
    page.keyboard.press("1")
    page.get_by_role("button", name="Continue").click()
    ready(page)


def go_on(page: Page) -> None:
    """Leave what the pictures were for the next ones."""
    expect(panel(page)).to_have_attribute("data-ballot", "answered")
    page.locator("#reveal [data-go]").click()
    ready(page)


def answer(page: Page, key: str = "1") -> None:
    """Answer the pair on the screen as its question says, and wait until something else is there."""
    before = picture(page)
    instruction = re.search(r"answer “(\w+)”", page.locator("#question").inner_text())
    page.keyboard.press({"right": "2", "left": "1"}[instruction[1]] if instruction else key)
    expect(page.locator("#ballot img").first).not_to_have_attribute("src", before)


def rows(folder: Path, query: str, *values: str) -> list[tuple]:
    with sqlite3.connect(folder / "votes.sqlite3") as database:
        return database.execute(query, values).fetchall()


def counted(folder: Path, participant: str) -> int:
    """How many ballots of a participant have an answer; fails if one has two."""
    [(rater,)] = rows(folder, "SELECT DISTINCT rater FROM events WHERE details LIKE ?", f"%{participant}%")
    per_ballot = rows(
        folder,
        "SELECT count(*) FROM votes JOIN ballots ON ballots.id = votes.ballot_id WHERE rater = ? GROUP BY ballot_id",
        rater,
    )
    assert all(count == 1 for (count,) in per_ballot)
    return len(per_ballot)
