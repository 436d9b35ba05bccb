"""Why convolutions: what the page computes is what torch computes, and each section answers to finger and keys."""

import base64
import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Request, expect
from torch.nn import functional as F

from assets import digits
from models.hub import loading
from models.vision.shift_pair import on_canvas
from serving.local import LocalEngine
from tests.support.folders import ROOT
from tests.support.widths import DESK

SCRIPTS = ("convolution_window.js", "first_filters.js", "moved_digit.js")
ADDRESS = "http://scripts.test/"
CONVOLVE = """([numbers, width, height, kernel, options]) => {
  const { values, ...size } = justLook.convolve(numbers, width, height, kernel, options);
  return [Array.from(values), size.width, size.height];
}"""
RESPOND = """([data, width, height, filter]) => Array.from(justLook.filterResponses({ data, width, height }, filter))"""
CLASSIFY = """([file, canvases]) => {
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const { dense, convolutional } = justLook.readShiftPair(bytes.buffer);
  return canvases.map((canvas) => [dense, convolutional].map((answer) => answer(Float32Array.from(canvas))));
}"""
DRAWN = """([x, y, width, height]) => {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [280, 280];
  const context = sheet.getContext("2d");
  context.fillRect(0, 0, 280, 280);
  context.fillStyle = "#fff";
  context.fillRect(x, y, width, height);
  const digit = justLook.asDigit(sheet);
  return digit && Array.from(digit);
}"""
CELLS = "grid => [...grid.querySelectorAll('.cell')].map((cell) => cell.textContent)"


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    """An empty page with the scripts that compute."""
    page = browser.new_page()
    page.route(ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(ADDRESS)
    for script in SCRIPTS:
        page.add_script_tag(path=ROOT / "demos/page" / script)
    yield page
    page.close()


@pytest.fixture
def section(page: Page, app_url: str) -> Page:
    """The page with the section on convolutions open."""
    page.goto(f"{app_url}?tab=see&way=convolutions")
    expect(page.locator(".window-walk")).to_have_attribute("data-at", re.compile(r"\d+"))
    return page


def ten() -> torch.Tensor:
    """The ten digits of the page, `(10, 1, 28, 28)`."""
    with Image.open(digits.FILE) as strip:
        pixels = torch.from_numpy(np.array(strip)).float() / 255
    return torch.stack(pixels.split(digits.SIDE, dim=1))[:, None]


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (1, 1), (2, 1)])
def test_the_window_computes_what_torch_computes(scripts: Page, stride: int, padding: int):
    random = torch.Generator().manual_seed(0)
    numbers = torch.randint(0, 256, (1, 1, 7, 8), generator=random).double()
    kernel = torch.randn(1, 1, 3, 3, generator=random, dtype=torch.float64)
    arguments = [numbers.flatten().tolist(), 8, 7, kernel.flatten().tolist(), {"stride": stride, "padding": padding}]

    values, width, height = scripts.evaluate(CONVOLVE, arguments)

    expected = F.conv2d(numbers, kernel, stride=stride, padding=padding)[0, 0]
    assert (height, width) == tuple(expected.shape)
    np.testing.assert_allclose(np.reshape(values, (height, width)), expected.numpy(), atol=1e-9)


@pytest.mark.parametrize(
    ("text", "number"),
    [(" −1 ", -1), ("0.5", 0.5), ("0,5", 0.5), ("1/9", 1 / 9), ("-3/4", -0.75), (".5", 0.5)]
    + [(text, None) for text in ("", "a", "1/0", "1e3", "100", "1/", "--1", "1/9/9")],
)
def test_a_number_of_the_kernel_is_read_or_refused(scripts: Page, text: str, number: float | None):
    read = scripts.evaluate("(text) => justLook.kernelNumber(text) ?? null", text)

    assert read == (None if number is None else pytest.approx(number))


def test_the_filters_respond_as_in_the_network(scripts: Page):
    pixels = torch.randint(0, 256, (9, 11, 4), generator=torch.Generator().manual_seed(0))
    network = loading.load("vgg19", source="bundled")
    expected = network((pixels[..., :3].float() / 255).permute(2, 0, 1)[None], ["relu1_1"])["relu1_1"][0]
    filters = LocalEngine().first_filters()

    for i in (0, 8, 31, 58):
        numbers = [*filters[i].weights, filters[i].bias]
        responses = scripts.evaluate(RESPOND, [pixels.flatten().tolist(), 11, 9, numbers])
        np.testing.assert_allclose(np.reshape(responses, (9, 11)), expected[i].numpy(), atol=0.01)


