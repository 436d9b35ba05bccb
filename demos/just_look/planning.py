"""A section of the Vote tab: how many raters a study needs, by simulation, with the power curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.parts import events, html, stopping
from demos.parts.inputs import explained, slider_input, switch_input
from evaluation.qualitative.planning import pilot
from evaluation.qualitative.planning.design import Assumptions, BallotDesign, PlanError, points_of
from evaluation.qualitative.planning.power import CurvePoint, SampleSize, plan
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.results import figures
from evaluation.qualitative.study.library import StudyLibrary

MOST_ARMS, MOST_RATERS, SIMULATIONS, SECONDS = 20, 300, 100, 15.0  # bounds of the page; the command has wider ones
OFTEN_S = 0.4  # the page shows progress this often
OWN = "A study of my own"
TWO, FOUR = "two, one is chosen", "four, the best and the worst are chosen"
TASTES = {"little": 50.0, "somewhat": 100.0, "a lot": 200.0}
QUEUE: events.Options = {"concurrency_id": "planning", "concurrency_limit": 1}
HELP = (
    "How many people have to take part until the best one is found? The computer plays your study again and again with "
    "invented raters who differ, call ties and sometimes do not look. It counts how often the best one comes out first "
    "at 95 % confidence (the study's *power*). `python -m studies plan` does the same with wider bounds."
)


def build(library: StudyLibrary) -> None:
    """Add the section to the page that is being laid out.

    Args:
        library: the studies, whose arms and ballots can be taken over.
    """
    with gr.Accordion("Plan a study: how many raters?", open=False, elem_id="planning"):
        gr.Markdown(HELP)
        like = gr.Dropdown([OWN], value=OWN, label="Like the study", elem_id="planning-like")
        pictures = gr.Radio([TWO, FOUR], value=TWO, label="Pictures at once", elem_id="planning-pictures")
        with gr.Row():
            arms = _whole(2, MOST_ARMS, 2, "Picture sources to compare")
            per_rater = _whole(5, 100, 20, "Questions that each rater answers")
            wins = _whole(52, 95, 60, "The best one wins, in %")
        with gr.Row():
            taste = gr.Radio(list(TASTES), value="somewhat", label="Raters differ in taste", min_width=240)
            ties = _whole(0, 60, 20, "Ties between equals, in %")
            lapses = _whole(0, 40, 2, "Answers without a look, in %")
        power = _whole(50, 99, 80, "Studies that should find it, in %")
        adaptive = switch_input(value=True, label="Ask more often about those that may be the best")
        votes = gr.File(
            label="Votes of a pilot (an export, or a release): raters differ as they did there",
            file_types=[".csv", ".jsonl", ".parquet", ".zip"],
            height=120,
            elem_id="planning-pilot",
        )
        as_pilot = switch_input(
            value=True, label="The sources lie as far apart as in the pilot", visible=False, elem_id="planning-as-pilot"
        )
        with gr.Row():
            go = gr.Button("Simulate", variant="primary", elem_id="planning-go")
            stop = gr.Button("Stop", interactive=False, elem_id="planning-stop")
        result = gr.HTML(elem_id="planning-result", padding=False)

    inputs: set[Block] = {pictures, arms, per_rater, wins, taste, ties, lapses, power, adaptive, votes, as_pilot}

    def offer() -> dict[str, Any]:
        """The studies of pairs, and of four at once, for the list."""
        known = [(study.title, study.name) for study in library.all() if not study.judges_one]
        return gr.update(choices=[OWN, *known])

    def take_over(name: str) -> tuple[dict[str, Any], ...]:
        """Set the pictures of a question, the arms, the ballots and the rule for pairs as a study has them."""
        chosen = next((study for study in library.all() if study.name == name), None)
        if chosen is None:
            return (gr.skip(),) * 5
        at_once = TWO if chosen.pairwise else FOUR
        return (
            gr.update(value=at_once),
            gr.update(value=min(max(chosen.session.ballots_per_rater, 5), 100)),
            *fit_form(at_once, min(len(chosen.competing), MOST_ARMS), chosen.session.pairs == "adaptive"),
        )

    def fit_form(at_once: str, sources: int, favours: bool) -> tuple[dict[str, Any], ...]:
        """Of four pictures there are four sources or more, no ties, and no rule for pairs."""
        fewest, pairs_only = (2, True) if at_once == TWO else (4, False)
        return (
            gr.update(minimum=fewest, value=max(sources, fewest)),
            gr.update(visible=pairs_only),
            gr.update(visible=pairs_only, value=favours),
        )

    def simulate(values: dict[Block, Any]) -> Iterator[tuple[str]]:
        with explained(PlanError):
            assumptions = Assumptions(
                difference=points_of(values[wins] / 100),
                spread=TASTES[values[taste]],
                ties=values[ties] / 100,
                lapses=values[lapses] / 100,
            )
            design = BallotDesign(
                arms=values[arms],
                per_rater=values[per_rater],
                floor=FLOOR if values[adaptive] else 1.0,
                pictures=2 if values[pictures] == TWO else 4,
            )
            note = ""
            if values[votes] is not None:
                known = pilot.pilot_of(pilot.read(Path(values[votes])))
                note = _pilot_note(known)
                difference = None if values[as_pilot] else assumptions.difference
                assumptions = known.assumptions(difference=difference)
                design = replace(design, arms=design.arms if difference is not None else len(known.strengths))
            yield from _steps(design, assumptions, power=values[power] / 100, note=note)

    def stopped() -> tuple[str, dict[str, Any]]:
        return html.note("Stopped. Simulate begins again."), stopping.OFF

    begun = go.click(stopping.stoppable(simulate, 1), inputs, [result, stop], **events.QUIET, **QUEUE)
    stopping.wire(stop, begun, stopped, None, [result, stop])
    like.focus(offer, None, like, **events.AT_ONCE)
    like.change(take_over, like, [pictures, per_rater, arms, ties, adaptive], **events.AT_ONCE)
    pictures.input(fit_form, [pictures, arms, adaptive], [arms, ties, adaptive], **events.AT_ONCE)
    votes.change(lambda file: gr.update(visible=file is not None), votes, as_pilot, **events.AT_ONCE)


def _whole(low: int, high: int, value: int, label: str) -> gr.Slider:
    return slider_input(low, high, value=value, step=1, precision=0, label=label, buttons=[], min_width=240)


def _steps(design: BallotDesign, assumptions: Assumptions, *, power: float, note: str) -> Iterator[tuple[str]]:
    """Simulate, and yield the section's HTML from time to time and at the end."""
    due = 0.0
    for step in plan(
        design, assumptions, power=power, simulations=SIMULATIONS, most_raters=MOST_RATERS, seconds=SECONDS
    ):
        if monotonic() < due:
            continue
        due = monotonic() + OFTEN_S
        bar = html.progress(step.done, step.total, label="Simulated studies")
        text = f"{step.done} of {step.total} studies" if step.points else "Looking for the right sizes …"
        yield (f'<div class="plan">{bar}{html.note(text, spoken=False)}{_result(step)}</div>',)
    text = f"{sentence(step, design)} {step.caveat}".strip()
    yield (f'<div class="plan">{html.note(text)}{_result(step)}{note}</div>',)


