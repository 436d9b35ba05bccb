"""The section with a link that restores the settings of the style tab, and a script that asks for the same picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import gradio as gr
from gradio.components import Component

from assets import samples
from demos import previews
from demos.parts import brought_back, events, python_text
from demos.parts.inputs import changes, refuse
from demos.style.instant import COUNT_IN_SIGHT, OWN, QUICK, Instant
from demos.style.paint_controls import PaintControls
from demos.style.request import Choices, settings_of
from demos.style.settings_text import from_query, to_query
from demos.style.treatment_controls import EACH
from serving.engine.errors import EngineError
from serving.engine.settings import DRAWN, RestyleSettings

WAYS = ("instant", "paint", "inside", "many")
PAINTED_WITH = ("weight", "weight_2", "colours", "style_scale", "area", "feather")  # settings that `/paint` takes too
LINKED = """() => {
  const query = new URLSearchParams(location.search);
  return query.get("tab") === "style" && [...query].length > 1 ? 1 : 0;
}"""
NOTE = (
    "The link restores the settings and the sample pictures. Your own pictures are not in it: they stay private. "
    "The script needs `pip install gradio_client` and nothing else."
)


def build(tab: gr.Blocks, ways: gr.Tabs, choices: Choices, instant: Instant, controls: PaintControls) -> None:
    """Add the section to the page that is being laid out, and restore the settings when a link opens the page."""
    shared = brought_back.build(NOTE, section="share", link="settings-link", query="style-query", script="python")
    names: list[Component] = [name for _, name in choices.pictures.named]
    files: dict[str, Component] = {**choices.pictures.files}
    own: dict[str, Component] = {"strength": instant.strength, "side": instant.side, "network": instant.network}
    painting = {f"paint.{name}": control for name, control in controls.fields.items()}
    fields = {**choices.settings, **own, **painting}
    way = gr.State("instant")

    def share(values: dict[Component, Any]) -> tuple[str, str]:
        sample_names = [values[name] for name in names]
        named = {name: values[control] for name, control in fields.items()}
        mixed = [number for number, name in enumerate(sample_names[1:], 1) if name or number == 1]
        settings = settings_of(
            named,
            weights=tuple(named["weight" if number == 1 else f"weight_{number}"] for number in mixed),
            strength=named["strength"],
            network=named["network"],
        )
        pictures = {key: name for key, name in zip(PICTURES, sample_names, strict=True) if name}
        changed = {
            name: _written(values[control]) for name, control in painting.items() if values[control] != control.value
        }
        more = {"each": "1"} if named["area"] == EACH else {}
        more |= {"side": str(named["side"])} if named["side"] != QUICK else {}
        written = urlencode({"tab": "style", "way": values[way], **pictures, **changed, **more})
        settings_query = to_query(settings)
        return written + (f"&{settings_query}" if settings_query else ""), script(values)

    def script(values: dict[Component, Any]) -> str:
        """The call of the endpoint that makes the picture of this section."""
        named = dict(zip(files, [values[name] for name in names], strict=True))
        sent: dict[str, str | None] = {
            key: _address(key, named[key])
            for key, file in files.items()
            if values[file] or key in ("content", "style")  # which are never missing for long
        }
        if values[choices.settings["area"]] == DRAWN:
            sent["mask"] = None
        paints = values[way] == "paint"
        if paints:
            taken = {name: choices.settings[name] for name in PAINTED_WITH} | controls.fields
            sent = {key: path for key, path in sent.items() if key in ("content", "style", "style_2", "mask")}
        else:
            taken = {**choices.settings, **own}
        changed = {name: values[control] for name, control in taken.items() if values[control] != control.value}
        if paints:
            return python_text.script("paint", changed, pictures=sent, answer="frame")
        return python_text.script("restyle", changed, pictures=sent, answer="before, after")

    def restore(request: gr.Request) -> list[Any]:
        """Set everything that the link names; a link with a wrong value is refused as a whole, with the reason."""
        named = dict(request.query_params)
        try:
            settings = from_query(named)
        except EngineError as error:
            raise refuse(f"The link’s settings were not used: {error}") from error
        pictures = [_sample(key, named.get(key)) for key in PICTURES]
        values = _values(named, settings)
        restored = [_checked(control, values.get(name)) for name, control in fields.items()]
        return [*(path for path, _ in pictures), *(name for _, name in pictures), *restored]

    outputs = [*(picture for picture, _ in choices.pictures.named), *names, *fields.values()]
    linked = gr.Number(0, label="Settings in the link", visible=False)
    tab.load(None, None, linked, js=LINKED, **events.QUIET)
    restored = linked.change(restore, None, outputs, **events.QUIET)  # many outputs, which most visitors need not
    restored.then(None, instant.runs, instant.runs, js=COUNT_IN_SIGHT, **events.QUIET)
    ways.select(_opened, None, way, **events.QUIET)
    inputs = {way, *names, *files.values(), *fields.values()}
    shared.begin_with(*share({component: component.value for component in inputs}))
    gr.on(
        [shared.opened.expand, way.change, *changes([*choices.pictures.files.values(), *fields.values()])],
        share,
        inputs,
        [shared.query, shared.draft],
        **events.LATEST,
        **events.QUIET,
    )


PICTURES = ("photo", "painting", "painting_2", "painting_3", "painting_4")


def _opened(event: gr.SelectData) -> str:
    return WAYS[event.index]


def _written(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def _sample(key: str, name: str | None) -> tuple[Any, Any]:
    known = samples.every_photo() if key == "photo" else samples.paintings()
    sample = next((sample for sample in known if sample.name == name), None)
    return (sample.path, sample.name) if sample else (gr.skip(), gr.skip())


def _address(key: str, name: str) -> str | None:
    """Where the app serves a sample; None for a visitor's own picture."""
    known = samples.every_photo() if key == "content" else samples.paintings()
    return next((previews.address(sample) for sample in known if sample.name == name), None)


def _values(query: Mapping[str, str], settings: RestyleSettings) -> dict[str, Any]:
    """The controls' values, from the settings of a link."""
    prepared = settings.preparation
    left, top, right, bottom = prepared.crop
    crop = {"crop_left": left, "crop_top": top, "crop_right": 1 - right, "crop_bottom": 1 - bottom}
    weights = {"weight" if i == 1 else f"weight_{i}": weight for i, weight in enumerate(settings.weights, 1)}
    return {
        **weights,
        **{name: getattr(settings, name) for name in ("strength", "network", "colours", "style_scale", "feather")},
        "area": EACH if query.get("each") else settings.area,
        "side": QUICK if "side" not in query else OWN if settings.side is None else settings.side,
        **{name: getattr(prepared, name) for name in ("rotate", "scale", "cut_out", "greyscale")},
        **{name: getattr(prepared, name) for name in ("gamma", "brightness", "contrast")},
        **{name: round(100 * share) for name, share in crop.items()},
        **{name: text for name, text in query.items() if name.startswith("paint.")},
    }


def _checked(control: gr.components.Component, value: Any) -> Any:
    """The value if the control can show it, or else nothing."""
    if value is None:
        return gr.skip()
    if isinstance(control, gr.CheckboxGroup):
        value = str(value).split(",")
    elif isinstance(control, gr.Slider | gr.Number) and isinstance(value, str):
        value = _number(value)
    elif isinstance(control, gr.Dropdown) and isinstance(value, str) and value.isdigit():
        value = int(value)
    try:
        control.preprocess(value)
    except gr.Error:
        return gr.skip()
    return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