def test_both_classifiers_give_the_probabilities_of_torch(scripts: Page):
    places = [(0, 0), (7, -6), (-10, 10), (3, 1)]
    canvases = torch.cat([on_canvas(ten(), right=right, down=down) for right, down in places])
    expected = torch.stack([logits.softmax(dim=1) for logits in loading.load("shift-pair")(canvases)], dim=1)
    file = base64.b64encode(LocalEngine().shift_pair()).decode()

    answers = scripts.evaluate(CLASSIFY, [file, canvases.flatten(1).tolist()])

    np.testing.assert_allclose(answers, expected.numpy(), atol=1e-3)
    assert expected.std() > 0.1


def test_a_drawing_becomes_a_digit_as_those_of_mnist(scripts: Page):
    digit = np.reshape(scripts.evaluate(DRAWN, [10, 30, 50, 100]), (28, 28))

    rows, columns = (np.flatnonzero(digit.max(axis=axis) > 0.5) for axis in (1, 0))
    assert (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1) == (20, 10)
    assert abs(rows.mean() - 13.5) <= 0.5
    assert abs(columns.mean() - 13.5) <= 0.5
    assert scripts.evaluate(DRAWN, [0, 0, 0, 0]) is None


def test_the_window_walks_by_button_and_by_key(section: Page):
    walk = section.locator(".window-walk")
    assert len(section.locator('[data-part="output"]').evaluate(CELLS)) == 36

    walk.get_by_role("button", name="Start again").click()
    walk.get_by_role("button", name="Step", exact=True).click()
    expect(walk).to_have_attribute("data-at", "1")
    patch = walk.locator('[data-part="patch"]')
    patch.focus()
    patch.press("ArrowDown")
    expect(walk).to_have_attribute("data-at", "7")
    patch.press("End")
    expect(walk).to_have_attribute("data-at", "35")
    pixels = np.reshape([int(text) for text in patch.evaluate(CELLS)], (8, 8))
    output = [int(text.replace("−", "-")) for text in walk.locator('[data-part="output"]').evaluate(CELLS)]
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    expected = [(pixels[y : y + 3, x : x + 3] * kernel).sum() for y in range(6) for x in range(6)]
    assert output == expected
    assert np.ptp(expected) > 100, "the patch at first sight has an edge"
    expect(walk.locator('[data-part="sum"]')).to_have_text(f"Sum: {str(expected[-1]).replace('-', '−')}")

    walk.get_by_role("button", name="Start again").click()
    walk.get_by_role("button", name="Play").click()
    expect(walk).to_have_attribute("data-at", re.compile("^[3-9]$"))
    walk.get_by_role("button", name="Pause").click()
    expect(walk.get_by_role("button", name="Play")).to_be_visible()


def test_stride_padding_and_own_numbers_change_the_output(section: Page):
    walk = section.locator(".window-walk")
    output = walk.locator('[data-part="output"]')
    walk.get_by_label("Padding with zeros").check()
    assert len(output.evaluate(CELLS)) == 64
    walk.get_by_label("Stride").select_option("2")
    assert len(output.evaluate(CELLS)) == 16
    expect(walk.locator('[data-part="size"]')).to_contain_text("4 × 4 numbers")

    middle = walk.get_by_label("Kernel, row 2, column 2")
    middle.fill("two")
    expect(walk.locator('[data-part="refused"]')).to_contain_text("such as −1, 0.5 or 1/9")
    expect(middle).to_have_attribute("aria-invalid", "true")
    for i in range(9):
        walk.locator(f'[data-number="{i}"]').fill("1/2" if i == 4 else "0")
    expect(walk.locator('[data-part="refused"]')).to_have_text("")
    expect(walk.locator('[data-part="preset"]')).to_have_value("own")
    walk.get_by_role("button", name="To the end").click()
    pixel = int(walk.locator('[data-part="patch"]').evaluate(CELLS)[7 * 10 + 7])  # under the middle of the last window
    half = float(output.evaluate(CELLS)[-1])
    assert half == pytest.approx(pixel / 2, abs=0.5)


def test_a_filter_is_chosen_and_the_photo_followed(section: Page):
    filters = section.locator(".first-filters")
    expect(filters).to_have_attribute("data-drawn", "58")
    assert float(filters.get_attribute("data-most") or 0) > 1
    chosen = filters.get_by_role("radio", name=re.compile("^Filter 31: bright places"))
    chosen.click()
    expect(chosen).to_have_attribute("aria-checked", "true")
    expect(filters.locator('[data-part="about"]')).to_contain_text("Filter 31 responds to bright places")
    chosen.press("ArrowRight")
    expect(filters).to_have_attribute("data-drawn", "32")

    before = filters.get_attribute("data-most")
    section.locator('#seen-photos [data-photo="2"]').click()
    expect(filters).not_to_have_attribute("data-most", before or "")


