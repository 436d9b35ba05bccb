"""What is on record is read from the shipped files, and the sentences follow from it."""

import json
import statistics

import pytest

from demos.gan.history import record, seeds_and_tricks
from evaluation.quantitative import scores, training_log
from evaluation.quantitative.scores import FOLDER, Scores, ScoresError

LOGGED = sorted(path.parent.name for path in FOLDER.glob("mnist-*/log.jsonl"))


@pytest.mark.parametrize("name", LOGGED)
def test_every_log_is_read_as_it_is_written(name: str):
    lines = [json.loads(line) for line in (FOLDER / name / training_log.LOG).read_text().splitlines()]
    rows = training_log.read(name)
    assert [row.step for row in rows] == [line["step"] for line in lines]
    assert [row.d_fake for row in rows] == [line["d_fake"] for line in lines]


@pytest.mark.parametrize("name", ["nobody", "../weights/mnist-dcgan", "vgg19", "emoji-cyclegan-noto-to-twemoji"])
def test_a_model_without_such_a_log_is_refused(name: str):
    with pytest.raises(ScoresError):
        training_log.read(name)
    assert record.logged(name) == []
    assert record.charts(name, "A title") == ""


def test_the_reading_quotes_the_curves_own_end():
    rows = training_log.read("mnist-dcgan")[-20:]
    text = record.reading("mnist-dcgan")
    assert f"{statistics.fmean(row.d_real for row in rows):.2f} on real pictures" in text
    assert "hardly tell them apart" in text
    assert "hardly" not in record.reading("mnist-collapse")
    assert "Wasserstein" in record.reading("mnist-wgan-gp")
    assert record.reading("nobody") == "No losses are on record for this generator."


def test_a_critic_has_no_verdicts_to_draw():
    assert "D(x)" in record.charts("mnist-dcgan", "A")
    assert "D(x)" not in record.charts("mnist-wgan-gp", "A")


def test_stacked_digits_are_counted_of_a_thousand():
    stacked = scores.read("stacked-cured")
    assert record.in_numbers(stacked.final, stacked.samples) == "946 of 1,000 kinds among 26,000 samples"
    assert record.in_numbers(Scores(inception_score=9.694, classes_found=10)) == "Inception Score 9.69, 10 kinds"
    assert record.in_numbers(None) == "no scores on record"


def test_the_mean_and_the_deviation_are_those_of_the_five_trainings():
    finals = [scores.read(name).final.inception_score for name in seeds_and_tricks.SEEDS]
    table = seeds_and_tricks.seeds_table(list(seeds_and_tricks.SEEDS))
    assert f"{statistics.fmean(finals):.2f} ± {statistics.stdev(finals):.2f}" in table
    assert table.count("<tr>") == 1 + 5 + 1


def test_the_verdict_on_tricks_follows_from_the_scores():
    text = seeds_and_tricks.tricks_verdict(list(seeds_and_tricks.TRICKS))
    control = scores.read("mnist-control").final.inception_score
    for name, title in seeds_and_tricks.TRICKS.items():
        if name != seeds_and_tricks.CONTROL:
            assert f"{title} {scores.read(name).final.inception_score - control:+.2f}" in text
    assert f"the control’s {control:.2f}" in text


def test_a_curve_for_each_training_by_step():
    charts = seeds_and_tricks.tricks_charts(list(seeds_and_tricks.TRICKS))
    assert charts.count("<svg") == 2
    assert charts.count("<polyline") == 2 * len(seeds_and_tricks.TRICKS)
