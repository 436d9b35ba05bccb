"""Every command in training/ and benchmarks/ answers --help, and does nothing else."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMANDS = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for folder in ("training", "benchmarks")
    for file in (ROOT / folder).rglob("*.py")
    if "\ndef main() -> None:" in file.read_text()
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_all_that_a_command_does_when_asked_for_help(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    module = importlib.import_module(command)
    monkeypatch.setattr(sys, "argv", [command, "--help"])
    with pytest.raises(SystemExit) as end:
        module.main()
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith("usage: ")
    assert "--help" in printed
    assert printed.count("usage: ") == 1
