"""A whole session, as a paid participant takes it: reloads, loses the connection, clicks twice, opens two tabs."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.rating import SESSION, answer, begin, counted, picture, progress, ready, rows
from tests.support.widths import DESK

BALLOTS = 7  # six pairs and one attention check


def link(url: str, participant: str, study: str = SESSION) -> str:
    return f"{url}/?study={study}&PROLIFIC_PID={participant}&STUDY_ID=s1&SESSION_ID=t1"


@pytest.fixture
def participant(request: pytest.FixtureRequest) -> str:
    return "p" + "".join(letter for letter in request.node.name if letter.isalnum())[-40:]


@pytest.fixture
def session(page: Page, app_url: str, participant: str) -> Page:
    page.goto(link(app_url, participant))
    expect(page.get_by_role("heading", name="Handwriting")).to_be_visible()
    return page


def test_a_session_from_consent_to_the_completion_code_by_keyboard_alone(
    session: Page, app_folder: Path, participant: str
):
    expect(session.get_by_role("tab")).to_have_count(0)
    session.get_by_role("button", name="I agree, take part").press("Enter")
    session.get_by_role("button", name="Begin").press("Enter")
    ready(session)
    session.keyboard.press("1")
    expect(session.locator("#reveal")).to_contain_text("The other one was smeared.")
    session.keyboard.press("Enter")  # the focus is on Continue
    ready(session)

    for number in range(1, BALLOTS + 1):
        assert progress(session) == f"Pair {number} of {BALLOTS}"
        ready(session)
        if number < BALLOTS:
            answer(session)
        else:
            session.keyboard.press("2")

    expect(session.locator("#completion-code")).to_have_text("C0DE-OKAPI")
    address = session.locator("#completion-link").get_attribute("href")
    assert address == f"https://app.prolific.com/submissions/complete?cc=C0DE-OKAPI&pid={participant}"
    assert counted(app_folder, participant) == BALLOTS + 1  # and the practice trial


@DESK
def test_nothing_is_stored_of_somebody_who_declines(session: Page, app_folder: Path, participant: str):
    session.get_by_role("button", name="I do not agree").click()

    expect(session.get_by_role("heading", name="You have not taken part")).to_be_visible()
    assert (
        rows(app_folder, "SELECT 1 FROM events WHERE kind = 'consented' AND details LIKE ?", f"%{participant}%") == []
    )
    session.get_by_role("button", name="Back").click()
    expect(session.get_by_role("heading", name="Handwriting")).to_be_visible()


def test_a_reload_goes_on_with_the_same_pair(session: Page, app_folder: Path, participant: str):
    begin(session)
    answer(session)
    ready(session)
    before, place = picture(session), progress(session)

    session.reload()

    ready(session)
    assert (picture(session), progress(session)) == (before, place)
    assert counted(app_folder, participant) == 2


@pytest.mark.expects_broken_requests
def test_an_answer_given_without_a_connection_is_kept_and_sent(session: Page, app_folder: Path, participant: str):
    begin(session)
    session.context.set_offline(True)
    before = picture(session)

    session.keyboard.press("1")
    expect(session.locator("[data-part=message]")).to_contain_text("No connection. Your answer is kept")
    assert counted(app_folder, participant) == 1

    session.context.set_offline(False)
    expect(session.locator("#ballot img").first).not_to_have_attribute("src", before)
    assert counted(app_folder, participant) == 2


@DESK
@pytest.mark.expects_broken_requests
def test_an_answer_that_waited_for_the_connection_survives_a_reload(session: Page, app_folder: Path, participant: str):
    begin(session)
    session.route("**/rating_answer", lambda route: route.abort())
    session.keyboard.press("1")
    expect(session.locator("[data-part=message]")).to_contain_text("No connection. Your answer is kept")
    session.unroute("**/rating_answer")

    session.reload()

    ready(session)
    assert progress(session) == f"Pair 2 of {BALLOTS}"
    assert counted(app_folder, participant) == 2


@pytest.mark.expects_broken_requests
def test_a_server_that_is_busy_says_so_and_the_page_tries_again(session: Page, app_folder: Path, participant: str):
    begin(session)
    before, message = picture(session), session.locator("[data-part=message]")
    crowded = "Very many people are voting at the moment."
    answers = [
        {"status": 503, "json": {"detail": crowded, "error": crowded}},
        {"status": 200, "json": {"data": [{"unavailable": crowded, "busy": True}]}},
    ]

    def refuse(route: Route) -> None:
        if answers:
            return route.fulfill(**answers.pop(0))
        return route.continue_()

    session.route("**/rating_answer", refuse)
    session.keyboard.press("1")
    expect(message).to_have_text(f"{crowded} This page tries again by itself.")
    expect(session.locator("#ballot img").first).not_to_have_attribute("src", before)
    expect(message).to_have_text("")
    assert not answers
    assert counted(app_folder, participant) == 2


@DESK
@pytest.mark.expects_broken_requests
def test_an_answer_whose_acknowledgement_was_lost_counts_once(session: Page, app_folder: Path, participant: str):
    begin(session)
    before = picture(session)
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())  # the server has it; the page never hears of it
        return route.abort()

    session.route("**/rating_answer", lose)
    session.keyboard.press("1")

    expect(session.locator("#ballot img").first).not_to_have_attribute("src", before)
    assert counted(app_folder, participant) == 2


def test_a_double_click_counts_once(session: Page, app_folder: Path, participant: str):
    begin(session)

    session.get_by_role("button", name="Left").dblclick()

    ready(session)
    assert progress(session) == f"Pair 2 of {BALLOTS}"
    assert counted(app_folder, participant) == 2


@DESK
def test_two_tabs_show_the_same_pair_and_the_slower_one_goes_on(
    session: Page, app_url: str, app_folder: Path, participant: str
):
    begin(session)
    other = session.context.new_page()
    other.goto(link(app_url, participant))
    ready(other)
    assert picture(other) == picture(session)

    answer(session, "1")
    other.keyboard.press("2")

    expect(other.locator("[data-part=message]")).to_contain_text("already")
    ready(other)
    assert progress(other) == f"Pair 2 of {BALLOTS}"
    assert counted(app_folder, participant) == 2


@DESK
def test_the_next_pair_is_there_before_the_answer(session: Page):
    drawn_ahead, opened = [], []
    session.on(
        "response", lambda response: drawn_ahead.append(response) if response.url.endswith("/rating_ahead") else None
    )
    begin(session)
    while len(drawn_ahead) < 2:  # one during the practice trial
        session.wait_for_event("response")
    following = drawn_ahead[-1].json()["data"][0]["ballot"]["pictures"][0]["url"]
    session.on("request", lambda sent: opened.append(sent) if sent.url.endswith("/rating_open") else None)

    answer(session)

    assert picture(session) == following
    assert opened == []


@DESK
def test_who_withdraws_leaves_nothing(session: Page, app_folder: Path, participant: str):
    begin(session)
    answer(session)
    [(rater,)] = rows(app_folder, "SELECT DISTINCT rater FROM events WHERE details LIKE ?", f"%{participant}%")

    session.get_by_role("button", name="Withdraw").click()
    session.get_by_role("button", name="Stay").click()
    ready(session)
    session.get_by_role("button", name="Withdraw").click()
    session.get_by_role("button", name="Delete my answers").click()

    expect(session.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    for table in ("ballots", "events"):
        assert rows(app_folder, f"SELECT 1 FROM {table} WHERE rater = ?", rater) == []
    session.reload()
    expect(session.get_by_role("heading", name="You have withdrawn")).to_be_visible()


def test_the_last_answer_is_changed_by_keyboard_and_by_mouse(session: Page, app_folder: Path, participant: str):
    begin(session)
    change = session.get_by_role("button", name="Change my last answer")
    expect(change).to_be_hidden()  # nothing but the practice trial is answered
    first = picture(session)
    session.keyboard.press("1")
    expect(session.locator("#ballot img").first).not_to_have_attribute("src", first)
    ready(session)
    second = picture(session)

    session.keyboard.press("c")
    expect(session.locator("[data-part=message]")).to_contain_text("You answered “Left”.")
    ready(session)
    assert picture(session) == first
    assert progress(session) == f"Pair 1 of {BALLOTS}"
    expect(session.get_by_role("button", name="Left")).to_have_attribute("aria-pressed", "true")
    session.keyboard.press("2")
    expect(session.locator("[data-part=message]")).to_contain_text("Your last answer is stored.")
    ready(session)
    assert picture(session) == second

    change.click()
    expect(session.locator("[data-part=message]")).to_contain_text("You answered “Right”.")
    ready(session)
    session.get_by_role("button", name="Keep my answer").click()
    ready(session)
    assert picture(session) == second
    choices = rows(
        app_folder,
        "SELECT choice, revision FROM votes JOIN ballots ON ballots.id = ballot_id WHERE purpose != 'training' "
        "AND rater IN (SELECT rater FROM events WHERE details LIKE ?) ORDER BY revision",
        f"%{participant}%",
    )
    assert choices == [("left", 0), ("right", 1)]


@DESK
def test_a_paused_session_goes_on(session: Page):
    begin(session)
    session.get_by_role("button", name="Pause").click()
    expect(session.get_by_role("heading", name="Paused")).to_be_visible()

    session.get_by_role("button", name="Go on").click()

    ready(session)
    assert progress(session) == f"Pair 1 of {BALLOTS}"


def test_both_pictures_are_enlarged_and_moved_together(session: Page):
    begin(session)

    session.keyboard.press("z")
    dialog = session.get_by_role("dialog", name="Both pictures, enlarged")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Larger").click()
    views = dialog.locator(".zoom-view")
    views.first.evaluate("view => view.scrollTo(80, 60)")

    expect(views.last).to_have_js_property("scrollLeft", views.first.evaluate("view => view.scrollLeft"))
    expect(views.last).to_have_js_property("scrollTop", views.first.evaluate("view => view.scrollTop"))
    session.keyboard.press("1")  # is no vote while the dialogue is open
    session.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert progress(session) == f"Pair 1 of {BALLOTS}"


@DESK
def test_a_single_picture_is_masked_after_its_exposure_and_judged_after(page: Page, app_url: str, participant: str):
    page.goto(link(app_url, participant, "one-picture-for-a-moment"))
    page.get_by_role("button", name="I agree, take part").click()
    expect(page.locator("#ballot canvas")).to_have_count(1)
    ready(page)
    expect(page.get_by_role("button", name="Change my last answer")).to_be_hidden()  # its file does not allow it
    for key in ("1", "2", "1", "2"):
        before = page.locator("[data-part=progress] span").inner_text()
        page.keyboard.press(key)
        if key == "2" and before.endswith("4 of 4"):
            break
        expect(page.locator("[data-part=progress] span")).not_to_have_text(before)
        ready(page)

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_the_photo_and_the_painting_stand_beside_what_was_made_of_them(page: Page, app_url: str):
    page.goto(f"{app_url}/?study=style-methods")
    ready(page)

    for name in ("The photo", "The painting"):
        expect(page.get_by_role("img", name=name, exact=True)).to_be_visible()
    expect(page.locator("#answers button").last).to_be_in_viewport(ratio=1)


@DESK
def test_an_unknown_study_is_said_in_one_sentence(page: Page, app_url: str):
    page.goto(f"{app_url}/?study=nowhere")

    expect(page.get_by_role("heading", name="This study can’t be shown")).to_be_visible()
    expect(page.locator("[data-part=page]")).to_contain_text("There is no study 'nowhere': check the link.")
    expect(page.locator("#ballot")).to_be_hidden()
    page.get_by_role("link", name="Two of a kind").click()
    ready(page)
