"""What a visitor has chosen, on the left hand of the style tab, and what that means to the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from PIL import Image

from demos.inputs import refuse
from demos.preparation import PreparationControls
from demos.style_choices import PictureControls
from demos.treatment import TreatmentControls
from serving.painter import Painting

NOTHING = "Choose a photo and a painting first."


@dataclass(frozen=True)
class Chosen:
    """One reading of the controls.

    Attributes:
        photo: prepared.
        paintings: those that are there, each with its weight.
        told: the settings that make a difference, by name, for the picture's file.
    """

    photo: Image.Image
    paintings: tuple[tuple[Image.Image, float], ...]
    style_scale: float
    told: dict[str, Any]

    def to_imitate(self) -> list[Painting]:
        """The paintings as painting slowly wants them."""
        return [Painting(picture, weight) for picture, weight in self.paintings]

    def finish(self, picture: Image.Image) -> Image.Image:
        """What is done to a painted picture at the end."""
        return picture


class Choices:
    """The left hand as a whole."""

    def __init__(self) -> None:
        self.pictures = PictureControls()
        self.treatment = TreatmentControls()
        self.preparation = PreparationControls()

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name."""
        return {**self.pictures.fields, **self.treatment.fields, **self.preparation.fields}

    def read(self, values: Sequence[Any]) -> Chosen:
        """Read the values of `fields`, in their order.

        Raises:
            gr.Error: the photo or every painting is missing.
        """
        named = dict(zip(self.fields, values, strict=True))
        more = [(named[f"style_{n}"], named[f"weight_{n}"]) for n in range(2, len(self.pictures.more) + 2)]
        paintings = [(named["style"], named["weight"]), *more]
        there = tuple((picture, weight) for picture, weight in paintings if picture is not None)
        if named["content"] is None or not there:
            raise refuse(NOTHING)
        return Chosen(named["content"], there, named["style_scale"], {})
