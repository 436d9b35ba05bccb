"""The page's scripts that draw a generator, without the app: both forms of the product, and the worker."""

import base64
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from models import tensors
from models.gan import browser as browser_files
from models.gan import labelled
from models.gan.latent import sample_z
from tests.support.folders import ROOT

SCRIPTS = [ROOT / "demos/page" / name for name in ("matrix_product.js", "generator.js", "generator_worker.js")]
MOST_LEVELS = 2  # of 255: weights are in half precision
ADDRESS = "http://scripts.test/"
WITHOUT_WEBASSEMBLY = "globalThis.WebAssembly = undefined"
PRODUCT = """([a, b, rows, depth, columns]) => {
  const { buffer, tile } = justLook.matrixProduct(4 * (a.length + b.length + rows * columns));
  const numbers = new Float32Array(buffer), c = a.length + b.length;
  numbers.set(a);
  numbers.set(b, a.length);
  for (let row = 0; row < rows; row += 4) {
    for (let column = 0; column < columns; column += 8)
      tile(4 * row * depth, 4 * (a.length + column * depth), 4 * (c + row * columns + column), 4 * depth, 4 * columns);
  }
  return [Array.from(numbers.subarray(c, c + rows * columns)), tile.toString()];
}"""
DRAW_HERE = """([file, latents]) => {
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const { pixels } = justLook.readGenerator(bytes.buffer, justLook.matrixProduct);
  return latents.map((z) => Array.from(pixels(z)));
}"""
DRAW_IN_WORKER = """async ([url, latents]) => {
  const fetched = [];
  const generator = await justLook.generator.load(url, (bytes) => fetched.push(bytes));
  const pictures = await Promise.all(latents.map((z) => justLook.generator.pixels(generator, z)));
  return [pictures.map(({ data }) => Array.from(data)), fetched.at(-1)];
}"""
DRAW_AT_ONCE = """async ([url, latents]) => {
  const generator = await justLook.generator.load(url);
  return latents.map((z) => Array.from(justLook.generator.atOnce(generator, z).data));
}"""
LATE = """async ([url, latents]) => {
  const generator = await justLook.generator.load(url);
  let now = 0;
  performance.now = () => { now += 20; return now; };
  return Array.from({ length: 8 }, () => Boolean(justLook.generator.atOnce(generator, latents[0])));
}"""


@pytest.fixture
def empty(browser: Browser) -> Iterator[Page]:
    """An empty page with the scripts."""
    page = browser.new_page()
    page.route(ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(ADDRESS)
    for script in SCRIPTS:
        page.add_script_tag(path=script)
    yield page
    page.close()


@pytest.fixture(scope="module")
def generator() -> labelled.Generator:
    torch.manual_seed(0)
    network = labelled.Generator(labels="amber, blue, green", z_dim=11, width=4, channels=3, size=32)
    for _ in range(20):  # until batch normalisation's statistics fit the weights
        network(torch.randn(32, network.z_dim))
    network.layers[-2].weight.data *= 50  # strong pictures, as after a training
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def latents(generator: labelled.Generator) -> torch.Tensor:
    return sample_z(1, 3, generator.z_dim)


def assert_same_pictures(pixels: list[list[int]], generator: labelled.Generator, latents: torch.Tensor) -> None:
    pictures = [picture.convert("RGBA") for picture in tensors.as_pictures(generator(latents))]
    expected = np.stack([np.asarray(picture) for picture in pictures]).astype(int)
    assert np.abs(np.array(pixels).reshape(expected.shape) - expected).max() <= MOST_LEVELS
    assert expected[..., :3].std() > 5


@pytest.mark.parametrize(("rows", "depth", "columns"), [(4, 1, 8), (4, 24, 16), (16, 109, 40)])
def test_both_forms_of_the_product_multiply(empty: Page, rows: int, depth: int, columns: int):
    random = np.random.default_rng(0)
    a = random.standard_normal((rows, depth)).clip(0).astype(np.float32)  # with zeros, as a ReLU leaves them
    b = random.standard_normal((depth, columns)).astype(np.float32)
    panels = b.reshape(depth, -1, 8).transpose(1, 0, 2)
    arguments = [a.ravel().tolist(), panels.ravel().tolist(), rows, depth, columns]

    assembled, code = empty.evaluate(PRODUCT, arguments)
    empty.evaluate(WITHOUT_WEBASSEMBLY)
    plain, plain_code = empty.evaluate(PRODUCT, arguments)

    assert ("[native code]" in code, "[native code]" in plain_code) == (True, False)
    np.testing.assert_allclose(np.reshape(assembled, (rows, columns)), a @ b, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(np.reshape(plain, (rows, columns)), a @ b, rtol=1e-5, atol=1e-5)


def test_without_webassembly_the_pictures_are_the_same(
    empty: Page, generator: labelled.Generator, latents: torch.Tensor
):
    file = base64.b64encode(browser_files.browser_file(generator)).decode()
    empty.evaluate(WITHOUT_WEBASSEMBLY)

    pixels = empty.evaluate(DRAW_HERE, [file, latents.tolist()])

    assert_same_pictures(pixels, generator, latents)


def test_a_worker_draws_and_a_failed_fetch_may_be_tried_again(
    empty: Page, generator: labelled.Generator, latents: torch.Tensor
):
    content, replies = browser_files.browser_file(generator), iter([404, 200])
    address = f"{ADDRESS}generators/small/0"
    empty.route(address, lambda route: route.fulfill(status=next(replies), body=content))
    arguments = [address, latents.tolist()]

    with pytest.raises(BrowserError, match="404"):
        empty.evaluate(DRAW_IN_WORKER, arguments)
    pixels, fetched = empty.evaluate(DRAW_IN_WORKER, arguments)

    assert_same_pictures(pixels, generator, latents)
    assert fetched == len(content)
    assert empty.evaluate("(url) => justLook.generator.isOpen(url)", address)


def test_the_page_draws_a_small_generator_at_once_unless_its_device_is_late(
    empty: Page, generator: labelled.Generator, latents: torch.Tensor
):
    address = f"{ADDRESS}generators/small/0"
    empty.route(address, lambda route: route.fulfill(body=browser_files.browser_file(generator)))
    arguments = [address, latents.tolist()]

    assert_same_pictures(empty.evaluate(DRAW_AT_ONCE, arguments), generator, latents)
    assert empty.evaluate(LATE, arguments) == [True] * 5 + [False] * 3
    assert_same_pictures(empty.evaluate(DRAW_IN_WORKER, arguments)[0], generator, latents)
