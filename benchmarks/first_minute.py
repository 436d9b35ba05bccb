"""What a visitor waits for in the first minute, in a headless browser: `python -m benchmarks.first_minute [--quick]`.

`--against COMMIT` measures another commit too, in turns in the same run; it is checked out into a temporary worktree.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

from benchmarks.report import Figure, print_report
from tests.support.app_server import ROOT, free_port, running_app

TABS = ("style", "gan", "just-look")
VIEWPORT: ViewportSize = {"width": 1280, "height": 860}
FIRST_PICTURE_S, READY_S, CHANGE_S, SHIFT, BYTES = 1.0, 2.0, 1.2, 0.05, 1_500_000
PHOTO = (1536, 1024)  # pixels of an own photo, larger than what is asked for
PAINTINGS = ("Irises", "Mada Primavesi", "The Repast of the Lion", "Ia Orana Maria")
AT_1024 = "tab=style&way=instant&side=1024&network=light"
QUIET_MS = 4_000  # longer than any request takes to lead to the next
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync")
MINIMAL = """
import gradio as gr
with gr.Blocks() as demo:
    gr.HTML("<h1>hello</h1>")
demo.launch(ssr_mode=False)
"""
# When the heading and the first picture are in sight, in milliseconds since the request, and how much moves.
WATCH = """(() => {
  window.first = { shift: 0 };
  const inSight = (part, least) => {
    const box = part.getBoundingClientRect();
    return box.width >= least && box.height >= least / 2 && box.bottom > 0 && box.top < innerHeight
      && part.checkVisibility({ visibilityProperty: true });
  };
  const look = () => {
    const heading = document.querySelector("h1");
    if (!first.page && heading && inSight(heading, 20)) first.page = performance.now();
    if (!first.picture && [...document.images].some((part) => part.naturalWidth && inSight(part, 100))) {
      first.picture = performance.now();
      first.page ??= first.picture;
    }
    requestAnimationFrame(look);
  };
  look();
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) first.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
})();"""

# Taps on a painting of the wall until one is answered by a request: that moment, and when the restyled picture comes.
TAP = """() => new Promise((resolve) => {
  const ask = window.fetch;
  let tapped = false, answered = 0;
  window.fetch = (address, ...more) => {
    if (tapped && String(address.url ?? address).includes("/run/")) answered ||= performance.now();
    return ask(address, ...more);
  };
  const timer = setInterval(() => {
    const cell = document.querySelectorAll("#wall [data-painting]")[1];
    if (cell && !answered) { tapped = true; cell.click(); }
    if (!answered || !document.querySelector("#restyled img")?.naturalWidth) return;
    clearInterval(timer);
    resolve([answered, performance.now()]);
  }, 20);
})"""


@dataclass
class Visits:
    """What was measured of one app: seconds and shifts by name, restyles after an upload, bytes of the first sight."""

    url: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    shifts: dict[str, list[float]] = field(default_factory=dict)
    restyles: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)

    def note(self, name: str, milliseconds: float) -> None:
        """Add a time."""
        self.seconds.setdefault(name, []).append(milliseconds / 1000)


@contextlib.contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """A commit's files in a temporary worktree."""
    with tempfile.TemporaryDirectory(prefix="first-minute-") as folder:
        place = Path(folder) / "checkout"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(place), commit], check=True, capture_output=True)
        try:
            yield place
        finally:
            subprocess.run([*git, "remove", "--force", str(place)], check=True, capture_output=True)


@contextlib.contextmanager
def minimal_app() -> Iterator[str]:
    """An app of one heading, whose bytes are Gradio's own."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    environment = {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False", "PATH": ""}
    command = [sys.executable, "-c", MINIMAL]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as app:
        try:
            while app.poll() is None:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(url, timeout=60)
                    break
                threading.Event().wait(0.1)
            yield url
        finally:
            app.kill()


@contextlib.contextmanager
def fresh(browser: Browser) -> Iterator[Page]:
    """A page in a browser that has been nowhere yet."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(WATCH)
    try:
        yield page
    finally:
        context.close()


