"""Two sections of the GAN tab: the same training from five random starts, and training tricks beside the control."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from html import escape

import gradio as gr

from demos.gan import about, reproduce
from demos.gan.history import record, section
from demos.gan.history.player_html import Panel, chart, player
from demos.gan.selection import SAMPLES, Selected, Selection
from demos.parts import explanation
from evaluation.quantitative.scores import ModelScores
from serving.engine import Engine
from serving.engine.sampling import GeneratorInfo

SEEDS = {"mnist-dcgan": "Seed 0", **{f"mnist-dcgan-seed-{seed}": f"Seed {seed}" for seed in range(1, 5)}}
CONTROL = "mnist-control"
TRICKS = {
    CONTROL: "The control",
    "mnist-smooth": "Labels smoothed",
    "mnist-noise": "Noise on the input",
    "mnist-d5": "5 D steps",
    "mnist-g5": "5 G steps",
}
COLUMNS = (  # a score, its name on the page, and its decimals
    ("inception_score", "Inception Score", 2),
    ("fid", "Fréchet distance", 3),
    ("classes_found", "Kinds", 0),
    ("kl_to_uniform", "KL to even shares", 5),
)
SEEDS_HELP = (
    "Five trainings with one recipe: only the random start (the training seed) differs. The pictures are of the same z."
)
TRICKS_HELP = "Four tricks, each added alone to the same recipe, at the same step and of the same z."


def build_seeds(engine: Engine, selection: Selection) -> None:
    """Add the section about training seeds where their generators are bundled."""
    names = [name for name in SEEDS if name in selection.generators]
    if len(names) < 2:
        return
    with gr.Accordion("Does the seed matter?", open=False, elem_id="training-seeds") as opened:
        gr.Markdown(SEEDS_HELP)
        explanation.build("The training seed", about.TRAINING_SEED)
        content = gr.HTML(section.WAITING, elem_id="training-seeds-player", js_on_load=None)

    def write(drawn: Selected) -> Iterator[str]:
        panels = [
            Panel(name, SEEDS[name], record.frames(engine, info, drawn.seed, kinds="none")[-1:])
            for name, info in _infos(names, selection)
        ]
        below = seeds_table(names) + _again("training-seeds", names, drawn.seed)
        yield player(panels, label="One recipe, five training seeds", below=below)

    section.wire(opened, selection, write, content)


def build_tricks(engine: Engine, selection: Selection) -> None:
    """Add the section about tricks where the control and a trick are bundled."""
    names = [name for name in TRICKS if name in selection.generators]
    if CONTROL not in names or len(names) < 2:
        return
    with gr.Accordion("Which trick helps?", open=False, elem_id="tricks") as opened:
        gr.Markdown(TRICKS_HELP)
        explanation.build("The tricks", about.TRICKS)
        content = gr.HTML(section.WAITING, elem_id="tricks-player", js_on_load=None)

    def write(drawn: Selected) -> Iterator[str]:
        panels = [
            Panel(name, TRICKS[name], record.frames(engine, info, drawn.seed, kinds="none"))
            for name, info in _infos(names, selection)
        ]
        below = tricks_charts(names) + f"<p>{escape(tricks_verdict(names))}</p>" + _again("tricks", names, drawn.seed)
        yield player(panels, label="Tricks beside the control", below=below)

    section.wire(opened, selection, write, content)


def seeds_table(names: Sequence[str]) -> str:
    """The scores of the finished trainings, their mean and their standard deviation, as an HTML table."""
    records = _records(names)
    head = "".join(f'<th scope="col" class="number">{escape(title)}</th>' for _, title, _ in COLUMNS)
    rows = [
        _row(SEEDS.get(name, name), [f"{_final(scored, field):.{places}f}" for field, _, places in COLUMNS])
        for name, scored in records.items()
    ]
    spreads = [spread([_final(scored, field) for scored in records.values()], places) for field, _, places in COLUMNS]
    label = "Mean ± standard deviation"
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Scores by training seed"><table class="ranking">'
        f'<thead><tr><th scope="col">Training</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody>'
        f"<tfoot>{_row(label, spreads)}</tfoot></table></div>"
    )


def spread(values: Sequence[float], places: int) -> str:
    """The mean and the sample standard deviation of at least two values, as text."""
    return f"{statistics.fmean(values):.{places}f} ± {statistics.stdev(values):.{places}f}"


def tricks_charts(names: Sequence[str]) -> str:
    """Inception Score and the kinds that are drawn, by step, a curve for each training."""
    records = _records(names)
    end = max(max(scored.steps) for scored in records.values())
    by_field = {
        title: {TRICKS.get(name, name): _by_step(scored, field) for name, scored in records.items()}
        for field, title in (("inception_score", "Inception Score: 10 is best"), ("classes_found", "Kinds of ten"))
    }
    charts = "".join(chart(title, curves, end=end, span=(0, 10)) for title, curves in by_field.items())
    return f'<div class="charts">{charts}</div>'


def tricks_verdict(names: Sequence[str]) -> str:
    """Which trick ended above the control, and what the spread between training seeds says about it."""
    records = _records(names)
    scores = {name: _final(scored, "inception_score") for name, scored in records.items()}
    gains = {name: score - scores[CONTROL] for name, score in scores.items() if name != CONTROL}
    best = max(gains, key=lambda name: gains[name])
    listed = ", ".join(f"{TRICKS.get(name, name)} {gain:+.2f}" for name, gain in gains.items())
    end = max(records[CONTROL].steps)
    sentence = f"After {end:,} steps, Inception Score against the control’s {scores[CONTROL]:.2f}: {listed}. "
    seeds = _records(list(SEEDS))
    if len(seeds) < 2:
        return sentence
    deviation = statistics.stdev(_final(scored, "inception_score") for scored in seeds.values())
    return sentence + (
        f"Each was trained once. Five seeds of another recipe differ by ± {deviation:.2f}, so a gain of that size says "
        f"nothing; the largest here is {gains[best]:+.2f}, of “{TRICKS.get(best, best)}”."
    )


def _infos(names: Sequence[str], selection: Selection) -> list[tuple[str, GeneratorInfo]]:
    return [(name, selection.generators[name]) for name in names]


def _records(names: Sequence[str]) -> dict[str, ModelScores]:
    return {name: scored for name in names if (scored := record.on_record(name))}


def _final(scored: ModelScores, field: str) -> float:
    return float(getattr(scored.final, field))


def _by_step(scored: ModelScores, field: str) -> list[tuple[float, float]]:
    return [(step, float(getattr(at_step, field))) for step, at_step in scored.steps.items()]


def _row(title: str, cells: Sequence[str]) -> str:
    return f'<tr><th scope="row">{escape(title)}</th>{"".join(f"<td class=number>{cell}</td>" for cell in cells)}</tr>'


def _again(name: str, models: Sequence[str], seed: int) -> str:
    return reproduce.html(
        reproduce.at_step(reproduce.query(name, seed=seed)),
        reproduce.timeline_script(models, seed),
        reproduce.sheet_script(models, seed, count=SAMPLES, side=record.SIDE, gap=record.GAP),
    )
