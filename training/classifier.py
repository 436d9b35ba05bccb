"""Train the judge of the digit generators: `python -m training.classifier mnist-classifier`."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from models.classifier import Classifier
from models.device import training_autocast
from training import data, layout, packages

CLASSES = 10
EPOCHS, BATCH, RATE, DECAY = 12, 128, 3e-3, 1e-2
TURN, ZOOM, SHIFT = math.radians(12), 0.1, 2 / 16  # of the augmentation: radians, share, share of half the side
SEED = 0
NAMES = {"mnist-classifier": ("mnist", "Digit classifier")}


@dataclass(frozen=True)
class Progress:
    """The state after an epoch."""

    epoch: int
    classifier: Classifier
    loss: float  # mean over the epoch
    accuracy: float  # on the test set, 0 to 1


def train(name: str, *, device: torch.device, epochs: int = EPOCHS) -> Iterator[Progress]:
    """Train from scratch and yield after every epoch.

    Args:
        name: a key of `data.DATA_SETS`.
        device: where to train.
        epochs: passes over the training set.
    """
    pictures, labels = data.DATA_SETS[name](train=True)
    torch.manual_seed(SEED)
    random = torch.Generator().manual_seed(SEED)
    classifier = (
        Classifier(channels=pictures.shape[1], classes=CLASSES).to(device).to(memory_format=torch.channels_last)
    )
    optimiser = AdamW(classifier.parameters(), RATE, weight_decay=DECAY)
    schedule = OneCycleLR(optimiser, RATE, epochs=epochs, steps_per_epoch=len(pictures) // BATCH)
    for epoch in range(1, epochs + 1):
        classifier.train()
        total = 0.0
        batches = torch.randperm(len(pictures), generator=random).split(BATCH)[: len(pictures) // BATCH]
        for chosen in batches:
            seen = augmented(scaled(pictures[chosen]), random).to(device, memory_format=torch.channels_last)
            with training_autocast(device):
                logits = classifier(seen)
            loss = F.cross_entropy(logits.float(), labels[chosen].to(device))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        yield Progress(epoch, classifier, total / len(batches), accuracy(classifier, name, device=device))


def scaled(pictures: Tensor) -> Tensor:
    """From uint8 0 … 255 to float32 -1 … 1."""
    return pictures.float().div_(127.5).sub_(1.0)


def augmented(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Turn, zoom and shift every picture by a little of its own; what comes into view is black."""
    count = len(pictures)
    angle, zoom, across, down = (2 * torch.rand(4, count, generator=random) - 1).unbind()
    angle, zoom = TURN * angle, 1 + ZOOM * zoom
    rows = [zoom * angle.cos(), -zoom * angle.sin(), SHIFT * across, zoom * angle.sin(), zoom * angle.cos()]
    theta = torch.stack([*rows, SHIFT * down], dim=1).view(count, 2, 3)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures + 1, grid, align_corners=False) - 1


@torch.inference_mode()
def accuracy(classifier: Classifier, name: str, *, device: torch.device) -> float:
    """The share of the test set that is named rightly."""
    pictures, labels = data.DATA_SETS[name](train=False)
    classifier.eval()
    right = sum(
        int((classifier(scaled(some).to(device)).argmax(dim=1).cpu() == known).sum())
        for some, known in zip(pictures.split(500), labels.split(500), strict=True)
    )
    return right / len(labels)


CARD = """
Tells the ten kinds of {data} apart, with an accuracy of {accuracy:.2%} on the 10,000 test pictures. It is the judge of
the generators here: its predictions give the Inception Score and the coverage of the ten kinds, its 128 features before
the last layer give the Fréchet distance and the nearest training pictures.

## Use

```python
from models.classifier import Classifier
from models.device import training_autocast

classifier = Classifier.from_pretrained("weights/{name}")
logits = classifier(pictures)  # pictures (N, 1, 32, 32) in [-1, 1]
```

## Training

`{command}` repeats it: {epochs} epochs of AdamW on the 60,000 training pictures, each turned, zoomed and shifted a
little. The last epoch is shipped, none was chosen by its test accuracy.

## Limits

It has never seen anything but its data set and calls whatever it is shown one of the ten.
"""


def main() -> None:
    """Train one classifier and put it into weights/."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    data_set, title = NAMES[options.name]
    folder = packages.CACHE / "training" / options.name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.jsonl").open("w") as log:
        for progress in train(data_set, device=torch.device(options.device)):
            row = {"epoch": progress.epoch, "loss": progress.loss, "accuracy": progress.accuracy}
            log.write(json.dumps(row) + "\n")
            log.flush()
            print(f"epoch {progress.epoch}/{EPOCHS}: loss {progress.loss:.4f}, test accuracy {progress.accuracy:.2%}")
            torch.save(progress.classifier.state_dict(), folder / "last.pt")
    command = f"python -m training.classifier {options.name}"
    text = CARD.format(
        data=data_set.upper(), accuracy=progress.accuracy, name=options.name, command=command, epochs=EPOCHS
    )
    about = layout.About(
        title=title,
        origin="trained here, from scratch",
        licence="apache-2.0",
        command=command,
        text=text,
        datasets=[data.HUB_NAMES[data_set]],
    )
    state = {key: tensor.cpu() for key, tensor in progress.classifier.state_dict().items()}
    print(layout.write(options.name, progress.classifier, {None: state}, about))


if __name__ == "__main__":
    main()
