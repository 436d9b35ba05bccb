"""The lecture's path: its document is up to date, and what it names is there."""

from urllib.parse import parse_qs, urlparse

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.testclient import TestClient

from demos.lecture import page
from evaluation.qualitative.study import real
from lecture.page import document
from lecture.path import Lecture, LectureStep, lecture
from serving.local import LocalEngine
from tests.support.folders import ROOT

STEPS = lecture().steps
TABS = {"style", "gan", "see", "just-look"}


def test_the_document_is_what_the_command_writes():
    assert (ROOT / "docs" / "lecture.md").read_text(encoding="utf-8") == document(lecture())


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_what_a_step_names_is_there(step: LectureStep):
    query = parse_qs(urlparse(step.open).query)
    paths = [path for statement in step.statements for path in (*statement.files, statement.test)]

    assert query.get("tab", [""])[0] in TABS or "study" in query
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_a_question_has_its_sources(engine: LocalEngine):
    steps = {info.name: info.steps for info in engine.generators()}
    sources = [source for step in STEPS if step.question for source in step.question.sources]

    assert len(sources) >= 8
    for source in sources:
        if source.model is None:
            assert source.data in real.SHEETS
        else:
            assert source.step == "last" or source.step in steps[source.model]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"steps": [*STEPS, STEPS[0]]}, "twice"),
        ({"steps": [{**STEPS[0].model_dump(), "colour": "red"}]}, "colour"),
        ({"steps": [{**STEPS[0].model_dump(), "open": "https://evil.example"}]}, "open"),
        ({"steps": []}, "steps"),
    ],
)
def test_a_malformed_lecture_is_refused_by_the_key(change: dict, complaint: str):
    with pytest.raises(ValidationError, match=complaint):
        Lecture.model_validate({"title": "a", "opening": "b", **change})


def test_the_page_has_every_step_in_order_with_its_link_paper_and_picture():
    client = TestClient(Starlette(routes=page.routes()))

    text = client.get("/lecture").text
    places = [text.index(f'id="{step.name}"') for step in STEPS]

    assert places == sorted(places)
    for step in STEPS:
        assert step.paper.url in text
        assert f'href="./{step.open.replace("&", "&amp;")}"' in text
        picture = client.get(f"/lecture/pictures/{step.name}")
        assert picture.headers["content-type"].startswith("image/")
        assert len(picture.content) < 80_000
    assert client.get("/lecture/pictures/nothing").status_code == 404
