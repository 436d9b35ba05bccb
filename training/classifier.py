"""Train the classifiers that score generators: `python -m training.classifier mnist-classifier`."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from models import tensors
from models.device import training_autocast
from models.hub import manifest
from models.vision.classifier import Classifier
from training import weights_folder
from training.data import datasets as data
from training.data import packages

BATCH, RATE, DECAY = 128, 3e-3, 1e-2
TURN, ZOOM, SHIFT = math.radians(12), 0.1, 2 / 16  # largest augmentation: radians, share, share of half the side
SEED = 0


@dataclass(frozen=True)
class Plan:
    """The data set, size and training length of a classifier."""

    data: str  # a key of data.DATA_SETS
    title: str
    epochs: int
    width: int = 32
    mirror: bool = False  # mirror half of the pictures; not for digits


PLANS = {
    "mnist-classifier": Plan("mnist", "Digit classifier", 12),
    "fashion-classifier": Plan("fashion-mnist", "Classifier of clothes", 12, mirror=True),
    "cifar-classifier": Plan("cifar10", "Classifier of CIFAR-10", 40, width=64, mirror=True),
    "emoji-classifier": Plan("twemoji", "Classifier of Twemoji's categories", 60, mirror=True),
    "faces-classifier": Plan("faces", "Classifier of cartoon faces", 5, width=16),
}


@dataclass(frozen=True)
class ClassifierProgress:
    """The state after an epoch."""

    epoch: int
    classifier: Classifier
    loss: float  # mean over the epoch
    accuracy: float  # on the test set, 0 to 1


def train(plan: Plan, *, device: torch.device) -> Iterator[ClassifierProgress]:
    """Train from scratch and yield after every epoch."""
    pictures, labels = data.DATA_SETS[plan.data](train=True)
    torch.manual_seed(SEED)
    random = torch.Generator().manual_seed(SEED)
    classifier = Classifier(channels=pictures.shape[1], classes=int(labels.max()) + 1, width=plan.width)
    classifier = classifier.to(device).to(memory_format=torch.channels_last)
    optimiser = AdamW(classifier.parameters(), RATE, weight_decay=DECAY)
    schedule = OneCycleLR(optimiser, RATE, epochs=plan.epochs, steps_per_epoch=len(pictures) // BATCH)
    for epoch in range(1, plan.epochs + 1):
        classifier.train()
        total = 0.0
        batches = torch.randperm(len(pictures), generator=random).split(BATCH)[: len(pictures) // BATCH]
        for indices in batches:
            batch = augmented(tensors.from_uint8(pictures[indices]), random, mirror=plan.mirror)
            with training_autocast(device):
                logits = classifier(batch.to(device, memory_format=torch.channels_last))
            loss = F.cross_entropy(logits.float(), labels[indices].to(device))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        mean_loss = total / len(batches)
        yield ClassifierProgress(epoch, classifier, mean_loss, accuracy(classifier, plan.data, device=device))


def augmented(pictures: Tensor, random: torch.Generator, *, mirror: bool = False) -> Tensor:
    """Rotate, zoom and shift each picture a little, at random; the border continues the pixels of the edge.

    Args:
        pictures: `(B, C, H, W)`.
        random: on the CPU.
        mirror: also mirror half of the pictures.
    """
    count = len(pictures)
    angle, zoom, across, down = (2 * torch.rand(4, count, generator=random) - 1).unbind()
    angle, zoom = TURN * angle, 1 + ZOOM * zoom
    side = torch.where(torch.rand(count, generator=random) < 0.5, -1.0, 1.0) if mirror else torch.ones(count)
    rows = [side * zoom * angle.cos(), -zoom * angle.sin(), SHIFT * across, side * zoom * angle.sin()]
    theta = torch.stack([*rows, zoom * angle.cos(), SHIFT * down], dim=1).view(count, 2, 3)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False, padding_mode="border")


@torch.inference_mode()
def accuracy(classifier: Classifier, name: str, *, device: torch.device) -> float:
    """The share of the test set that is classified correctly."""
    pictures, labels = data.DATA_SETS[name](train=False)
    classifier.eval()
    correct = sum(
        int((classifier(tensors.from_uint8(batch).to(device)).argmax(dim=1).cpu() == expected).sum())
        for batch, expected in zip(pictures.split(500), labels.split(500), strict=True)
    )
    return correct / len(labels)


CARD = """
Tells the {classes} classes of {data} apart, with an accuracy of {accuracy:.2%} on {tested:,} test pictures. It
scores the generators of this app: its predictions give the Inception Score and the coverage of the classes, its
{features} features before the last layer give the Fréchet distance and the nearest training pictures.

## Use

```python
from models.hub import manifest
from models.vision.classifier import Classifier

classifier = Classifier.from_pretrained("weights/{name}")
logits = classifier(pictures)  # pictures (N, {channels}, {size}, {size}) in [-1, 1]
```

## Training

`{command}` repeats it: {epochs} epochs of AdamW on {trained:,} training pictures, each rotated, zoomed and shifted a
little. The last epoch is kept; no epoch was chosen by its test accuracy.

## Limits

It knows only its data set and assigns every other picture to one of its classes too.
"""


def main() -> None:
    """Train each classifier and write it into weights/."""
    parser = argparse.ArgumentParser(prog="python -m training.classifier", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="NAME", choices=PLANS, help=f"one of: {', '.join(PLANS)}")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    for name in options.names:
        _train_and_write(name, PLANS[name], torch.device(options.device))


def _train_and_write(name: str, plan: Plan, device: torch.device) -> None:
    folder = packages.CACHE / "training" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.jsonl").open("w") as log:
        for progress in train(plan, device=device):
            row = {"epoch": progress.epoch, "loss": progress.loss, "accuracy": progress.accuracy}
            log.write(json.dumps(row) + "\n")
            log.flush()
            print(
                f"epoch {progress.epoch}/{plan.epochs}: loss {progress.loss:.4f}, test accuracy {progress.accuracy:.2%}"
            )
    print(write(name, plan, progress.classifier, progress.accuracy))


def write(
    name: str, plan: Plan, classifier: Classifier, test_accuracy: float, *, weights: Path = manifest.FOLDER
) -> Path:
    """Write a trained classifier into weights/.

    Args:
        name: of its folder.
        plan: that it was trained by.
        classifier: after training.
        test_accuracy: its accuracy on the test set, 0 to 1.
        weights: the weights folder.

    Returns:
        The model's folder.
    """
    (trained, _), (tested, _) = (data.DATA_SETS[plan.data](train=train) for train in (True, False))
    command = f"python -m training.classifier {name}"
    text = CARD.format(
        name=name,
        command=command,
        data=data.TITLES[plan.data],
        classes=classifier.head.out_features,
        features=classifier.head.in_features,
        accuracy=test_accuracy,
        epochs=plan.epochs,
        trained=len(trained),
        tested=len(tested),
        channels=trained.shape[1],
        size=trained.shape[2],
    )
    about = weights_folder.About(
        title=plan.title,
        origin="trained here, from scratch",
        licence="apache-2.0",
        command=command,
        text=text,
        datasets=data.on_the_hub(plan.data),
    )
    return weights_folder.write(name, classifier, {None: classifier.state_dict()}, about, folder=weights)


if __name__ == "__main__":
    main()
