"""The section that restyles at once, by the light network or by AdaIN; large pictures wait for a button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr

from demos.parts import events, html, stopping
from demos.parts.files import saved
from demos.parts.inputs import changes, share_button, slider_input
from demos.style.request import Choices, Chosen
from serving.engine import Engine
from serving.engine.restyling import Restyled
from serving.engine.settings import Network, to_dict

OWN, QUICK = "own", "auto"
SIDES = (256, 384, 512, 768, 1024, 2048)
AT_ONCE = 1_100_000  # pixels; a larger picture waits for a button
NETWORKS = [("Automatic", "auto"), ("Light", "light"), ("AdaIN", "adain")]
DRAW = "Draw over the part that is to be painted, under “Where to paint”."
NO_BUTTONS, KEEP_BUTTONS = gr.update(visible=False), gr.skip()


# Nobody waits for a picture that is out of sight: when the section comes into sight, it is asked for.
COUNT_IN_SIGHT = "(runs) => runs + (document.querySelector('#restyled')?.checkVisibility() ? 1 : 0)"
UNCOVER = "() => { justLook.uncover(); return []; }"  # of page/wall.js


class Instant(NamedTuple):
    """The section's own controls and its result.

    Attributes:
        strength: of the style.
        side: of the result.
        network: that restyles.
        result: the photo and the restyled picture.
        runs: a number; whenever it changes, what is chosen by then is restyled, unless it is shown already.
    """

    strength: gr.Slider
    side: gr.Dropdown
    network: gr.Radio
    result: gr.ImageSlider
    runs: gr.Number


def build(engine: Engine, choices: Choices, section: gr.Tab) -> Instant:
    """Add the section to the page that is being laid out, and wire it to the engine.

    Args:
        engine: restyles.
        choices: the photo, the paintings and how to use them.
        section: the part of the page that is being laid out.
    """
    runs, restyled_key = gr.Number(0, visible=False), gr.State("")
    result = gr.ImageSlider(
        label="Before and after",
        type="filepath",
        format="png",
        interactive=False,
        show_label=False,
        max_height=620,
        buttons=["fullscreen"],  # the download is below, with its size
        elem_id="restyled",
    )
    described = gr.HTML(html.note("The restyled picture comes in a moment."), elem_id="described", min_height=44)
    with gr.Row(elem_classes="actions", elem_id="take-away"):
        download = gr.DownloadButton("Download PNG", min_width=150, interactive=False, elem_id="download")
        full = gr.Button("Full size", min_width=150, visible=False, elem_id="full-size")
        share_button("share-restyled")
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
            [("As large as is quick here", QUICK), *((f"{n:,} px", n) for n in SIDES), ("The photo’s own size", OWN)],
            value=QUICK,
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

    def read(strength: float, side: int | str, network: Network, values: tuple[Any, ...]) -> Chosen:
        return choices.read(values).at(side=side_of(side, engine, network), strength=strength, network=network)

    def results(chosen: Chosen, restyled: Restyled, side: int | str, row: Any) -> tuple[Any, ...]:
        """The pictures, their description, the download with its size, the way to the full size, and what is shown."""
        pair = _files(restyled, chosen)
        size = restyled.after.size
        own = engine.estimate(chosen.photo.size, replace(chosen.settings, side=None))
        whole = (own.width, own.height)
        more = gr.update(visible=whole[0] > size[0], value=f"Full size: {_size(whole)}")
        file = gr.update(value=pair[1], label=f"Download {_size(size)}", interactive=True)
        return pair, _described(chosen, size) + _limited(side, whole), file, more, row, chosen.key

    def automatic(before: str, strength: float, side: int | str, network: Network, *values: Any) -> tuple[Any, ...]:
        """Restyle what is not shown yet. Where a picture is missing, wait: the visitor is about to choose another."""
        named = dict(zip(choices.fields, values, strict=True))
        if named["content"] is None or named["style"] is None:
            return (gr.skip(),) * len(outputs)
        if named["area"] == "drawn" and named["mask"] is None:
            return gr.skip(), html.note(DRAW), gr.skip(), gr.skip(), gr.skip(), ""
        chosen = read(strength, side, network, values)
        if chosen.key == before:
            return (gr.skip(),) * len(outputs)
        estimate = engine.estimate(chosen.photo.size, chosen.settings)
        if estimate.width * estimate.height > AT_ONCE:
            text = f"{estimate.sentence} Press Restyle to begin."
            return gr.skip(), html.note(text), gr.skip(), gr.skip(), gr.update(visible=True), ""
        return results(chosen, chosen.restyled(engine), side, NO_BUTTONS)

    def at_any_size(
        strength: float, side: int | str, network: Network, *values: Any, after: Any = KEEP_BUTTONS
    ) -> Iterator[tuple[Any, ...]]:
        chosen = read(strength, side, network, values)
        estimate = engine.estimate(chosen.photo.size, chosen.settings)
        for step in chosen.restyle_steps(engine):
            if step.result is None:
                bar = _tiles(step.done, step.total, estimate.sentence)
                yield gr.skip(), bar, gr.skip(), gr.skip(), gr.update(visible=True), ""
                continue
            yield results(chosen, step.result, side, after)

    def at_full_size(strength: float, network: Network, *values: Any) -> Iterator[tuple[Any, ...]]:
        yield from at_any_size(strength, OWN, network, *values, after=NO_BUTTONS)

    inputs = [strength, side, network, *choices.fields.values()]
    outputs = [result, described, download, full, large, restyled_key]
    # "minimal", or the pictures would be covered until the next are there
    heavy = {**events.GPU, **events.PRIVATE, "show_progress_on": result, "show_progress": "minimal"}
    controls = (strength, side, network, *choices.pictures.files.values(), *choices.settings.values())
    in_sight: dict[str, Any] = {**events.QUIET, "js": COUNT_IN_SIGHT}
    gr.on([*changes(controls), section.select], None, runs, runs, **in_sight)
    choices.drew.success(None, runs, runs, **in_sight)
    done = runs.change(automatic, [restyled_key, *inputs], outputs, **events.LATEST, **heavy)
    done.then(None, None, None, js=UNCOVER, **events.QUIET)
    over = html.note("Stopped. Press Restyle to begin anew.")
    for button, work, taken in (
        (begin, at_any_size, inputs),
        (full, at_full_size, [strength, network, *choices.fields.values()]),
    ):
        stopping.turn_on(button, stop)
        begun = button.click(stopping.stoppable(work, len(outputs)), taken, [*outputs, stop], **heavy)
        stopping.wire(stop, begun, lambda: (over, stopping.OFF), None, [described, stop])
    return Instant(strength, side, network, result, runs)


def side_of(choice: int | str, engine: Engine, network: Network) -> int | None:
    """The longer side that a choice means, None for the photograph's own."""
    if choice == QUICK:
        return engine.instant_side(network)
    return None if choice == OWN else int(choice)


