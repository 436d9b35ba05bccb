"""Free memory: that of the system, including its file cache, within the limit of a container."""

from pathlib import Path

import psutil
import pytest
import torch

from models import device

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A control group's folder, empty until a test writes its files."""
    monkeypatch.setattr(device, "CONTAINER", tmp_path)
    return tmp_path


def write(container: Path, *, limit: str, used: int, cached: int) -> None:
    (container / "memory.max").write_text(f"{limit}\n")
    (container / "memory.current").write_text(f"{used}\n")
    (container / "memory.stat").write_text(f"anon {used - cached}\nfile {cached}\ninactive_file {cached}\n")


def test_without_a_container_it_is_what_the_system_has_available():
    total = psutil.virtual_memory().total
    assert device.free_memory(CPU) == pytest.approx(psutil.virtual_memory().available, abs=0.05 * total)


def test_the_file_cache_counts_as_free(monkeypatch: pytest.MonkeyPatch):
    """MemFree alone is small once the system has cached files; painting then used tiles without need."""
    memory = psutil.virtual_memory()._replace(available=8_000_000_000, free=1_000_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert device.free_memory(CPU) == 8_000_000_000


def test_the_limit_of_a_container_is_lower_than_the_memory_of_the_host(container: Path):
    write(container, limit="50000000", used=40_000_000, cached=5_000_000)
    assert device.free_memory(CPU) == 15_000_000


def test_a_full_container_has_no_free_memory(container: Path):
    write(container, limit="50000000", used=60_000_000, cached=0)
    assert device.free_memory(CPU) == 0


def test_a_container_without_a_limit_does_not_count(container: Path):
    write(container, limit="max", used=40_000_000, cached=0)
    assert device.free_memory(CPU) > 50_000_000
