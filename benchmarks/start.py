"""The time to the first page, and from there to the first result: `python -m benchmarks.start [--quick]`.

The page is set beside that of a minimal Gradio app, which imports gradio, torch and torchvision and has one line of
text. The first results are what a visitor may ask for first: a sheet of samples and a restyled photo, as soon as the
page is there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx

from assets import samples
from benchmarks import app_http
from benchmarks.report import Figure, interleaved, print_report, ratio
from benchmarks.serve.calls import Replies, Visitor, defaults

Wish = Callable[[Visitor], Awaitable[None]]

LIMIT, RESULT_S = 1.3, 2.0
ROOT = Path(__file__).parents[1]
MINIMAL = """
import gradio as gr, torch, torchvision
with gr.Blocks() as demo:
    gr.Markdown("hello")
demo.launch(ssr_mode=False)
"""


def first_page(command: list[str], data: Path, *, then: Callable[[str], None] | None = None) -> Callable[[], None]:
    """Make a task that starts an app, waits for its first page, does something with its address, and ends it."""

    def task() -> None:
        port = _free_port()
        environment = {
            **os.environ,
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "DATABASE_URL": f"sqlite:///{data}/votes.sqlite3",
        }
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as app:
            try:
                _wait_for_page(app, f"http://127.0.0.1:{port}/")
                if then:
                    then(f"http://127.0.0.1:{port}")
            finally:
                app.kill()

    return task


async def _sheet(visitor: Visitor) -> None:
    await visitor.call("a sheet of samples", "sample")


async def _restyled(visitor: Visitor) -> None:
    photo, painting = Path(samples.photos()[0].path), Path(samples.paintings()[0].path)
    content = await visitor.upload("", photo.name, photo.read_bytes())
    style = await visitor.upload("", painting.name, painting.read_bytes())
    await visitor.call("a restyled photo", "restyle", content=content, style=style)


def first_results(data: Path, *, runs: int) -> dict[str, list[float]]:
    """Seconds that the first result of an app takes, asked for as soon as its page is there: one app a result."""
    replies = Replies()

    async def ask(wish: Wish, url: str) -> None:
        async with app_http.client(url) as http:
            await wish(Visitor(http, await defaults(http), replies, 0))

    def asked(wish: Wish, url: str) -> None:
        asyncio.run(ask(wish, url))

    for _ in range(runs):
        for wish in (_sheet, _restyled):
            first_page([sys.executable, "app.py"], data, then=partial(asked, wish))()
    if replies.failed or replies.refused or replies.busy:
        raise RuntimeError(f"a first result failed: {dict(replies.failed + replies.refused)}")
    return {name: seconds for name, seconds in replies.seconds.items() if name}


def _wait_for_page(app: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if app.poll() is not None:
            raise RuntimeError(f"the app ended with status {app.returncode} before its first page")
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, timeout=60).raise_for_status()
            return
        time.sleep(0.02)
    raise TimeoutError(f"no page from {url} within two minutes")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    """Start both in turns and compare the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    runs = 5 if parser.parse_args().quick else 15
    with tempfile.TemporaryDirectory() as folder:
        ours = first_page([sys.executable, "app.py"], Path(folder))
        minimal = first_page([sys.executable, "-c", MINIMAL], Path(folder))
        seconds = interleaved({"Just Look": ours, "minimal app": minimal}, runs=runs)
        results = first_results(Path(folder), runs=runs)
    slowest = max(statistics.median(each) for each in results.values())
    figures = [
        Figure("warm_start", ratio(seconds, "Just Look", "minimal app"), LIMIT),
        Figure("first_result_s", slowest, RESULT_S),
    ]
    print_report("Start to first page, and from there", {**seconds, **results}, figures)


if __name__ == "__main__":
    main()