def painted(engine: Engine, chosen: Chosen) -> tuple[str, str]:
    """Restyle, and write the photo and the result as files; the result says that it is machine-made, and how."""
    return _files(chosen.restyled(engine), chosen)


def _files(restyled: Restyled, chosen: Chosen) -> tuple[str, str]:
    before = saved(restyled.before, name="photo")
    return before, saved(restyled.after, name="restyled", settings=to_dict(chosen.settings))


def _described(chosen: Chosen, size: tuple[int, int]) -> str:
    manner = "the painting’s style" if len(chosen.styles) == 1 else f"the style of {len(chosen.styles)} paintings"
    return html.SPOKEN.format(  # words of our own and numbers: nothing to escape
        f"Left of the line the photo, right of it the same in {manner}: strength {chosen.settings.strength:g}, "
        f"{_size(size)} pixels. Drag the line to compare."
    )


def _limited(side: int | str, whole: tuple[int, int]) -> str:
    """A line where the visitor asks for more pixels than the photo has."""
    if side in (QUICK, OWN) or int(side) <= max(whole):
        return ""
    return html.note(f"The photo has only {_size(whole)} pixels, so the result is no larger.")


def _size(size: tuple[int, int]) -> str:
    width, height = size
    return f"{width:,} × {height:,}"


def _tiles(done: int, total: int, sentence: str) -> str:
    return html.progress(done, total, label="Tiles done") + html.note(
        f"Tile {done} of {total}. {sentence}", spoken=False
    )
