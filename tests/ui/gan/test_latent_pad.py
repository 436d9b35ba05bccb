"""The map of the GAN tab: drawn in the page, by the numbers that the server would use."""

import re
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from demos.gan import latent_pad
from media import provenance
from serving.local import LocalEngine
from serving.local.sampling import pictures_of
from tests.support.app_server import running_app
from tests.support.pages.generators import choose
from tests.support.widths import DESK

MOST_LEVELS = 2  # of 255, between the page's pixels and the server's
PIXELS = """() => {
  const canvas = document.querySelector('.latent-pad [data-part="picture"]');
  return [canvas.width, Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)];
}"""
DRAW = """async ([url, latents]) => {
  const network = await justLook.generator.load(url);
  return Promise.all(latents.map(async (z) => Array.from((await justLook.generator.pixels(network, z)).data)));
}"""


@pytest.fixture
def pad(page: Page, app_url: str) -> Page:
    """The GAN tab with its map filled, ready for other choices."""
    page.goto(f"{app_url}?tab=gan")
    page.locator(".latent-pad").evaluate("section => section.scrollIntoView()")
    page.wait_for_function("document.querySelector('.latent-pad').dataset.map", timeout=60_000)
    expect(page.locator("#z-1 input[type=range]")).to_be_visible()
    return page


def levels(page: Page) -> np.ndarray:
    """The first channel of the picture at the point, `(side, side)` in 0 … 255."""
    side, pixels = page.evaluate(PIXELS)
    return np.array(pixels).reshape(side, side, 4)[:, :, 0]


@DESK
def test_every_generator_of_the_page_draws_what_the_server_draws(pad: Page, app_url: str):
    engine = LocalEngine()
    infos = [info for info in engine.generators() if info.in_browser]
    assert {"mnist-dcgan", "emoji-wide", "painted-eyes"} <= {info.name for info in infos}
    for info in infos:
        step = info.steps[len(info.steps) // 2]
        samples = engine.sample(info.name, step=step, seed=7, count=4)
        pixels = pad.evaluate(DRAW, [f"{app_url}/generators/{info.name}/{step}", samples.z])
        expected = np.stack([np.asarray(picture.convert("RGBA")) for picture in samples.pictures])
        actual = np.array(pixels).reshape(expected.shape)
        assert np.abs(actual - expected.astype(int)).max() <= MOST_LEVELS, info.name


def test_a_finger_or_a_mouse_moves_the_point_and_the_picture(pad: Page):
    before = pad.evaluate(PIXELS)
    area = pad.locator('[data-part="map"]').bounding_box()
    assert area
    pad.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    pad.mouse.down()
    pad.mouse.move(area["x"] + area["width"] * 0.9, area["y"] + area["height"] * 0.2, steps=5)
    pad.mouse.up()

    expect(pad.locator(".latent-pad")).to_have_attribute("data-drawn", "2.40 1.80 0.00 0.00 0.00 0.00")
    assert pad.evaluate(PIXELS) != before

    pad.get_by_role("button", name="Back to the held sample").click()
    expect(pad.locator(".latent-pad")).to_have_attribute("data-drawn", "0.00 0.00 0.00 0.00 0.00 0.00")
    assert pad.evaluate(PIXELS) == before


def test_the_keyboard_moves_the_point(pad: Page):
    point = pad.get_by_role("button", name="The point on the map")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "ArrowDown"):
        point.press(key)
    expect(pad.locator(".latent-pad")).to_have_attribute("data-drawn", "0.10 -0.10 0.00 0.00 0.00 0.00")
    point.press("Home")
    expect(pad.locator(".latent-pad")).to_have_attribute("data-drawn", "0.00 0.00 0.00 0.00 0.00 0.00")


@DESK
def test_a_slider_moves_another_direction_and_fills_the_map_anew(pad: Page):
    slider = pad.get_by_label("Direction 3")
    slider.fill("1.5")

    expect(pad.locator(".latent-pad")).to_have_attribute("data-drawn", "0.00 0.00 1.50 0.00 0.00 0.00")
    pad.wait_for_function("Number(document.querySelector('.latent-pad').dataset.map) > 1")


@DESK
def test_the_map_can_move_along_directions_with_a_meaning(pad: Page):
    before = pad.evaluate(PIXELS)
    pad.get_by_label("Move along").select_option("Changes with a meaning")

    axes = "Left and right: thin to thick. Up and down: leaning left to leaning right."
    expect(pad.locator('[data-part="axes"]')).to_have_text(axes)
    expect(pad.locator(".latent-pad")).to_have_attribute("data-drawn", "0.00 0.00 0.00")
    pad.get_by_label("Width").fill("2")
    expect(pad.locator(".latent-pad")).to_have_attribute("data-drawn", "0.00 0.00 2.00")
    assert pad.evaluate(PIXELS) != before


@DESK
def test_the_training_steps_change_the_network_and_not_the_latent_vector(pad: Page):
    trained = levels(pad)
    pad.get_by_role("slider", name="Training steps").fill("0")

    expect(pad.locator('[data-part="status"]')).to_contain_text("after 0 training steps")
    pad.wait_for_function("Number(document.querySelector('.latent-pad').dataset.map) > 1")
    assert levels(pad).std() < 10 < trained.std()  # flat grey before the first step


