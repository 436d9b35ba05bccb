"""Pictures drawn ahead are those that would be drawn live, and a build that was killed is taken up again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import folders, reading, rendering
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.gallery import INDEX, Gallery
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds
from serving.local import LocalEngine
from studies.__main__ import main

NO_ENGINE = None
TEXT = """
title = "Mine"
question = "Which?"
colour = false
[items]
seeds = 2
[[arms]]
id = "early"
title = "Early"
kind = "generator"
model = "mnist-dcgan"
step = 500
[[arms]]
id = "real"
title = "Real"
kind = "real"
data = "mnist-digits"
"""


PAINTED = """
title = "Mine"
question = "Which?"
side = 64
[items]
pairs = [["cat", "irises"]]
[[arms]]
id = "adain"
title = "AdaIN"
kind = "style"
method = "adain"
[[arms]]
id = "gatys"
title = "Gatys"
kind = "style"
method = "gatys"
steps = 1
"""


@pytest.fixture
def mine() -> Study:
    return reading.parse(TEXT, "mine")


def test_a_built_picture_is_the_one_drawn_live(tmp_path: Path, mine: Study, engine: LocalEngine):
    steps = list(Gallery(mine, tmp_path).build(engine))
    gallery = Gallery(mine, tmp_path)

    assert [(step.done, step.total, step.arm, step.item, step.kept) for step in steps] == [
        (1, 4, "early", "0", False),
        (2, 4, "real", "0", False),
        (3, 4, "early", "1", False),
        (4, 4, "real", "1", False),
    ]
    for arm in mine.arms:
        for item in ("0", "1"):
            built = gallery.draw(arm, item, None)  # type: ignore[arg-type] # nobody is asked
            assert rendering.encode(built) == rendering.encode(rendering.render(mine, arm, item, engine))


def test_a_stopped_build_goes_on_where_it_was(tmp_path: Path, mine: Study, engine: LocalEngine):
    building = Gallery(mine, tmp_path).build(engine)
    next(building), next(building), next(building)
    building.close()
    index = tmp_path / INDEX
    index.write_text(index.read_text()[:-20])  # and the last line was cut off

    assert [step.kept for step in Gallery(mine, tmp_path).build(engine)] == [True, True, False, False]
    assert [step.kept for step in Gallery(mine, tmp_path).build(engine)] == [True] * 4
    assert [step.kept for step in Gallery(mine, tmp_path).build(engine, fresh=True)] == [False] * 4
    assert len(list(tmp_path.glob("*.png"))) == 4
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_or_lost_picture_is_drawn_live_and_built_again(tmp_path: Path, mine: Study, engine: LocalEngine):
    list(Gallery(mine, tmp_path).build(engine))
    damaged, lost, *_ = sorted(tmp_path.glob("*.png"))
    damaged.write_bytes(damaged.read_bytes()[:-5])
    lost.unlink()
    gallery = Gallery(mine, tmp_path)

    for arm in mine.arms:
        assert gallery.draw(arm, "0", engine).tobytes() == rendering.render(mine, arm, "0", engine).tobytes()
    assert sorted(step.kept for step in gallery.build(engine)) == [False, False, True, True]


def test_a_changed_study_does_not_show_its_old_pictures(tmp_path: Path, mine: Study, engine: LocalEngine):
    list(Gallery(mine, tmp_path).build(engine))
    retitled = reading.parse(TEXT.replace('"Early"', '"Young"'), "mine")
    later = reading.parse(TEXT.replace("step = 500", "step = 1000"), "mine")

    assert all(step.kept for step in Gallery(retitled, tmp_path).build(engine))
    assert [step.kept for step in Gallery(later, tmp_path).build(engine)] == [False, True, False, True]


def test_what_takes_long_is_shown_only_when_it_was_built(tmp_path: Path, engine: LocalEngine):
    painted = reading.parse(PAINTED, "painted")
    gallery = Gallery(painted, tmp_path)
    arm = painted.arm("gatys")

    with pytest.raises(StudyError, match=r"arm 'gatys' of study 'painted' takes too long .*: build its pictures first"):
        gallery.draw(arm, "cat--irises", engine)
    list(gallery.build(engine))
    assert gallery.draw(arm, "cat--irises", engine).size == (64, 64)


def test_file_names_say_nothing(tmp_path: Path, mine: Study, engine: LocalEngine):
    list(Gallery(mine, tmp_path).build(engine))

    assert all(len(path.stem) == 32 and set(path.stem) <= set("0123456789abcdef") for path in tmp_path.glob("*.png"))


def test_pictures_of_any_seed_have_no_end(tmp_path: Path, engine: LocalEngine):
    with pytest.raises(StudyError, match=r"study 'mine' may draw any seed, .* write `seeds = 200` under \[items\]"):
        next(Gallery(reading.parse(TEXT.replace("seeds = 2", ""), "mine"), tmp_path).build(engine))


def test_the_command_checks_previews_and_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    limited = TEXT.replace("[items]", 'maximum_raters = 40\n[platform]\nkind = "mturk"\n[items]')
    (tmp_path / "mine.toml").write_text(limited)

    database = f"sqlite:///{tmp_path}/votes.sqlite3"

    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setattr(sys, "argv", ["studies", "check", f"{tmp_path}/mine.toml", "--preview", f"{tmp_path}/shown"])
    main()
    checked = capsys.readouterr().out.splitlines()
    for line in (
        "protocol   pairwise: left, right, tie, skip",
        "items      2 (seeds); pictures of 138 × 138 pixels, L",
        "platform   mturk: workerId, hitId, assignmentId",
        "places     40, each kept for 60 minutes without an answer",
        "pairs      1 of 2 competing arms, at least 100 votes each",
        "to rank    100 ballots, 5 raters, for 100 votes per arm",
        "  real                 Real (real, real)",
        str(tmp_path / "shown/mine.png"),
    ):
        assert line in checked
    assert (tmp_path / "shown/mine.png").stat().st_size > 1_000

    built = command("build", tmp_path / "mine.toml", "--out", tmp_path / "built", database=database)
    assert built.returncode == 0, built.stderr
    assert "4/4" in built.stderr
    assert len(list((tmp_path / "built").glob("*.png"))) == 4
    store, study = Store(database), reading.read_file(tmp_path / "mine.toml")
    store.close()
    app = Gallery(study, tmp_path / "built", seeds=Seeds.of(study, store.key))
    assert [app.draw(arm, "1", NO_ENGINE).size for arm in study.arms] == [study.size] * 2, "the app finds them"
    with pytest.raises(AttributeError):  # without the secret they are not those of the seeds
        Gallery(study, tmp_path / "built").draw(study.arms[0], "1", NO_ENGINE)


def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path):
    (tmp_path / "mine.toml").write_text(TEXT.replace("step = 500", "step = 501"))

    refused = command("check", tmp_path / "mine.toml")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        f"{tmp_path.name}/mine.toml, line 12: step of arm 1: mnist-dcgan has no snapshot 501; "
        "it has: 0, 500, 1000, 2000, 5000, 10000, 20000"
    ]


def command(*arguments: object, database: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "studies", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folders.ROOT,
        env={**os.environ, "DATABASE_URL": database},
    )


def test_a_study_may_come_with_its_slow_pictures_and_ones_own_build_goes_before_them(
    tmp_path: Path, mine: Study, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(folders, "BUILT", tmp_path / "built")
    monkeypatch.setattr(folders, "SHIPPED", tmp_path / "shipped")
    list(Gallery(mine, tmp_path / "shipped/mine").build(engine))
    assert Gallery(mine).folder == tmp_path / "shipped/mine"

    list(Gallery(mine, tmp_path / "built/mine").build(engine))

    assert Gallery(mine).folder == tmp_path / "built/mine"
