"""The page's process needs no torch: the contract of the engine is plain pictures, numbers and handles."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.folders import ROOT


def build(folder: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.support.page_without_torch", str(folder), *modules],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_whole_page_is_built_and_restyles_without_torch(tmp_path: Path):
    result = build(tmp_path)
    assert result.returncode == 0, result.stderr
    assert "restyled photo.png into restyled.png" in result.stdout


@pytest.mark.parametrize("imported", ["torch", "torchvision", "spaces", "serving.local", "models.style.vgg"])
def test_one_module_that_imports_torch_is_found_out(tmp_path: Path, imported: str):
    (tmp_path / "one_more_module.py").write_text(f"import {imported}\n")
    script = "import sys; from tests.support.page_without_torch import Blocked; sys.meta_path.insert(0, Blocked()); "
    result = subprocess.run(
        [sys.executable, "-c", script + "import one_more_module"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode != 0
    assert "is blocked in this process" in result.stderr
