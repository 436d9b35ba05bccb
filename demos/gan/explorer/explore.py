"""A section of the GAN tab: a point of the latent space with undo and redo, pins, the ways between them, and sums."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.gan import about, reproduce
from demos.gan.explorer import explore_html, points
from demos.gan.explorer.points import MOST_CHARACTERS, LatentPoint
from demos.gan.explorer.visited import PINS, Visited
from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation, opening, python_text
from demos.parts.files import generated
from demos.parts.inputs import explained, plain, refuse, slider_input
from demos.parts.strip import picture_strip
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.exploring import MOST_POINTS
from serving.engine.sampling import Way, Waypoint

LARGE, SMALL = 256, 64  # pixels of the point's picture, and of one on a way
ON_THE_WAY = 9  # pictures from A to B
FURTHER = 0.35  # of another sample is added in a small step
HELP = (
    "Every picture is a point, its latent vector z. Go from point to point, pin three, and see what lies between A and "
    "B or what A − B + C gives. A point is written `seed:sample`, and a sum `42:1 - 42:2 + 7:3`."
)
PIN_FIRST = "Pin a point as {} first."
Act = Callable[[Visited, Selected], Visited]


@dataclass(frozen=True)
class ExplorerParts:
    """What the part for a visitor's own picture needs: the state, and how to show it.

    Attributes:
        state: a `gr.State` with a `Visited`, or None before the section was opened.
        show: what the page shows of a state.
        outputs: the components that `show` sets.
    """

    state: gr.State
    show: Callable[[Visited, Selected], dict[Block, Any]]
    outputs: set[Block]


def build(engine: Engine, selection: Selection, section: gr.Accordion) -> ExplorerParts:
    """Lay out the part, and wire it to the engine and the selection.

    Args:
        engine: what draws.
        selection: what the rest of the tab shows.
        section: around the part, closed at first.
    """
    state = gr.State(None)
    gr.Markdown(HELP)
    explanation.build("Points", about.POINTS)
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=270):
            picture = gr.Image(
                label="The point",
                alt_text="The picture at the point",
                format="png",
                interactive=False,
                show_label=False,
                height=288,
                elem_classes="crisp",
                elem_id="point-picture",
                buttons=["download"],
            )
            place = gr.HTML(elem_id="point-place", js_on_load=None)
        with gr.Column(scale=3, min_width=270):
            with gr.Row(elem_classes="actions"):
                undo = gr.Button("Undo", min_width=80, interactive=False, elem_id="point-undo")
                redo = gr.Button("Redo", min_width=80, interactive=False, elem_id="point-redo")
                reset = gr.Button("Reset", min_width=80, interactive=False, elem_id="point-reset")
            text = gr.Textbox(
                label="Point",
                info="Write one and press Enter.",
                max_lines=1,
                max_length=MOST_CHARACTERS,
                submit_btn="Go",
                elem_id="point-text",
            )
            with gr.Row(elem_classes="actions"):
                take = gr.Button("The held sample", min_width=130, elem_id="point-held")
                nudge = gr.Button("A small step", min_width=120, elem_id="point-nudge")
                jump = gr.Button("Anywhere", min_width=100, elem_id="point-jump")
            pinned = gr.HTML(explore_html.pins({}), elem_id="pins", js_on_load=None)
            with gr.Row(elem_classes="actions"):
                pin_buttons = {
                    letter: gr.Button(f"Pin as {letter}", min_width=80, elem_id=f"pin-{letter.lower()}")
                    for letter in PINS
                }
            with gr.Row(elem_classes="actions"):
                go_between = gr.Button("From A to B", min_width=120, elem_id="a-to-b")
                mix = gr.Button("A − B + C", min_width=120, elem_id="a-b-c")
    strips = {
        way: picture_strip(f"{words[0].upper()}{words[1:]}", columns=ON_THE_WAY, elem_id=f"way-{way}", visible=False)
        for way, words in explore_html.WAYS.items()
    }
    lengths = gr.HTML(elem_id="way-lengths", js_on_load=None)
    again = gr.HTML(elem_id="explore-again", js_on_load=None)
    to = gr.Textbox("", visible=False)
    count = slider_input(2, MOST_POINTS, value=ON_THE_WAY, step=1, precision=0, label="Count", visible=False)
    reached_pictures, reached = gr.Gallery(visible=False), gr.JSON(visible=False)
    outputs: set[Block] = {state, picture, place, undo, redo, reset, text, pinned, again}

    def show(visited: Visited, at: Selected) -> dict[Block, Any]:
        info, now = selection.generators[at.model], visited.now
        letters = list(visited.pins)
        with explained(EngineError):
            waypoints = engine.draw(at.model, step=at.step, z=[now.z, *(visited.pins[x].z for x in letters)])
        first, rest = waypoints[0], dict(zip(letters, waypoints[1:], strict=True))
        return {
            state: visited,
            picture: file_of(first, at, now, LARGE),
            place: explore_html.place(now.text, first.length, info.z_dim),
            undo: gr.update(interactive=bool(visited.before)),
            redo: gr.update(interactive=bool(visited.after)),
            reset: gr.update(interactive=now != visited.start),
            text: now.text,
            pinned: explore_html.pins({x: pin_of_page(rest[x], visited.pins[x], at) for x in letters}),
            again: again_html(at, now),
        }

    def pin_of_page(waypoint: Waypoint, point: LatentPoint, at: Selected) -> explore_html.Pin:
        recipe = points.recipe(at.model, at.step, point)
        return explore_html.Pin(waypoint.picture, explore_html.short(point.text), recipe)

    def file_of(waypoint: Waypoint, at: Selected, point: LatentPoint, side: int) -> str:
        enlarged = sheet.lay_out([waypoint.picture], scale=sheet.scale_to(waypoint.picture, side))
        return generated(enlarged, name=f"{at.model}-point", recipe=points.recipe(at.model, at.step, point))

    def again_html(at: Selected, point: LatentPoint) -> str:
        snapshot = selection.generators[at.model].steps.index(at.step)
        query = reproduce.query("explore", model=at.model, step=at.step, seed=at.seed, point=point.text)
        call = {"point": point.text, "snapshot": snapshot, "model": at.model}
        client = python_text.script("explore", call, answer="pictures, points")
        return reproduce.html(query, client, reproduce.point_script(at.model, at.step, point.z, side=LARGE))

    def sample_at(at: Selected) -> LatentPoint:
        return points.from_text(engine, at.model, f"{at.seed}:{at.position + 1}")

    def follow(at: Selected, visited: Visited | None, request: gr.Request) -> dict[Block, Any]:
        """Begin at the held sample, or where a link says; with another snapshot draw the same point again."""
        with explained(EngineError):
            if visited is None:
                return show(Visited.begin(linked(at, request.query_params) or sample_at(at)), at)
            if len(visited.now.z) != selection.generators[at.model].z_dim:
                return show(Visited.begin(sample_at(at)), at)
            return show(visited, at)

    def linked(at: Selected, query: Mapping[str, str]) -> LatentPoint | None:
        if query.get("section") != "explore" or "point" not in query:
            return None
        try:
            point = points.from_text(engine, at.model, query["point"])
            engine.draw(at.model, step=at.step, z=[point.z])
        except EngineError as error:
            gr.Warning(f"The link was not used: {plain(error)}")
            return None
        return point

    def act(change: Act) -> Callable[..., dict[Block, Any]]:
        def changed(visited: Visited | None, at: Selected | None) -> dict[Block, Any]:
            if at is None:
                return {state: visited}
            with explained(EngineError):
                return show(change(visited or Visited.begin(sample_at(at)), at), at)

        return changed

    def read(visited: Visited | None, at: Selected | None, written: str) -> dict[Block, Any]:
        return act(lambda before, at: before.go(points.from_text(engine, at.model, written)))(visited, at)

    def nudged(visited: Visited, at: Selected) -> Visited:
        z = [visited.now.z, engine.latent(at.model, seed=secrets.randbits(32), index=0)]
        return visited.go(points.from_numbers(engine.combine(at.model, weights=[1.0, FURTHER], z=z)))

    def jumped(visited: Visited, at: Selected) -> Visited:
        return visited.go(points.from_text(engine, at.model, f"{secrets.randbelow(10**6)}:1"))

    def mixed(visited: Visited, at: Selected) -> Visited:
        a, b, c = (pin_of(visited, letter) for letter in PINS)
        z = engine.combine(at.model, weights=[1.0, -1.0, 1.0], z=[a.z, b.z, c.z])
        if any(" " in pin.text for pin in (a, b, c)):  # sums of sums are written as numbers
            return visited.go(points.from_numbers(z))
        return visited.go(LatentPoint(f"{a.text} - {b.text} + {c.text}", tuple(z)))

    def pin_of(visited: Visited, letter: str) -> LatentPoint:
        if letter not in visited.pins:
            raise refuse(PIN_FIRST.format(letter))
        return visited.pins[letter]

    def way(visited: Visited, at: Selected, way: Way) -> list[tuple[Waypoint, list[float]]]:
        a, b = (pin_of(visited, letter) for letter in PINS[:2])
        with explained(EngineError):
            return engine.between(at.model, step=at.step, start=a.z, end=b.z, count=ON_THE_WAY, way=way)

    def from_a_to_b(visited: Visited | None, at: Selected | None) -> dict[Block, Any]:
        if visited is None or at is None:
            raise refuse(PIN_FIRST.format("A"))
        ways = {each: way(visited, at, each) for each in strips}
        updates: dict[Block, Any] = {
            strips[each]: gr.update(
                value=[
                    (file_of(waypoint, at, points.from_numbers(z), SMALL), f"‖z‖ {waypoint.length:.1f}")
                    for waypoint, z in ways[each]
                ],
                visible=True,
            )
            for each in strips
        }
        return updates | {lengths: explore_html.lengths({each: [w for w, _ in ways[each]] for each in ways})}

    def stop_at(kind: Way) -> Callable[..., dict[Block, Any]]:
        def chosen(visited: Visited, at: Selected, event: gr.SelectData) -> dict[Block, Any]:
            _, z = way(visited, at, kind)[event.index]
            return show(visited.go(points.from_numbers(z)), at)

        return chosen

    def explore(
        point: str, snapshot: int, to: str = "", count: int = 9, model: str = selection.first.name
    ) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
        """Draw a point of the latent space, or the way around the centre from it to another.

        Args:
            point: `seed:sample` as in 42:1, a sum as in `42:1 - 42:2 + 7:3`, or what an answer calls a point.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            to: a second point; empty draws the first one alone.
            count: how many pictures from the first to the second, both included: 2 to 64.
            model: the generator's name.

        Returns:
            The pictures, and for each its point as text, its z and its length.
        """
        at = selection.at(model, snapshot, 0, 1)
        with explained(EngineError):
            first = points.from_text(engine, model, point)
            if not to.strip():
                on_way = [(engine.draw(model, step=at.step, z=[first.z])[0], first)]
            else:
                last = points.from_text(engine, model, to)
                way = engine.between(model, step=at.step, start=first.z, end=last.z, count=count, way="slerp")
                on_way = [(waypoint, points.from_numbers(z)) for waypoint, z in way]
        pictures = [(file_of(waypoint, at, where, LARGE), where.text[:40]) for waypoint, where in on_way]
        return pictures, [
            {"point": where.text, "z": list(where.z), "length": waypoint.length} for waypoint, where in on_way
        ]

    options: dict[str, Any] = {**events.QUIET, **events.SAMPLER}
    here: list[Block] = [state, selection.drawn]
    acts: list[tuple[gr.Button, Act]] = [
        (undo, lambda visited, _: visited.undo()),
        (redo, lambda visited, _: visited.redo()),
        (reset, lambda visited, _: visited.reset()),
        (take, lambda visited, at: visited.go(sample_at(at))),
        (nudge, nudged),
        (jump, jumped),
        (mix, mixed),
        *((button, lambda visited, _, letter=letter: visited.pin(letter)) for letter, button in pin_buttons.items()),
    ]
    for button, change in acts:
        button.click(act(change), here, [*outputs], **options)
    text.submit(read, [*here, text], [*outputs], **options)
    go_between.click(from_a_to_b, here, [*strips.values(), lengths], **options)
    for kind, strip in strips.items():
        strip.select(stop_at(kind), here, [*outputs], **options)
    looks = opening.looks(section, selection.drawn.change)
    looks.change(follow, [selection.drawn, state], [*outputs], **options, **events.LATEST)
    endpoint = [text, selection.snapshot, to, count, selection.model]
    gr.on([], explore, endpoint, [reached_pictures, reached], api_name="explore", **events.SAMPLER)
    return ExplorerParts(state, show, outputs)
