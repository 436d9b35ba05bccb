"""The time of a request for sixteen samples, beside a request for a fixed picture: `python -m benchmarks.sampler`.

Whole requests over HTTP to the real app.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import tempfile
from typing import Any

import gradio as gr
import httpx
from PIL import Image

from benchmarks.report import Figure, interleaved, print_report, ratio

LIMIT = 2.0
MODEL = "mnist-dcgan"


def main() -> None:
    """Request a new sheet and a fixed picture of the same size, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    runs = 100 if parser.parse_args().quick else 400
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/votes.sqlite3"
        os.environ["GRADIO_TEMP_DIR"] = folder
        from app import demo  # reads the settings above

        seeds = itertools.count()
        fixed: list[Image.Image] = []
        with demo:
            picture = gr.Image(format="png", visible=False)
            gr.Button(visible=False).click(
                lambda: fixed[0], None, picture, api_name="fixed", concurrency_id="sampler", concurrency_limit=2
            )
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
        with httpx.Client(base_url=f"{url}gradio_api/call", timeout=60) as client:
            sheet = client.get(_call(client, "sample", [next(seeds), 6, 1, MODEL, 4])["url"]).raise_for_status().content
            fixed.append(Image.open(io.BytesIO(sheet)))
            seconds = interleaved(
                {
                    "sixteen new samples": lambda: _call(client, "sample", [next(seeds), 6, 1, MODEL, 4]),
                    "a fixed picture of that size": lambda: _call(client, "fixed", []),
                },
                runs=runs,
                warm_up=10,
            )
        demo.close()
    cost = ratio(seconds, "sixteen new samples", "a fixed picture of that size")
    print_report("A request of the GAN tab", seconds, [Figure("sample_request", cost, LIMIT)])


def _call(client: httpx.Client, name: str, values: list[Any]) -> Any:
    """Send one request through the queue and return the file data of its picture."""
    event = client.post(f"/{name}", json={"data": values}).raise_for_status().json()["event_id"]
    answer = client.get(f"/{name}/{event}").raise_for_status().text
    if "event: complete" not in answer:
        raise RuntimeError(f"{name} answered: {answer[:300]}")
    return json.loads(answer.rpartition("data: ")[2])[0]


if __name__ == "__main__":
    main()
