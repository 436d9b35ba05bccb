"""A section of the GAN tab: which of two generators wins by GAM? The visitor says first whose samples look better."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio.blocks import Block
from PIL import Image

from demos.gan import battle_html, linked_controls, reproduce
from demos.gan.battle_html import Pair
from demos.gan.linked_controls import LinkedControl
from demos.gan.selection import FIRST_SEED, SAMPLES, Selected, Selection
from demos.parts import events, explanation, html, python_text
from demos.parts.files import generated, saved
from demos.parts.inputs import explained, refuse, seed_input
from evaluation.quantitative import scores
from evaluation.quantitative.scores import ModelScores
from media import sheet
from models.gan.seeds import MAX_SEED
from serving.engine import Engine
from serving.engine.errors import EngineError

CELL, GAP = 64, 4
ABOUT = (
    "Two GANs judge each other (Generative Adversarial Metric, Im et al., 2016): each discriminator looks at the other "
    "generator's samples. r_samples compares how often they are fooled: below 1 the first model is ahead. r_test "
    "compares their errors on real pictures; only if it is near 1 are both equally good judges, and the battle counts."
)
HELP = (
    "Choose a battle in the table: you see samples of both, and say whose look more real. Then the numbers are told, "
    "r_samples and below it r_test. A green cell was won by the row's model, a red one by the column's."
)
NO_BATTLE = "{} and {} have no battle: both need a discriminator, and the same training pictures."

IN_SIGHT = "() => { document.querySelector('#battle-vote')?.scrollIntoView({ block: 'start' }); return []; }"


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, with its endpoint."""
    models = [scored for name in selection.generators if (scored := read(name)) and scored.battles]
    if len(models) < 2:
        return
    titles = {name: info.title for name, info in selection.generators.items()}
    names = [scored.name for scored in models]
    first, second = (
        gr.Dropdown([(titles[name], name) for name in names], value=name, label=label, visible="hidden")
        for name, label in ((names[0], "First model"), (names[1], "Second model"))
    )
    seed = seed_input(label="Seed of the battle", value=FIRST_SEED, visible="hidden")
    with gr.Accordion("Battle of two generators", open=False, elem_id="battle"):
        gr.Markdown(HELP)
        explanation.build("The battle", ABOUT)
        table = gr.HTML(
            battle_html.matrix(models, titles, revealed=()),
            js_on_load=html.numbered("battle"),
            padding=False,
            elem_id="battles",
        )
        show_all = gr.Button("Show all numbers", size="md", elem_id="show-battles")
        with gr.Column(visible=False, elem_id="battle-vote") as arena:
            gr.Markdown("Whose samples look more real?")
            with gr.Row(equal_height=True):
                left, right = (
                    gr.Image(
                        label=side,
                        alt_text=f"Sixteen samples of the generator on the {side.lower()}",
                        format="png",
                        interactive=False,
                        show_label=False,  # it lay on a sample
                        min_width=120,
                        elem_classes="crisp",
                        elem_id=f"battle-{side.lower()}",
                        buttons=[],
                    )
                    for side in ("Left", "Right")
                )
            with gr.Row(elem_id="battle-votes"):
                votes = [
                    gr.Button(text, min_width=70, elem_id=f"battle-vote-{name}")
                    for name, text in (("left", "Left"), ("neither", "No difference"), ("right", "Right"))
                ]
        outcome = gr.HTML(elem_id="battle-result", js_on_load=None)
    sheets: gr.State = gr.State(None)  # the pair as it was chosen, the two names from left to right, and the seed
    revealed: gr.State = gr.State([])
    asked = gr.State(None)  # the pair and the seed that a link names
    selection.linked["battle"] = {"battle": LinkedControl(asked, lambda text: asked_for(text, models))}

    def last_step(name: str) -> int:
        return selection.generators[name].steps[-1]

    def draw(name: str, seed: int) -> Image.Image:
        with explained(EngineError):
            pictures = engine.sample(name, step=last_step(name), seed=seed, count=SAMPLES).pictures
        return sheet.lay_out(pictures, scale=sheet.scale_to(pictures[0], CELL), gap=GAP)

    def blind(name: str, seed: int) -> str:
        """A sheet to vote on: its file does not say who drew it."""
        return saved(draw(name, seed), name=f"seed-{seed}")

    def named(name: str, seed: int) -> str:
        recipe = Selected(name, last_step(name), seed, 0).recipe(samples=SAMPLES)
        return generated(draw(name, seed), name=f"{name}-seed-{seed}", recipe=recipe)

    def choose(event: gr.SelectData) -> tuple[Any, ...]:
        row, column = divmod(event.index, len(names))
        return meet((names[row], names[column]), random.randrange(10**6))  # noqa: S311 - a known seed is remembered

    def meet(pair: Pair, seed: int) -> tuple[Any, ...]:
        """Show both sheets in a random order, whoever chose them: what a link names is voted on too."""
        shuffled = random.sample(pair, 2)
        pictures = [blind(name, seed) for name in shuffled]
        on = [gr.update(interactive=True)] * len(votes)
        return gr.update(visible=True), *pictures, "", (pair, shuffled, seed), *on

    def meet_asked(asked: tuple[Pair, int] | None) -> tuple[Any, ...] | dict[str, Any]:
        """Show what a link asks for; the section is first laid out with nothing asked, which is a change too."""
        return gr.skip() if asked is None else meet(*asked)

    def vote(place: int, sheets: tuple[Pair, list[str], int], revealed: list[Pair]) -> tuple[Any, ...]:
        pair, shuffled, seed = sheets
        voted = "" if place == 1 else shuffled[place // 2]
        scored = models[names.index(pair[0])]
        outcome_html = battle_html.result(pair[0], scored.battles[pair[1]], titles, sheets=shuffled, voted=voted)
        known = None if revealed is None else [*revealed, pair]
        off = [gr.update(interactive=False)] * len(votes)
        again = again_html(pair, [last_step(name) for name in pair], seed)
        return outcome_html + again, battle_html.matrix(models, titles, revealed=known), known, *off

    def battle(first: str, second: str, seed: int = FIRST_SEED) -> tuple[str, str, dict[str, Any]]:
        """Compare two generators by the Generative Adversarial Metric.

        Args:
            first: name of a generator that has a discriminator.
            second: name of another one that learned from the same pictures.
            seed: of the samples that are shown.

        Returns:
            Sixteen samples of each, and the numbers: r_test, r_samples with its 95 % interval, the winner or "tie", and
            Inception Score, Fréchet distance and number of kinds of both.
        """
        scored = models[names.index(first)]
        if second not in scored.battles:
            raise refuse(NO_BATTLE.format(titles[first], titles[second]))
        return named(first, seed), named(second, seed), numbers(scored, models[names.index(second)])

    arranged: list[Block] = [arena, left, right, outcome, sheets, *votes]
    table.select(choose, None, arranged, **events.QUIET, **events.SAMPLER, **events.LATEST).then(
        None, None, None, js=IN_SIGHT, **events.QUIET
    )
    asked.change(meet_asked, asked, arranged, **events.QUIET, **events.SAMPLER)
    for place, button in enumerate(votes):
        button.click(
            lambda sheets, revealed, place=place: vote(place, sheets, revealed),
            [sheets, revealed],
            [outcome, table, revealed, *votes],
            **events.QUIET,
        )
    show_all.click(
        lambda: (battle_html.matrix(models, titles, revealed=None), None), None, [table, revealed], **events.QUIET
    )
    outcome_html = gr.JSON(visible=False)
    gr.on([], battle, [first, second, seed], [left, right, outcome_html], api_name="battle", **events.SAMPLER)


def read(name: str) -> ModelScores | None:
    """A generator's scores; None where it has none."""
    try:
        return scores.read(name)
    except scores.ScoresError:
        return None


def asked_for(text: str, models: Sequence[ModelScores]) -> tuple[Pair, int]:
    """Read what a link names: two models that have a battle and the seed, with a comma between."""
    first, second, seed, *_ = [*text.split(","), "", ""]
    if second not in next((scored.battles for scored in models if scored.name == first), {}):
        raise ValueError("two generators that have a battle and a seed, such as mnist-dcgan,mnist-control,42")
    return (first, second), linked_controls.whole(0, MAX_SEED)(seed)


def again_html(pair: Pair, steps: Sequence[int], seed: int) -> str:
    """The link and the scripts that bring both sheets back, as HTML.

    It names the generators, so it is for after the vote.

    Args:
        pair: the names of the generators.
        steps: of the snapshot of each.
        seed: of the samples.
    """
    call = {"first": pair[0], "second": pair[1], "seed": seed}
    client = python_text.script("battle", call, answer="first, second, numbers")
    return reproduce.html(
        reproduce.query("battle", battle=f"{pair[0]},{pair[1]},{seed}"),
        client,
        reproduce.pair_script(dict(zip(pair, steps, strict=True)), seed, count=SAMPLES, side=CELL, gap=GAP),
    )


def numbers(first: ModelScores, second: ModelScores) -> dict[str, Any]:
    """What the endpoint answers beside the sheets."""
    battle = first.battles[second.name]
    return {
        "r_test": battle.r_test,
        "r_samples": battle.r_samples,
        "r_samples_interval": battle.r_samples_interval,
        "winner": battle.winner,
        **{
            scored.name: {
                "inception_score": scored.final.inception_score,
                "frechet_distance": scored.final.fid,
                "kinds": scored.final.classes_found,
            }
            for scored in (first, second)
        },
    }
