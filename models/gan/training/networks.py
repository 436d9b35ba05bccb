"""The generator and the discriminator that a recipe asks for."""

from __future__ import annotations

from typing import Any

from models.gan import dcgan, sagan
from models.gan.training.recipe import Recipe
from models.pretrained import Pretrained


def build(settings: Recipe, *, channels: int, size: int) -> tuple[Pretrained, Pretrained]:
    """Build both, untrained, from torch's global random state.

    Args:
        settings: the recipe.
        channels: of the pictures; the discriminator of a packing recipe takes several pictures as channels of one.
        size: side of the pictures in pixels.
    """
    made, judged = settings.generator.model_dump(), settings.discriminator.model_dump()
    shape: dict[str, Any] = {"channels": channels * settings.pack, "size": size}
    if settings.network == "sagan":
        del made["modes"], judged["batch_norm"]
        return sagan.Generator(**made, channels=channels, size=size), sagan.Discriminator(**judged, **shape)
    return dcgan.Generator(**made, channels=channels, size=size), dcgan.Discriminator(**judged, **shape)