def test_deeper_maps_come_when_they_are_in_sight_and_by_layer(section: Page):
    maps = section.locator("#deeper-maps img")
    section.locator("#deeper-maps").scroll_into_view_if_needed()
    expect(maps).to_have_count(12)
    expect(maps.first).to_have_attribute("alt", re.compile(r"Where filter \d+ of relu3_1 responds"))
    section.locator("#deeper-layer input").click()
    section.get_by_role("option", name=re.compile("^relu5_1: sees 156 × 156 pixels")).click()
    expect(maps.first).to_have_attribute("alt", re.compile("of relu5_1"))


def moved(section: Page) -> Locator:
    """The digit with its answers, in sight."""
    digit = section.locator(".moved-digit")
    digit.evaluate("section => section.scrollIntoView()")
    expect(digit).to_have_attribute("data-answered", "7 -6")
    return digit


def test_a_digit_is_dragged_and_pushed_and_both_answer_without_a_request(section: Page):
    digit = moved(section)
    sent: list[str] = []

    def on_request(request: Request) -> None:
        if not request.url.startswith("data:"):
            sent.append(request.url)

    section.on("request", on_request)
    says = {name: digit.locator(f'[data-classifier="{name}"] b') for name in ("dense", "convolutional")}
    expect(says["convolutional"]).to_have_text("7")
    expect(says["dense"]).not_to_have_text("7")

    handle = digit.locator('[data-part="handle"]')
    handle.press("Home")
    expect(digit).to_have_attribute("data-answered", "0 0")
    expect(says["dense"]).to_have_text("7")
    handle.press("ArrowLeft")
    handle.press("ArrowDown")
    expect(digit).to_have_attribute("data-answered", "-1 1")
    expect(digit.locator('[data-part="share"]')).to_contain_text("1 left and 1 down")

    stage = digit.locator('[data-part="stage"]')
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    section.mouse.move(x, y)
    section.mouse.down()
    section.mouse.move(x + box["width"], y, steps=6)
    section.mouse.up()
    expect(digit).to_have_attribute("data-answered", "10 1")  # the edge holds it
    expect(says["convolutional"]).to_have_text("7")
    assert sent == []


@DESK
def test_the_map_says_how_often_each_is_right_there(section: Page):
    digit = moved(section)
    engine = LocalEngine().shifted_digits()
    canvas = digit.locator('[data-classifier="dense"] [data-part="map"]')
    canvas.hover(position={"x": 3, "y": 3})
    corner = engine.convolutional.places[0][0]
    expect(digit.locator('[data-part="share"]')).to_contain_text("10 left and 10 up")
    expect(digit.locator('[data-part="share"]')).to_contain_text(f"the convolutional one {100 * corner:.0f} %")
    canvas.click(position={"x": 3, "y": 3})
    expect(digit).to_have_attribute("data-answered", "-10 -10")


def test_a_drawn_digit_is_answered(section: Page):
    digit = moved(section)
    digit.locator('[data-part="handle"]').press("Home")
    digit.get_by_role("button", name="Draw your own").click()
    sheet = digit.locator('[data-part="drawing"]')
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    section.mouse.move(box["x"] + 100, box["y"] + 30)
    section.mouse.down()
    section.mouse.move(box["x"] + 100, box["y"] + 170, steps=5)
    section.mouse.up()

    for name in ("dense", "convolutional"):
        expect(digit.locator(f'[data-classifier="{name}"] b')).to_have_text("1")


@DESK
def test_the_start_of_the_page_fetches_nothing_of_this_section(page: Page, app_url: str):
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(app_url)
    expect(page.locator("#weights :is(p, li)").first).to_be_visible()

    assert not [url for url in sent if "shift-pair" in url or "feature_maps" in url]
    joined = [url for url in sent if "queue/join" in url]
    assert len(joined) <= 1, "the weights' line, and nothing else"


@DESK
def test_without_the_networks_a_sentence_offers_to_try_again(page: Page, app_url: str):
    page.route(
        "**/classifiers/shift-pair", lambda route: route.fulfill(body=b"a broken file of some other kind"), times=1
    )
    page.goto(f"{app_url}?tab=see&way=convolutions")
    digit = page.locator(".moved-digit")
    expect(digit).to_be_attached()
    digit.evaluate("section => section.scrollIntoView()")
    expect(digit.locator('[data-part="failed"]')).to_contain_text("could not be fetched")
    digit.get_by_role("button", name="Try again").click()
    expect(digit).to_have_attribute("data-answered", "7 -6")
