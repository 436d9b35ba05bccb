"""A training on the page: opened by a link, scrubbed and played without a request, with the figures on record."""

import statistics

from playwright.sync_api import Page, Request, expect

from evaluation.quantitative import scores
from tests.support.widths import DESK

SHOWN = "#timeline figure:not([hidden])"


@DESK
def test_a_link_opens_the_collapse_at_its_step_and_the_rest_needs_no_server(page: Page, app_url: str):
    page.goto(f"{app_url}?tab=gan&seed=7&section=timeline&choose=collapse&at=5000")
    player = page.locator("#timeline .player")
    expect(player.locator("section")).to_have_count(2)
    expect(page.locator(f"{SHOWN} .kinds i")).to_have_count(20)
    expect(player).to_have_attribute("data-at", "5000")

    asked: list[str] = []

    def note(request: Request) -> None:
        if "/queue/join" in request.url:
            asked.append(request.url)

    page.on("request", note)
    player.get_by_label("Training steps").press("ArrowRight")
    expect(player).to_have_attribute("data-at", "10000")
    player.get_by_role("button", name="Play").click()
    expect(player).to_have_attribute("data-at", "100000")
    expect(player.get_by_role("button", name="Play")).to_be_visible()
    assert asked == []

    final = scores.read("mnist-cured").final
    expect(page.locator(SHOWN).nth(1)).to_contain_text(f"{final.inception_score:.2f}, {final.classes_found} kinds")
    expect(page.locator(SHOWN).first).to_contain_text("1 of 10 kinds")

    page.locator("#timeline summary").click()
    expect(page.locator("#timeline").get_by_label("Link")).to_have_value(
        f"{app_url}/?tab=gan&model=mnist-dcgan&seed=7&choose=collapse&section=timeline&at=100000"
    )


def test_the_seeds_stand_beside_each_other_with_their_deviation(page: Page, app_url: str):
    page.goto(f"{app_url}?tab=gan&section=training-seeds")
    finals = [scores.read(f"mnist-dcgan{end}").final.fid for end in ("", *(f"-seed-{seed}" for seed in range(1, 5)))]

    expect(page.locator("#training-seeds figure")).to_have_count(5)
    spread = f"{statistics.fmean(finals):.3f} ± {statistics.stdev(finals):.3f}"
    expect(page.locator("#training-seeds tfoot")).to_contain_text(spread)
