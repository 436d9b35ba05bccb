"""Undo and redo go back and forth; a new point forgets what was undone."""

from demos.gan.explorer.points import LatentPoint
from demos.gan.explorer.visited import MOST, Visited

FIRST, SECOND, THIRD = (LatentPoint(f"{seed}:1", (float(seed),)) for seed in (1, 2, 3))


def test_undo_and_redo_go_back_and_forth():
    visited = Visited.begin(FIRST).go(SECOND).go(THIRD)
    assert visited.undo().now == SECOND
    assert visited.undo().undo().now == FIRST
    assert visited.undo().undo().redo().now == SECOND
    assert visited.undo().undo().redo().redo() == visited


def test_at_the_ends_nothing_moves():
    visited = Visited.begin(FIRST)
    assert visited.undo() == visited
    assert visited.redo() == visited
    assert visited.go(FIRST) == visited


def test_a_new_point_forgets_what_was_undone():
    visited = Visited.begin(FIRST).go(SECOND).undo().go(THIRD)
    assert visited.redo() == visited
    assert visited.undo().now == FIRST


def test_a_reset_can_be_undone():
    visited = Visited.begin(FIRST).go(SECOND).go(THIRD).reset()
    assert visited.now == FIRST
    assert visited.undo().now == THIRD


def test_pins_stay_where_they_are():
    visited = Visited.begin(FIRST).pin("A").go(SECOND).pin("B").undo()
    assert visited.pins == {"A": FIRST, "B": SECOND}
    assert visited.pin("B").pins["B"] == FIRST


def test_it_does_not_grow_without_end():
    visited = Visited.begin(FIRST)
    for number in range(3 * MOST):
        visited = visited.go(LatentPoint(str(number), (float(number),)))
    assert len(visited.before) == MOST
