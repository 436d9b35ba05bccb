"""A visitor's choice of pictures and settings in the style tab, read from the controls for the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from PIL import Image, ImageOps

from assets import samples
from demos.parts import events, html
from demos.parts.inputs import changes, explained, refuse
from demos.style.picture_controls import MORE, PictureControls
from demos.style.preparation_controls import PreparationControls
from demos.style.treatment_controls import DRAWING_SIDE, EACH, TreatmentControls, board, drawing
from media import images
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.painting import Painting
from serving.engine.restyling import Restyled, RestyleStep
from serving.engine.settings import Network, RestyleSettings, settings

NOTHING = "Choose a photo and a painting first."
PREVIEW_SIDE = 320  # pixels
ALONE = "The background needs a painting of its own: mix in a second one."


@dataclass(frozen=True)
class Scene:
    """What painting slowly starts from.

    Attributes:
        photo: prepared, in the size that it is painted in.
        paintings: to imitate, each in its region.
        mask: where the photo is painted; None is everywhere.
    """

    photo: Image.Image
    paintings: list[Painting]
    mask: Image.Image | None


@dataclass(frozen=True)
class Chosen:
    """One reading of the controls.

    Attributes:
        photo: as it was uploaded.
        styles: the paintings that were chosen.
        settings: how to paint; each section chooses strength and side itself.
        drawn: the mask from the page, RGBA or L.
        each: whether the first painting is for the subject and the second for the background.
    """

    photo: Image.Image
    styles: tuple[Image.Image, ...]
    settings: RestyleSettings
    drawn: Image.Image | None
    each: bool

    def at(self, *, side: int | None, strength: float = 1.0, network: Network = "auto") -> Chosen:
        """The same with another size, strength and network."""
        return replace(self, settings=replace(self.settings, side=side, strength=strength, network=network))

    @property
    def key(self) -> str:
        """Differs wherever the result would."""
        digest = hashlib.sha256(repr((self.settings, self.each)).encode())
        for picture in (self.photo, *self.styles, self.drawn):
            if picture is not None:
                digest.update(repr((picture.mode, picture.size)).encode() + picture.tobytes())
        return digest.hexdigest()

    def restyled(self, engine: Engine) -> Restyled:
        """Restyle at once."""
        try:
            return engine.restyled(
                self.photo, self.styles, self.settings, mask=self.drawn, regions=self._regions(engine)
            )
        except EngineError as error:
            raise refuse(str(error)) from error

    def restyle_steps(self, engine: Engine) -> Iterator[RestyleStep]:
        """Restyle tile by tile."""
        with explained(EngineError):
            yield from engine.restyle_steps(
                self.photo, self.styles, self.settings, mask=self.drawn, regions=self._regions(engine)
            )

    def scene(self, engine: Engine) -> Scene:
        """Prepare what painting slowly starts from."""
        with explained(EngineError):
            photo = engine.prepared(self.photo, self.settings)
            if self.each:
                pairs = zip(self.styles, self._regions(engine), strict=True)
                return Scene(photo, [Painting(style, where=region) for style, region in pairs], None)
            mask = engine.mask(self.photo, self.settings, drawn=self.drawn)
            weighted = zip(self.styles, self.settings.weights, strict=True)
            return Scene(photo, [Painting(style, weight) for style, weight in weighted], mask)

    def _regions(self, engine: Engine) -> list[Image.Image]:
        if not self.each:
            return []
        subject = engine.mask(self.photo, replace(self.settings, area="subject"))
        assert subject is not None
        return [subject, ImageOps.invert(subject)]


class Choices:
    """The controls on the left side of the tab.

    Attributes:
        pictures: the photo and the paintings.
        treatment: how the painting is used.
        preparation: what is done to the photo first.
        settings: each control that is no picture, by its name.
        fields: each control by its name, and the drawing.
    """

    def __init__(self) -> None:
        self.pictures = PictureControls()
        self.treatment = TreatmentControls()
        self.preparation = PreparationControls()
        self.settings = {**self.pictures.weights_by_name, **self.treatment.fields, **self.preparation.fields}
        self.fields = {**self.pictures.fields, **self.settings, "mask": self.treatment.drawn}

    def wire(self, engine: Engine) -> None:
        """Let the preview, the drawing and the reset follow the controls; `drew` is the event of a drawn mask."""
        treatment, prepared = self.treatment, self.preparation
        light = {**events.NOTICES, **events.LATEST}
        fields = list(self.fields.values())

        def photo(values: Sequence[Any], side: int) -> Image.Image:
            chosen = self.read(values).at(side=side)
            with explained(EngineError):
                return engine.prepared(chosen.photo, chosen.settings)

        def preview(*values: Any) -> Any:
            if values[0] is None or values[1] is None:
                return gr.skip()
            return prepared_html(photo(values, PREVIEW_SIDE))

        def lay_under(*values: Any) -> Any:
            """Show the photo to draw on, without what was drawn on another."""
            named = dict(zip(self.fields, values, strict=True))
            if named["area"] != "drawn" or named["content"] is None:
                return "", None
            return board(photo(values, DRAWING_SIDE)), None

        changed = changes(prepared.fields.values())
        first = engine.prepared(images.read(samples.photos()[0].path), RestyleSettings(side=PREVIEW_SIDE))
        prepared.preview.value = prepared_html(first)
        gr.on(
            [self.pictures.files["content"].change, *changed],
            preview,
            fields,
            prepared.preview,
            **light,
            **events.QUIET,
        )
        gr.on(
            [treatment.area.change, self.pictures.files["content"].change, *changed],
            lay_under,
            fields,
            [treatment.board, treatment.drawn],
            **light,
            **events.QUIET,
        )
        prepared.reset.click(
            lambda: [control.value for control in prepared.fields.values()],
            None,
            list(prepared.fields.values()),
            **events.QUIET,
        )
        self.drew = treatment.stroke.change(drawing, treatment.stroke, treatment.drawn, **light, **events.QUIET)

    def read(self, values: Sequence[Any]) -> Chosen:
        """Read the values of `fields`, in their order; see `chosen`."""
        return chosen(dict(zip(self.fields, values, strict=True)))


def prepared_html(photo: Image.Image) -> str:
    """The photo after its preparation, small."""
    return html.figure(photo, alt="The photo as it is prepared just now")


def chosen(named: Mapping[str, Any]) -> Chosen:
    """Read the controls' values.

    Raises:
        gr.Error: the photo or every painting is missing, or the settings contradict each other.
    """
    numbers = ["", *(f"_{number}" for number in range(2, MORE + 2))]
    there = [number for number in numbers if named[f"style{number}"] is not None]
    if named["content"] is None or not there:
        raise refuse(NOTHING)
    each = named["area"] == EACH
    if each and len(there) < 2:
        raise refuse(ALONE)
    there = there[:2] if each else there
    weights = tuple(1.0 if each else named[f"weight{number}"] for number in there)
    styles = tuple(named[f"style{number}"] for number in there)
    return Chosen(named["content"], styles, settings_of(named, weights=weights), named["mask"], each)


def settings_of(named: Mapping[str, Any], *, weights: Sequence[float], **more: Any) -> RestyleSettings:
    """The engine's settings, from the values of the controls."""
    try:
        return settings(
            {
                "weights": tuple(weights),
                "colours": named["colours"],
                "style_scale": named["style_scale"],
                "area": "whole" if named["area"] == EACH else named["area"],
                "feather": named["feather"],
                "preparation": preparation(named),
                **more,
            }
        )
    except EngineError as error:
        raise refuse(str(error)) from error


def preparation(named: Mapping[str, Any]) -> dict[str, Any]:
    """What `media.preprocessing.Preparation` is made of, from the values of the controls."""
    left, right, top, bottom = (named[f"crop_{side}"] / 100 for side in ("left", "right", "top", "bottom"))
    same = ("rotate", "scale", "cut_out", "greyscale", "gamma", "brightness", "contrast")
    return {"crop": (left, top, 1 - right, 1 - bottom), **{name: named[name] for name in same}}
