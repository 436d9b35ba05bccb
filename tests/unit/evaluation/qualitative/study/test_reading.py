"""A study file says what is compared; a wrong one says where it is wrong."""

from pathlib import Path

import pytest
from PIL import Image

from evaluation.qualitative.study import arms, reading, schema
from models.gan.generators import ARCHITECTURES
from models.hub import manifest

GOOD = """
title = "Two steps"
question = "Which is better?"

[[arms]]
id = "real"
title = "Real"
kind = "real"
data = "mnist-digits"

[[arms]]
id = "late"
title = "Late"
kind = "generator"
model = "mnist-dcgan"
step = 20_000
"""


def read(folder: Path, text: str) -> schema.Study:
    (folder / "mine.toml").write_text(text)
    return reading.read("mine", folder)


def test_the_shipped_study_compares_real_digits_with_six_steps_of_training():
    digits = reading.read("digits-by-training-step")

    assert digits.name == "digits-by-training-step"
    assert digits.sheet == 16
    assert [arm.step for arm in digits.arms if arm.kind == "generator"] == [500, 1000, 2000, 5000, 10000, 20000]
    assert [arm.data for arm in digits.arms if arm.kind == "real"] == ["mnist-digits"]


def test_every_shipped_study_reads():
    assert [reading.read(name).name for name in reading.names()] == reading.names() != []


def test_every_bundled_snapshot_competes_in_a_shipped_study():
    """But for generators before their first step, which all draw next to nothing: one of them is enough."""
    compete = {
        (arm.model, arm.step)
        for name in reading.names()
        for arm in reading.read(name).arms
        if isinstance(arm, arms.GeneratorArm)
    }
    bundled = {
        (name, step)
        for name, entry in manifest.read().items()
        if entry.architecture in ARCHITECTURES
        for step in entry.steps
        if step
    }
    assert bundled - compete == set()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_study_is_read_as_editors_of_windows_save_it(tmp_path: Path, encoding: str):
    (tmp_path / "mine.toml").write_bytes(GOOD.replace("Late", "Später").replace("\n", "\r\n").encode(encoding))

    assert reading.read("mine", tmp_path).arm("late").title == "Später"


def test_a_study_and_its_pictures_may_spell_an_accent_differently(tmp_path: Path):
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (64, 64)).save(tmp_path / name / "Ko\u0308ln.png")
    arm = '[[arms]]\nid = "{0}"\ntitle = "{0}"\nkind = "pictures"\npath = "{0}"\n'
    text = f'title = "T"\nquestion = "Q"\nside = 64\n{arm.format("ours")}{arm.format("theirs")}'

    study = read(tmp_path, f'{text}[items]\nfiles = ["K\u00f6ln"]\n')

    assert list(study.items.files) == ["K\u00f6ln"]


def test_an_arm_is_found_by_its_id(tmp_path: Path):
    assert read(tmp_path, GOOD).arm("late") == arms.GeneratorArm(
        id="late", title="Late", kind="generator", model="mnist-dcgan", step=20_000
    )


def test_an_unknown_arm_is_answered_with_the_known_ones(tmp_path: Path):
    with pytest.raises(arms.StudyError, match="no arm 'early'; it has: real, late"):
        read(tmp_path, GOOD).arm("early")


@pytest.mark.parametrize("name", ["other", "", "../pyproject", "mine.toml", "mine\0", "x" * 100_000])
def test_a_name_that_is_no_study_is_answered_with_the_known_ones(tmp_path: Path, name: str):
    (tmp_path / "mine.toml").write_text(GOOD)

    with pytest.raises(arms.StudyError, match=r"there are: mine$") as refused:
        reading.read(name, tmp_path)

    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Two steps"', "title = Two steps", r"mine\.toml is not TOML: .*line 2"),
        ('question = "Which is better?"', "", r"/mine\.toml, line 1: question: Field required$"),
        ("step = 20_000", "step = -1", r"/mine\.toml, line 16: step of arm 2: .*greater than or equal to 0$"),
        ("step = 20_000", "", r"line 11: step of arm 2: Field required$"),
        ("step = 20_000", "step = 20_000\nhue = 1", r"line 17: hue of arm 2: Extra inputs"),
        ('data = "mnist-digits"', 'model = "mnist-dcgan"', r"data of arm 1: Field required"),
        ('kind = "real"', 'kind = "painted"', r"arm 1: .*'painted'.*'generator', 'hub', 'real'"),
        ('id = "late"', 'id = "real"', r"more than one has: real"),
        ('id = "late"', 'id = "Too Late"', r"id of arm 2: .*pattern"),
        ("title = ", "sheet = 0\ntitle = ", r"sheet: .*greater than or equal to 1"),
        ("title = ", "hue = 1\ntitle = ", r"hue: Extra inputs"),
    ],
)
def test_a_fault_is_named_with_its_file_and_key(tmp_path: Path, old: str, new: str, message: str):
    assert old in GOOD
    with pytest.raises(arms.StudyError, match=message):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_one_arm_is_no_comparison(tmp_path: Path):
    with pytest.raises(arms.StudyError, match="arms: List should have at least 2 items"):
        read(tmp_path, GOOD[: GOOD.rindex("[[arms]]")])
