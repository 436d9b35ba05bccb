"""Sampling a GAN, as a visitor does it."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from serving.local import LocalEngine
from tests.support.pages.generators import choose
from tests.support.widths import DESK


@pytest.fixture
def tab(home: Page) -> Page:
    home.get_by_role("tab", name="Generate").click()
    expect(home.locator("#samples img")).to_be_visible()
    expect(home.locator("#held-sample img")).to_be_visible()
    expect(home.locator("#z-1 input[type=range]")).to_be_visible()
    return home


def source(picture: Locator) -> str:
    return picture.get_attribute("src")


def test_rolling_changes_the_seed_and_the_samples(tab: Page):
    before, seed = source(tab.locator("#samples img")), tab.locator("#seed input").input_value()

    tab.get_by_role("button", name="Roll").click()

    expect(tab.locator("#seed input")).not_to_have_value(seed)
    expect(tab.locator("#samples img")).not_to_have_attribute("src", before)


@DESK
def test_the_same_seed_brings_the_same_picture_back(tab: Page):
    first = source(tab.locator("#samples img"))

    tab.get_by_role("button", name="Next", exact=True).click()
    expect(tab.locator("#samples img")).not_to_have_attribute("src", first)
    tab.get_by_role("button", name="Previous").click()

    # Gradio names a cached file by its content
    expect(tab.locator("#samples img")).to_have_attribute("src", first)


def test_a_neighbouring_seed_can_be_clicked(tab: Page):
    tab.get_by_role("button", name="44", exact=True).click()

    expect(tab.locator("#seed input")).to_have_value("44")
    expect(tab.get_by_role("button", name="47", exact=True)).to_be_visible()


@DESK
def test_an_arrow_key_on_a_z_slider_changes_the_held_sample(tab: Page):
    slider = tab.locator("#z-1 input[type=range]")
    before, value = source(tab.locator("#held-sample img")), float(slider.input_value())

    slider.focus()
    for _ in range(10):
        tab.keyboard.press("ArrowRight")

    expect(tab.locator("#held-sample img")).not_to_have_attribute("src", before)
    assert float(slider.input_value()) == pytest.approx(value + 1.0)
    tab.get_by_role("button", name="Reset the sliders").click()
    expect(tab.locator("#held-sample img")).to_have_attribute("src", before)


@DESK
def test_a_late_answer_does_not_undo_a_reset(tab: Page):
    large, slider = tab.locator("#held-sample img"), tab.locator("#z-1 input[type=range]")
    before, value = source(large), slider.input_value()
    others = large.evaluate_handle(
        """img => {
            const before = img.src, others = [];
            new MutationObserver(() => img.src !== before && others.push(img.src)).observe(img, {attributes: true});
            return others;
        }"""
    )
    late: list[Route] = []
    tab.route("**/queue/join*", lambda route: late.append(route), times=1)

    slider.focus()
    with tab.expect_request("**/queue/join*"):
        tab.keyboard.press("End")
    tab.get_by_role("button", name="Reset the sliders").click()
    expect(slider).to_have_value(value)
    late.pop().continue_()

    tab.wait_for_function("others => others.length > 0", arg=others)
    expect(large).to_have_attribute("src", before)


def test_a_click_on_the_sheet_holds_that_sample(tab: Page):
    before = source(tab.locator("#held-sample img"))
    box = tab.locator("#samples img").bounding_box()

    tab.locator("#samples img").click(position={"x": box["width"] / 2 + 20, "y": box["height"] / 2 + 20})

    expect(tab.locator("#held input[type=number]")).to_have_value("11")
    expect(tab.locator("#held-sample img")).not_to_have_attribute("src", before)


@DESK
def test_another_generator_brings_its_own_snapshots_and_numbers(tab: Page):
    before = source(tab.locator("#samples img"))
    large = source(tab.locator("#held-sample img"))

    choose(tab, "mnist-control")

    expect(tab.locator("#samples img")).not_to_have_attribute("src", before)
    expect(tab.locator("#held-sample img")).not_to_have_attribute("src", large)
    expect(tab.get_by_text("Training: 10,000 steps")).to_be_visible()
    expect(tab.locator("#ticks")).to_contain_text("200")
    expect(tab.get_by_text("Choose up to 4 of this generator's 64 numbers")).to_be_visible()
    tab.locator("#snapshot input[type=range]").focus()
    tab.keyboard.press("Home")
    expect(tab.get_by_text("Training: before the first step")).to_be_visible()


@DESK
def test_every_generator_opens_rolls_and_bends(tab: Page):
    samples, large = tab.locator("#samples img"), tab.locator("#held-sample img")
    slider, snapshot = tab.locator("#z-1 input[type=range]"), tab.locator("#snapshot input[type=range]")
    infos = LocalEngine().generators()

    for info in [*infos[1:], infos[0]]:
        before = source(samples)
        choose(tab, info.name)
        expect(samples).not_to_have_attribute("src", before)
        expect(snapshot).to_have_count(int(len(info.steps) > 1))

        before = source(samples)
        tab.get_by_role("button", name="Roll").click()
        expect(samples).not_to_have_attribute("src", before)

        before = source(large)
        slider.focus()
        tab.keyboard.press("End" if float(slider.input_value()) < 0 else "Home")
        expect(large).not_to_have_attribute("src", before)

        if len(info.steps) > 1:
            before = source(samples)
            snapshot.focus()
            tab.keyboard.press("Home")
            expect(samples).not_to_have_attribute("src", before)


def test_the_training_slider_goes_back_in_time(tab: Page):
    before = source(tab.locator("#samples img"))

    tab.locator("#snapshot input[type=range]").focus()
    tab.keyboard.press("Home")

    expect(tab.get_by_text("Training: before the first step")).to_be_visible()
    expect(tab.locator("#samples img")).not_to_have_attribute("src", before)


@DESK
def test_a_wrong_address_is_refused_in_one_sentence(tab: Page):
    tab.get_by_role("button", name="Bring your own generator").click()
    tab.get_by_label("Repository").fill("https://example.org/weights.bin")
    tab.get_by_role("button", name="Load it").click()
    expect(tab.get_by_text("name a repository as org/name, or org/name@revision")).to_be_visible()
    expect(tab.locator("#guest-theirs")).not_to_be_visible()


@DESK
def test_the_page_says_where_the_weights_are_from(tab: Page):
    expect(tab.get_by_text("Weights: bundled with the app, verified.")).to_be_visible()


def test_a_walk_shows_both_ways_and_how_long_z_is(tab: Page):
    tab.get_by_role("button", name="Walk through the latent space").click()
    tab.get_by_role("button", name="Walk", exact=True).click()

    for way in ("slerp", "lerp"):
        expect(tab.locator(f"#walk-{way} img")).to_have_count(9)
    middle = [
        float(tab.locator(f"#walk-{way} .caption-label").nth(4).inner_text().split()[-1]) for way in ("slerp", "lerp")
    ]
    assert middle[0] > middle[1]
