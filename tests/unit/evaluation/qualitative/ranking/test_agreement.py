"""Alpha is Krippendorff's on his own examples, blind to sides; and a lean to one side shows as what it is."""

import numpy as np
import pandas as pd
import pytest

from evaluation.qualitative.ranking.agreement import agreement, side_bias
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally
from evaluation.qualitative.ranking.tally import count


def single_pictures(*raters: str) -> pd.DataFrame:
    """Answers of each rater to the items, one letter each; a dot is none."""
    answers = {"r": "real", "f": "fake", "n": "not_sure"}
    rows = [
        (str(rater), str(item), "arm", "", answers[letter])
        for rater, letters in enumerate(raters)
        for item, letter in enumerate(letters)
        if letter != "."
    ]
    return pd.DataFrame(rows, columns=["rater", "item", "left", "right", "choice"])


def test_two_observers_of_krippendorffs_binary_example():
    # 'Computing Krippendorff's alpha-reliability' (2011), A: Meg and Owen judge ten objects.
    meg, owen = "frffffffrf", "rrrffrffff"
    assert agreement(single_pictures(meg, owen)).alpha == pytest.approx(0.095, abs=0.0005)


def test_two_observers_of_krippendorffs_nominal_example():
    # The same, B: Ben and Gerry sort twelve articles into five categories, for which five answers stand in.
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    values = {"a": "left", "b": "right", "c": "tie", "d": "real", "e": "fake"}
    rows = [
        (rater, str(item), "one", "", values[letter])
        for rater, letters in (("ben", ben), ("gerry", gerry))
        for item, letter in enumerate(letters)
    ]
    table = pd.DataFrame(rows, columns=["rater", "item", "left", "right", "choice"])
    assert agreement(table).alpha == pytest.approx(0.692, abs=0.0005)


def test_several_raters_with_gaps_follow_krippendorffs_definition():
    observers = ["rfnnfrnrf...", "rfnnffnrfr.n", ".nnnfnnffrr.", "rfnnfnnrfrr."]
    table = single_pictures(*observers)
    values = table.pivot_table(index="rater", columns="item", values="choice", aggfunc="first")
    assert agreement(table).alpha == pytest.approx(nominal_alpha(values), abs=1e-9)


def nominal_alpha(values: pd.DataFrame) -> float:
    """Krippendorff's definition, pair by pair of answers."""
    observed, pooled = 0.0, []
    for _, column in values.items():
        answers = column.dropna().tolist()
        if len(answers) >= 2:
            pooled += answers
            observed += sum(first != second for first in answers for second in answers) / (len(answers) - 1)
    expected = sum(first != second for first in pooled for second in pooled) / (len(pooled) - 1)
    return 1 - observed / expected


def test_raters_who_always_agree_have_alpha_one_whichever_side_the_winner_stood_on():
    rows = []
    for item, winner in enumerate("abab"):
        rows.append(("x", item, "a", "b", "left" if winner == "a" else "right"))
        rows.append(("y", item, "b", "a", "right" if winner == "a" else "left"))
    result = agreement(pd.DataFrame(rows, columns=["rater", "item", "left", "right", "choice"]))
    assert (result.alpha, result.units, result.judgements) == (1.0, 4, 8)


def test_leaning_left_is_no_agreement():
    rng = np.random.default_rng(0)
    rows = []
    for item in range(300):
        for rater in "xyz":
            left, right = rng.permutation(["a", "b"])
            rows.append((rater, item, left, right, "left"))
    result = agreement(pd.DataFrame(rows, columns=["rater", "item", "left", "right", "choice"]))
    assert abs(result.alpha) < 0.1


def test_only_the_first_answer_of_a_rater_to_a_question_counts():
    once = single_pictures("rfrf", "rffr")
    again = pd.concat([once, once.assign(choice="not_sure")], ignore_index=True)
    assert agreement(again) == agreement(once)


def test_skips_and_questions_of_one_rater_are_no_judgements():
    table = single_pictures("rf", "fr")
    alone = single_pictures("....rrrr").assign(rater="other")
    skipped = single_pictures("rf").assign(rater="third", choice="skip")
    assert agreement(pd.concat([table, alone, skipped], ignore_index=True)) == agreement(table)


@pytest.mark.parametrize(
    "table", [single_pictures("rf"), single_pictures("rr", "rr"), single_pictures().drop(columns="item")]
)
def test_without_shared_questions_or_different_answers_there_is_no_alpha(table: pd.DataFrame):
    assert agreement(table).alpha is None


