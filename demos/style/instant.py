"""The section that restyles at once, by the light network or by AdaIN; large pictures wait for a button."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import gradio as gr

from demos.parts import html, stopping
from demos.parts.files import saved
from demos.parts.inputs import changes, slider_input
from demos.style.request import Choices, Chosen
from serving.engine import Engine
from serving.engine.restyling import Restyled
from serving.engine.settings import Network, to_dict

OWN = "own"
SIDES = (256, 384, 512, 768, 1024, 2048)
DEFAULT_SIDE = 384
AT_ONCE = 1_100_000  # pixels; a larger picture waits for a button
NETWORKS = [("Automatic", "auto"), ("Light", "light"), ("AdaIN", "adain")]
DRAW = "Draw over the part that is to be painted, under “Where to paint”."
NO_BUTTONS = gr.update(visible=False)


class Instant(NamedTuple):
    """The section's own controls and its result."""

    strength: gr.Slider
    side: gr.Dropdown
    network: gr.Radio
    result: gr.ImageSlider


def build(engine: Engine, tab: gr.Blocks, choices: Choices) -> Instant:
    """Add the section to the page that is being laid out, and wire it to the engine."""
    result = gr.ImageSlider(
        label="Before and after",
        type="filepath",
        format="png",
        interactive=False,
        show_label=False,
        max_height=620,
        elem_id="restyled",
    )
    described = gr.HTML(html.note("The restyled picture comes in a moment."), elem_id="described", min_height=44)
    with gr.Row(visible=False, elem_classes="actions") as large:
        begin = gr.Button("Restyle", variant="primary", min_width=110, elem_id="begin-restyle")
        stop = gr.Button("Stop", min_width=80, interactive=False, elem_id="stop-restyle")
    with gr.Row():
        strength = slider_input(
            0,
            1,
            value=1,
            step=0.05,
            label="Style strength",
            info="0 keeps the photo’s colours and texture, 1 takes the painting’s.",
            min_width=280,
            elem_id="strength",
            buttons=[],
        )
        side = gr.Dropdown(
            [*((f"{n} px", n) for n in SIDES), ("The photo’s own size", OWN)],
            value=DEFAULT_SIDE,
            label="Size",
            info="Longer side; larger takes longer.",
            elem_id="side",
        )
    network = gr.Radio(
        NETWORKS,
        value="auto",
        label="Network",
        info="Light is several times faster without a graphics card; AdaIN is the published method.",
        elem_id="network",
    )
    download = gr.DownloadButton("Download PNG", elem_id="download")

    def read(strength: float, side: int | str, network: Network, values: tuple[Any, ...]) -> Chosen:
        return choices.read(values).at(side=side_of(side), strength=strength, network=network)

    def automatic(strength: float, side: int | str, network: Network, *values: Any) -> tuple[Any, ...]:
        """Restyle. Where a picture is missing, wait: the visitor is about to choose another."""
        named = dict(zip(choices.fields, values, strict=True))
        if named["content"] is None or named["style"] is None:
            return (gr.skip(),) * 4
        if named["area"] == "drawn" and named["mask"] is None:
            return gr.skip(), html.note(DRAW), gr.skip(), gr.skip()
        chosen = read(strength, side, network, values)
        estimate = engine.estimate(chosen.photo.size, chosen.settings)
        if estimate.width * estimate.height > AT_ONCE:
            text = f"{estimate.sentence} Press Restyle to begin."
            return gr.skip(), html.note(text), gr.skip(), gr.update(visible=True)
        pair = painted(engine, chosen)
        return pair, _described(chosen, estimate.width, estimate.height), pair[1], NO_BUTTONS

    def at_any_size(strength: float, side: int | str, network: Network, *values: Any) -> Iterator[tuple[Any, ...]]:
        chosen = read(strength, side, network, values)
        estimate = engine.estimate(chosen.photo.size, chosen.settings)
        for step in chosen.restyle_steps(engine):
            if step.result is None:
                yield gr.skip(), _tiles(step.done, step.total, estimate.sentence), gr.skip(), gr.skip()
                continue
            pair = _files(step.result, chosen)
            yield pair, _described(chosen, *step.result.after.size), pair[1], gr.skip()

    inputs = [strength, side, network, *choices.fields.values()]
    outputs = [result, described, download, large]
    private: dict[str, Any] = {"api_visibility": "private"}
    heavy: dict[str, Any] = {"concurrency_id": "gpu", "concurrency_limit": 1, "show_progress_on": result, **private}
    controls = (strength, side, network, *choices.pictures.files.values(), *choices.settings.values())
    gr.on([tab.load, *changes(controls)], automatic, inputs, outputs, trigger_mode="always_last", **heavy)
    choices.drew.success(automatic, inputs, outputs, **heavy)
    begun = begin.click(stopping.stoppable(at_any_size, len(outputs)), inputs, [*outputs, stop], **heavy)
    over = html.note("Stopped. Press Restyle to begin anew.")
    stopping.wire(stop, begun, lambda: (over, stopping.OFF), None, [described, stop])
    return Instant(strength, side, network, result)


def side_of(choice: int | str) -> int | None:
    """The longer side that a choice means, None for the photograph's own."""
    return None if choice == OWN else int(choice)


def painted(engine: Engine, chosen: Chosen) -> tuple[str, str]:
    """Restyle, and write the photo and the result as files; the result says that it is machine-made, and how."""
    return _files(chosen.restyled(engine), chosen)


def _files(restyled: Restyled, chosen: Chosen) -> tuple[str, str]:
    before = saved(restyled.before, name="photo")
    return before, saved(restyled.after, name="restyled", settings=to_dict(chosen.settings))


def _described(chosen: Chosen, width: int, height: int) -> str:
    manner = "the painting’s style" if len(chosen.styles) == 1 else f"the style of {len(chosen.styles)} paintings"
    return html.SPOKEN.format(  # words of our own and numbers: nothing to escape
        f"Left of the line the photo, right of it the same in {manner}: strength {chosen.settings.strength:g}, "
        f"{width:,} × {height:,} pixels. Drag the line to compare."
    )


def _tiles(done: int, total: int, sentence: str) -> str:
    return html.progress(done, total, label="Tiles done") + html.note(
        f"Tile {done} of {total}. {sentence}", spoken=False
    )
