"""The nearest training pictures: searched in a file that a command writes once, and stopped or refused plainly."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from models.gan import latent
from models.hub import loading
from serving.engine.errors import EngineError
from serving.local import LocalEngine, classifiers, nearest
from training.data import datasets
from training.nearest import write

ASKED = {"model": "mnist-control", "step": 10_000, "seed": 7, "index": 2}
FILE_DIGITS = 12


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUST_LOOK_CACHE", str(tmp_path))
    digest = loading.entries()["mnist-classifier"].file().sha256[:FILE_DIGITS]
    (tmp_path / "nearest").mkdir()
    return tmp_path / "nearest" / f"mnist-{digest}.safetensors"


def drawn(count: int) -> torch.Tensor:
    """The samples of the seed as a data set would hold them, uint8 `(count, 1, 32, 32)`."""
    generator = loading.load("mnist-control", step=10_000, source="bundled")
    with torch.inference_mode():
        pixels = generator(latent.sample_z(7, count, generator.z_dim))
    return (127.5 * pixels + 127.5).round().to(torch.uint8)


def test_a_copied_training_picture_comes_first_and_at_no_distance(engine: LocalEngine, cache: Path):
    pictures = drawn(6)
    features = classifiers.look("mnist", pictures.float() / 127.5 - 1).features
    save_file({"pictures": pictures, "features": features.half(), "usual": torch.tensor([1.5])}, cache)

    *_, last = engine.nearest(**ASKED)

    assert last.result is not None
    assert last.result.distances[0] < 0.05 < last.result.distances[1] <= last.result.distances[2]
    copied = 255 - pictures[2, 0].numpy()
    assert np.array_equal(np.asarray(last.result.pictures[0]), copied)
    assert np.abs(np.asarray(last.result.sample, dtype=int) - copied).max() <= 1
    assert (last.result.usual, last.result.searched) == (1.5, 6)


def test_the_commands_lines_are_passed_on_and_its_sentence_is_the_error(
    engine: LocalEngine, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "offline.py").write_text(
        "import json, sys\n"
        "print('a library says something')\n"
        "print(json.dumps({'doing': 'Fetching', 'done': 1, 'total': 9}))\n"
        "print(json.dumps({'error': 'The training pictures could not be fetched'}))\n"
        "sys.exit(1)\n"
    )
    monkeypatch.setattr(nearest, "ROOT", tmp_path)
    monkeypatch.setattr(nearest, "COMMAND", "offline")

    steps = engine.nearest(**ASKED)

    assert (next(steps).done, cache.exists()) == (1, False)
    with pytest.raises(EngineError, match=r"could not be fetched\. Try again when this server has a connection\."):
        next(steps)


def test_closing_the_search_ends_the_command(
    engine: LocalEngine, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "endless.py").write_text(
        "import json, threading\n"
        "print(json.dumps({'doing': 'Fetching', 'done': 0, 'total': 1}), flush=True)\n"
        "threading.Event().wait()\n"
    )
    monkeypatch.setattr(nearest, "ROOT", tmp_path)
    monkeypatch.setattr(nearest, "COMMAND", "endless")
    started: list[nearest.subprocess.Popen] = []
    popen = nearest.subprocess.Popen

    def start(*args: object, **options: object) -> nearest.subprocess.Popen:
        started.append(popen(*args, **options))
        return started[-1]

    monkeypatch.setattr(nearest.subprocess, "Popen", start)
    steps = engine.nearest(**ASKED)
    next(steps)
    steps.close()

    (command,) = started
    assert command.returncode is not None


@pytest.mark.parametrize("count", [0, 11])
def test_a_number_of_pictures_that_makes_no_sense_is_refused(engine: LocalEngine, count: int):
    with pytest.raises(EngineError, match="1 to 10 training pictures"):
        engine.nearest(**ASKED, count=count)


def test_the_command_writes_pictures_and_features_in_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    digits = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (12, 1, 32, 32), dtype=np.uint8))
    monkeypatch.setitem(datasets.DATA_SETS, "mnist", lambda train: (digits if train else digits[:3], None))

    write("mnist", tmp_path / "digits.safetensors")

    with nearest.safe_open(tmp_path / "digits.safetensors", "pt") as stored:
        assert torch.equal(stored.get_tensor("pictures"), digits)
        expected = classifiers.look("mnist", digits.float() / 127.5 - 1).features
        torch.testing.assert_close(stored.get_tensor("features").float(), expected, rtol=1e-2, atol=1e-2)
        assert stored.get_tensor("usual").item() == pytest.approx(0, abs=0.05)
