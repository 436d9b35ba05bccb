"""docs/weights.md holds what the manifest and the metrics say today."""

import sys

import pytest

from models.hub import manifest
from tests.support.folders import ROOT
from training.scoring import weights_page


def test_the_committed_page_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "argv", ["weights_page"])

    weights_page.main()

    committed = (ROOT / "docs" / "weights.md").read_text(encoding="utf-8")
    assert committed == capsys.readouterr().out, "run `make weights-page`"


def test_the_page_names_every_model_and_every_command():
    text = weights_page.page()

    for name, entry in manifest.read().items():
        assert f"`{name.removesuffix('-discriminator')}`" in text
        assert f"`{entry.command}`" in text
