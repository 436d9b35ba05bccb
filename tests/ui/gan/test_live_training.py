"""Live training in the page: drawings by keyboard, a run that is steered and stopped, and its file brought back."""

from pathlib import Path

from playwright.sync_api import Page, expect


def test_a_visitor_trains_on_drawings_and_brings_the_file_back(page: Page, app_url: str, tmp_path: Path):
    page.goto(f"{app_url}?tab=gan")
    page.locator("#live-training").get_by_role("button", name="Train one live").click()
    page.get_by_label("Twenty drawings of your own").check()
    page.get_by_role("button", name="Twenty examples").click()
    board = page.locator(".drawing-board canvas")
    for key in (" ", "ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        board.press(key)
    expect(page.locator("#board-status")).to_contain_text("21 drawings")

    page.locator("#live-start").click()
    expect(page.locator("#live-stage")).to_contain_text("your 21 drawings")
    expect(page.locator(".live-status")).to_contain_text("Training: ")
    expect(page.locator(".live-kinds")).to_contain_text("of 21 kinds")
    page.locator("#live-pause").click()
    expect(page.locator(".live-status")).to_contain_text("Paused: ")
    before = page.locator(".live-status").inner_text()
    page.locator("#live-d-step").click()
    expect(page.locator(".live-status")).not_to_have_text(before)
    page.locator("#live-stop").click()

    expect(page.locator(".live-status")).to_contain_text("Stopped: ")
    page.locator("#live-sample").click()
    expect(page.get_by_alt_text("Sixteen new samples of your generator")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#live-save").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    page.locator("#guest").get_by_role("button", name="Bring your own generator").click()
    page.locator("#guest input[type=file]").set_input_files(file)
    expect(page.locator("#guest-theirs img")).to_be_visible()
    expect(page.locator("#guest-ours img")).to_be_visible()
    expect(page.locator("#live-start")).to_be_enabled()
