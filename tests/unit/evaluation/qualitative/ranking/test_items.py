"""Each item has its own shares, and intervals over items are wider where items differ."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from demos.just_look import items_html
from evaluation.qualitative.ranking.items import item_shares, two_way
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.study.reading import read

STUDY, FOUR = read("digits-by-training-step"), read("digits-best-of-four")
ARMS = [arm.id for arm in STUDY.competing][:3]


def votes(*, of_items: float, raters: int = 30, items: int = 8, seed: int = 0) -> pd.DataFrame:
    """Every rater judges each pair of three arms on each item; `of_items` is how much strengths depend on the item."""
    rng = np.random.default_rng(seed)
    strength = np.array([0.5, 0.0, -0.5]) + rng.normal(scale=of_items, size=(items, 3))
    rows = []
    for rater in range(raters):
        for item in range(items):
            for first, second in ((0, 1), (1, 2), (2, 0)):
                left = rng.random() < 1 / (1 + np.exp(strength[item, second] - strength[item, first]))
                rows.append((str(rater), str(item), ARMS[first], ARMS[second], "left" if left else "right"))
    return pd.DataFrame(rows, columns=["rater", "item", "left", "right", "choice"])


def test_shares_are_counted_by_item():
    table = pd.DataFrame(
        [
            ("a", "1", ARMS[0], ARMS[1], "left"),
            ("b", "1", ARMS[1], ARMS[0], "tie"),
            ("b", "1", ARMS[0], ARMS[1], "skip"),
            ("c", "1", ARMS[1], ARMS[0], "right"),
            ("a", "2", ARMS[0], ARMS[1], "left"),
        ],
        columns=["rater", "item", "left", "right", "choice"],
    )
    first, second = item_shares(table, ARMS)  # one rater alone is no result for an item

    assert (first.item, first.arm, first.share, first.votes, first.raters) == ("1", ARMS[0], 2.5 / 3, 3, 3)
    assert (second.arm, second.share) == (ARMS[1], pytest.approx(0.5 / 3))
    assert 0 <= second.low < second.share < first.share < first.high <= 1
    assert item_shares(table.drop(columns="item"), ARMS) == []
    assert item_shares(table.assign(item=""), ARMS) == []


def of_four(*answers: tuple[str, str, str]) -> pd.DataFrame:
    """Answers about four pictures: rater, item and choice; the arms stand in the order of the study."""
    names = [arm.id for arm in FOUR.competing][:4]
    rows = [(rater, item, *names, choice) for rater, item, choice in answers]
    return pd.DataFrame(rows, columns=["rater", "item", "left", "right", "third", "fourth", "choice"])


def test_the_best_and_the_worst_of_four_are_counted_by_item():
    names = [arm.id for arm in FOUR.competing]
    answers = of_four(
        ("a", "1", "best_1_worst_4"),
        ("b", "1", "best_1_worst_3"),
        ("b", "1", "best_2_worst_4"),
        ("c", "1", "skip"),
        ("a", "2", "best_1_worst_4"),
    )

    shares = item_shares(answers, names)

    assert [(share.item, share.arm) for share in shares] == [("1", name) for name in names[:4]]
    assert [(share.best, share.worst, share.votes, share.raters) for share in shares] == [
        (2, 0, 3, 2),
        (1, 0, 3, 2),
        (0, 1, 3, 2),
        (0, 2, 3, 2),
    ]
    assert [share.share for share in shares] == pytest.approx([2.5 / 3, 2 / 3, 1 / 3, 0.5 / 3])


def test_the_results_of_four_say_how_often_a_picture_was_the_best_and_the_worst():
    answers = of_four(*((str(rater), "1", "best_1_worst_4") for rater in range(4)))
    summary = summarise(answers, [arm.id for arm in FOUR.competing], resamples=20)
    analysis = Analysis(study=FOUR, votes=answers, summary=summary)

    listed = items_html.section(analysis, owner=True)
    pictures = items_html.pictured(analysis, lambda arm, item: Image.new("L", (8, 8)))

    assert all(f">{column}</th>" in listed for column in ("Best", "Worst", "Shown"))
    assert "ties count half" not in listed
    assert "best 4, worst 0" in pictures
    assert "best 0, worst 4" in pictures


def test_single_pictures_have_the_share_that_was_called_real():
    table = pd.DataFrame(
        {
            "rater": ["a", "b", "c", "d"],
            "item": "7",
            "left": ARMS[0],
            "right": "",
            "choice": ["real", "real", "fake", "not_sure"],
        }
    )
    (share,) = item_shares(table, ARMS)
    assert (share.share, share.votes) == (2.5 / 4, 4)


def test_the_interval_of_an_item_holds_its_true_share():
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        table = pd.DataFrame(
            {
                "rater": np.repeat(np.arange(12), 3).astype(str), "item": "1", "left": ARMS[0], "right": ARMS[1],
                "choice": np.where(rng.random(36) < 0.7, "left", "right"),
            }
        )  # fmt: skip
        first = item_shares(table, ARMS)[0]
        held.append(first.low <= 0.7 <= first.high)
    assert 0.9 <= np.mean(held) <= 1


def test_items_that_differ_widen_the_intervals_and_equal_ones_hardly_do():
    theta = np.array([0.5, 0.0, -0.5])
    different = two_way(votes(of_items=1.0), ARMS, theta=theta)
    alike = two_way(votes(of_items=0.0), ARMS, theta=theta)

    assert different.items == alike.items == 8
    for arm in ARMS:
        assert different.over_both[arm] > 2 * different.over_raters[arm]
        # The pigeonhole bootstrap is wide: up to three variances, and Student's quantile of eight items.
        assert alike.over_both[arm] < min(2.6 * alike.over_raters[arm], different.over_both[arm] / 1.5)


def test_intervals_over_items_hold_the_strength_over_all_items():
    """Truth over a population of items, from very many of them; intervals over raters alone fall short."""
    over_both, over_raters = [], []
    truth = two_way_truth()
    for seed in range(40):
        table = votes(of_items=0.8, raters=12, items=10, seed=seed)
        wide = two_way(table, ARMS, theta=np.zeros(3), resamples=200)
        lead = np.array(strengths_of(table))
        off = np.abs((lead - lead.mean()) - truth)
        over_both.append(off <= np.array([wide.over_both[arm] for arm in ARMS]))
        over_raters.append(off <= np.array([wide.over_raters[arm] for arm in ARMS]))
    assert np.mean(over_both) > 0.9
    assert np.mean(over_raters) < 0.8


def strengths_of(table: pd.DataFrame) -> list[float]:
    ranked = {
        arm.arm: arm.score for arm in summarise(table.drop(columns="item"), ARMS, resamples=2).comparison.standings
    }
    return [(ranked[arm] - 1000) / 173.72 for arm in ARMS]


def two_way_truth() -> np.ndarray:
    lead = np.array(strengths_of(votes(of_items=0.8, raters=1, items=6000)))
    return lead - lead.mean()


def test_without_shared_items_there_are_no_intervals_over_them():
    table = votes(of_items=0.5)
    own = table.assign(item=[str(number) for number in range(len(table))])
    assert two_way(own, ARMS, theta=np.zeros(3)) is None
    assert two_way(table.drop(columns="item"), ARMS, theta=np.zeros(3)) is None
    assert two_way(table[table["item"] == "1"], ARMS, theta=np.zeros(3)) is None


def test_pictures_are_for_the_owner_until_the_study_is_closed():
    closed = STUDY.replaced(closes="2020-01-01T00:00:00Z")
    assert not items_html.may_reveal(STUDY, owner=False)  # a rater could look the next pictures up
    assert items_html.may_reveal(STUDY, owner=True)
    assert items_html.may_reveal(closed, owner=False)
    assert not items_html.may_reveal(closed.replaced(reveal="never"), owner=False)


def test_the_page_has_a_table_and_draws_each_arm_s_picture_of_an_item():
    table = votes(of_items=0.5, raters=4)
    analysis = Analysis(study=STUDY, votes=table, summary=summarise(table, ARMS, resamples=20))
    drawn = []

    def draw(arm: str, item: str) -> Image.Image:
        drawn.append((arm, item))
        return Image.new("L", (300, 300), 200)

    page, hidden = (items_html.section(analysis, owner=owner) for owner in (True, False))
    pictures = items_html.pictured(analysis, draw)

    assert "Show the pictures" in page
    assert "Show the pictures" not in hidden
    assert STUDY.arm(ARMS[0]).title in page
    assert len(drawn) == items_html.MOST_PICTURED * len(ARMS)
    assert pictures.count("<img") == len(drawn)
    assert f'alt="{STUDY.arm(ARMS[0]).title}, item 0"' in pictures
