"""The time from the command to the first page, beside a minimal Gradio app: `python -m benchmarks.start [--quick]`.

The minimal app imports gradio, torch and torchvision and has one line of text.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.report import Figure, interleaved, print_report, ratio

LIMIT = 1.3
ROOT = Path(__file__).parents[1]
MINIMAL = """
import gradio as gr, torch, torchvision
with gr.Blocks() as demo:
    gr.Markdown("hello")
demo.launch(ssr_mode=False)
"""


def first_page(command: list[str], data: Path) -> Callable[[], None]:
    """Make a task that starts an app, waits for its first page and ends it."""

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
            finally:
                app.kill()

    return task


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
    print_report(
        "Start to first page", seconds, [Figure("warm_start", ratio(seconds, "Just Look", "minimal app"), LIMIT)]
    )


if __name__ == "__main__":
    main()
