"""The architectures that weights may name, each with its class: nothing outside this list is built from a file.

A class is imported when it is asked for, so that a manifest can be read without torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.pretrained import Pretrained

ARCHITECTURES = {
    "vgg19": "models.style.vgg:VGG19",
    "adain-decoder": "models.style.adain:Decoder",
    "light-style": "models.style.light:LightStyle",
    "u2netp": "models.vision.saliency:U2Netp",
    "dcgan-generator": "models.gan.dcgan:Generator",
    "labelled-dcgan-generator": "models.gan.labelled:Generator",
    "dcgan-discriminator": "models.gan.dcgan:Discriminator",
    "sagan-generator": "models.gan.sagan:Generator",
    "sagan-discriminator": "models.gan.sagan:Discriminator",
    "cyclegan-translator": "models.gan.cyclegan:Translator",
    "shift-pair": "models.vision.shift_pair:ShiftPair",
    "classifier": "models.vision.classifier:Classifier",
    "efficientnet-lite0": "models.vision.efficientnet:EfficientNetLite0",
}
TFLITE = "tflite"  # a graph that LiteRT runs: its file holds the architecture too, and no class here builds it
GENERATORS = frozenset(  # those that draw a picture from a latent vector
    {"dcgan-generator", "sagan-generator", "labelled-dcgan-generator"}
)


def network_class(architecture: str) -> type[Pretrained]:
    """The class of an architecture.

    Raises:
        KeyError: the architecture is not in the list, or is a graph.
    """
    module, name = ARCHITECTURES[architecture].split(":")
    return getattr(import_module(module), name)
