"""A section of the GAN tab: a visitor's own generator from the Hub beside ours, on the same seed."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from demos.gan import about
from demos.gan.selection import SAMPLES, Selected, Selection
from demos.parts import events, explanation
from demos.parts.files import generated
from demos.parts.inputs import explained
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError

PROGRESS = gr.Progress(track_tqdm=True)  # as a default argument it shows the download's own progress bar in the page
CELL, GAP = 128, 8
HELP = (
    "Name a repository on the Hugging Face Hub with a `config.json` and a `model.safetensors` of the same kind of "
    "network (DCGAN or SAGAN), or open the file of a generator that you trained live and saved. Pickle files are never "
    "read, because they can run code."
)


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the seed."""
    ours, seed = selection.first, selection.seed
    with gr.Accordion("Bring your own generator", open=False, elem_id="guest"):
        gr.Markdown(HELP)
        explanation.build("Your own generator", about.GUEST)
        with gr.Row(equal_height=True):
            address = gr.Textbox(
                label="Repository",
                placeholder="org/name or org/name@revision",
                max_lines=1,
                max_length=300,
                scale=4,
                min_width=220,
                elem_id="guest-address",
            )
            fetch = gr.Button("Load it", scale=1, min_width=110, elem_id="guest-load")
            file = gr.UploadButton(
                "Open a file", file_types=[".safetensors"], scale=1, min_width=110, elem_id="guest-file"
            )
        held = gr.Textbox(label="Loaded", interactive=False, visible=False, elem_id="guest-held")
        with gr.Row(visible=False) as beside:
            our_sheet, their_sheet = (
                gr.Image(
                    label=label,
                    alt_text=f"Sixteen samples of {generator}, four by four",
                    format="png",
                    interactive=False,
                    elem_classes="crisp",
                    elem_id=elem_id,
                    buttons=["download"],
                    min_width=240,
                )
                for label, generator, elem_id in (
                    ("Ours", "our generator", "guest-ours"),
                    ("Theirs, same seed", "the generator you named", "guest-theirs"),
                )
            )

    def draw(name: str, step: int, seed: int) -> str:
        pictures = engine.sample(name, step=step, seed=seed, count=SAMPLES).pictures
        laid_out = sheet.lay_out(pictures, scale=sheet.scale_to(pictures[0], CELL), gap=GAP)
        recipe = Selected(name, step, seed, 0).recipe(samples=SAMPLES)
        return generated(laid_out, name=f"seed-{seed}", recipe=recipe)

    def bring_your_own(address: str, seed: int, progress: gr.Progress = PROGRESS) -> tuple[str, str]:  # noqa: ARG001, D417
        """Load a generator from the Hub and draw sixteen samples: safetensors of a known architecture only.

        Args:
            address: a repository as org/name, or org/name@revision with a branch, tag or commit.
            seed: a whole number from 0 to 4,294,967,295.

        Returns:
            The samples, and org/name@commit of what was loaded.
        """
        with explained(EngineError):
            theirs = engine.bring(address)
            return draw(theirs.name, theirs.steps[-1], seed), theirs.name

    def open_file(path: str, seed: int) -> tuple[str, str]:
        with explained(EngineError):
            theirs = engine.bring_file(Path(path).read_bytes())
            return draw(theirs.name, theirs.steps[-1], seed), theirs.name

    def follow(name: str, seed: int) -> tuple[object, object]:
        if not name:
            return gr.skip(), gr.skip()
        with explained(EngineError):
            return draw(ours.name, ours.steps[-1], seed), draw(name, 0, seed)

    brought = gr.on(
        [fetch.click, address.submit],
        bring_your_own,
        [address, seed],
        [their_sheet, held],
        api_name="bring_your_own",
        concurrency_id="guests",
        concurrency_limit=1,
    )
    opened = file.upload(open_file, [file, seed], [their_sheet, held], **events.QUIET, **events.SAMPLER)
    for ready in (brought, opened):
        ready.success(
            lambda seed: (draw(ours.name, ours.steps[-1], seed), gr.update(visible=True), gr.update(visible=True)),
            seed,
            [our_sheet, beside, held],
            **events.QUIET,
        )
    seed.change(
        follow,
        [held, seed],
        [our_sheet, their_sheet],
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
