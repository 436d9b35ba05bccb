"""The data sets have the shapes, splits and labels that training and scores rely on."""

import pytest
import torch

from training.data import datasets, emoji

SHAPES = {
    ("mnist", True): (60_000, 1, 32, 32),
    ("mnist", False): (10_000, 1, 32, 32),
    ("fashion-mnist", True): (60_000, 1, 32, 32),
    ("fashion-mnist", False): (10_000, 1, 32, 32),
    ("stacked-mnist", True): (60_000, 3, 32, 32),
    ("stacked-mnist", False): (10_000, 3, 32, 32),
    ("cifar10", True): (50_000, 3, 32, 32),
    ("cifar10", False): (10_000, 3, 32, 32),
    ("twemoji", True): (1306, 3, 64, 64),
    ("twemoji", False): (330, 3, 64, 64),
}


@pytest.mark.parametrize(("name", "train"), SHAPES)
def test_a_data_set_is_complete(name: str, train: bool):
    pictures, labels = datasets.DATA_SETS[name](train=train)
    assert (tuple(pictures.shape), pictures.dtype) == (SHAPES[name, train], torch.uint8)
    assert labels.shape == pictures.shape[:1]
    assert 0 < pictures.float().mean() < 255


@pytest.mark.parametrize("name", ["fashion-mnist", "cifar10"])
def test_all_classes_are_equally_frequent(name: str):
    _, labels = datasets.DATA_SETS[name](train=False)
    assert labels.bincount().tolist() == [1000] * 10


def test_the_pictures_of_cifar10_match_their_labels():
    """Ships stand on blue water, frogs on brown and green ground."""
    pictures, labels = datasets.cifar10(train=False)
    frog, ship = (pictures[labels == kind].float().mean(dim=(0, 2, 3)) for kind in (6, 8))
    assert ship[2] > ship[0]
    assert frog[2] < frog[0]


def test_the_same_index_is_the_same_emoji_for_both_vendors():
    """Both draw flags in the same colours: a pair is far nearer than a chance pair."""
    twitter, google = (emoji.drawings(vendor, ["Flags"], size=8).float() for vendor in ("twitter", "google"))
    distance = (twitter - google).abs().mean()
    assert distance < 0.75 * (twitter - google.roll(1, 0)).abs().mean()


def test_held_out_emoji_are_in_no_training_set():
    training, held_out = (emoji.drawings("twitter", train=train).flatten(1) for train in (True, False))
    assert len(held_out) == pytest.approx(len(training) / 4, rel=0.02)
    known = {bytes(picture.numpy()) for picture in training}
    copies = sum(bytes(picture.numpy()) in known for picture in held_out)
    assert copies <= 12  # Twemoji draws a few code points alike: territories under another country's flag


def test_emoji_stand_on_white():
    faces = emoji.drawings("twitter", ["Smileys & Emotion"])
    assert faces[:, :, 0, 0].float().mean() > 250


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"categories": ["Dragons"]}, "no category 'Dragons'; there are: Activities"),
        ({"size": 24}, "size must divide 64"),
    ],
)
def test_an_unknown_category_or_size_is_refused(wrong: dict[str, object], reason: str):
    with pytest.raises(ValueError, match=reason):
        emoji.drawings("google", **wrong)