def coin_flips(arms: int, *, units: int, raters: int, ties: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Answers by chance: every rater judges every unit, a pair of arms for an item."""
    rng = np.random.default_rng(seed)
    pair = np.array([rng.choice(arms, size=2, replace=False) for _ in range(units)])
    unit = np.repeat(np.arange(units), raters)
    swap = rng.random(len(unit)) < 0.5
    first, second = pair[unit, 0], pair[unit, 1]
    choice = np.where(rng.random(len(unit)) < ties, "tie", rng.choice(["left", "right"], size=len(unit)))
    return pd.DataFrame(
        {
            "rater": np.tile([f"r{i}" for i in range(raters)], units),
            "item": unit.astype(str),
            "left": [f"arm-{i:02}" for i in np.where(swap, second, first)],
            "right": [f"arm-{i:02}" for i in np.where(swap, first, second)],
            "choice": choice,
        }
    )


@pytest.mark.parametrize("arms", [2, 3, 5, 8, 20])
@pytest.mark.parametrize("ties", [0.0, 0.3])
def test_coin_flips_have_no_agreement_however_many_arms_there_are(arms: int, ties: float):
    result = agreement(coin_flips(arms, units=3000, raters=4, ties=ties), resamples=200)
    assert abs(result.alpha) <= 0.02
    assert result.low < 0 < result.high


@pytest.mark.parametrize("ties", [0.0, 0.2])
def test_alpha_of_pairs_is_krippendorffs_of_the_answers_and_their_mirror_images(ties: float):
    table = coin_flips(4, units=200, raters=5, ties=ties, seed=3)
    better = table["left"] < table["right"]
    follows = np.random.default_rng(0).random(len(table)) < 0.5  # half of the answers follow the order of the arms
    decided = table["choice"] != "tie"
    table.loc[follows & decided, "choice"] = np.where(better, "left", "right")[follows & decided]

    won = np.where((table["choice"] == "left") == better, "first", "second")
    values = table.assign(value=np.where(decided, won, "tie"))
    mirror = values.assign(item="m" + values["item"]).replace({"value": {"first": "second", "second": "first"}})
    coded = pd.concat([values, mirror]).pivot_table(index="rater", columns="item", values="value", aggfunc="first")
    assert agreement(table).alpha == pytest.approx(nominal_alpha(coded), abs=0.002)
    assert agreement(table).alpha > 0.1


def test_the_names_of_the_arms_do_not_matter():
    table = coin_flips(5, units=100, raters=4, ties=0.1, seed=1)
    names = {f"arm-{i:02}": name for i, name in enumerate("qaxbm")}
    assert agreement(table.replace(names)).alpha == pytest.approx(agreement(table).alpha)


def test_raters_who_agree_have_alpha_one_even_if_the_same_arm_always_wins():
    rows = [(rater, item, "a", "b", "left") for item in "123" for rater in "xy"]
    assert agreement(pd.DataFrame(rows, columns=["rater", "item", "left", "right", "choice"])).alpha == 1


def test_the_interval_of_alpha_holds_the_truth():
    held = []
    for seed in range(100):
        result = agreement(coin_flips(3, units=60, raters=3, seed=seed), resamples=200)
        held.append(result.low <= 0 <= result.high)
    assert 0.89 <= np.mean(held) <= 0.99


def test_a_side_that_won_both_of_two_votes_is_hardly_known():
    rows = [("x", "a", "b", "left"), ("y", "a", "b", "left")]
    bias = side_bias(count(pd.DataFrame(rows, columns=["rater", "left", "right", "choice"]), arms="ab"))
    assert bias.left == 1
    assert bias.low < 0.1
    assert bias.high == 1


def test_a_side_that_won_every_vote_of_ten_raters_has_an_interval():
    rows = [(f"r{rater}", "a", "b", "left") for rater in range(10) for _ in range(10)]
    bias = side_bias(count(pd.DataFrame(rows, columns=["rater", "left", "right", "choice"]), arms="ab"))
    assert 0.8 < bias.low < 0.97
    assert bias.high == 1


def test_a_lean_to_the_left_is_found_with_an_interval_around_it():
    population = Population(strengths=(1.0, 0.0, -1.0), side=0.6, side_spread=0.2)
    rng = np.random.default_rng(0)
    bias = side_bias(even_tally(draw_raters(population, count=50, rng=rng), per_rater=60, rng=rng))
    assert 0.5 < bias.low < bias.left < bias.high < 0.75
    assert bias.left == pytest.approx(0.62, abs=0.04)


def test_sides_that_do_not_matter_are_half_and_half():
    population = Population(strengths=(1.0, 0.0, -1.0), side=0.0, side_spread=0.2)
    rng = np.random.default_rng(0)
    bias = side_bias(even_tally(draw_raters(population, count=50, rng=rng), per_rater=60, rng=rng))
    assert bias.low < 0.5 < bias.high


def test_one_raters_side_bias_has_no_interval_and_ties_decide_nothing():
    rows = [("x", "a", "b", "left")] * 3 + [("x", "a", "b", "right")] + [("x", "a", "b", "tie")] * 9
    table = pd.DataFrame(rows, columns=["rater", "left", "right", "choice"])
    bias = side_bias(count(table, arms="ab"))
    assert (bias.left, bias.low, bias.decided) == (0.75, None, 4)
    assert side_bias(count(table[table["choice"] == "tie"], arms="ab")).left is None
