"""What the page asks the section Preprocess for, and what its first sight holds."""

import json

import pytest

from assets import sight
from demos.see import pipeline_html, preprocess
from demos.see.preprocess import PipelineRequest
from media.preprocessing import Preparation
from serving.engine.errors import EngineError
from serving.local import LocalEngine


def test_the_pages_json_names_the_photo_the_steps_and_their_titles():
    text = json.dumps({"number": 3, "photo": "bee", "steps": [{"greyscale": True}, {"brightness": 0.5, "gamma": 1}]})

    asked = PipelineRequest.read(text)

    assert asked == PipelineRequest(
        "bee", (Preparation(greyscale=True), Preparation(brightness=0.5)), ("Greyscale", "Light"), number=3
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "{", "[" * 100_000, '{"photo": "bee"}', '{"steps": []}'),
        *('{"photo": "", "steps": 3}', '{"photo": "", "steps": [3]}', '{"photo": "", "steps": [{"blur": 1}]}'),
        '{"photo": "", "steps": [], "number": 1e999}',
    ],
)
def test_what_is_no_question_of_the_page_is_refused(text: str):
    with pytest.raises(EngineError):
        PipelineRequest.read(text)


def test_the_controls_cover_every_setting_of_a_preparation_once():
    settings = [setting for step in pipeline_html.STEPS for setting in step.settings]

    assert sorted(settings) == sorted(vars(Preparation()))


def test_the_stored_guesses_are_what_the_classifier_says_today():
    stored, today = sight.stored()["prepare"], preprocess.first_answer(LocalEngine())

    assert [guess["label"] for guess in stored["guesses"]] == [guess.label for guess in today.guesses]
    assert stored["untouched"]["label"] == today.untouched.label
    assert [guess["probability"] for guess in stored["guesses"]] == pytest.approx(
        [guess.probability for guess in today.guesses], abs=0.01
    )
    assert stored["untouched"]["probability"] == pytest.approx(today.untouched.probability, abs=0.01)
