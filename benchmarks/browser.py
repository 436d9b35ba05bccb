"""The map of the GAN tab in headless Chromium with the server stopped: `python -m benchmarks.browser`.

From a pointer's move to the painted canvas, from opening the tab to the first picture, and the bytes fetched for it.
Then the largest generator, `painted-eyes`: from the button that fetches it to its first picture, and a sample of it.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, Response, sync_playwright

from benchmarks.report import Figure, print_report
from tests.support.app_server import running_app
from tests.support.pages.generators import choose

FIRST_SECONDS = 1.5
MEGABYTES = 1.2
MEDIAN_MS, SLOW_MS = 16.0, 33.0
EYES, EYES_MS = "painted-eyes", 250.0
SMALL = "mnist-dcgan"
PAUSE_MS = 30  # between two moves of the pointer
DRAWN = "document.querySelector('.latent-pad').dataset.drawn"
FILLED = "document.querySelector('.latent-pad').dataset.map"
FORGET = f"delete {DRAWN}, delete {FILLED}"
RECORD = """() => {
  window.delays = [];
  const { pixels, atOnce } = justLook.generator, root = document.querySelector(".latent-pad");
  const read = (canvas) => canvas.getContext("2d").getImageData(0, 0, 1, 1); // until the pixels are there
  let moved = 0, drawing = 0; // when the pointer moved last, and when before the picture that is being drawn
  const map = root.querySelector(".pad-map");
  map.addEventListener("pointermove", (event) => { moved = event.timeStamp; }, { capture: true });
  justLook.generator.pixels = (...of) => {
    drawing = moved;
    return pixels(...of);
  };
  justLook.generator.atOnce = (...of) => {
    drawing = moved;
    return atOnce(...of);
  };
  new MutationObserver(() => {
    read(root.querySelector('[data-part="picture"]'));
    if (drawing) delays.push(performance.now() - drawing);
  }).observe(root, { attributeFilter: ["data-drawn"] });
}"""
SAMPLE = """async ([address, count]) => {
  const generator = await justLook.generator.load(address), spent = [];
  for (let i = 0; i < count; i += 1) {
    const z = Array.from({ length: 108 }, (_, k) => 2 * Math.sin(7 * (108 * i + k) ** 2)), started = performance.now();
    await justLook.generator.pixels(generator, z);
    spent.push(performance.now() - started);
  }
  return spent;
}"""


def main() -> None:
    """Open the tab, fetch both generators, stop the server, move the pointer over the map, and draw eyes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer moves")
    moves, samples = (100, 20) if parser.parse_args().quick else (500, 100)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        with running_app(Path(folder)) as url:
            first, fetched = opened(page, url)
            address, eyes_first = eyes_fetched(page)
            page.evaluate(FORGET)
            choose(page, SMALL)
            page.wait_for_function(FILLED)
        delays = dragged(page, moves)
        eyes = page.evaluate(SAMPLE, [address, samples])
        browser.close()
    seconds = {
        "tab to first picture": [first],
        "pointer to picture": [delay / 1000 for delay in delays],
        "eyes: button to first picture": [eyes_first],
        "eyes: a sample": [milliseconds / 1000 for milliseconds in eyes],
    }
    slow = statistics.quantiles(delays, n=20)[-1]
    figures = [
        Figure("pointer_to_picture_median_ms", statistics.median(delays), MEDIAN_MS),
        Figure("pointer_to_picture_95_percent_ms", slow, SLOW_MS),
        Figure("tab_to_first_picture_s", first, FIRST_SECONDS),
        Figure("fetched_for_it_mb", fetched / 1e6, MEGABYTES),
        Figure("eyes_sample_ms", statistics.median(eyes), EYES_MS),
    ]
    print_report("The map of the GAN tab, the server stopped", seconds, figures)


def opened(page: Page, url: str) -> tuple[float, int]:
    """Seconds from a click on the tab to the first picture of the map, and the bytes of generators fetched for it."""
    sizes: list[int] = []

    def count(response: Response) -> None:
        if "/generators/" in response.url:
            sizes.append(int(response.headers["content-length"]))

    page.on("response", count)
    page.goto(url)
    page.locator("#wall img").first.wait_for()
    started = page.evaluate("performance.now()")
    page.get_by_role("tab", name="Generate").click()
    page.locator(".latent-pad").evaluate("section => section.scrollIntoView()")
    page.wait_for_function(DRAWN)
    seconds = (page.evaluate("performance.now()") - started) / 1000
    page.wait_for_function(FILLED)
    return seconds, sum(sizes)


def eyes_fetched(page: Page) -> tuple[str, float]:
    """Choose the eyes and fetch them: their address, and the seconds from the button to the first picture."""
    page.locator("#z-1 input[type=range]").wait_for()  # until Gradio listens
    choose(page, EYES)
    button = page.get_by_role("button", name="Draw it on my device")
    button.wait_for()
    page.evaluate(FORGET)
    started = page.evaluate("performance.now()")
    with page.expect_response(f"**/generators/{EYES}/*") as reply:
        button.click()
    page.wait_for_function(DRAWN)
    seconds = (page.evaluate("performance.now()") - started) / 1000
    page.wait_for_function(FILLED)
    return reply.value.url, seconds


def dragged(page: Page, moves: int) -> list[float]:
    """Milliseconds from each move of the pointer until the picture's pixels can be read."""
    page.evaluate(RECORD)
    page.locator(".latent-pad").evaluate("section => section.scrollIntoView()")
    area = page.locator(".latent-pad .pad-map").bounding_box()
    assert area
    page.mouse.move(area["x"] + 5, area["y"] + 5)
    page.mouse.down()
    for i in range(moves):
        x, y = (i * 7 % 100) / 100, (i * 3 % 100) / 100
        page.mouse.move(area["x"] + x * area["width"], area["y"] + y * area["height"])
        page.wait_for_timeout(PAUSE_MS)
    page.mouse.up()
    return page.evaluate("delays")


if __name__ == "__main__":
    main()
