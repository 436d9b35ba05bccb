"""Style transfer from code: what each action gives, and how it refuses."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from media import provenance
from tests.support.films import film

PHOTO = "assets/photos/coffee.jpg"
PAINTINGS = sorted(str(path) for path in Path("assets/paintings").glob("*.jpg"))


def restyle(client: Client, **settings: object) -> np.ndarray:
    inputs = {"content": handle_file(PHOTO), "style": handle_file(PAINTINGS[0]), "side": 256, **settings}
    _, after = client.predict(**inputs, api_name="/restyle")
    return np.asarray(Image.open(after), dtype=int)


def opened(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


@pytest.mark.parametrize(
    "settings",
    [
        {"style_2": handle_file(PAINTINGS[1]), "weight_2": 0.5},
        {"colours": "luminance"},
        {"colours": "only"},
        {"style_scale": 0.5},
        {"area": "background"},
        {"greyscale": True},
        {"rotate": 20},
    ],
    ids=lambda settings: next(iter(settings)) + str(next(iter(settings.values())))[:12].replace("{", ""),
)
def test_each_setting_changes_the_picture(client: Client, settings: dict):
    plain, changed = restyle(client), restyle(client, **settings)
    assert plain.shape != changed.shape or np.abs(plain - changed).mean() > 1


def test_a_drawn_mask_leaves_the_rest_as_it_was(client: Client, tmp_path: Path):
    mask = Image.new("L", Image.open(PHOTO).size, 0)
    mask.paste(255, (0, 0, mask.width // 2, mask.height))
    mask.save(tmp_path / "mask.png")
    before, after = client.predict(
        content=handle_file(PHOTO),
        style=handle_file(PAINTINGS[0]),
        side=256,
        area="drawn",
        feather=0,
        mask=handle_file(tmp_path / "mask.png"),
        api_name="/restyle",
    )
    apart = np.abs(np.asarray(Image.open(before), dtype=int) - np.asarray(Image.open(after), dtype=int))
    middle = apart.shape[1] // 2
    assert apart[:, middle + 2 :].max() <= 1
    assert apart[:, : middle - 2].mean() > 5


def test_a_result_says_that_a_machine_made_it_and_how(client: Client):
    _, after = client.predict(handle_file(PHOTO), handle_file(PAINTINGS[0]), 0.5, 256, api_name="/restyle")
    assert provenance.source_type(after) == provenance.COMPOSITE
    assert provenance.settings(after)["strength"] == 0.5


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"weight": 0}, "every style has the weight 0"),
        ({"weight": -1}, "Weight of the first painting must be a number from 0 to 1"),
        ({"area": "drawn"}, "Draw a mask first"),
        ({"area": "each"}, "needs a painting of its own"),
        ({"crop_left": 99}, "Cut off left must be a number from 0 to 45"),
        ({"greyscale": "no"}, "Greyscale is either true or false"),
        ({"colours": "mauve"}, "not in the list of choices"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_settings_that_make_no_sense_get_one_sentence(client: Client, settings: dict, sentence: str):
    with pytest.raises(AppError, match=sentence) as refused:
        restyle(client, **settings)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize(
    ("size", "level", "sentence"), [((300, 30), 255, "proportions differ"), ((150, 100), 0, "mask is empty")]
)
def test_a_mask_that_does_not_fit_gets_one_sentence(
    client: Client, tmp_path: Path, size: tuple[int, int], level: int, sentence: str
):
    Image.new("L", size, level).save(tmp_path / "mask.png")
    with pytest.raises(AppError, match=sentence):
        restyle(client, area="drawn", mask=handle_file(tmp_path / "mask.png"))


def test_painting_streams_the_picture_on_its_way(client: Client):
    job = client.submit(
        content=handle_file(PHOTO), style=handle_file(PAINTINGS[0]), side=192, steps=3, api_name="/paint"
    )
    frames = [*job]
    assert frames[0]["step"] == 0
    assert (frames[-1]["step"], frames[-1]["steps"]) == (3, 3)
    assert frames[-1]["total"] < frames[0]["total"]
    assert max(opened(frames[-1]["picture"]).size) == 192


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"style_layers": []}, "No style layer is chosen"),
        ({"steps": 0}, "Steps must be a number from 1 to 1000"),
        ({"colours": "only"}, "use Instant"),
        ({"weight": 0}, "every style has the weight 0"),
        ({"ratio": 9}, "must be a number from 2 to 6"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_painting_that_cannot_be_gets_one_sentence(client: Client, settings: dict, sentence: str):
    inputs = {"content": handle_file(PHOTO), "style": handle_file(PAINTINGS[0]), "side": 192, "steps": 2, **settings}
    with pytest.raises(AppError, match=sentence):
        client.predict(**inputs, api_name="/paint")


def test_gram_matrices_come_layer_by_layer(client: Client):
    maps = client.predict(
        content=handle_file(PHOTO), style=handle_file(PAINTINGS[0]), layers=["relu1_1", "relu2_1"], api_name="/gram"
    )
    assert list(maps) == ["relu1_1", "relu2_1"]
    assert set(maps["relu1_1"]) == {"photo", "painting"}
    assert opened(maps["relu1_1"]["photo"]).width == opened(maps["relu1_1"]["photo"]).height


def test_a_gram_matrix_of_no_layer_is_refused(client: Client):
    with pytest.raises(AppError, match="No layer is chosen"):
        client.predict(content=handle_file(PHOTO), style=handle_file(PAINTINGS[0]), layers=[], api_name="/gram")


def test_a_layer_is_reconstructed_from_noise(client: Client):
    last = client.predict(picture=handle_file(PHOTO), layer="relu2_1", steps=3, side=64, api_name="/reconstruct")
    assert (last["step"], max(opened(last["picture"]).size)) == (3, 64)


def test_a_film_comes_back_as_a_film(client: Client, tmp_path: Path):
    moving = film(tmp_path / "moving.gif", frames=4, size=(64, 48))
    made = client.predict(film=handle_file(moving), style=handle_file(PAINTINGS[0]), side=64, api_name="/restyle_video")
    assert Path(made).suffix == ".mp4"
    assert Path(made).stat().st_size > 500


def test_a_gif_comes_back_as_a_gif_if_wished(client: Client, tmp_path: Path):
    moving = film(tmp_path / "moving.gif", frames=4, size=(64, 48))
    inputs = {"film": handle_file(moving), "style": handle_file(PAINTINGS[0]), "side": 64, "kind": "gif"}
    made = client.predict(**inputs, api_name="/restyle_video")
    with Image.open(made) as opened:
        assert (opened.format, opened.n_frames, opened.size) == ("GIF", 4, (64, 48))


def test_a_film_that_is_none_gets_one_sentence(client: Client, tmp_path: Path):
    (tmp_path / "film.mp4").write_bytes(b"no film at all")
    inputs = {"film": handle_file(tmp_path / "film.mp4"), "style": handle_file(PAINTINGS[0])}
    with pytest.raises(AppError, match=r"video|moving picture") as refused:
        client.predict(**inputs, api_name="/restyle_video")
    assert "Traceback" not in str(refused.value)