def sentence(step: SampleSize, design: BallotDesign) -> str:
    """What the simulations show, in words."""
    share = f"{100 * step.wanted:.0f} of 100"
    if step.raters is None:
        return (
            f"More than {step.beyond:,} raters: with that many the best one is not yet found in {share} studies. "
            "Compare fewer sources, let each rater answer more questions, or look for a larger difference."
        )
    questions = "pairs" if design.pictures == 2 else "sets of four"
    return (
        f"{step.raters:,} raters with {design.per_rater} {questions} each, {step.votes:,} votes: then {share} such "
        "studies find the best one."
    )


def _result(step: SampleSize) -> str:
    """The power curve and its table."""
    if not step.points:
        return ""
    drawing = figures.power_curve(
        [point.raters for point in step.points],
        [point.power for point in step.points],
        [point.interval for point in step.points],
        wanted=step.wanted,
        needed=step.raters,
    )
    rows = "".join(_row(point) for point in step.points)
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{drawing.title}">{drawing.inline}</div>'
        '<div class="scroll" tabindex="0" role="group" aria-label="Power by number of raters, as a table"><table>'
        '<thead><tr><th scope="col">Raters</th><th scope="col">Votes</th><th scope="col">Find it</th>'
        f'<th scope="col">± points</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(point: CurvePoint) -> str:
    low, high = point.interval
    width = "–" if point.half_width is None else f"{point.half_width:.0f}"
    return (
        f"<tr><td>{point.raters:,}</td><td>{point.votes:,}</td><td>{100 * point.power:.0f} % "
        f'<span class="half">({100 * low:.0f}–{100 * high:.0f})</span></td><td>{width}</td></tr>'
    )


def _pilot_note(known: pilot.Pilot) -> str:
    ties = "" if known.ties is None else f", {100 * known.ties:.0f} % ties between equals"
    checks = "" if known.lapses is None else f", {100 * known.lapses:.0f} % answers without a look"
    return html.note(
        f"The pilot: {known.votes:,} votes by {known.raters:,} raters, who differ by {known.spread:.0f} points"
        f"{ties}{checks}. A small pilot is a rough guess.",
        spoken=False,
    )
