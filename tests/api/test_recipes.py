"""Every picture that the actions of the Generate tab return says in its file how it was made, and by a machine."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from PIL import Image, ImageDraw

from media import provenance

RESTYLE = {"/restyle", "/paint", "/gram", "/reconstruct", "/restyle_video"}
RATE = {"/next_ballot", "/cast_vote", "/skip", "/ranking", "/export"}
SEE = {"/preprocess", "/classify", "/detect", "/segment", "/feature_maps"}  # not pictures of a generator
SEE |= {"/mark_and_break", "/check_file", "/machine_made"}
ELSEWHERE = {"/walk": "test_film.py", "/bring_your_own": "tests/hub/test_guest.py"}  # a film, and what needs a Hub
CALLS: dict[str, dict[str, Any]] = {
    "/sample": {"seed": 7, "snapshot": 6, "held": 2},
    "/move_z": {"seed": 7, "snapshot": 6, "held": 2, "indices": [3], "z_1": 2.0},
    "/blend": {"seed": 7, "snapshot": 0, "first": "blue", "second": "brown", "share": 50, "model": "painted-eyes"},
    "/alike": {"point": "42:1", "snapshot": 6},
    "/truncate": {"seed": 7, "snapshot": 6, "psi": 0.5},
    "/explore": {"point": "42:1", "to": "42:2", "count": 2, "snapshot": 6},
    "/project": {"snapshot": 6},
    "/attention": {"seed": 7, "snapshot": 5, "held": 2, "across": 0.5, "down": 0.5},
    "/timeline": {"seed": 7},
    "/train_live": {"seed": 7, "seconds": 1},
    "/battle": {"first": "mnist-dcgan", "second": "mnist-control", "seed": 7},
    "/translate": {},
}
FROM_A_POINT = {"/alike", "/explore", "/project"}
FROM_A_PICTURE = {"/translate"}
TAKE_A_PICTURE = {"/project", "/translate"}


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    picture = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(picture).line([(20, 12), (44, 12), (28, 52)], fill="black", width=7)
    picture.save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


def pngs(answer: object) -> Iterator[bytes]:
    """The pictures of an answer: files, and data URLs within JSON."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        for part in answer:
            yield from pngs(part)
    elif isinstance(answer, str) and answer.startswith("data:image/"):
        yield base64.b64decode(answer.partition(",")[2])
    elif isinstance(answer, str) and answer.endswith(".png"):
        yield Path(answer).read_bytes()


def test_every_action_of_the_tab_is_called_here(client: Client):
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]

    assert set(named) - RESTYLE - RATE - SEE == CALLS.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("action", CALLS)
def test_a_picture_names_its_generator_step_and_seed_and_that_a_machine_made_it(
    client: Client, drawn: Path, action: str
):
    own = {"picture": handle_file(drawn)} if action in TAKE_A_PICTURE else {}
    pictures = list(pngs(client.predict(**CALLS[action], **own, api_name=action)))

    assert pictures
    for picture in pictures:
        recipe = provenance.settings(io.BytesIO(picture))
        assert recipe is not None
        assert recipe["model"]
        assert recipe["step"] >= 0
        if action in FROM_A_POINT:
            assert recipe["point"]
        elif action not in FROM_A_PICTURE:
            assert recipe["seed"] == CALLS[action]["seed"]
        expected = provenance.COMPOSITE if action in FROM_A_PICTURE else provenance.GENERATED
        assert provenance.source_type(io.BytesIO(picture)) == expected
