"""Style transfer as an API: the endpoints that `gradio_client` and MCP clients call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import gradio as gr
from PIL import Image

from demos.parts import events, html
from demos.parts.files import place_for
from demos.parts.inputs import explained, mask_input, picture_input, refuse, seed_input, slider_input
from demos.style import paint_controls
from demos.style.instant import Instant, painted, side_of
from demos.style.paint_controls import PaintControls
from demos.style.paintings_in_progress import painted_once
from demos.style.request import NOTHING, Choices, chosen
from media.video_writing import FilmKind
from models.style.layers import LAYERS, STYLE_LAYERS
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.painting import PaintedFrame
from serving.engine.settings import Network

Picture: TypeAlias = Image.Image | None
Component: TypeAlias = gr.components.Component
SIDE = 384  # pixels: the size in which Gram matrices are computed
EVERY = 1.0  # seconds between two streamed frames, at least


def offer(engine: Engine, choices: Choices, instant: Instant, controls: PaintControls) -> None:
    """Put the endpoints into the page that is being built.

    Most of their inputs are the page's own controls, so a value is checked here as it is there.
    """
    with gr.Group(visible=False):
        trigger = gr.Button()
        answer, film = gr.JSON(label="Answer"), gr.File(label="Film")
        inputs = {**choices.fields, **_inputs()}

    def publish(
        action: Callable[..., Any], output: Component, lane: events.Options = events.GPU, **own: Component
    ) -> None:
        by_name = {**inputs, **own}
        taken = [by_name[name] for name in inspect.signature(action).parameters]
        trigger.click(action, taken, output, api_name=action.__name__, **lane)

    defaults = {name: getattr(control, "value", None) for name, control in choices.settings.items()}
    defaults |= {"mask": None, "style_2": None, "style_3": None, "style_4": None}
    one_pass, layers = OnePass(engine, defaults), Layers(engine)
    publish(one_pass.restyle, instant.result, strength=instant.strength, side=instant.side, network=instant.network)
    publish(PaintEndpoint(engine, defaults).paint, answer, events.LONG, **controls.fields)
    publish(layers.gram, answer)
    publish(layers.reconstruct, answer, events.LONG)
    publish(one_pass.restyle_video, film, events.LONG, strength=instant.strength)


def _inputs() -> dict[str, Component]:
    """The inputs for which the page has no control of its own."""
    return {
        "mask": mask_input(label="Mask, white or opaque where it is painted"),
        "result": picture_input(label="A third picture"),
        "picture": picture_input(label="Picture"),
        "layers": gr.CheckboxGroup(list(LAYERS), value=list(STYLE_LAYERS), label="Layers"),
        "layer": gr.Dropdown(list(LAYERS), value="relu4_1", label="Layer"),
        "of": gr.Radio(["content", "style"], value="content", label="What is kept"),
        "steps": slider_input(1, 300, value=60, step=1, precision=0, label="Steps"),
        "seed": seed_input(value=0, label="Seed"),
        "side": gr.Dropdown([64, 128, 192, 256, 384, 512], value=256, label="Size"),
        "smoothing": slider_input(0, 0.95, value=0.8, label="Smoothing"),
        "film": gr.File(label="Film", type="filepath"),
        "kind": gr.Radio(["mp4", "gif"], value="mp4", label="Save as"),
    }


@dataclass(frozen=True)
class OnePass:
    """The endpoints that restyle in one pass through a network: a photo, or a film frame by frame.

    Attributes:
        engine: computes.
        defaults: the value of each setting that an endpoint does not take.
    """

    engine: Engine
    defaults: Mapping[str, Any]

    def restyle(
        self,
        content: Picture,
        style: Picture,
        strength: float = 1.0,
        side: int | str = "auto",
        style_2: Picture = None,
        style_3: Picture = None,
        style_4: Picture = None,
        weight: float = 1.0,
        weight_2: float = 1.0,
        weight_3: float = 1.0,
        weight_4: float = 1.0,
        colours: str = "style",
        style_scale: float = 1.0,
        area: str = "whole",
        feather: float = 8.0,
        mask: Picture = None,
        rotate: float = 0.0,
        scale: float = 1.0,
        cut_out: bool = False,
        greyscale: bool = False,
        gamma: float = 1.0,
        brightness: float = 1.0,
        contrast: float = 1.0,
        crop_left: float = 0.0,
        crop_right: float = 0.0,
        crop_top: float = 0.0,
        crop_bottom: float = 0.0,
        network: Network = "auto",
    ) -> tuple[str, str]:
        """Repaint a photograph in the style of one to four paintings, in one pass through a network.

        Args:
            content: the photograph.
            style: the painting.
            strength: 0 keeps the photograph's colours and texture, 1 takes the painting's.
            side: longer side of the result in pixels: 256, 384, 512, 768, 1024 or 2048; "auto" for the largest up to
                1024 that takes this server about a second, or "own" for the photograph's own size. A smaller photograph
                keeps its size.
            style_2: a second painting to mix in.
            style_3: a third painting.
            style_4: a fourth painting.
            weight: how much the first painting counts, 0 to 1; the weights count in proportion to each other.
            weight_2: how much the second painting counts, 0 to 1.
            weight_3: how much the third painting counts, 0 to 1.
            weight_4: how much the fourth painting counts, 0 to 1.
            colours: style (the painting's), luminance (keeps the photograph's, only light and shade are painted),
                matched (keeps the photograph's, the painting is recoloured first) or only (takes the painting's colours
                and keeps the photograph's texture).
            style_scale: size of the painting relative to its own, 0.25 to 3; larger makes broader strokes.
            area: where to paint: whole, subject, background, drawn (inside the mask), or each (the subject in the
                style of the first painting, the background in that of style_2).
            feather: width of the soft border of the area in pixels, 0 to 60.
            mask: for the area drawn: a picture with the photograph's proportions, white or opaque where it is painted.
            rotate: degrees anticlockwise, -180 to 180.
            scale: the photograph's size relative to its own, 0.05 to 1.
            cut_out: whether the photograph's background becomes white.
            greyscale: whether the photograph becomes grey.
            gamma: 0.2 to 3; above 1 lightens the middle tones.
            brightness: factor from 0.2 to 2; 1 changes nothing.
            contrast: factor from 0.2 to 2; 1 changes nothing.
            crop_left: per cent of the width to cut off on the left, 0 to 45.
            crop_right: per cent of the width to cut off on the right, 0 to 45.
            crop_top: per cent of the height to cut off at the top, 0 to 45.
            crop_bottom: per cent of the height to cut off at the bottom, 0 to 45.
            network: light (fast), adain (adaptive instance normalisation), or auto: light on a CPU, adain on a GPU.

        Returns:
            The prepared photograph and the restyled picture, both as PNG and of the same size.
        """
        request = chosen(dict(locals())).at(
            side=side_of(side, self.engine, network), strength=strength, network=network
        )
        return painted(self.engine, request)

    def restyle_video(
        self,
        film: str | None,
        style: Picture,
        strength: float = 1.0,
        side: int = 256,
        smoothing: float = 0.8,
        colours: str = "style",
        style_scale: float = 1.0,
        kind: FilmKind = "mp4",
    ) -> Iterator[Any]:
        """Repaint a short film or moving GIF in the style of a painting, frame by frame.

        Args:
            film: MP4, WebM, MOV, AVI or GIF.
            style: the painting.
            strength: 0 keeps the film's colours and texture, 1 takes the painting's.
            side: longer side in pixels: 64, 128, 192, 256, 384 or 512.
            smoothing: 0 to 0.95; more reduces flicker, but fast movement leaves a trail.
            colours: style, luminance or matched; see restyle.
            style_scale: size of the painting relative to its own, 0.25 to 3; larger makes broader strokes.
            kind: mp4 (with the film's sound) or gif.

        Returns:
            The film.
        """
        if film is None or style is None:
            raise refuse("Send a film and a painting.")
        values = {**self.defaults, "content": style, "style": style, "colours": colours, "style_scale": style_scale}
        request = chosen(values).at(side=side, strength=strength)
        with explained(EngineError), place_for(f"restyled.{kind}") as target:
            steps = self.engine.restyle_video(
                film, target, request.styles, request.settings, smoothing=smoothing, kind=kind
            )
            for _ in steps:
                yield gr.skip()
            yield str(target)


@dataclass(frozen=True)
class PaintEndpoint:
    """The endpoint that paints slowly, by optimisation.

    Attributes:
        engine: computes.
        defaults: the value of each setting that the endpoint does not take.
    """

    engine: Engine
    defaults: Mapping[str, Any]

    def paint(
        self,
        content: Picture,
        style: Picture,
        ratio: float = 4.0,
        side: int = 256,
        steps: int = 40,
        style_layers: list[str] | None = None,
        content_layer: str = "relu4_2",
        start: Any = "colours",
        optimiser: str = "adam",
        smoothness: float = 0.0,
        scales: int = 1,
        seed: int = 0,
        style_2: Picture = None,
        weight: float = 1.0,
        weight_2: float = 1.0,
        colours: str = "style",
        style_scale: float = 1.0,
        area: str = "whole",
        feather: float = 8.0,
        mask: Picture = None,
    ) -> Iterator[dict[str, Any]]:
        """Paint a photograph in the style of a painting by optimisation (Gatys et al., 2016), and stream the progress.

        Args:
            content: the photograph.
            style: the painting.
            ratio: weight of the style relative to the content, as a power of ten: 4 is 1 : 10 000; 2 to 6.
            side: longer side in pixels: 192, 256, 384, 512 or 768.
            steps: steps of the optimiser, 1 to 1000.
            style_layers: some of relu1_1, relu2_1, relu3_1, relu4_1, relu5_1; all five by default.
            content_layer: a layer of VGG-19.
            start: the first picture: colours (the photograph in the painting's colours), adain (restyled in one pass),
                content (the photograph) or noise.
            optimiser: adam or l-bfgs.
            smoothness: weight of the total variation as a power of ten, 0 to 5; 0 switches it off.
            scales: in how many sizes to paint, the smallest first, 1 to 6.
            seed: of the noise.
            style_2: a second painting.
            weight: how much the first painting counts, 0 to 1.
            weight_2: how much the second painting counts, 0 to 1.
            colours: style, luminance or matched; see restyle.
            style_scale: size of the painting relative to its own, 0.25 to 3; larger makes broader strokes.
            area: where to paint; see restyle.
            feather: width of the soft border of the area in pixels, 0 to 60.
            mask: for the area drawn; see restyle.

        Returns:
            At least a second apart: step, steps, content_loss, style_loss, total, seconds, and picture as a PNG data
            URL. The last is the finished painting.
        """
        values = {name: value for name, value in locals().items() if name != "self"}
        values["style_layers"] = list(STYLE_LAYERS) if style_layers is None else style_layers
        paint_request = paint_controls.read(
            **{name: values[name] for name in paint_controls.NAMES}, style_scale=style_scale
        )
        request = chosen({**self.defaults, **values}).at(side=side)
        scene = request.scene(self.engine)
        with explained(EngineError):
            frames = self.engine.paint(
                scene.photo,
                scene.paintings,
                side=side,
                options=paint_request.options,
                start=start,
                colours=request.settings.colours,
                mask=scene.mask,
                interval=EVERY,
            )
            for frame in painted_once(self.engine, frames):
                yield _as_json(frame)


@dataclass(frozen=True)
class Layers:
    """The endpoints that show what the layers of VGG-19 keep of a picture.

    Attributes:
        engine: computes.
    """

    engine: Engine

    def gram(
        self, content: Picture, style: Picture, layers: list[str], result: Picture = None
    ) -> dict[str, dict[str, str]]:
        """Draw the Gram matrices (which filters fire together) of a photograph and a painting, in the same colours.

        Args:
            content: the photograph.
            style: the painting.
            layers: of VGG-19, relu1_1 to relu5_1.
            result: a third picture to compare.

        Returns:
            For each layer and picture a heat map as a PNG data URL.
        """
        if content is None or style is None:
            raise refuse(NOTHING)
        pictures = {"photo": content, "painting": style, **({"result": result} if result else {})}
        with explained(EngineError):
            maps = self.engine.gram(pictures, like="painting", layers=layers, side=SIDE)
        return {layer: {name: html.data_url(heat_map) for name, heat_map in row.items()} for layer, row in maps.items()}

    def reconstruct(
        self,
        picture: Picture,
        layer: str = "relu4_1",
        of: Literal["content", "style"] = "content",
        steps: int = 60,
        seed: int = 0,
        side: int = 256,
    ) -> Iterator[dict[str, Any]]:
        """Turn noise into a picture with the same content or the same style as this one, as a layer of VGG-19 sees it.

        Args:
            picture: the original.
            layer: of VGG-19; for the style, the layers before it count too.
            of: content or style.
            steps: steps of the optimiser, 1 to 300.
            seed: of the noise.
            side: longer side in pixels: 64, 128, 192, 256, 384 or 512.

        Returns:
            At least a second apart: step, steps, content_loss, style_loss, total, seconds, and picture as a PNG data
            URL.
        """
        if picture is None:
            raise refuse("Send a picture to reconstruct.")
        with explained(EngineError):
            frames = self.engine.reconstruct(
                picture, layer=layer, of=of, side=side, steps=steps, seed=seed, interval=EVERY
            )
            for frame in painted_once(self.engine, frames):
                yield _as_json(frame)


def _as_json(frame: PaintedFrame) -> dict[str, Any]:
    return {
        "step": frame.step,
        "steps": frame.steps,
        "content_loss": frame.content_loss,
        "style_loss": frame.style_loss,
        "total": frame.total,
        "seconds": frame.seconds,
        "picture": html.data_url(frame.picture),
    }
