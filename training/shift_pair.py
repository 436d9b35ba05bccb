"""Train two classifiers that show whether it matters where a digit lies: `python -m training.shift_pair`.

Both learn from digits in the centre of the canvas only. The figures beside the weights say how often each is right
with the digit elsewhere; those of a third network, not kept, say what convolutions do without the global pooling.
"""

from __future__ import annotations

import argparse
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from assets.digits import FILE as SAMPLES
from models.hub import manifest
from models.hub.loading import load
from models.vision.shift_pair import (
    CLASSES,
    REACH,
    SIDE,
    STRIDE,
    ConvolutionalClassifier,
    ShiftPair,
    accuracies,
    on_canvas,
)
from training import weights_folder
from training.data import datasets as data

NAME = "shift-pair"
SEED = 0
PLACES = "places.json"  # accuracies, beside the weights
BATCH = 128
PLANS = {  # epochs, learning rate, weight decay, dropout before the last layer
    "dense": (12, 2e-3, 1e-2, 0.2),
    "convolutional": (7, 4e-3, 1e-2, 0.0),
    "unpooled": (1, 2e-3, 1e-2, 0.0),
}
MAPPED = 500  # test digits for each of the 441 places of a map
CARD = """
Two small classifiers of MNIST digits on a canvas of {side} × {side} pixels, `dense` and `convolutional`. Both were
trained on digits in the centre, and no other place. The page moves a digit around and lets both answer.

| on test digits | fully connected | convolutional |
|---|---|---|
| numbers to learn | {dense_size:,} | {convolutional_size:,} |
| right in the centre (10,000 digits) | {dense:.2%} | {convolutional:.2%} |
| right on average over all {places} places ({mapped:,} digits) | {dense_mean:.1%} | {convolutional_mean:.1%} |
| right at the worst place | {dense_worst:.1%} | {convolutional_worst:.1%} |

`places.json` holds the accuracy at every place, up to {reach} pixels from the centre each way.

## Use

```python
from models.hub import manifest
from models.vision.shift_pair import ShiftPair

pair = ShiftPair.from_pretrained("weights/shift-pair")
dense, convolutional = pair(canvases)  # (N, 1, {side}, {side}) in [0, 1], ink 1 on black 0; logits (N, 10) each
```

## Training

`python -m training.shift_pair` repeats it: {dense_epochs} and {convolutional_epochs} epochs of AdamW on the 60,000
training digits. The last epoch is kept; no epoch was chosen by its test accuracy. The sizes were chosen so that the two
are about equally good in the centre.

## Limits

The second network does not care about the place for two reasons: a convolution shares its weights over all places, and
the global pooling at its end keeps the strongest response of each filter, but not where it was. Its two poolings by 2
make it exact only for moves by multiples of {stride} pixels. Convolutions alone don't do it: the same three with a
fully connected layer instead of the pooling, after {unpooled_epochs} epoch of training, are right in {unpooled:.2%} of
the cases in the centre, {unpooled_mean:.1%} on average over all places. Neither network has seen larger, turned or
otherwise changed digits, and each takes everything for a digit.
"""


