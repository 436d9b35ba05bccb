"""A pilot gives back the raters that it was drawn from: how much they differ, tie and lapse."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.qualitative.planning import pilot
from evaluation.qualitative.planning.design import PlanError
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT
from evaluation.qualitative.ranking.simulation import Population, draw_raters, truth, vote

POPULATION = Population(strengths=(0.8, 0.3, 0.0, -0.4))


def votes(population: Population = POPULATION, *, raters: int = 40, per_rater: int = 30, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return vote(draw_raters(population, count=raters, rng=rng), per_rater=per_rater, rng=rng)


@pytest.mark.parametrize("taste", [0.0, 0.3, 0.6, 1.0])
def test_the_spread_of_raters_is_found(taste: float):
    population = replace(POPULATION, taste=taste)
    spreads = [pilot.pilot_of(votes(population, seed=seed)).spread / POINTS_PER_LOGIT for seed in range(12)]
    assert np.median(spreads) == pytest.approx(taste, rel=0.2, abs=0.1)


def test_ties_and_distances_are_found():
    known = pilot.pilot_of(votes(raters=150))
    assert known.ties == pytest.approx(POPULATION.ties / (2 + POPULATION.ties), abs=0.05)
    assert list(known.strengths.values()) == pytest.approx(truth(POPULATION), abs=0.15)
    assert (known.raters, known.votes, known.lapses) == (150, 4_500, None)


def test_a_plan_after_a_pilot_has_the_pilots_arms_or_a_wanted_difference():
    known = pilot.pilot_of(votes())
    alike = known.assumptions()
    assert alike.strengths == tuple(known.strengths.values())
    theta = truth(alike.population(4))
    assert theta[0] - theta[-1] == pytest.approx(max(alike.strengths) - min(alike.strengths), abs=0.01)
    wanted = known.assumptions(difference=50, lapses=0.1)
    assert (wanted.strengths, wanted.difference, wanted.lapses, wanted.spread) == (None, 50, 0.1, known.spread)


def test_failed_checks_are_half_of_the_lapses():
    table = votes(raters=4, per_rater=10).assign(purpose="rating", expected="", flags="")
    table.loc[:9, "purpose"] = "attention"
    table.loc[:9, "expected"] = table.loc[:9, "choice"]
    table.loc[:1, "expected"] = "neither"
    assert pilot.pilot_of(table).lapses == pytest.approx(0.4)


def test_flagged_votes_and_arms_outside_do_not_count():
    table = votes(raters=10).assign(flags="")
    table.loc[:99, "flags"] = "too_fast"
    assert pilot.pilot_of(table).votes == 200
    assert list(pilot.pilot_of(table, ["arm-0", "arm-2"]).strengths) == ["arm-0", "arm-2"]


@pytest.mark.parametrize("form", ["csv", "spreadsheet", "jsonl", "parquet", "zip"])
def test_every_export_is_read(form: str, tmp_path: Path):
    table = votes(raters=3)
    path = tmp_path / f"votes.{'csv' if form == 'spreadsheet' else form}"
    text = table.to_csv(index=False)
    match form:
        case "csv":
            path.write_text(text)
        case "spreadsheet":
            path.write_text(text, encoding="utf-8-sig")
        case "jsonl":
            path.write_text("\n".join(json.dumps(row) for row in table.to_dict("records")))
        case "parquet":
            table.to_parquet(path)
        case "zip":
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("a-release/votes.csv", text)
            path.write_bytes(packed.getvalue())
    assert pilot.pilot_of(pilot.read(path)) == pilot.pilot_of(table)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("votes.csv", b"rater,left,right\na,b,c\n", "lacks the column choice"),
        ("votes.csv", b"", "can't be read as votes"),
        ("votes.jsonl", b"{", "can't be read as votes"),
        ("votes.parquet", b"no", "can't be read as votes"),
        ("votes.zip", b"no", "can't be read as votes"),
    ],
)
def test_a_file_that_is_none_is_refused(name: str, content: bytes, expected: str, tmp_path: Path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PlanError, match=expected):
        pilot.read(tmp_path / name)


def test_too_few_votes_and_arms_that_never_met_are_refused():
    with pytest.raises(PlanError, match="10 votes by 1 raters"):
        pilot.pilot_of(votes(raters=1, per_rater=10))
    table = votes()
    apart = table[table[["left", "right"]].isin(["arm-0", "arm-1"]).all(axis=1)]
    other = table[table[["left", "right"]].isin(["arm-2", "arm-3"]).all(axis=1)]
    with pytest.raises(PlanError, match="did not all meet"):
        pilot.pilot_of(pd.concat([apart, other]))
