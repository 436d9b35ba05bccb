"""A study of four pictures: which are drawn, what may be answered, what is stored and exported."""

from collections import Counter
from itertools import permutations
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from evaluation.qualitative.ballot import Choice, InvalidChoiceError, new_rater
from evaluation.qualitative.results.export import export
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store.rebuild import rebuild
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.reading import parse, read

STUDY = read("digits-best-of-four")
ARMS = [arm.id for arm in STUDY.competing]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")


def test_each_rater_sees_every_arm_about_equally_often_in_every_place():
    rater, rng = new_rater(), Random(2)
    past = []
    for number in range(1, 141):
        past.append(draw(STUDY, rater=rater, past=past, rng=rng))
        times = Counter(arm for ballot in past for arm in ballot.arms)
        assert max(times.values()) - min(times[arm] for arm in ARMS) <= 1, number
    assert all(len(set(ballot.arms)) == 4 for ballot in past)
    places = Counter((place, arm) for ballot in past for place, arm in enumerate(ballot.arms))
    assert len(places) == 4 * len(ARMS)
    assert min(places.values()) >= 8  # 20 expected, standard deviation 3.9
    assert len({frozenset(ballot.arms) for ballot in past}) > 20


def test_the_probability_is_that_of_the_set():
    rater, rng = new_rater(), Random(1)
    first = draw(STUDY, rater=rater, rng=rng)
    assert first.pair_probability == pytest.approx(1 / 35)  # 4 of 7
    second = draw(STUDY, rater=rater, past=[first], rng=rng)
    assert second.pair_probability == pytest.approx(1 / 4)  # 3 are certain, and 1 of 4


def test_the_answers_are_the_twelve_ordered_pairs_of_places():
    places = {f"best_{best}_worst_{worst}" for best, worst in permutations(range(1, 5), 2)}
    assert set(STUDY.choices) == {*places, "skip"}
    assert {choice.value for choice in Choice if choice.best_and_worst} == places
    assert Choice.BEST_3_WORST_1.best_and_worst == (2, 0)
    assert Choice.SKIP.best_and_worst is None


def test_an_answer_is_stored_exported_and_rebuilt_with_all_four_arms(store: Store, tmp_path: Path):
    sessions = RatingSessions(store, STUDY)
    rater = sessions.join().rater
    ballot = sessions.stage(rater).ballot
    with pytest.raises(InvalidChoiceError):
        sessions.answer(ballot.id, rater=rater, choice="left", response_ms=900)
    receipt = sessions.answer(ballot.id, rater=rater, choice="best_2_worst_4", response_ms=900)
    assert len(receipt.revealed) == 4
    assert sessions.question(ballot).pictures == 4

    stored = store.results(STUDY.name)
    lines = b"".join(export(store, STUDY.name, form="csv")).decode()
    (tmp_path / "votes.parquet").write_bytes(b"".join(export(store, STUDY.name, form="parquet")))
    rebuild([store.journal.path], f"sqlite:///{tmp_path / 'again.sqlite3'}")

    columns = ["left", "right", "third", "fourth", "third_seed", "fourth_seed", "choice"]
    wanted = [*ballot.arms, ballot.third_seed, ballot.fourth_seed, "best_2_worst_4"]
    assert stored[columns].to_numpy().tolist() == [wanted]
    assert ballot.third in lines
    assert pd.read_parquet(tmp_path / "votes.parquet")[columns].to_numpy().tolist() == [wanted]
    again = Store(f"sqlite:///{tmp_path / 'again.sqlite3'}")
    assert again.results(STUDY.name)[columns].to_numpy().tolist() == [wanted]
    assert ballot.items == tuple(
        str(seed) for seed in (ballot.left_seed, ballot.right_seed, ballot.third_seed, ballot.fourth_seed)
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (lambda text: "[[arms]]".join(text.split("[[arms]]")[:4]), "at least four arms that compete"),
        (lambda text: text.replace("sheet = 9", 'sheet = 9\nanswers = ["tie"]'), "tie is for pairs"),
        (
            lambda text: text + '[[session.gold]]\nbetter = "real"\nworse = "step-500"\n',
            "no trials with a known answer",
        ),
        (lambda text: text + '[[session.attention]]\nanswer = "left"\n', "must be one of best_1_worst_2"),
    ],
)
def test_what_does_not_fit_four_pictures_is_refused(changes, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        parse(changes(STUDY.origin.text), "mine")


def test_an_attention_check_says_in_words_what_to_choose():
    study = parse(STUDY.origin.text + '[[session.attention]]\nanswer = "best_3_worst_1"\nevery = 5\n', "mine")
    instruction = study.session.attention[0].instruction
    assert instruction.endswith("whatever you see, choose picture 3 as the best and picture 1 as the worst.")
