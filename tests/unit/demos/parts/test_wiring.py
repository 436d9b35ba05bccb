"""A listener that waits has an event of its own, and a quiet one has no part of the page to tell."""

import gradio as gr
import pytest

from demos.parts import events, wiring


@pytest.fixture
def page() -> gr.Blocks:
    """Two listeners wait for a change of the first slider, one of them also for `load`; one for that of the second."""
    with gr.Blocks() as page:
        with gr.Row(visible=False) as numbers:
            pass
        first, second, copy = gr.Slider(elem_id="first"), gr.Slider(elem_id="second"), gr.Number()
        options = {**events.QUIET, **events.LATEST}
        gr.on([first.change, page.load], lambda value: value, first, copy, api_name="one", **options)
        gr.on([first.change, second.release], lambda value: value, first, copy, api_name="two", **options)
        second.change(lambda value: value, second, copy, api_name="alone", **options)
        first.change(lambda value: value, first, copy, api_name="once", trigger_mode="once", show_progress="minimal")
        wiring.settle(page, numbers)
    return page


def listener(page: gr.Blocks, name: str) -> dict:
    return next(entry for entry in page.config["dependencies"] if entry["api_name"] == name)


def ids(page: gr.Blocks) -> dict[str, int]:
    return {block.elem_id: key for key, block in page.blocks.items() if getattr(block, "elem_id", None)}


def test_listeners_that_wait_no_longer_share_an_event(page: gr.Blocks):
    assert wiring.sharing(page) == []


@pytest.mark.parametrize(
    ("name", "heard"), [("one", [("first", "change")]), ("two", [("first", "change"), ("second", "release")])]
)
def test_a_number_counts_what_the_listener_heard(page: gr.Blocks, name: str, heard: list[tuple[str, str]]):
    own = listener(page, name)
    [(number, event)] = [target for target in own["targets"] if target[1] != "load"]
    assert event == "change"
    [counter] = [entry for entry in page.config["dependencies"] if entry["outputs"] == [number]]
    known = ids(page)
    assert sorted(counter["targets"]) == sorted((known[component], event) for component, event in heard)
    assert (counter["js"], counter["backend_fn"]) == (wiring.COUNT, False)


def test_the_load_of_the_page_and_lone_listeners_stay_as_they_are(page: gr.Blocks):
    assert (page._id, "load") in listener(page, "one")["targets"]
    assert listener(page, "alone")["targets"] == [(ids(page)["second"], "change")]
    assert listener(page, "once")["targets"] == [(ids(page)["first"], "change")]


def test_quiet_events_name_one_hidden_component_for_their_status(page: gr.Blocks):
    named = {name: listener(page, name)["show_progress_on"] for name in ("one", "two", "alone")}
    assert len({tuple(places) for places in named.values()}) == 1
    assert not page.blocks[named["one"][0]].visible
    assert listener(page, "once")["show_progress_on"] is None
