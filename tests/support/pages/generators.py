"""The gallery of generators, as a visitor uses it."""

from playwright.sync_api import Locator, Page


def card(page: Page, name: str) -> Locator:
    """The radio button of a generator's card."""
    return page.locator(f'#generators input[value="{name}"]')


def choose(page: Page, name: str) -> None:
    """Choose a generator by its card."""
    card(page, name).check()
