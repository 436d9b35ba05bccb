"""Where a room stands: forward, back, and which answers count."""

from datetime import UTC, datetime, timedelta

import pytest

from lecture.classroom import room
from lecture.classroom.room import ClassError, RoomState, moved, views
from lecture.path import lecture

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
LECTURE = lecture()
NAMES = [view.name for view in views(LECTURE)]


def at(name: str, **fields: object) -> RoomState:
    return moved(LECTURE, RoomState(**fields), name, now=NOW)  # type: ignore[arg-type]


def test_a_question_comes_after_its_slide_and_before_its_truth():
    assert NAMES[0] == "lobby"
    for step in LECTURE.steps:
        place = NAMES.index(f"{step.name}:slide")
        after = NAMES[place + 1 : place + 3]
        assert (after == [f"{step.name}:question", f"{step.name}:truth"]) == (step.question is not None)


def test_forward_goes_through_all_views_and_stays_at_the_last():
    state = RoomState()
    visited = [state.view]
    for _ in range(len(NAMES) + 2):
        state = moved(LECTURE, state, "next", now=NOW)
        visited.append(state.view)

    assert visited[: len(NAMES)] == NAMES
    assert visited[-1] == NAMES[-1]


def test_back_stays_in_the_lobby():
    assert moved(LECTURE, RoomState(), "back", now=NOW).view == "lobby"


def test_an_answer_counts_from_the_question_to_the_truth_also_when_the_teacher_has_gone_on():
    with pytest.raises(ClassError, match="not been asked"):
        room.check_takes_answers(LECTURE, at("gan:slide"), "gan")
    asked = at("gan:question")
    gone_on = moved(LECTURE, asked, "mode-collapse:slide", now=NOW)
    assert room.check_takes_answers(LECTURE, gone_on, "gan").kind == "fake"
    back = moved(LECTURE, moved(LECTURE, asked, "next", now=NOW), "back", now=NOW)
    assert back.view == "gan:question"
    with pytest.raises(ClassError, match="truth has been shown"):
        room.check_takes_answers(LECTURE, back, "gan")


def test_the_time_of_a_question_is_when_it_was_first_asked():
    state = at("gan:question")
    later = moved(LECTURE, moved(LECTURE, state, "back", now=NOW), "next", now=NOW + timedelta(minutes=5))

    assert later.opened["gan"] == NOW


def test_a_closed_room_moves_and_counts_no_more():
    ended = RoomState(view="gan:question", opened={"gan": NOW}, ended=True)

    with pytest.raises(ClassError, match="closed"):
        moved(LECTURE, ended, "next", now=NOW)
    with pytest.raises(ClassError, match="over"):
        room.check_takes_answers(LECTURE, ended, "gan")


@pytest.mark.parametrize("name", ["gan", "gan:lobby", "", "nothing:slide"])
def test_there_is_no_way_to_a_view_that_is_not_there(name: str):
    with pytest.raises(ClassError, match="no step"):
        at(name)


def test_a_state_comes_back_from_json_as_it_was():
    state = RoomState(view="gan:truth", opened={"gan": NOW}, revealed=frozenset({"gan"}), bars=False, ended=True)

    assert RoomState.from_json(state.to_json()) == state


def test_a_view_that_the_lecture_has_lost_is_the_lobby():
    assert room.view_of(LECTURE, RoomState(view="gone:slide")).kind == "lobby"


def test_a_code_can_be_typed_in_any_case_and_with_spaces():
    code = room.new_code()

    assert len(code) == room.CODE_LENGTH
    assert set(code) <= set(room.ALPHABET)
    assert room.typed_code(f" {code[:3].lower()} {code[3:]} ") == code
    assert len({room.new_code() for _ in range(200)}) > 190
