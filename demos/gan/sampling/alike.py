"""A section of the GAN tab: more samples like the held one, from its surroundings in the latent space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from demos.gan import linked_controls, reproduce
from demos.gan.explorer import points
from demos.gan.explorer.points import MOST_CHARACTERS, NUMBERS
from demos.gan.linked_controls import LinkedControl
from demos.gan.sampling import section
from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation, python_text
from demos.parts.files import generated
from demos.parts.inputs import explained, seed_input, slider_input
from media import sheet
from models.gan.seeds import MAX_SEED
from serving.engine import Engine
from serving.engine.errors import EngineError

COUNT, CELL, GAP = 16, 64, 4
ABOUT = (
    "Each picture mixes the held sample's latent vector z with other random numbers, so that it stays as long as "
    "before. A small share changes details; a share of 1 has nothing left of it."
)


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    point = gr.State(None)  # a point that was clicked, with whose it is; one of a link is nobody's at first
    with section.folded("More like this", selection, point.change, elem_id="alike") as opened:
        gr.Markdown("Samples around the held one. Click one that you like better: the next are drawn around it.")
        explanation.build("More like this", ABOUT)
        with gr.Row(equal_height=True):
            spread = slider_input(
                0,
                1,
                value=0.4,
                step=0.05,
                precision=2,
                label="Share of other numbers",
                elem_id="spread",
                buttons=[],
                scale=3,
                min_width=240,
            )
            others = gr.Button("Others", scale=1, min_width=100, elem_id="alike-others")
            home = gr.Button("Around the held sample", scale=1, min_width=190, elem_id="alike-home")
        pictures = section.samples("Samples like the held one", columns=8, elem_id="alike-samples")
        again = gr.HTML(elem_id="alike-again", js_on_load=None)
        rolls = seed_input(label="Seed", value=0, visible="hidden")
        written = gr.Textbox(label="Point", visible=False)
        drawn_z = gr.State([])
    selection.linked["alike"] = {
        "spread": LinkedControl(spread, linked_controls.number(0, 1)),
        "roll": LinkedControl(rolls, linked_controls.whole(0, MAX_SEED)),
        "around": LinkedControl(point, lambda text: (None, numbers_of(text))),
    }

    def draw(
        drawn: Selected, spread: float, rolls: int, point: tuple[Selected | None, list[float]] | None
    ) -> tuple[Any, ...]:
        model, _, seed, position = drawn
        own = point[1] if point is not None and point[0] in (None, drawn) else None
        with explained(EngineError):
            z = own or engine.latent(model, seed=seed, index=position)
        files, all_z = around(drawn, z, spread, rolls)
        snapshot = selection.generators[model].steps.index(drawn.step)
        html = again_html(drawn, snapshot, own, spread, rolls)
        linked = point is not None and point[0] is None
        return files, all_z, html, (drawn, own) if linked else gr.skip()

    def around(drawn: Selected, z: Sequence[float], spread: float, seed: int) -> Any:
        """The files of the pictures with their captions, and each one's z."""
        with explained(EngineError):
            samples = engine.alike(drawn.model, step=drawn.step, z=z, count=COUNT, spread=spread, seed=seed)
        scale = sheet.scale_to(samples.pictures[0], CELL)
        files = [
            generated(
                sheet.lay_out([picture], scale=scale),
                name=f"{drawn.model}-alike-{i}",
                recipe={"model": drawn.model, "step": drawn.step, "point": points.from_numbers(own_z).text},
            )
            for i, (picture, own_z) in enumerate(zip(samples.pictures, samples.z, strict=True), 1)
        ]
        return [(file, f"{i}") for i, file in enumerate(files, 1)], [list(z) for z in samples.z]

    def alike(
        point: str, snapshot: int, spread: float = 0.4, seed: int = 0, model: str = selection.first.name
    ) -> list[tuple[str, str]]:
        """Draw sixteen samples around a point of the latent space.

        Args:
            point: `seed:sample` as in 42:1, a sum as in `42:1 - 42:2 + 7:3`, or what an answer calls a point.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            spread: the share of other random numbers, from 0 to 1: at 1 nothing of the point is left.
            seed: of the other numbers.
            model: the generator's name.
        """
        at = selection.at(model, snapshot, 0, 1)
        with explained(EngineError):
            z = points.from_text(engine, model, point).z
        return around(at, z, spread, seed)[0]

    def go(event: gr.SelectData, drawn: Selected, drawn_z: list[list[float]]) -> tuple[Selected, list[float]]:
        return drawn, drawn_z[event.index]

    others.click(None, rolls, rolls, js="(rolls) => rolls + 1", **events.PRIVATE)
    home.click(lambda: None, None, point, **events.QUIET)
    pictures.select(go, [selection.drawn, drawn_z], point, **events.QUIET)
    gr.on(
        [opened.change, spread.change, rolls.change],
        draw,
        [selection.drawn, spread, rolls, point],
        [pictures, drawn_z, again, point],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    endpoint = [written, selection.snapshot, spread, rolls, selection.model]
    gr.on([], alike, endpoint, pictures, api_name="alike", **events.SAMPLER)


def numbers_of(text: str) -> list[float]:
    """Read a point that a link gives by its numbers."""
    try:
        if not text.startswith(NUMBERS) or len(text) > MOST_CHARACTERS:
            raise EngineError(points.BAD)
        return list(points.numbers(text.removeprefix(NUMBERS)))
    except EngineError:
        raise ValueError("a point by its numbers, as a link of this section gives it") from None


def torch_script(drawn: Selected, clicked: Sequence[float] | None, spread: float, seed: int) -> str:
    """The script that draws the same with the modules of this code, on one sheet.

    Args:
        drawn: the held sample.
        clicked: z of the picture that was clicked; None draws around the held sample.
        spread: the share of other numbers.
        seed: of the other numbers.
    """
    if clicked is None:
        z = f"{reproduce.of_seed(drawn.seed, drawn.number)}[{drawn.position}]"
    else:
        z = f"torch.tensor({reproduce.numbers(clicked)})"
    around = f"latent.around({z}, {reproduce.of_seed(seed, COUNT)}, {spread:g})"
    return reproduce.z_script(drawn.model, drawn.step, around, side=CELL, gap=GAP, file=f"{drawn.model}-alike")


def again_html(drawn: Selected, snapshot: int, clicked: Sequence[float] | None, spread: float, seed: int) -> str:
    """The link and the scripts that bring the samples back, as HTML; the other arguments are as in `torch_script`."""
    text = f"{drawn.seed}:{drawn.number}" if clicked is None else points.from_numbers(clicked).text
    call = {"point": text, "snapshot": snapshot, "spread": spread, "seed": seed, "model": drawn.model}
    around = {} if clicked is None else {"around": text}
    return reproduce.html(
        reproduce.of_sample("alike", drawn, spread=f"{spread:g}", roll=seed, **around),
        python_text.script("alike", call, answer="samples"),
        torch_script(drawn, clicked, spread, seed),
    )
