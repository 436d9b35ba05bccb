"""The questions before and after a session, as a participant meets them."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.app_server import OWNER_TOKEN
from tests.support.rating import ready, rows

STUDY = "session-with-questions"


@pytest.fixture
def begun(page: Page, app_url: str, request: pytest.FixtureRequest) -> Page:
    participant = "q" + "".join(letter for letter in request.node.name if letter.isalnum())[-40:]
    page.goto(f"{app_url}/?study={STUDY}&PROLIFIC_PID={participant}&STUDY_ID=s1&SESSION_ID=t1")
    page.get_by_role("button", name="I agree, take part").click()
    expect(page.get_by_role("heading", name="Before you begin")).to_be_visible()
    return page


def fields(page: Page) -> Locator:
    """The questions: the form for a new study, which is hidden here, has labels too."""
    return page.locator("[data-form=questions]")


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Go on").click()


def test_a_session_with_questions_to_its_end_by_keyboard(begun: Page, app_folder: Path):
    fields(begun).get_by_label("never").focus()
    begun.keyboard.press("ArrowDown")
    expect(fields(begun).get_by_label("sometimes")).to_be_checked()
    begun.keyboard.press("Enter")
    begun.get_by_role("button", name="Begin").press("Enter")

    fields(begun).get_by_label("the darker one").check()
    go_on(begun)
    expect(begun.get_by_text("this is your last try")).to_be_visible()
    expect(begun.get_by_text("The colour does not matter.")).to_be_visible()
    fields(begun).get_by_label("the one that a person may have written").check()
    go_on(begun)
    for number in (1, 2):
        expect(begun.locator("[data-part=progress] span")).to_have_text(f"Pair {number} of 2")
        ready(begun)
        begun.keyboard.press("1")

    expect(begun.get_by_role("heading", name="Almost done")).to_be_visible()
    fields(begun).get_by_label("What made you choose?").fill("The strokes")
    fields(begun).get_by_label("5", exact=True).check()
    go_on(begun)  # the browser itself asks for the answer that is missing
    expect(begun.get_by_role("heading", name="Almost done")).to_be_visible()
    fields(begun).get_by_label("I would rather not say").check()
    go_on(begun)

    expect(begun.locator("#completion-code")).to_have_text("C0DE-HERON")
    assert rows(app_folder, "SELECT 1 FROM events WHERE kind = 'answered_after' AND details LIKE '%The strokes%'")


def test_two_wrong_tries_send_the_participant_back_and_questions_fit_the_screen(begun: Page):
    for field in fields(begun).locator("fieldset label").all():
        assert field.bounding_box()["height"] >= 44
    fields(begun).get_by_label("often").check()
    go_on(begun)
    begun.get_by_role("button", name="Begin").click()
    fields(begun).get_by_label("the darker one").check()
    go_on(begun)
    expect(begun.get_by_text("this is your last try")).to_be_visible()
    fields(begun).get_by_label("the darker one").check()
    go_on(begun)

    expect(begun.get_by_role("heading", name="Thank you for your interest")).to_be_visible()
    begun.reload()
    expect(begun.get_by_role("heading", name="Thank you for your interest")).to_be_visible()


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_the_owner_downloads_the_answers(begun: Page, app_url: str):
    fields(begun).get_by_label("never").check()
    go_on(begun)
    expect(begun.get_by_role("button", name="Begin")).to_be_visible()

    begun.goto(f"{app_url}/?results={STUDY}")
    begun.get_by_label("Owner’s token").fill(OWNER_TOKEN)
    begun.get_by_role("button", name="Show").click()
    with begun.expect_download() as download:
        begun.get_by_role("button", name="Answers to the questions").click()

    assert download.value.suggested_filename == f"{STUDY}-answers.csv"
    assert "before,drawing,never,1" in download.value.path().read_text()
