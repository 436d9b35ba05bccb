"""A section of the GAN tab: more samples like the held one, from its surroundings in the latent space."""

from __future__ import annotations

import gradio as gr

from demos.gan.explorer import points
from demos.gan.sampling import section
from demos.gan.sampling.section import Skipped
from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation
from demos.parts.files import generated
from demos.parts.inputs import explained, refuse, slider_input
from media import sheet
from models.gan.seeds import MAX_SEED
from serving.engine import Engine
from serving.engine.errors import EngineError

COUNT, CELL = 16, 64
ABOUT = (
    "Each picture mixes the held sample's latent vector z with other random numbers, so that it stays as long as "
    "before. A small share changes details; a share of 1 has nothing left of it."
)


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    with section.folded("More like this", selection, elem_id="alike") as alike:
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
        rolls, point = gr.Number(0, visible="hidden"), gr.State(None)  # a point that was clicked, with whose it is
        drawn_z = gr.State([])

    def draw(
        drawn: Selected | None, spread: float, rolls: float, point: tuple[Selected, list[float]] | None
    ) -> tuple[list[tuple[str, str]], list[list[float]]] | Skipped:
        if drawn is None:  # opened before the page has drawn anything
            return gr.skip()
        model, step, seed, position = drawn
        if not 0 <= rolls <= MAX_SEED:
            raise refuse("That was clicked too often. Load the page again.")
        with explained(EngineError):
            own = point is not None and point[0] == drawn
            z = point[1] if own and point else engine.latent(model, seed=seed, index=position)
            samples = engine.alike(model, step=step, z=z, count=COUNT, spread=spread, seed=int(rolls))
        scale = sheet.scale_to(samples.pictures[0], CELL)
        files = [
            generated(
                sheet.lay_out([picture], scale=scale),
                name=f"{model}-alike-{i}",
                recipe={"model": model, "step": step, "point": points.from_numbers(own_z).text},
            )
            for i, (picture, own_z) in enumerate(zip(samples.pictures, samples.z, strict=True), 1)
        ]
        return [(file, f"{i}") for i, file in enumerate(files, 1)], [list(z) for z in samples.z]

    def go(event: gr.SelectData, drawn: Selected, drawn_z: list[list[float]]) -> tuple[Selected, list[float]]:
        return drawn, drawn_z[event.index]

    others.click(None, rolls, rolls, js="(rolls) => rolls + 1", **events.PRIVATE)
    home.click(lambda: None, None, point, **events.QUIET)
    pictures.select(go, [selection.drawn, drawn_z], point, **events.QUIET)
    gr.on(
        [alike.change, spread.change, rolls.change, point.change],
        draw,
        [selection.drawn, spread, rolls, point],
        [pictures, drawn_z],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
