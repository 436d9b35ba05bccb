"""A small convolutional classifier; Inception Score, FID, coverage and nearest neighbours use its features."""

from __future__ import annotations

from torch import Tensor, nn

from models.pretrained import Pretrained


class Classifier(Pretrained, pipeline_tag="image-classification", tags=["gan-evaluation"]):
    """Five 3 × 3 convolutions in three stages, then global average pooling and a linear layer.

    Args:
        channels: 1 for greyscale, 3 for RGB.
        classes: number of classes.
        width: channels of the first stage; each later stage has twice as many.
    """

    architecture = "classifier"

    def __init__(self, *, channels: int = 1, classes: int = 10, width: int = 32) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        inner = channels
        for outer, depth in ((width, 1), (2 * width, 2), (4 * width, 2)):
            for _ in range(depth):
                stages += [
                    nn.Conv2d(inner, outer, 3, padding=1, bias=False),
                    nn.BatchNorm2d(outer),
                    nn.ReLU(inplace=True),
                ]
                inner = outer
            stages.append(nn.MaxPool2d(2))
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(inner, classes)

    def features(self, pictures: Tensor) -> Tensor:
        """Return features `(B, 4 * width)`, all at least 0, of pictures `(B, channels, H, W)` in [-1, 1]."""
        return self.stages(pictures).mean(dim=(2, 3))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits `(B, classes)` of pictures `(B, channels, H, W)` in [-1, 1]."""
        return self.head(self.features(pictures))