def train(name: str, classifier: nn.Module, digits: Tensor, labels: Tensor) -> nn.Module:
    """Train one of `PLANS` on digits `(N, 1, 28, 28)` in [0, 1] in the centre of the canvas, and return it."""
    epochs, rate, decay, dropout = PLANS[name]
    random = torch.Generator().manual_seed(SEED)
    optimiser = AdamW(classifier.parameters(), rate, weight_decay=decay)
    schedule = OneCycleLR(optimiser, rate, epochs=epochs, steps_per_epoch=len(digits) // BATCH)
    for epoch in range(1, epochs + 1):
        total = 0.0
        batches = torch.randperm(len(digits), generator=random).split(BATCH)[: len(digits) // BATCH]
        for indices in batches:
            loss = F.cross_entropy(classifier(on_canvas(digits[indices]), dropout=dropout), labels[indices])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"{name}, epoch {epoch}/{epochs}: loss {total / len(batches):.4f}", flush=True)
    return classifier


@torch.inference_mode()
def in_the_centre(classifier: nn.Module, digits: Tensor, labels: Tensor) -> float:
    """The share of centred digits that is classified correctly, 0 to 1."""
    guesses = torch.cat([classifier(on_canvas(batch)).argmax(dim=1) for batch in digits.split(1_000)])
    return (guesses == labels).float().mean().item()


def figures(classifier: nn.Module, digits: Tensor, labels: Tensor) -> dict[str, Any]:
    """The size of a classifier, and its accuracy in the centre and at each place of the canvas."""
    print("measuring each place …", flush=True)
    places = accuracies(classifier, digits[:MAPPED], labels[:MAPPED])
    flat = [share for row in places for share in row]
    return {
        "parameters": sum(parameter.numel() for parameter in classifier.parameters()),
        "in_the_centre": round(in_the_centre(classifier, digits, labels), 4),
        "mean_over_places": round(sum(flat) / len(flat), 4),
        "worst_place": round(min(flat), 4),
        "places": [[round(share, 4) for share in row] for row in places],
    }


def main() -> None:
    """Train the pair, measure it as it is stored, and write it into weights/."""
    parser = argparse.ArgumentParser(prog=f"python -m training.{Path(__file__).stem}", description=__doc__)
    parser.parse_args()
    (digits, labels), (test_digits, test_labels) = (_digits(train=subset) for subset in (True, False))
    samples(test_digits, test_labels).save(SAMPLES)
    torch.manual_seed(SEED)
    pair = ShiftPair()
    unpooled = ConvolutionalClassifier(pair.config["width"], pair.config["features"], pool=False)
    for name, classifier in (("dense", pair.dense), ("convolutional", pair.convolutional), ("unpooled", unpooled)):
        train(name, classifier, digits, labels)
        print(f"{name}: {in_the_centre(classifier, test_digits, test_labels):.2%} in the centre", flush=True)
    print(write(pair, unpooled, test_digits, test_labels))


def write(
    pair: ShiftPair, unpooled: nn.Module, digits: Tensor, labels: Tensor, *, folder: Path = manifest.FOLDER
) -> Path:
    """Write the trained pair into weights/, with its card and its figures; return the model's folder."""
    about = weights_folder.About(
        title="Two digit classifiers, fully connected and convolutional",
        origin="trained here, from scratch",
        licence="apache-2.0",
        command="python -m training.shift_pair",
        text="",
        datasets=data.on_the_hub("mnist"),
    )
    state: dict[int | None, dict[str, Tensor]] = {None: pair.state_dict()}
    target = weights_folder.write(NAME, pair, state, about, folder=folder)
    stored = load(NAME, folder=folder, source="bundled")
    assert isinstance(stored, ShiftPair)
    networks: dict[str, nn.Module] = {
        "dense": stored.dense,
        "convolutional": stored.convolutional,
        "unpooled": unpooled,
    }
    measured = {name: figures(network, digits, labels) for name, network in networks.items()}
    card = CARD.format(
        side=SIDE,
        reach=REACH,
        stride=STRIDE,
        places=(2 * REACH + 1) ** 2,
        mapped=min(MAPPED, len(digits)),
        **{f"{name}_size": row["parameters"] for name, row in measured.items()},
        **{name: row["in_the_centre"] for name, row in measured.items()},
        **{f"{name}_mean": row["mean_over_places"] for name, row in measured.items()},
        **{f"{name}_worst": row["worst_place"] for name, row in measured.items()},
        **{f"{name}_epochs": plan[0] for name, plan in PLANS.items()},
    )
    (file,) = manifest.read(folder)[NAME].files
    weights_folder.write(NAME, pair, state, weights_folder.About(**{**vars(about), "text": card}), folder=folder)
    report = {
        "sha256": file.sha256,
        "libraries": {name: version(name) for name in ("torch", "torchvision", "numpy")},
        "python": platform.python_version(),
        "test_digits": len(digits),
        "mapped_digits": min(MAPPED, len(digits)),
        "classifiers": measured,
    }
    (target / PLACES).write_text(json.dumps(report, indent=2) + "\n")
    return target


def samples(digits: Tensor, labels: Tensor) -> Image.Image:
    """The first digit of each class side by side, for the page."""
    first = [digits[labels == label][0, 0] for label in range(CLASSES)]
    return Image.fromarray((torch.cat(first, dim=1) * 255).round().byte().numpy())


def _digits(*, train: bool) -> tuple[Tensor, Tensor]:
    """The digits of MNIST as `(N, 1, 28, 28)` in [0, 1], and their labels."""
    pictures, labels = data.mnist(train=train)
    return pictures[:, :, 2:-2, 2:-2].float() / 255, labels


if __name__ == "__main__":
    main()