@DESK
def test_another_sample_is_the_middle_of_the_map(pad: Page):
    pad.locator("#seed input").fill("7")
    pad.locator("#seed input").press("Enter")

    expect(pad.locator('[data-part="status"]')).to_contain_text("seed 7, sample 1")
    (expected,) = LocalEngine().sample("mnist-dcgan", step=20_000, seed=7, count=1).pictures
    pad.wait_for_function("Number(document.querySelector('.latent-pad').dataset.map) > 1")
    assert np.abs(levels(pad) - np.asarray(expected).astype(int)).max() <= MOST_LEVELS


@DESK
def test_the_picture_is_saved_with_its_seed_in_the_name_and_its_recipe_inside(pad: Page, tmp_path: Path):
    with pad.expect_download() as download:
        pad.get_by_role("button", name="Save the picture").click()

    assert download.value.suggested_filename == "mnist-dcgan-seed-42-sample-1.png"
    download.value.save_as(tmp_path / "sample.png")
    recipe = provenance.settings(tmp_path / "sample.png")
    assert recipe
    z = recipe.pop("z")
    assert recipe == {"model": "mnist-dcgan", "step": 20_000, "seed": 42, "sample": 1}
    assert z == pytest.approx(LocalEngine().latent("mnist-dcgan", seed=42, index=0))
    assert provenance.source_type(tmp_path / "sample.png") == provenance.GENERATED


def test_it_goes_on_without_a_server(browser: Browser, tmp_path: Path):
    with running_app(tmp_path) as url:
        page = browser.new_page()
        page.goto(f"{url}?tab=gan")
        page.locator(".latent-pad").evaluate("section => section.scrollIntoView()")
        page.wait_for_function("document.querySelector('.latent-pad').dataset.map", timeout=60_000)

    page.get_by_role("button", name="The point on the map").press("ArrowRight")

    expect(page.locator(".latent-pad")).to_have_attribute("data-drawn", "0.10 0.00 0.00 0.00 0.00 0.00")
    page.get_by_role("slider", name="Training steps").fill("0")
    expect(page.locator('[data-part="status"]')).to_contain_text("could not be fetched")
    page.close()


@DESK
@pytest.mark.expects_broken_requests
def test_a_large_generator_is_fetched_when_the_visitor_asks_for_it(pad: Page):
    address = "**/generators/painted-eyes/*"
    asked: list[str] = []
    pad.on("request", lambda request: asked.append(request.url) if "/painted-eyes/" in request.url else None)
    pad.route(address, lambda route: route.abort())
    status, root = pad.locator('[data-part="status"]'), pad.locator(".latent-pad")

    choose(pad, "painted-eyes")
    button = root.get_by_role("button", name="Draw it on my device (26 MB)")
    expect(button).to_be_visible()
    expect(pad.locator('[data-part="map"]')).to_be_hidden()
    assert not [url for url in asked if "/generators/" in url]

    button.click()
    expect(status).to_contain_text("could not be fetched")
    pad.unroute(address)
    root.get_by_role("button", name="Try again (26 MB)").click()
    expect(status).to_contain_text(
        "Drawn on your device: Painted eyes, seed 42, sample 1, after 19,700 training steps."
    )
    expect(pad.get_by_role("button", name="The point on the map")).to_be_focused()

    root.get_by_label("Move along").select_option("labels")
    expect(pad.locator('[data-part="axes"]')).to_have_text("Left and right: amber to blue. Up and down: brown to grey.")
    expect(root).to_have_attribute("data-drawn", "0.00 0.00 0.00 0.00")
    engine = LocalEngine()
    (held,) = engine.sample("painted-eyes", step=19_700, seed=42, count=1).pictures
    assert np.abs(levels(pad) - np.asarray(held)[:, :, 0].astype(int)).max() <= MOST_LEVELS

    pad.locator('[data-part="point"]').hover()  # in the middle of the map; waits until nothing moves on the page
    area = pad.locator('[data-part="map"]').bounding_box()
    assert area
    pad.mouse.down()
    pad.mouse.move(area["x"] + area["width"] - 1, area["y"] + area["height"] / 2, steps=20)
    pad.mouse.up()
    expect(root).to_have_attribute("data-drawn", re.compile(r"^(2\.9\d|3\.00) 0\.00 0\.00 0\.00$"))
    info = next(info for info in engine.generators() if info.name == "painted-eyes")
    across, _ = latent_pad.label_axes(info)[:2]
    z = torch.tensor(engine.latent(info.name, seed=42, index=0)) + 3 * torch.tensor(across["vector"])
    (blue,) = pictures_of(info.name, 19_700, z[None])  # the newest position has won
    assert np.abs(levels(pad) - np.asarray(blue)[:, :, 0].astype(int)).max() <= MOST_LEVELS


@DESK
def test_nothing_is_fetched_before_the_section_is_seen(page: Page, app_url: str):
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(app_url)
    expect(page.locator("#wall img").first).to_be_visible()
    page.wait_for_timeout(1_000)

    assert not [url for url in fetched if "/generators/" in url]


@DESK
def test_a_generator_that_a_browser_cannot_run_has_no_map(pad: Page):
    choose(pad, "sagan-fashion")

    expect(pad.locator("#latent-pad")).to_be_hidden()


def test_the_address_answers_only_for_what_it_has(app_url: str):
    assert httpx.get(f"{app_url}/generators/mnist-dcgan/20000").status_code == 200
    for path in ("mnist-dcgan/7", "vgg19/0", "sagan-fashion/10000", "..%2Fvgg19/0", "nobody/0"):
        assert httpx.get(f"{app_url}/generators/{path}").status_code == 404, path
