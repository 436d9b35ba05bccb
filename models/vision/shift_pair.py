"""Two classifiers of the same centred digits: one fully connected, one of convolutions (LeCun et al., 1998).

Only the second shares its weights over all places, so only it knows a digit that lies elsewhere on the canvas.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.pretrained import Pretrained

SIDE = 48  # pixels of the canvas
DIGIT = 28  # pixels of a digit with its black margin, as MNIST has it
REACH = (SIDE - DIGIT) // 2  # pixels that a digit can move from the centre without losing any ink
STRIDE = 4  # pixels: two poolings by 2; moved by a multiple of it, a digit gives the same features elsewhere
CLASSES = 10


class DenseClassifier(nn.Module):
    """A fully connected network with one hidden layer: each pixel has its own weights."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(SIDE * SIDE, hidden)
        self.out = nn.Linear(hidden, CLASSES)

    def forward(self, canvases: Tensor, *, dropout: float = 0.0) -> Tensor:
        """Return logits `(B, 10)` of canvases `(B, 1, 48, 48)` in [0, 1]."""
        hidden = F.relu(self.hidden(canvases.flatten(1)))  # (B, hidden)
        return self.out(F.dropout(hidden, dropout))


class ConvolutionalClassifier(nn.Module):
    """Three 3 × 3 convolutions, each with a ReLU, then global pooling: the strongest response wherever it is.

    Args:
        width: channels of the first convolution; the second has twice as many.
        features: channels of the third.
        pool: take the maximum over all places; otherwise a fully connected layer sees each place by itself.
    """

    def __init__(self, width: int, features: int, *, pool: bool = True) -> None:
        super().__init__()
        self.pool = pool
        self.first = nn.Conv2d(1, width, 3, padding=1)
        self.second = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.third = nn.Conv2d(2 * width, features, 3, padding=1)
        self.out = nn.Linear(features if pool else features * (SIDE // STRIDE) ** 2, CLASSES)

    def forward(self, canvases: Tensor, *, dropout: float = 0.0) -> Tensor:
        """Return logits `(B, 10)` of canvases `(B, 1, 48, 48)` in [0, 1]."""
        x = canvases.contiguous(memory_format=torch.channels_last)  # twice as fast on a CPU
        x = F.relu(F.max_pool2d(self.first(x), 2))  # (B, width, 24, 24)
        x = F.relu(F.max_pool2d(self.second(x), 2))  # (B, 2 width, 12, 12)
        x = F.relu(self.third(x))  # (B, features, 12, 12)
        x = x.amax(dim=(2, 3)) if self.pool else x.flatten(1)
        return self.out(F.dropout(x, dropout))


class ShiftPair(Pretrained, pipeline_tag="image-classification", tags=["shift-invariance"]):
    """Both classifiers.

    Args:
        hidden: units of the fully connected one.
        width: channels of the first convolution of the other; its second has twice as many.
        features: channels of its third.
    """

    architecture = "shift-pair"

    def __init__(self, *, hidden: int = 104, width: int = 8, features: int = 32) -> None:
        super().__init__()
        self.dense = DenseClassifier(hidden)
        self.convolutional = ConvolutionalClassifier(width, features)

    def forward(self, canvases: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of both, `(B, 10)` each, of canvases `(B, 1, 48, 48)` in [0, 1], ink 1 on black 0."""
        return self.dense(canvases), self.convolutional(canvases)


def on_canvas(digits: Tensor, *, right: int = 0, down: int = 0) -> Tensor:
    """Lay digits onto a black canvas, so many pixels from its centre.

    Args:
        digits: `(B, 1, 28, 28)`, 0 where there is no ink.
        right: pixels, from -10 to 10.
        down: pixels, from -10 to 10.

    Returns:
        `(B, 1, 48, 48)`.

    Raises:
        ValueError: the digit would leave the canvas.
    """
    if max(abs(right), abs(down)) > REACH:
        raise ValueError(f"a digit can move by {REACH} pixels at most, not by ({right}, {down})")
    return F.pad(digits, (REACH + right, REACH - right, REACH + down, REACH - down))


@torch.inference_mode()
def accuracies(classifier: nn.Module, digits: Tensor, labels: Tensor) -> list[list[float]]:
    """The accuracy at each place of the canvas: row by row, from the top left, 21 × 21 numbers from 0 to 1.

    Args:
        classifier: canvases `(B, 1, 48, 48)` to logits `(B, 10)`.
        digits: `(B, 1, 28, 28)` in [0, 1].
        labels: `(B,)` in 0 … 9.
    """
    shifts = range(-REACH, REACH + 1)
    return [
        [
            (classifier(on_canvas(digits, right=right, down=down)).argmax(dim=1) == labels).float().mean().item()
            for right in shifts
        ]
        for down in shifts
    ]
