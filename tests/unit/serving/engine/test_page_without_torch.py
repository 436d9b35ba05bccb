"""The page's process needs no torch: the contract of the engine is plain pictures, numbers and handles."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.folders import ROOT


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_the_whole_page_is_built_and_restyles_without_torch(tmp_path: Path):
    result = run(tmp_path, "-m", "tests.support.page_without_torch", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "restyled photo.png into restyled.png" in result.stdout


@pytest.mark.parametrize("imported", ["torch", "torchvision", "spaces", "serving.local", "models.style.vgg"])
def test_a_module_that_imports_torch_fails_there(tmp_path: Path, imported: str):
    (tmp_path / "one_more_module.py").write_text(f"import {imported}\n")
    block = "import sys; from tests.support.page_without_torch import Blocked; sys.meta_path.insert(0, Blocked())"
    result = run(tmp_path, "-c", f"{block}; import one_more_module")
    assert result.returncode != 0
    assert "is blocked in this process" in result.stderr
