"""The matrix hides a battle's numbers until somebody voted, and the result says what they mean."""

import re

import pytest

from demos.gan import battle_html
from evaluation.quantitative import scores
from evaluation.quantitative.scores import BattleScores

NAMES = ("mnist-dcgan", "mnist-control", "mnist-wgan-gp")
TITLES = {"mnist-dcgan": "Main <first>", "mnist-control": "Control", "mnist-wgan-gp": "Critic"}


def battle(**changes: object) -> BattleScores:
    values = {
        "opponent": "mnist-control",
        "r_test": 1.05,
        "r_samples": 0.5,
        "r_samples_interval": (0.4, 0.6),
        "winner": "mnist-dcgan",
        "likelihoods": 0.5,
        "tolerance": 0.3,
        "zero_errors": False,
        "calibrated": (),
    }
    return BattleScores(**{**values, **changes})


def cells(html: str) -> dict[int, str]:
    return {int(index): text for index, text in re.findall(r'data-battle="(\d+)"[^>]*>(.*?)</button>', html)}


def test_numbers_are_hidden_until_their_battle_was_voted_on():
    models = [scores.read(name) for name in NAMES]

    hidden = cells(battle_html.matrix(models, TITLES, revealed=()))
    voted = cells(battle_html.matrix(models, TITLES, revealed=[("mnist-control", "mnist-dcgan")]))
    everything = cells(battle_html.matrix(models, TITLES, revealed=None))

    assert hidden == dict.fromkeys((1, 2, 3, 5, 6, 7), "?")
    assert {index for index, text in voted.items() if text != "?"} == {1, 3}
    assert "?" not in everything.values()


def test_the_name_of_a_hidden_battle_tells_no_number():
    html = battle_html.matrix([scores.read(name) for name in NAMES], TITLES, revealed=())
    assert re.findall(r'aria-label="([^"]*: \w+)"', html)[0] == "Main &lt;first&gt; against Control: vote"
    assert "r_samples" not in html


@pytest.mark.parametrize(
    ("voted", "answer"),
    [("mnist-dcgan", "You agree"), ("mnist-control", "You disagree"), ("", "You saw no difference")],
)
def test_the_result_compares_the_vote_with_the_winner(voted: str, answer: str):
    words = battle_html.result("mnist-dcgan", battle(), TITLES, sheets=["mnist-control", "mnist-dcgan"], voted=voted)
    assert "Left: Control. Right: Main &lt;first&gt;." in words
    assert f"Main &lt;first&gt; wins. {answer}." in words
    assert "r_samples = 0.5 (95 %: 0.4 to 0.6) and r_test = 1.05" in words


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"r_samples": 1.1, "r_samples_interval": (0.9, 1.3)}, "r_samples can't be told from 1"),
        ({"r_test": 2.0}, "r_test is too far from 1"),
    ],
)
def test_a_tie_says_why(changes: dict[str, object], reason: str):
    words = battle_html.result(
        "mnist-dcgan", battle(winner="tie", **changes), TITLES, sheets=NAMES[:2], voted="mnist-dcgan"
    )
    assert f"GAM calls it a tie: {reason}" in words


def test_a_fitted_threshold_is_told():
    words = battle_html.result("mnist-dcgan", battle(calibrated=("mnist-control",)), TITLES, sheets=NAMES[:2], voted="")
    assert "The threshold of Control was fitted" in words


@pytest.mark.parametrize(("value", "text"), [(4321.0, "&gt;999"), (0.001, "&lt;0.01"), (0.5, "0.50"), (42.4, "42")])
def test_a_cell_holds_a_short_number(value: float, text: str):
    assert battle_html.short(value) == text
