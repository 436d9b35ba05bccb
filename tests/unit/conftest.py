"""What several files of unit tests share."""

import pytest
import torch

from models import style_loss


@pytest.fixture
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss of a painting in float32, also where the processor is quick in bfloat16: for exact comparisons."""
    monkeypatch.setattr(style_loss, "training_autocast", lambda device: torch.autocast(device.type, enabled=False))
