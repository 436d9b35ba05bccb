"""The commands for studies, as somebody types them: what they print, write and refuse."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from evaluation.qualitative.planning.design import Assumptions, design_of
from evaluation.qualitative.planning.power import CurvePoint, SampleSize
from evaluation.qualitative.study import folders
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.reading import read_file
from studies import plan
from studies.__main__ import main
from tests.support.folders import ROOT
from tests.support.servers.commit_server import CommitServer
from tests.support.sessions import EARLY_AND_LATE

STUDY = (
    """
title = "Early and late"
question = "Which is better?"
maximum_raters = 20
[items]
seeds = 4
"""
    + EARLY_AND_LATE
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study in the folder of uploaded ones, a database of its own, and the working folder."""
    (tmp_path / "mine.toml").write_text(STUDY)
    monkeypatch.setattr(StudyLibrary.__init__, "__defaults__", (folders.SHIPPED, tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["studies", *arguments])
    main()


def table(folder: Path, rows: int = 120) -> str:
    lines = [f"worker-{i % 8};early;late;{'B' if i % 3 else 'A'}" for i in range(rows)]
    (folder / "votes.csv").write_text("Worker;left;right;Winner\n" + "\n".join(lines) + "\n")
    return "votes.csv"


MAPPED = ["--study", "mine", "--column", "rater=Worker", "--column", "choice=Winner", "--choice", "A=left"]
MAPPED += ["--choice", "B=right"]


def test_a_check_loads_neither_statistics_nor_the_database(folder: Path):
    program = (
        "import sys; sys.argv = ['studies', 'check', 'mine.toml']; from studies.__main__ import main; main();"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )

    assert "Early and late" in done.stdout, done.stderr
    heavy = {"pandas", "scipy", "matplotlib", "huggingface_hub", "sqlalchemy", "torch", "gradio"}
    assert heavy.isdisjoint(done.stdout.splitlines()[-1].split())


def test_all_commands_are_in_the_help(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    with pytest.raises(SystemExit):
        run(monkeypatch, "--help")
    printed = capsys.readouterr().out
    assert all(f"\n    {name} " in printed for name in ("check", "build", "plan", "preregister", "import", "release"))


@pytest.mark.parametrize("offset", [False, True])
def test_seeds_that_no_secret_moves_need_no_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys, offset: bool
):
    text = STUDY.replace("seeds = 4", f"seeds = 1\noffset = {str(offset).lower()}")
    (folder / "mine.toml").write_text(text)

    run(monkeypatch, "check", "mine.toml", "--preview", "sheets")

    assert "sheets/mine.png" in capsys.readouterr().out
    assert (folder / "votes.sqlite3").exists() == offset


def test_a_plan_is_printed_with_its_curve(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    run(monkeypatch, "plan", "mine.toml", "--win-rate", "75", "--simulations", "20", "--figure", "power.svg")

    printed = capsys.readouterr().out
    assert "mine: 2 arms, the best 191 points above the others; 20 ballots per rater" in printed
    assert "the best arm ranks first alone in 80 % of such studies" in printed
    assert (folder / "power.svg").read_text().startswith("<?xml")


def test_a_plan_says_that_its_number_lies_beyond_what_was_simulated():
    study = read_file(ROOT / "studies/digits-by-training-step.toml")
    point = CurvePoint(raters=8, votes=160, studies=20, successes=9, half_width=None)
    result = SampleSize(done=20, total=20, wanted=0.8, points=(point,), raters=30, votes=600)

    *_, answer, caveat = plan.lines(study, design_of(study), Assumptions(), result)

    assert answer.startswith("30 raters, 600 votes")
    assert "the largest had 8 raters" in caveat


def test_a_plan_after_a_pilot_takes_its_raters(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    lines = [f"r{i % 8},early,late,{'right' if i % 3 else 'left'}" for i in range(120)]
    (folder / "pilot.csv").write_text("rater,left,right,choice\n" + "\n".join(lines) + "\n")

    run(monkeypatch, "plan", "mine.toml", "--pilot", "pilot.csv", "--simulations", "20")

    printed = capsys.readouterr()
    assert "pilot: 120 votes by 8 raters" in printed.err
    assert "as far apart as in the pilot" in printed.out


def test_four_pictures_at_once_are_planned_from_a_pilot(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    study = str(folders.SHIPPED / "digits-best-of-four.toml")
    arms = [arm.id for arm in read_file(Path(study)).competing]
    rows = [
        f"r{i % 8},{','.join(arms[(i + k) % 7] for k in range(4))},best_{1 + i % 3}_worst_{4 - i % 2 * (i % 3 < 2)}"
        for i in range(140)
    ]
    (folder / "pilot.csv").write_text("rater,left,right,third,fourth,choice\n" + "\n".join(rows) + "\n")

    run(monkeypatch, "plan", study, "--pilot", "pilot.csv", "--difference", "200", "--simulations", "20")

    printed = capsys.readouterr()
    assert "pilot: 140 votes by 8 raters" in printed.err
    assert "7 arms, the best 200 points above the others; 20 ballots per rater of four pictures" in printed.out
    assert "ties" not in printed.out
    with pytest.raises(SystemExit, match="never tied: leave --ties out"):
        run(monkeypatch, "plan", study, "--ties", "10")


def test_a_preregistration_is_written_once(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    run(monkeypatch, "preregister", "mine.toml", "--hypothesis", "Late wins.")
    assert (folder / "mine.preregistration.json").exists()
    assert "sha256 " in capsys.readouterr().out
    with pytest.raises(SystemExit, match="is there already"):
        run(monkeypatch, "preregister", "mine.toml")


def test_votes_are_imported_released_and_recomputed(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    run(monkeypatch, "preregister", "mine.toml")
    run(monkeypatch, "import", table(folder), *MAPPED)
    assert "120 votes are stored in mine, marked as imported." in capsys.readouterr().out

    run(monkeypatch, "release", "mine", "--licence", "cc-by-4.0")

    assert "The study has not closed: digests of its pictures" in capsys.readouterr().out
    with zipfile.ZipFile(folder / "mine-release.zip") as archive:
        archive.extractall(folder)
    release = folder / "mine-release"
    assert (release / "preregistration.json").read_bytes() == (folder / "mine.preregistration.json").read_bytes()
    methods = (release / "methods.txt").read_text()
    assert "The study was preregistered on" in methods
    assert "the study file has not been changed since." in methods
    done = subprocess.run([sys.executable, "analysis.py"], cwd=release, capture_output=True, text=True)
    assert done.stdout.endswith(" 0 differ\n"), done.stdout + done.stderr


def test_a_dry_run_and_a_faulty_table_store_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    run(monkeypatch, "import", table(folder), *MAPPED, "--dry-run")
    assert "120 votes by 8 raters on 2 arms" in capsys.readouterr().out
    with (folder / "votes.csv").open("a") as file:
        file.write("worker-9;early;nobody;A\n")
    with pytest.raises(SystemExit, match=r"votes\.csv, line 122: right is 'nobody'"):
        run(monkeypatch, "import", "votes.csv", *MAPPED)
    with pytest.raises(SystemExit, match="has no votes yet"):
        run(monkeypatch, "release", "mine")


def test_a_release_is_published_by_one_command(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    run(monkeypatch, "import", table(folder), *MAPPED)
    with CommitServer().serving() as hub:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", "hf_x")
        run(monkeypatch, "release", "mine", "--no-pictures", "--push", "lab/mine")

        assert set(hub.files["lab/mine"]) >= {"README.md", "votes.csv", "analysis.py", "SHA256SUMS"}
        assert f"{hub.url}/datasets/lab/mine/commit/" in capsys.readouterr().out
        with pytest.raises(SystemExit, match="names no owner"):
            run(monkeypatch, "release", "mine", "--no-pictures", "--push", "mine")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["plan", "nowhere.toml"], "can't be read"),
        (["plan", "mine.toml", "--difference", "0"], "difference should be 1 to 1000 points"),
        (["plan", "mine.toml", "--pilot", "nowhere.csv"], "can't be read as votes"),
        (["import", "nowhere.csv", "--study", "mine"], "can't be read"),
        (["import", "mine.toml", "--study", "nothing"], "there is no study 'nothing'"),
        (["import", "mine.toml", "--study", "mine", "--column", "rater"], "should have the form A=B"),
        (["release", "nothing"], "there is no study 'nothing'"),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: str):
    with pytest.raises(SystemExit, match=expected):
        run(monkeypatch, *arguments)
