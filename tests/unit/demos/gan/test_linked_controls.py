"""A link sets the controls of the section that it opens, and a wrong value is refused with a sentence."""

from typing import Any

import gradio as gr
import pytest

from demos.gan import linked_controls
from demos.gan.linked_controls import LinkedControl

FACTOR, KIND, FLAG, PLACE = (gr.State(None) for _ in range(4))
SECTIONS = {
    "first": {
        "factor": LinkedControl(FACTOR, linked_controls.number(0, 1)),
        "kind": LinkedControl(KIND, linked_controls.one_of(["a", "b"])),
    },
    "other": {
        "flag": LinkedControl(FLAG, linked_controls.whole(0, 53)),
        "place": LinkedControl(PLACE, linked_controls.place),
    },
}


def test_a_link_sets_the_controls_of_its_section_alone():
    query = {"tab": "gan", "section": "first", "factor": "0.25", "kind": "b", "flag": "3"}
    assert linked_controls.read(SECTIONS, query) == {FACTOR: 0.25, KIND: "b"}
    assert linked_controls.read(SECTIONS, {"tab": "gan", "section": "other", "flag": "3"}) == {FLAG: 3}
    assert linked_controls.read(SECTIONS, {"tab": "gan", "section": "other", "place": "0.5,1"}) == {PLACE: (0.5, 1)}


@pytest.mark.parametrize("changed", [{"tab": "style"}, {"section": "nowhere"}, {"section": "other"}])
def test_other_links_set_none(changed: dict[str, Any]):
    query = {"tab": "gan", "section": "first", "factor": "0.25", **changed}
    assert linked_controls.read(SECTIONS, query) == {}


@pytest.mark.parametrize(
    ("section", "name", "value", "reason"),
    [
        ("first", "factor", "nan", "factor must be a number from 0 to 1"),
        ("first", "factor", "many", "factor must be a number from 0 to 1"),
        ("first", "kind", "c", "kind must be one of a, b"),
        ("other", "flag", "54", "flag must be a whole number from 0 to 53"),
        ("other", "place", "0.5", "place must be two numbers from 0 to 1 such as"),
        ("other", "place", "0.5,2", "place must be two numbers from 0 to 1 such as"),
        ("other", "flag", "²", "flag must be a whole number from 0 to 53"),
    ],
)
def test_a_wrong_value_is_named(section: str, name: str, value: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        linked_controls.read(SECTIONS, {"tab": "gan", "section": section, name: value})
