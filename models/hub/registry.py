"""The architectures that weights may name: nothing outside this list is ever built from a file."""

from __future__ import annotations

from models.gan import cyclegan, dcgan, sagan
from models.pretrained import Pretrained
from models.style import adain, light, vgg
from models.vision import classifier, saliency

ARCHITECTURES: dict[str, type[Pretrained]] = {
    network.architecture: network
    for network in (
        vgg.VGG19,
        adain.Decoder,
        light.LightStyle,
        saliency.U2Netp,
        dcgan.Generator,
        dcgan.Discriminator,
        sagan.Generator,
        sagan.Discriminator,
        cyclegan.Translator,
        classifier.Classifier,
    )
}
