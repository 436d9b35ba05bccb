"""The actions that explore a latent space, as a script calls them."""

from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from media import provenance

LAST = 6  # snapshot of mnist-dcgan


def test_an_answers_point_is_a_point_again(client: Client):
    pictures, points = client.predict(point="42:1 - 42:2 + 7:3", snapshot=LAST, api_name="/explore")
    again, _ = client.predict(point=points[0]["point"], snapshot=LAST, api_name="/explore")
    with Image.open(pictures[0]["image"]) as first, Image.open(again[0]["image"]) as second:
        assert first.tobytes() == second.tobytes()
    assert provenance.settings(pictures[0]["image"]) == {
        "model": "mnist-dcgan",
        "step": 20_000,
        "point": "42:1 - 42:2 + 7:3",
    }
    assert provenance.source_type(pictures[0]["image"]) == provenance.GENERATED


@pytest.mark.parametrize(
    ("action", "arguments", "sentence"),
    [
        ("explore", {"point": "a seven", "snapshot": LAST}, "A point is written seed:sample"),
        ("explore", {"point": "42:1", "snapshot": 7}, "has the snapshots 0 to 6, not 7"),
        ("explore", {"point": "42:1", "to": "42:2", "count": 10_000, "snapshot": LAST}, "from 2 to 64"),
        ("walk", {"seed": 1, "snapshot": LAST, "held": 1, "stops": 0}, "Seeds to visit must be a number from 2 to 16"),
        ("walk", {"seed": 1, "snapshot": LAST, "held": 1, "stops": 10_000}, "Seeds to visit must be a number from 2"),
        ("walk", {"seed": -1, "snapshot": LAST, "held": 1}, "A seed is a whole number"),
        ("timeline", {"seed": 1, "model": "nobody"}, "nobody"),
        ("timeline", {"seed": 1, "model": None}, "Name a generator"),
        ("explore", {"point": "42:1", "snapshot": LAST, "model": None}, "Name a generator"),
        ("explore", {"point": None, "snapshot": LAST}, "A point is written seed:sample"),
        ("explore", {"point": "42:1", "snapshot": 99}, "The snapshot must be a number from 0 to 7"),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_sentence(
    client: Client, action: str, arguments: dict[str, object], sentence: str
):
    with pytest.raises(AppError, match=sentence):
        client.predict(**arguments, api_name=f"/{action}")


def test_a_blank_picture_is_refused(client: Client, tmp_path: Path):
    Image.new("RGB", (64, 64), "white").save(tmp_path / "blank.png")
    with pytest.raises(AppError, match="blank"):
        client.predict(picture=handle_file(tmp_path / "blank.png"), snapshot=LAST, api_name="/project")
