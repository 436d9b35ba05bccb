"""Write the training pictures of a data set with their features: `python -m training.nearest DATA FILE`.

`serving/local/nearest.py` starts this command when somebody first asks for the training pictures nearest to a sample.
It prints a line of JSON for each step: `doing`, `done` and `total`, or `error` with a sentence. Another process that
asks for the same file waits for this one.

The file is a safetensors: `pictures` uint8 (N, C, H, W), `features` float16 (N, D) of the classifier that scores the
data set's generators, and `usual` float32 (1,), the median distance of a test picture to its nearest training picture.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from filelock import FileLock
from safetensors.torch import save_file
from torch import Tensor

from evaluation.quantitative import judge, memorisation
from models import tensors
from models.hub import loading
from models.vision.classifier import Classifier
from training.data import datasets, packages
from training.scoring.report import DIGITS, JUDGES, STACKED

PART = 2000  # pictures from one line of progress to the next
COMPARED = 500  # test pictures, for the usual distance


def main() -> None:
    """Write the file, unless another process has written it meanwhile."""
    parser = argparse.ArgumentParser(prog="python -m training.nearest", description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=sorted({*JUDGES, STACKED}))
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    try:
        write(arguments.data, arguments.file)
    except packages.PackageError as error:
        print(f"training pictures: {error}", file=sys.stderr)
        tell(error=f"The training pictures ({datasets.TITLES[arguments.data]}) could not be fetched")
        sys.exit(1)


def write(data: str, file: Path) -> None:
    """Compute and write a data set's file; it appears only when it is complete."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{file}.lock"):
        if file.exists():
            return
        tell(doing="Fetching the training pictures", done=0, total=1)
        pictures, _ = datasets.DATA_SETS[data](train=True)
        test, _ = datasets.DATA_SETS[data](train=False)
        features = torch.cat(list(_told(data, pictures)))
        usual = memorisation.nearest(_features(data, test[:COMPARED]), features).distance.median()
        unfinished = file.with_suffix(f".{os.getpid()}")
        parts = {"pictures": pictures.contiguous(), "features": features.half(), "usual": usual.reshape(1)}
        save_file(parts, unfinished)
        unfinished.replace(file)


def _told(data: str, pictures: Tensor) -> Iterator[Tensor]:
    """The features part by part, with a line of progress for each."""
    done = 0
    for part in pictures.split(PART):
        tell(doing="Looking at the training pictures", done=done, total=len(pictures))
        yield _features(data, part)
        done += len(part)


def _features(data: str, pictures: Tensor) -> Tensor:
    """Features `(N, D)` of uint8 pictures; those of stacked digits stand one after another, a digit each."""
    classifier = loading.load(JUDGES[DIGITS if data == STACKED else data], source="bundled")
    assert isinstance(classifier, Classifier)
    single = pictures.flatten(0, 1)[:, None] if data == STACKED else pictures
    batches = (tensors.from_uint8(batch) for batch in single.split(judge.BATCH))
    return judge.look(classifier, batches).features.view(len(pictures), -1)


def tell(**values: str | int) -> None:
    """Print a line of JSON for the process that waits."""
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    main()
