"""The planning section says what the simulations show, and where they do not reach."""

from demos.just_look import planning
from evaluation.qualitative.planning.design import Assumptions, BallotDesign


def test_the_section_says_that_its_number_lies_beyond_what_was_simulated(monkeypatch):
    monkeypatch.setattr(planning, "SECONDS", 0.01)

    *_, (page,) = planning._steps(BallotDesign(arms=2), Assumptions(difference=150), power=0.99, note="")

    assert "No study of that size was simulated: the largest had 10 raters." in page
