"""What a sample costs: over HTTP, with many visitors at once, and in batches: `python -m benchmarks.sampler [--quick]`.

Whole requests over HTTP to the real app: sixteen new samples beside a fixed picture of the same size, by an event with
the same controls, in turns; then sixteen visitors who each drag a number of z, every request as soon as the last is
answered. At last pictures by the engine, sixteen at a time, beside a plain float32 loop over the same z with torch's
own layers and the same weights.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import statistics
import tempfile
import threading
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import gradio as gr
import httpx
import torch
from PIL import Image

from benchmarks.report import Figure, interleaved, print_report, ratio
from benchmarks.train import PLAIN
from models import tensors
from models.gan import latent
from models.hub import loading
from serving.local import sampling

MEDIAN, SLOW, UNEVEN, FASTER = 1.4, 2.5, 4.0, 2.0
MODEL, STEP, SNAPSHOT = "mnist-dcgan", 20_000, 6
VISITORS = 16
BATCH = 16  # samples in a sheet
SHEETS = 8  # in a timed run
NEW, FIXED, DRAGGED = "sixteen new samples", "a fixed picture of that size", f"a move, {VISITORS} drag at once"
BATCHES, LOOP = f"{BATCH * SHEETS} samples in batches of {BATCH}", f"{BATCH * SHEETS} samples in a plain loop"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/votes.sqlite3"
        os.environ["GRADIO_TEMP_DIR"] = folder
        from app import demo  # reads the settings above

        fixed: list[Image.Image] = []
        controls = next(event.inputs for event in demo.fns.values() if event.api_name == "sample")
        with demo:
            picture = gr.Image(format="png", visible=False)
            gr.Button(visible=False).click(
                lambda *_: fixed[0], controls, picture, api_name="fixed", concurrency_id="sampler", concurrency_limit=2
            )
        _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
        address = f"{url}gradio_api/call"
        seconds = requests(address, fixed, runs=150 if quick else 400)
        visitors = dragging(address, moves=10 if quick else 40)
        demo.close()
    seconds = {
        **seconds,
        DRAGGED: [each for visitor in visitors for each in visitor],
        **batches(runs=20 if quick else 60),
    }
    slow = _slow(seconds[NEW]) / _slow(seconds[FIXED])
    medians = [statistics.median(visitor) for visitor in visitors]
    figures = [
        Figure("sample_request", ratio(seconds, NEW, FIXED), MEDIAN),
        Figure("sample_request_95_percent", slow, SLOW),
        Figure("slowest_of_16_visitors", max(medians) / min(medians), UNEVEN),
        Figure("batches_times_as_fast", ratio(seconds, LOOP, BATCHES), FASTER, at_least=True),
    ]
    print_report("Samples of the GAN tab", seconds, figures)


def requests(address: str, fixed: list[Image.Image], *, runs: int) -> dict[str, list[float]]:
    """Seconds of one visitor's requests for a new sheet and for a fixed picture of the same size, in turns."""
    seeds = itertools.count()
    with httpx.Client(base_url=address, timeout=60) as client:
        sheet = _call(client, "sample", [next(seeds), SNAPSHOT, 1, MODEL, 4])
        content = client.get(sheet["url"]).raise_for_status().content
        fixed.append(Image.open(io.BytesIO(content)).convert("RGB"))  # the usual mode, whatever the sheet's is
        tasks = {
            NEW: lambda: _call(client, "sample", [next(seeds), SNAPSHOT, 1, MODEL, 4]),
            FIXED: lambda: _call(client, "fixed", [next(seeds), SNAPSHOT, 1, MODEL, 4]),
        }
        return interleaved(tasks, runs=runs, warm_up=10)


def dragging(address: str, *, moves: int) -> list[list[float]]:
    """Seconds of each move of each visitor: all begin together, and move on as soon as they have an answer."""
    seconds: list[list[float]] = [[] for _ in range(VISITORS)]
    together = threading.Barrier(VISITORS)

    def drag(visitor: int) -> None:
        with httpx.Client(base_url=address, timeout=60) as client:
            together.wait()
            for move in range(moves):
                started = perf_counter()
                z = [4 * move / moves - 2, 0, 0, 0]
                _call(client, "move_z", [visitor, SNAPSHOT, 1, [0, 1, 2, 3], *z, MODEL, 4])
                seconds[visitor].append(perf_counter() - started)

    threads = [threading.Thread(target=drag, args=(visitor,)) for visitor in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if any(len(visitor) < moves for visitor in seconds):
        raise RuntimeError("a visitor's request failed, see above")
    return seconds


@torch.inference_mode()
def batches(*, runs: int) -> dict[str, list[float]]:
    """Seconds of the same samples, drawn by the engine in batches and by a plain loop, one after another."""
    plain = loading.load(MODEL, step=STEP)
    for module in plain.modules():
        module.__class__ = PLAIN.get(type(module), type(module))
    z = latent.sample_z(0, BATCH * SHEETS, sampling.info_at(MODEL, STEP).z_dim)

    def in_batches() -> list[Image.Image]:
        return [each for part in z.split(BATCH) for each in sampling.pictures_of(MODEL, STEP, part)]

    def in_a_loop() -> list[Image.Image]:
        return [each for vector in z for each in tensors.as_pictures(plain(vector[None]))]

    largest = max(map(_difference, in_batches(), in_a_loop()))
    if largest > 1:
        raise RuntimeError(f"the two draw different pictures: {largest} of 255 levels apart")
    return interleaved({BATCHES: in_batches, LOOP: in_a_loop}, runs=runs, warm_up=2)


def _difference(first: Image.Image, second: Image.Image) -> int:
    return max(abs(a - b) for a, b in zip(first.tobytes(), second.tobytes(), strict=True))


def _slow(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def _call(client: httpx.Client, name: str, values: list[Any]) -> Any:
    """Send one request through the queue and return the file data of its picture."""
    event = client.post(f"/{name}", json={"data": values}).raise_for_status().json()["event_id"]
    answer = client.get(f"/{name}/{event}").raise_for_status().text
    if "event: complete" not in answer:
        raise RuntimeError(f"{name} answered: {answer[:300]}")
    return json.loads(answer.rpartition("data: ")[2])[0]


if __name__ == "__main__":
    main()
