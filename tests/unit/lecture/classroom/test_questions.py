"""A room's questions: the right answer follows from the pictures, and no name gives it away."""

from collections import Counter

import pytest

from lecture.classroom.questions import AskedQuestion, asked
from lecture.path import CELLS, lecture

STEPS = [step for step in lecture().steps if step.question]
SECRETS = [bytes([number]) * 32 for number in range(60)]


def drawn(kind: str, secret: bytes = SECRETS[0]) -> AskedQuestion:
    step = next(step for step in STEPS if step.question and step.question.kind == kind)
    assert step.question is not None
    return asked(step.name, step.question, secret=secret)


def test_a_lecture_asks_every_kind_of_question():
    assert {step.question.kind for step in STEPS if step.question} == {"pair", "fake", "count", "collapsed"}


@pytest.mark.parametrize("kind", ["pair", "fake", "count", "collapsed"])
def test_a_room_gets_the_same_question_again_and_another_room_another(kind: str):
    assert drawn(kind) == drawn(kind)
    assert drawn(kind).seeds != drawn(kind, SECRETS[1]).seeds
    names = {picture.id for secret in SECRETS for picture in drawn(kind, secret).pictures}
    assert len(names) == sum(len(drawn(kind, secret).pictures) for secret in SECRETS)


@pytest.mark.parametrize("kind", ["fake", "count", "collapsed"])
def test_the_expected_answer_is_what_the_cells_say(kind: str):
    for secret in SECRETS:
        question = drawn(kind, secret)
        sources = [[cell.source for cell in picture.cells] for picture in question.pictures]
        if kind == "count":
            assert question.expected == str(sources[0].count(0))
            assert len(sources[0]) == CELLS
        else:
            wanted = 1 if kind == "fake" else 0
            assert [source[0] for source in sources].index(wanted) + 1 == int(question.expected or 0)
        assert question.expected in [option for option, _ in question.options]


def test_a_pair_has_no_right_answer_and_each_side_as_often():
    sides = Counter(drawn("pair", secret).arms[0] for secret in SECRETS)

    assert drawn("pair").expected is None
    assert min(sides.values()) > len(SECRETS) // 4


@pytest.mark.parametrize("kind", ["fake", "collapsed"])
def test_the_right_place_varies(kind: str):
    places = Counter(drawn(kind, secret).expected for secret in SECRETS)

    assert len(places) == len(drawn(kind).pictures)


@pytest.mark.parametrize("kind", ["pair", "fake", "count", "collapsed"])
def test_every_picture_of_a_source_is_shown_once(kind: str):
    question = drawn(kind)
    cells = [cell for picture in question.pictures for cell in picture.cells]

    assert len(set(cells)) == len(cells)
    for source, count in enumerate(question.counts):
        assert sorted(cell.index for cell in cells if cell.source == source) == list(range(count))
