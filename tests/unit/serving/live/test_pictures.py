"""The real pictures of a live run: read from where the training commands have put them."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from serving.live import pictures


def idx(count: int) -> bytes:
    levels = np.arange(count * 28 * 28, dtype=np.int64) % 256
    return b"\0" * pictures.HEADER + levels.astype(np.uint8).tobytes()


@pytest.mark.parametrize("packed", [True, False])
def test_pictures_of_the_cache_are_read_and_padded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool):
    folder = tmp_path / "packages/dataset-fashion-mnist-1/usr/share/datasets/fashion-mnist"
    folder.mkdir(parents=True)
    name = "train-images-idx3-ubyte"
    if packed:
        (folder / f"{name}.gz").write_bytes(gzip.compress(idx(3)))
    else:
        (folder / name).write_bytes(idx(3))
    monkeypatch.setenv("JUST_LOOK_CACHE", str(tmp_path))

    real = pictures.of("clothes")

    assert real.levels.shape == (3, 1, 32, 32)
    assert real.levels[0, 0, 2, 2:6].tolist() == [0, 1, 2, 3]
    assert int(real.levels[:, :, :2].max()) == 0
    assert "3 pictures of Fashion-MNIST" in real.source
