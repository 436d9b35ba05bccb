"""The section that plans a study: a number, a curve and a table after some seconds, and Stop."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.widths import DESK

SLOW = 120_000  # on a machine that is busy
# A simulation ends by itself after some seconds, in which a busy browser may not get to a click from outside.
STOP_AT_THE_FIRST_PROGRESS = """() => new MutationObserver((_, watch) => {
  const stop = document.querySelector("#planning-stop");
  if (!stop || stop.disabled || !document.querySelector("#planning-result progress")) return;
  watch.disconnect();
  stop.click();
}).observe(document, { childList: true, subtree: true, attributes: true })"""


@pytest.fixture
def section(home: Page) -> Page:
    home.get_by_role("tab", name="Vote").click()
    home.get_by_role("button", name="Plan a study: how many raters?").click()
    expect(home.get_by_role("button", name="Simulate")).to_be_visible()
    return home


def result(page: Page) -> Locator:
    return page.locator("#planning-result [role=status]")


def test_a_visitor_learns_how_many_raters_a_study_needs(section: Page):
    section.get_by_role("button", name="Simulate").click()

    expect(result(section)).to_contain_text(
        re.compile(r"^\d+ raters with 20 pairs each, [\d,]+ votes: then 80 of 100 such"), timeout=SLOW
    )
    expect(section.get_by_role("img", name="Power by number of raters")).to_be_visible()
    rows = section.get_by_role("group", name="Power by number of raters, as a table").get_by_role("row")
    raters = [int(row.split()[0].replace(",", "")) for row in rows.all_inner_texts()[1:]]
    assert raters == sorted(raters)
    assert len(raters) >= 5
    expect(section.get_by_role("button", name="Stop")).to_be_disabled()


@DESK
def test_a_simulation_can_be_stopped(section: Page):
    section.evaluate(STOP_AT_THE_FIRST_PROGRESS)
    section.get_by_role("button", name="Simulate").click()

    expect(result(section)).to_have_text("Stopped. Simulate begins again.")
    section.get_by_role("button", name="Simulate").click()
    expect(result(section)).to_contain_text("raters with", timeout=SLOW)


@DESK
def test_a_study_sets_its_arms_and_ballots(section: Page):
    section.get_by_label("Like the study").click()
    section.locator("#planning").get_by_role("option", name="Two of a kind").click()

    expect(section.get_by_label("number input for Picture sources to compare")).to_have_value("2")
    expect(section.get_by_label("number input for Questions that each rater answers")).to_have_value("20")


@DESK
def test_four_pictures_at_once_need_four_sources_and_know_no_ties(section: Page):
    sources = section.get_by_label("number input for Picture sources to compare")
    expect(section.get_by_label("number input for Ties between equals, in %")).to_be_visible()
    section.get_by_label("four, the best and the worst are chosen").check()

    expect(sources).to_have_value("4")
    expect(section.get_by_label("number input for Ties between equals, in %")).to_be_hidden()
    section.get_by_role("button", name="Simulate").click()
    expect(result(section)).to_contain_text(
        re.compile(r"^\d+ raters with 20 sets of four each, [\d,]+ votes: then 80 of 100 such"), timeout=SLOW
    )


@DESK
def test_a_pilot_that_is_none_gets_one_sentence(section: Page, tmp_path: Path):
    (tmp_path / "votes.csv").write_text("rater,left,right\na,b,c\n")
    section.locator("#planning-pilot input[type=file]").set_input_files(tmp_path / "votes.csv")
    expect(section.get_by_label("The sources lie as far apart as in the pilot")).to_be_visible()
    section.get_by_role("button", name="Simulate").click()

    expect(section.get_by_text("votes.csv lacks the column choice")).to_be_visible(timeout=SLOW)


@DESK
def test_the_votes_of_a_pilot_set_the_raters(section: Page, tmp_path: Path):
    choices = ["left", "left", "right", "tie"]
    lines = [f"rater-{i % 8},a,b,{choices[(i + i // 8) % 4]}" for i in range(160)]
    (tmp_path / "votes.csv").write_text("rater,left,right,choice\n" + "\n".join(lines) + "\n")
    section.locator("#planning-pilot input[type=file]").set_input_files(tmp_path / "votes.csv")
    expect(section.get_by_label("The sources lie as far apart as in the pilot")).to_be_visible()
    section.get_by_role("button", name="Simulate").click()

    expect(section.get_by_text("The pilot: 160 votes by 8 raters")).to_be_visible(timeout=SLOW)
    expect(result(section)).to_contain_text("raters", timeout=SLOW)
