"""The results of a study, as its owner and as anybody else looks for them."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Page, expect

from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.study.reading import read
from tests.support.app_server import OWNER_TOKEN
from tests.support.folders import STUDIES
from tests.support.rating import SESSION, go_on, ready
from tests.support.widths import DESK


def vote(page: Page, url: str, key: str) -> None:
    page.goto(f"{url}/?study=two-of-a-kind")
    page.evaluate("localStorage.clear()")
    page.reload()
    ready(page)
    for _ in range(3):
        before = page.locator("#ballot img").first.get_attribute("src")
        page.keyboard.press(key)
        go_on(page)
        expect(page.locator("#ballot img").first).not_to_have_attribute("src", before)


@pytest.fixture
def voted(page: Page, app_url: str) -> Page:
    for key in ("1", "2"):
        vote(page, app_url, key)
    page.goto(f"{app_url}/?results=two-of-a-kind")
    return page


def test_everybody_sees_the_figures_of_a_public_study_and_their_numbers(voted: Page):
    expect(voted.get_by_role("heading", name="Two of a kind")).to_be_visible()
    voted.get_by_label("Only raters who passed the checks").uncheck()

    for figure in ("Scores with 95 % intervals", "Win rates", "Response times"):
        expect(voted.get_by_role("img", name=figure)).to_be_visible()
    expect(voted.get_by_role("group", name="Ranking").first).to_contain_text("After 500 steps")
    expect(voted.get_by_text("Preliminary:")).to_be_visible()
    expect(voted.get_by_text("Left side won")).to_be_visible()
    assert voted.get_by_role("tab").count() == 0


def test_the_metrics_stand_beside_peoples_scores_and_simulated_raters_are_called_so(voted: Page, app_url: str):
    voted.get_by_label("Only raters who passed the checks").uncheck()  # nobody is as fast as this test
    expect(voted.get_by_role("heading", name="Numbers against eyes")).to_be_visible()
    figure = voted.get_by_role("img", name="Inception Score and people’s score", exact=True)
    expect(figure).to_be_visible()
    expect(voted.get_by_text("2 sources have both votes and metrics")).to_be_visible()
    voted.get_by_text("The sources by number, with all their metrics").click()
    expect(voted.get_by_role("group", name="Sources with their metrics")).to_contain_text("Fréchet distance, VGG-19")

    voted.goto(f"{app_url}/?results=mode-collapse")  # nobody has voted there
    for metric in ("Inception Score", "Fréchet distance, classifier"):
        drawn = voted.get_by_role("img", name=f"{metric} and people’s score (simulated raters)")
        expect(drawn).to_contain_text("SIMULATED RATERS")
        box = drawn.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= voted.viewport_size["width"]
    expect(voted.get_by_text("They say nothing about these sources")).to_be_visible()
    assert voted.locator('[data-download^="numbers"]').count() == 0
    assert voted.evaluate("document.documentElement.scrollWidth <= innerWidth")


@DESK
def test_every_download_arrives(voted: Page, tmp_path: Path):
    expect(voted.get_by_role("button", name="CSV", exact=True)).to_be_visible()
    names = {}
    for button in voted.locator("[data-download]").all():
        with voted.expect_download() as download:
            button.click()
        names[download.value.suggested_filename] = tmp_path / download.value.suggested_filename
        download.value.save_as(names[download.value.suggested_filename])

    kinds = {".csv", ".jsonl", ".json", ".parquet", ".toml", ".txt", ".svg", ".zip"}
    assert {Path(name).suffix for name in names} == kinds
    assert all(path.stat().st_size > 100 for path in names.values())
    for name, path in names.items():
        if name.endswith(".svg"):
            assert "".join(ET.parse(path).getroot().itertext()).strip()  # its text is text
    plain, marked = (names[f"two-of-a-kind{kind}.csv"].read_bytes() for kind in ("", "-spreadsheet"))
    assert marked.startswith(b"\xef\xbb\xbf")
    assert len(marked.splitlines()) == len(plain.splitlines()) > 6


@DESK
def test_the_release_of_the_page_recomputes_its_numbers(voted: Page, tmp_path: Path):
    with voted.expect_download() as download:
        voted.get_by_role("button", name="Release").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "two-of-a-kind-release"

    done = subprocess.run([sys.executable, "analysis.py"], cwd=folder, capture_output=True, text=True)

    assert done.stdout.endswith(" 0 differ\n"), done.stdout + done.stderr
    rows = (folder / "pictures.csv").read_text().splitlines()[1:]
    assert rows
    assert all(row.endswith(",,,,") for row in rows)  # the study is open: no digest names an arm


@DESK
def test_a_running_session_is_for_its_owner_alone(page: Page, app_url: str):
    page.goto(f"{app_url}/?results={SESSION}")
    expect(page.get_by_text("not public")).to_be_visible()
    assert "Okapi" not in page.content()

    page.get_by_label("Owner’s token").fill("wrong")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.get_by_text("not public")).to_be_visible()
    expect(page.get_by_text("This is not the owner's token")).to_be_visible()
    page.get_by_label("Owner’s token").fill(OWNER_TOKEN)
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("heading", name="Handwriting")).to_be_visible()


@DESK
def test_the_owner_brings_a_study_sees_it_and_closes_it(page: Page, app_url: str, tmp_path: Path):
    (tmp_path / "my-study.toml").write_text(
        (STUDIES / "two-of-a-kind.toml").read_text().replace("Two of a kind", "My own")
    )
    (tmp_path / "broken.toml").write_text('title = "Broken"\nquestoin = "?"\n')
    page.goto(f"{app_url}/?results=")
    page.get_by_label("Owner’s token").fill(OWNER_TOKEN)
    page.get_by_role("button", name="Show").click()

    page.get_by_label("Study file").set_input_files(tmp_path / "broken.toml")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[data-part=message]").last).to_contain_text("questoin")
    page.get_by_label("Study file").set_input_files(tmp_path / "my-study.toml")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[data-part=message]").last).to_contain_text("?study=my-study")

    page.on("dialog", lambda dialog: dialog.accept())
    row = page.get_by_role("row").filter(has_text="My own")
    row.get_by_role("button", name="Close").click()
    expect(row).to_contain_text("closed")
    page.goto(f"{app_url}/?study=my-study")
    expect(page.get_by_role("heading", name="This study is closed")).to_be_visible()


@DESK
def test_the_owner_declares_who_was_invited_and_what_was_planned(page: Page, app_url: str, tmp_path: Path):
    fields = preregistration.content(read(SESSION, STUDIES), raters=20)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(fields))
    page.goto(f"{app_url}/?results={SESSION}")
    page.evaluate("token => sessionStorage.setItem('just-look-owner', token)", OWNER_TOKEN)
    page.reload()
    expect(page.get_by_role("heading", name="For the owner")).to_be_visible()

    page.get_by_text("How many people were invited?").click()
    page.get_by_label("People invited").fill("120")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="120 people were invited")).to_be_visible()
    page.get_by_text("Preregistration", exact=True).click()
    page.get_by_label("Preregistration (.json)").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status").filter(has_text=fields["sha256"])).to_be_visible()
    page.get_by_text("A participant’s id that somebody else used first").click()
    page.get_by_label("Participant’s id").fill("nobody")
    page.get_by_role("button", name="Free the id").click()
    expect(page.get_by_role("status").filter(has_text="nobody has begun with this id")).to_be_visible()

    page.reload()
    expect(page.get_by_text(f"sha256 {fields['sha256']}")).to_be_visible()
    page.get_by_text("How many people were invited?").click()
    expect(page.get_by_label("People invited")).to_have_value("120")


@pytest.fixture
def judged_by_item(app_url: str) -> str:
    """A study of shared seeds in which two raters judged every pair."""
    name = "shared-seeds"
    client = Client(app_url, verbose=False, httpx_kwargs={"timeout": 120})
    for _ in range(2):
        rater = ""
        for _ in range(4):
            ballot = client.predict(study=name, rater=rater, api_name="/next_ballot")
            rater = ballot["rater"]
            client.predict(ballot["ballot"], "left", rater, 2_000, api_name="/cast_vote")
    return name


def test_the_pictures_of_an_item_come_on_demand_and_fit_the_screen(page: Page, app_url: str, judged_by_item: str):
    page.goto(f"{app_url}/?results={judged_by_item}")
    expect(page.get_by_role("heading", name="Item by item")).to_be_visible()
    assert page.get_by_role("button", name="Show the pictures").count() == 0  # raters could look them up
    page.evaluate("token => sessionStorage.setItem('just-look-owner', token)", OWNER_TOKEN)
    page.reload()
    page.get_by_role("button", name="Show the pictures").click()

    pictures = page.get_by_role("group", name="Pictures by item").get_by_role("img")
    expect(pictures.first).to_be_visible(timeout=60_000)
    assert pictures.count() >= 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert pictures.first.evaluate("picture => picture.complete && picture.naturalWidth > 0")
    expect(page.get_by_role("button", name="Show the pictures")).to_have_count(0)


@DESK
def test_voting_leads_to_the_results_and_back(page: Page, app_url: str):
    page.goto(f"{app_url}/?study=two-of-a-kind")
    ready(page)

    page.get_by_role("link", name="Results so far").click()
    expect(page.get_by_role("heading", name="Two of a kind")).to_be_visible()
    page.get_by_role("link", name="Vote in this study").click()

    ready(page)


@DESK
def test_results_that_are_not_public_have_no_link(page: Page, app_url: str):
    page.goto(f"{app_url}/?study={SESSION}")

    expect(page.get_by_role("button", name="I agree, take part")).to_be_visible()
    expect(page.locator("[data-part=to-results]")).to_be_hidden()
