"""Each application beside its library's own reference call: `python -m benchmarks.vision [--quick]`.

Both sides get the same decoded photograph of 1,440 px and answer the same question with their networks in memory, on
two threads, in turns. The reference of the classifier is the package `efficientnet-lite-pytorch` with torchvision's
transforms; that of the detector and the segmenter is LiteRT's `Interpreter`, called as its guide shows; that of the
subject is U²-Netp's ONNX file by ONNX Runtime, prepared as rembg does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import onnxruntime
import torch
from PIL import Image

from assets import sight
from benchmarks.report import Figure, interleaved, print_report, ratio
from media import images
from models.hub import loading
from serving.local import malloc
from serving.local.see import vision
from training import import_classifier, import_saliency

LIMIT = 1.1
THREADS = 2
PAUSE = 0.1  # seconds: the threads of ONNX Runtime spin after each picture
TASKS = ("classify", "detect", "segment", "subject")


def figures(*, quick: bool) -> tuple[dict[str, list[float]], list[Figure]]:
    """Measure; the packages of the references are fetched on first use.

    Raises:
        training.data.packages.PackageError: one could not be fetched.
    """
    torch.set_num_threads(THREADS)
    malloc.keep_freed()  # as the app does, for both sides
    picture = images.read(sight.photo().path, max_side=sight.SIDE)
    viewer, references = vision.LocalViewer(), _references(picture)
    viewer.ready_to_view()
    tasks: dict[str, Callable[[], object]] = {}
    for task in TASKS:
        tasks[task] = partial(getattr(viewer, task), picture)
        tasks[f"{task}, reference"] = references[task]
    seconds = interleaved(tasks, runs=15 if quick else 60, warm_up=3, pause=PAUSE)
    return seconds, [
        Figure(f"{task}_to_reference", ratio(seconds, task, f"{task}, reference"), LIMIT) for task in TASKS
    ]


def _references(picture: Image.Image) -> dict[str, Callable[[], object]]:
    return {
        "classify": _classifier(picture),
        "detect": _graph(vision.DETECTOR, picture, lambda small: small),
        "segment": _graph(
            vision.SEGMENTER,
            picture,
            lambda small: (small.astype(np.float32) - 127.5) / 127.5,
            lambda out: out.argmax(-1),
        ),
        "subject": _subject(picture),
    }


def _classifier(picture: Image.Image) -> Callable[[], object]:
    network, prepare = import_classifier.reference(), import_classifier.reference_input()

    def classify() -> object:
        with torch.no_grad():
            return network(prepare(picture)[None]).softmax(1).topk(5)

    return classify


def _graph(
    name: str,
    picture: Image.Image,
    scale: Callable[[np.ndarray], np.ndarray],
    finish: Callable[[np.ndarray], object] = lambda first: first,
) -> Callable[[], object]:
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(str(loading.locate(name).path), num_threads=THREADS)
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    _, height, width, _ = given["shape"]

    def ask() -> object:
        small = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
        interpreter.set_tensor(given["index"], scale(small)[None])
        interpreter.invoke()
        first, *rest = (interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details())
        return finish(first), rest

    return ask


def _subject(picture: Image.Image) -> Callable[[], object]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(import_saliency.original(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def cut() -> object:
        levels = np.asarray(picture.resize((320, 320), Image.Resampling.LANCZOS), dtype=np.float32)
        levels = (levels / max(levels.max(), 1e-6) - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
        rating = session.run(None, {name: levels.transpose(2, 0, 1)[None].astype(np.float32)})[0][0, 0]
        rating = (rating - rating.min()) / (rating.max() - rating.min())
        return Image.fromarray((rating * 255).astype(np.uint8)).resize(picture.size, Image.Resampling.LANCZOS)

    return cut


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vision", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    print_report("Applications beside their references", *figures(quick=parser.parse_args().quick))


if __name__ == "__main__":
    main()