def received(page: Page) -> list[int]:
    """A list that grows by the bytes of each answer, as they come over the network."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    return sizes


def first_sight(browser: Browser, visits: Visits, tab: str) -> None:
    """Open a tab, and note when the heading and the first picture come, and how much moves."""
    with fresh(browser) as page:
        sizes = received(page)
        page.goto(f"{visits.url}/?tab={tab}" if tab != "style" else visits.url)
        page.wait_for_function("first.picture")
        page.wait_for_timeout(1_500)  # whatever still moves, moves by then
        if tab == "style":
            visits.bytes.append(sum(sizes))
        first = page.evaluate("first")
        visits.note(f"{tab}: first picture after the page", first["picture"] - first["page"])
        visits.note(f"{tab}: first picture after the request", first["picture"])
        visits.shifts.setdefault(tab, []).append(first["shift"])


def first_tap(browser: Browser, visits: Visits) -> None:
    """Tap on a painting as soon as it is there, and note when a tap is answered and when the large picture comes."""
    with fresh(browser) as page:
        page.goto(visits.url, wait_until="commit")
        answered, restyled = page.evaluate(TAP)
        appeared = page.evaluate("first.page")
        visits.note("style: a tap is answered after the page", answered - appeared)
        visits.note("style: the large picture after that tap", restyled - answered)


def upload_and_change(browser: Browser, visits: Visits, photo: Path, paintings: int) -> None:
    """Upload a photo, count the restyles that follow, and change the painting at 1,024 pixels."""
    config = httpx.get(f"{visits.url}/config", timeout=60).json()
    names = {entry["id"]: entry["api_name"] for entry in config["dependencies"]}
    calls: list[str] = []

    def count(request: Request) -> None:
        if urlparse(request.url).path.endswith("/queue/join"):
            calls.append(names[json.loads(request.post_data or "{}")["fn_index"]])

    with fresh(browser) as page:
        page.goto(f"{visits.url}/?{AT_1024}")
        picture = page.locator("#restyled img").last
        picture.wait_for()
        page.wait_for_timeout(QUIET_MS)
        page.on("request", count)
        before = picture.get_attribute("src")
        page.locator("#photo").get_by_role("button", name="Remove Image").click()
        page.locator("#photo input[type=file]").set_input_files(photo)
        new_picture(page, before)
        page.wait_for_timeout(QUIET_MS)
        visits.restyles.append(calls.count("automatic"))
        for name in PAINTINGS[:paintings]:
            before = picture.get_attribute("src")
            button = page.locator("#paintings").get_by_role("button", name=name)
            button.scroll_into_view_if_needed()
            start = page.evaluate("performance.now()")
            button.click()
            visits.note("change of painting at 1,024 px", new_picture(page, before) - start)


def new_picture(page: Page, before: str | None) -> float:
    """Wait for another restyled picture; return when it was decoded, in milliseconds since the request of the page."""
    page.wait_for_function(
        "before => { const all = document.querySelectorAll('#restyled img'); const last = all[all.length - 1];"
        " return last && last.src !== before && last.complete && last.naturalWidth; }",
        arg=before,
        polling=10,
    )
    return page.evaluate("performance.now()")


def gradios_own(browser: Browser) -> int:
    """Bytes of a page of Gradio with one heading."""
    with minimal_app() as url, fresh(browser) as page:
        sizes = received(page)
        page.goto(url)
        page.wait_for_function("first.page")
        page.wait_for_load_state("networkidle")
        return sum(sizes)


def figures(visits: Visits, own: int) -> list[Figure]:
    """The figures of this checkout, with their limits."""
    median = {name: statistics.median(runs) for name, runs in visits.seconds.items()}
    return [
        *(
            Figure(
                f"first_picture_{tab.replace('-', '_')}_s",
                median[f"{tab}: first picture after the page"],
                FIRST_PICTURE_S,
            )
            for tab in TABS
        ),
        Figure("ready_for_the_next_tap_s", median["style: a tap is answered after the page"], READY_S),
        *(Figure(f"layout_shift_{tab.replace('-', '_')}", max(visits.shifts[tab]), SHIFT) for tab in TABS),
        Figure("restyles_after_an_upload", max(visits.restyles), 1),
        Figure("fewest_restyles_after_an_upload", min(visits.restyles), 1, at_least=True),
        Figure("change_of_painting_1024_s", median["change of painting at 1,024 px"], CHANGE_S),
        Figure("bytes_beyond_gradio", statistics.median(visits.bytes) - own, BYTES),
    ]


def measure(apps: dict[str, Visits], *, runs: int, paintings: int) -> int:
    """Visit every app in turns; return the bytes of Gradio's own page."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as play,
        contextlib.closing(play.chromium.launch(executable_path=executable, args=list(ARGUMENTS))) as browser,
    ):
        photo = Path(folder) / "photo.jpg"
        Image.effect_noise(PHOTO, 80).convert("RGB").save(photo)
        for visits in apps.values():  # loads the networks, and is not counted
            upload_and_change(browser, Visits(visits.url), photo, 1)
            for tab in TABS:
                first_sight(browser, Visits(visits.url), tab)
        for _ in range(runs):
            for tab in TABS:
                for visits in apps.values():
                    first_sight(browser, visits, tab)
            for visits in apps.values():
                first_tap(browser, visits)
            for visits in apps.values():
                upload_and_change(browser, visits, photo, paintings)
        return gradios_own(browser)


def main() -> None:
    """Measure this checkout, and another commit beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer visits")
    parser.add_argument("--against", metavar="COMMIT", help="measure this commit too")
    options = parser.parse_args()
    runs, paintings = (2, 2) if options.quick else (5, len(PAINTINGS))
    with contextlib.ExitStack() as stack:
        roots = {"": ROOT}
        if options.against:
            roots[f"{options.against}, "] = stack.enter_context(checkout(options.against))
        apps = {}
        for name, root in roots.items():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            apps[name] = Visits(stack.enter_context(running_app(folder, root=root)))
        own = measure(apps, runs=runs, paintings=paintings)
    print(f"Gradio's own page: {own:,} bytes")
    for name, visits in apps.items():
        print(
            f"{name}bytes of the first sight beyond that {statistics.median(visits.bytes) - own:,.0f}, "
            f"restyles after an upload {visits.restyles}, largest layout shifts: "
            + ", ".join(f"{tab} {max(shifts):.3f}" for tab, shifts in visits.shifts.items())
        )
    seconds = {f"{name}{what}": times for name, visits in apps.items() for what, times in visits.seconds.items()}
    print_report("The first minute", seconds, figures(apps[""], own))


if __name__ == "__main__":
    main()
