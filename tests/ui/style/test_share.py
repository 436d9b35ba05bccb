"""A result is shared as a card and a link, and every link and script brings it back."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from PIL import Image
from playwright.sync_api import Page, expect

from media import provenance
from tests.support.pages.generators import card
from tests.support.widths import DESK

INSTANT = "tab=style&way=instant&photo=mountains&painting=irises"
FIFTH = "tab=gan&model=mnist-dcgan&step=20000&seed=42&held=5"

SHEET = """window.shared = null;
navigator.canShare = () => true;
navigator.share = async ({ url, files }) => {
  window.shared = { url, files: files.map((file) => [file.name, file.type, file.size]) };
};"""


def large_view(page: Page) -> None:
    page.locator("#wall [data-painting=irises]").click()
    expect(page.locator("#download")).to_be_enabled()


def generate_tab(page: Page) -> None:
    page.get_by_role("tab", name="Generate").click()
    expect(page.locator("#z-1 input[type=range]")).to_be_visible()


def test_share_shows_a_card_with_the_link_to_copy_where_there_is_no_share_sheet(home: Page, tmp_path: Path):
    large_view(home)
    expect(home.locator("#style-query :is(input, textarea)")).to_have_value(INSTANT)

    home.locator("#share-restyled").click()

    dialog = home.get_by_role("dialog", name="Share the picture")
    address = urlparse(dialog.get_by_label("Link").input_value())
    assert parse_qs(address.query)["painting"] == ["irises"]
    with home.expect_download() as download:
        dialog.get_by_role("button", name="Save the card").click()
    download.value.save_as(tmp_path / "card.png")
    with Image.open(tmp_path / "card.png") as card:
        assert card.size == (1200, 630)
        halves = card.crop((0, 100, 600, 500)), card.crop((600, 100, 1200, 500))
        assert all(len(half.getcolors(2**20) or range(10_000)) > 1000 for half in halves)  # a picture in each
    assert provenance.source_type(tmp_path / "card.png") == provenance.COMPOSITE
    recipe = provenance.settings(tmp_path / "card.png")
    assert recipe
    assert recipe["painting"] == "irises"
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


@DESK
def test_the_devices_own_share_sheet_is_used_where_there_is_one(page: Page, app_url: str):
    page.add_init_script(SHEET)
    page.goto(app_url)
    generate_tab(page)

    page.locator("#share-sample").click()
    page.wait_for_function("window.shared !== null")

    shared = page.evaluate("window.shared")
    assert parse_qs(urlparse(shared["url"]).query) == {
        "tab": ["gan"],
        "model": ["mnist-dcgan"],
        "step": ["20000"],
        "seed": ["42"],
        "held": ["1"],
    }
    ((name, kind, size),) = shared["files"]
    assert (name, kind) == ("just-look.png", "image/png")
    assert size > 1000


@DESK
def test_of_an_own_photo_the_dialog_says_what_the_link_cannot_bring_back(home: Page, tmp_path: Path):
    large_view(home)
    Image.effect_noise((300, 200), 80).convert("RGB").save(tmp_path / "photo.jpg")
    home.locator("#photo").get_by_role("button", name="Remove Image").click()
    home.locator("#photo input[type=file]").set_input_files(tmp_path / "photo.jpg")
    expect(home.locator("#style-query :is(input, textarea)")).not_to_have_value(re.compile("photo="))

    home.locator("#share-restyled").click()

    dialog = home.get_by_role("dialog", name="Share the picture")
    expect(dialog.get_by_role("status")).to_have_text(re.compile("not your photo"))
    expect(dialog.get_by_role("img", name=re.compile("^Left: .* Right: "))).to_be_visible()


def test_a_walk_is_shared_once_it_is_there_and_its_link_leads_back(page: Page, app_url: str):
    page.goto(f"{app_url}/?tab=gan&model=mnist-dcgan&seed=7&walk=5")
    expect(page.locator("#walk-goal input[type=number]")).to_have_value("5")
    expect(page.locator("#share-walk")).to_be_disabled()

    page.locator("#walk-go").click()
    page.locator("#share-walk").click()

    dialog = page.get_by_role("dialog", name="Share the picture")
    address = urlparse(dialog.get_by_label("Link").input_value())
    assert parse_qs(address.query)["walk"] == ["5"]


@DESK
def test_a_model_and_a_seed_in_the_address_open_that_sample(page: Page, app_url: str):
    page.goto(f"{app_url}/?tab=gan&model=mnist-control&seed=7")

    expect(page.locator("#samples img")).to_be_visible()
    expect(page.locator("#seed input")).to_have_value("7")
    expect(card(page, "mnist-control")).to_be_checked()


@DESK
def test_a_link_restores_the_held_sample_with_its_changed_numbers(page: Page, app_url: str):
    page.goto(app_url)
    generate_tab(page)
    held = page.locator("#held-sample img")
    page.locator("#held input[type=number]").fill("5")
    page.locator("#held input[type=number]").press("Enter")
    expect(page.locator("#gan-query :is(input, textarea)")).to_have_value(FIFTH)
    before = held.get_attribute("src")
    page.locator("#z-1 input[type=range]").focus()
    page.keyboard.press("End")
    expect(held).not_to_have_attribute("src", before or "")
    bent = held.get_attribute("src")
    query = page.locator("#gan-query :is(input, textarea)").input_value()
    assert "&z." in query

    page.goto(f"{app_url}/?{query}")

    expect(held).to_have_attribute("src", bent or "")  # Gradio names a file by its content
    expect(page.locator("#z-1 input[type=range]")).to_have_value("4")


@DESK
def test_a_wrong_link_says_so_and_shows_a_sample_all_the_same(page: Page, app_url: str):
    page.goto(f"{app_url}/?tab=gan&model=nobody&seed=7")

    expect(page.get_by_text("There is no generator 'nobody'")).to_be_visible()
    expect(page.locator("#samples img")).to_be_visible()


@DESK
def test_a_link_puts_no_html_on_the_page(page: Page, app_url: str):
    page.goto(f"{app_url}/?tab=gan&seed=7&model=<a id='planted' href='//evil.example'>Sign in</a>")

    expect(page.get_by_text("There is no generator")).to_be_visible()
    expect(page.locator("#planted")).to_have_count(0)


def run(script: str, folder: Path) -> str:
    """Run a script as somebody would who has gradio_client and nothing of this project."""
    nodes = list(ast.walk(ast.parse(script)))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert modules <= {"base64", "gradio_client", "urllib.request"}
    (folder / "script.py").write_text(script)
    done = subprocess.run([sys.executable, "-I", "script.py"], cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def script_on(page: Page, accordion: str, field: str, expected: str) -> str:
    page.locator(f"#{accordion} > button").click()
    text = page.locator(f"#{field} textarea")
    expect(text).to_have_value(re.compile(expected))
    return text.input_value()


@DESK
def test_the_script_of_an_instant_picture_runs_as_pasted(home: Page, tmp_path: Path):
    large_view(home)
    home.locator("#strength input[type=number]").fill("0.5")
    home.locator("#strength input[type=number]").press("Enter")

    made = run(script_on(home, "share", "python", r"http://[\s\S]*strength=0\.5"), tmp_path)

    with Image.open(made) as picture:
        assert picture.width >= 384


@DESK
def test_the_script_of_a_slow_painting_runs_as_pasted(home: Page, tmp_path: Path):
    large_view(home)
    home.get_by_role("tab", name="Paint slowly").click()
    home.locator("#steps input[type=number]").fill("2")
    home.locator("#steps input[type=number]").press("Enter")

    run(script_on(home, "share", "python", r"http://[\s\S]*steps=2,[\s\S]*/paint"), tmp_path)

    with Image.open(tmp_path / "painted.png") as picture:
        assert max(picture.size) == 256


@DESK
def test_the_scripts_of_samples_run_as_pasted(home: Page, tmp_path: Path):
    generate_tab(home)
    script = script_on(home, "gan-share", "gan-python", r"http://[\s\S]*/sample")
    with Image.open(run(script, tmp_path)) as sheet:
        assert sheet.width > 500

    home.locator("#z-1 input[type=range]").focus()
    home.keyboard.press("Home")
    expect(home.locator("#gan-python textarea")).to_have_value(re.compile(r"http://[\s\S]*z_1=-4\.0[\s\S]*/move_z"))
    with Image.open(run(home.locator("#gan-python textarea").input_value(), tmp_path)) as sample:
        assert 200 <= sample.width <= 300
