"""Style transfer from code: the actions that `gradio_client` and MCP clients see, checked as strictly as the page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import gradio as gr
from PIL import Image

from demos.parts import html
from demos.parts.files import place_for
from demos.parts.inputs import explained, picture_input, refuse, seed_input, slider_input
from demos.style import paint_controls
from demos.style.instant import Instant, painted, side_of
from demos.style.paint_controls import PaintControls
from demos.style.request import NOTHING, Choices, chosen
from models.style.layers import LAYERS, STYLE_LAYERS
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.painting import PaintedFrame
from serving.engine.settings import Network

Picture: TypeAlias = Image.Image | None
GPU: dict[str, Any] = {"concurrency_id": "gpu", "concurrency_limit": 1}
SIDE = 384  # pixels that Gram matrices are looked at in
EVERY = 1.0  # seconds from one streamed frame to the next, at least


def offer(engine: Engine, choices: Choices, instant: Instant, controls: PaintControls) -> None:
    """Put the public actions into the page that is being built."""
    with gr.Group(visible=False):
        trigger = gr.Button()
        answer, file = gr.JSON(label="Answer"), gr.File(label="Film")
        film = gr.File(label="Film", type="filepath")
        own = {
            "mask": picture_input(label="Mask, white where it is painted"),
            "result": picture_input(label="A third picture"),
            "picture": picture_input(label="Picture"),
            "layers": gr.CheckboxGroup(list(LAYERS), value=list(STYLE_LAYERS), label="Layers"),
            "layer": gr.Dropdown(list(LAYERS), value="relu4_1", label="Layer"),
            "of": gr.Radio(["content", "style"], value="content", label="What is kept"),
            "steps": slider_input(1, 300, value=60, step=1, precision=0, label="Steps"),
            "seed": seed_input(value=0, label="Seed"),
            "side": gr.Dropdown([64, 128, 192, 256, 384, 512], value=256, label="Size"),
            "smoothing": slider_input(0, 0.95, value=0.8, label="Smoothing"),
            "film": film,
        }
    shared = choices.fields
    usual = {name: getattr(control, "value", None) for name, control in choices.settings.items()}
    usual |= {"mask": None, "style_2": None, "style_3": None, "style_4": None}

    def restyle(
        content: Picture,
        style: Picture,
        strength: float = 1.0,
        side: int | str = 384,
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
        """Restyle a photograph with one to four paintings in one pass.

        Args:
            content: the photograph.
            style: the painting.
            strength: 0 keeps the photograph's look, 1 takes the painting's.
            side: longer side of the result in pixels: 256, 384, 512, 768, 1024 or 2048, or "own" for the photograph's
                own size. A smaller photograph keeps its size.
            style_2: a second painting to mix in.
            style_3: a third.
            style_4: a fourth.
            weight: of the first painting, 0 to 1; weights count in proportion.
            weight_2: of the second.
            weight_3: of the third.
            weight_4: of the fourth.
            colours: style, luminance (the photograph's kept), matched (the painting recoloured first), or only (no
                texture).
            style_scale: size of the painting before it is looked at, 0.25 to 3.
            area: whole, subject, background, drawn (see mask), or each: subject by style, background by style_2.
            feather: softness of the area's border in pixels, 0 to 60.
            mask: for the area drawn: white where it is painted, in the photograph's proportions.
            rotate: degrees anticlockwise, -180 to 180.
            scale: of the photograph, 0.05 to 1.
            cut_out: whether the background becomes white.
            greyscale: whether the photograph loses its colours.
            gamma: 0.2 to 3; above 1 lightens the middle tones.
            brightness: 0.2 to 2.
            contrast: 0.2 to 2.
            crop_left: per cent of the width to cut off, 0 to 45.
            crop_right: the same on the right.
            crop_top: per cent of the height to cut off, 0 to 45.
            crop_bottom: the same at the bottom.
            network: light, adain (adaptive instance normalisation), or auto: light on a CPU and adain on a GPU.

        Returns:
            The photograph at the result's size, and the restyled picture, both as PNG.
        """
        return painted(engine, chosen(dict(locals())).at(side=side_of(side), strength=strength, network=network))

    def paint(
        content: Picture,
        style: Picture,
        ratio: float = 4.0,
        side: int = 384,
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
        """Paint a photograph by optimisation, as Gatys et al. do, and stream the picture on its way.

        Args:
            content: the photograph.
            style: the painting.
            ratio: content : style is 1 : 10 to this power, 2 to 6.
            side: longer side in pixels: 192, 256, 384, 512 or 768.
            steps: 1 to 1000.
            style_layers: some of relu1_1, relu2_1, relu3_1, relu4_1, relu5_1.
            content_layer: a layer of VGG-19.
            start: colours (the photograph in the painting's colours), adain, content or noise.
            optimiser: adam or l-bfgs.
            smoothness: the weight of the total variation is 10 to this power; 0 is none, 5 the most.
            scales: how many sizes, the smallest first, 1 to 6.
            seed: of the noise.
            style_2: a second painting.
            weight: of the first painting, 0 to 1.
            weight_2: of the second.
            colours: style, luminance or matched; see restyle.
            style_scale: size of the strokes, 0.25 to 3.
            area: see restyle.
            feather: see restyle.
            mask: see restyle.

        Returns:
            step, steps, content_loss, style_loss, total, seconds, and the picture as a PNG data URL; last is the whole.
        """
        named = dict(locals())
        asked = paint_controls.read(
            **{name: named[name] for name in controls.fields if name != "style_layers"},
            style_layers=list(STYLE_LAYERS) if style_layers is None else style_layers,
            style_scale=style_scale,
        )
        found = chosen({**usual, **named}).at(side=side)
        scene = found.scene(engine)
        with explained(EngineError):
            frames = engine.paint(
                scene.photo,
                scene.paintings,
                side=side,
                options=asked.options,
                start=start,
                colours=found.settings.colours,
                mask=scene.mask,
                interval=EVERY,
            )
            for frame in frames:
                yield _told(frame)

    def gram(content: Picture, style: Picture, layers: list[str], result: Picture = None) -> dict[str, dict[str, str]]:
        """Show the Gram matrices of a photograph, a painting and perhaps a result, on one scale.

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
            found = engine.gram(pictures, like="painting", layers=layers, side=SIDE)
        return {layer: {name: html.data_url(one) for name, one in row.items()} for layer, row in found.items()}

    def reconstruct(
        picture: Picture,
        layer: str = "relu4_1",
        of: Literal["content", "style"] = "content",
        steps: int = 60,
        seed: int = 0,
        side: int = 256,
    ) -> Iterator[dict[str, Any]]:
        """Find, from noise, a picture that a layer cannot tell from this one by its content or by its style.

        Args:
            picture: the original.
            layer: of VGG-19; of the style, the layers up to it count too.
            of: content or style.
            steps: 1 to 300.
            seed: of the noise.
            side: longer side in pixels.

        Returns:
            As paint does.
        """
        if picture is None:
            raise refuse("Send a picture to reconstruct.")
        with explained(EngineError):
            frames = engine.reconstruct(picture, layer=layer, of=of, side=side, steps=steps, seed=seed, interval=EVERY)
            for frame in frames:
                yield _told(frame)

    def restyle_video(
        film: str | None,
        style: Picture,
        strength: float = 1.0,
        side: int = 256,
        smoothing: float = 0.8,
        colours: str = "style",
        style_scale: float = 1.0,
    ) -> Iterator[Any]:
        """Restyle a short film or GIF frame by frame, steadied against flicker.

        Args:
            film: MP4, WebM, MOV, AVI or GIF.
            style: the painting.
            strength: 0 to 1.
            side: longer side in pixels: 64, 128, 192, 256, 384 or 512.
            smoothing: 0 to 0.95 against flicker.
            colours: style, luminance or matched; see restyle.
            style_scale: size of the strokes, 0.25 to 3.

        Returns:
            The film as MP4.
        """
        if film is None or style is None:
            raise refuse("Send a film and a painting.")
        values = {**usual, "content": style, "style": style, "colours": colours, "style_scale": style_scale}
        found = chosen(values).at(side=side, strength=strength)
        with explained(EngineError), place_for("restyled.mp4") as target:
            for _ in engine.restyle_video(film, target, found.styles, found.settings, smoothing=smoothing):
                yield gr.skip()
            yield str(target)

    def public(action: Callable[..., Any], output: gr.components.Component, **others: Any) -> None:
        known: Mapping[str, Any] = {**own, **shared, "mask": own["mask"], **others}
        inputs = [known[name] for name in inspect.signature(action).parameters]
        trigger.click(action, inputs, output, api_name=action.__name__, **GPU)

    public(restyle, instant.result, strength=instant.strength, side=instant.side, network=instant.network)
    public(paint, answer, **controls.fields)
    public(gram, answer)
    public(reconstruct, answer, steps=own["steps"], seed=own["seed"])
    public(restyle_video, file, strength=instant.strength)


def _told(frame: PaintedFrame) -> dict[str, Any]:
    return {
        "step": frame.step,
        "steps": frame.steps,
        "content_loss": frame.content_loss,
        "style_loss": frame.style_loss,
        "total": frame.total,
        "seconds": frame.seconds,
        "picture": html.data_url(frame.picture),
    }
