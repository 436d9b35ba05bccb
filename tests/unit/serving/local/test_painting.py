"""The engine paints by optimisation and shows what the network sees, with the bundled weights."""

import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from assets import samples
from media import images
from models import device, tensors
from models.style import colour, cost, gatys
from models.style.frames import State
from models.style.options import Options, Weights
from serving.engine.errors import EngineError
from serving.engine.painting import PaintedFrame, Painting
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine
from serving.local import painting as room
from serving.local.painting_states import PaintingStates

SIDE = 64
SHORT = Options(
    weights=Weights(content_layers={"relu2_2": 1}, style_layers={"relu1_1": 1, "relu2_1": 1, "relu3_1": 1}), steps=3
)


@pytest.fixture(autouse=True)
def _enough_memory(monkeypatch: pytest.MonkeyPatch):
    """Whatever else runs on the machine."""
    monkeypatch.setattr(device, "free_memory", lambda _: 8_000_000_000)


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return images.read(samples.photos()[1].path, max_side=SIDE)


@pytest.fixture(scope="module")
def painting() -> Painting:
    return Painting(images.read(samples.paintings()[0].path, max_side=96))


def difference(a: Image.Image, b: Image.Image) -> np.ndarray:
    return np.abs(np.asarray(a, dtype=float) - np.asarray(b, dtype=float)).mean(2)


def left_half(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size, 0)
    mask.paste(255, (0, 0, size[0] // 2, size[1]))
    return mask


def paint(engine: LocalEngine, photo: Image.Image, *paintings: Painting, **options: object) -> list[PaintedFrame]:
    return list(engine.paint(photo, paintings, **{"side": SIDE, "options": SHORT, "interval": 0.0, **options}))


def test_painting_starts_from_the_result_of_adain(engine: LocalEngine, photo: Image.Image, painting: Painting):
    first = paint(engine, photo, painting, start="adain")[0]
    settings = RestyleSettings(side=SIDE, network="adain")
    restyled = engine.restyled(photo, [painting.picture.resize((64, 64))], settings).after
    assert difference(first.picture, photo).mean() > 10
    assert difference(first.picture, restyled).mean() < 0.6 * difference(first.picture, photo).mean()


def test_painting_starts_from_the_photo_in_the_painting_s_colours(
    engine: LocalEngine, photo: Image.Image, painting: Painting
):
    first = paint(engine, photo, painting)[0]
    recoloured = colour.match_colours(
        tensors.to_tensor(photo), tensors.to_tensor(images.fit(painting.picture, max(photo.size)))
    )
    assert difference(first.picture, tensors.to_picture(recoloured)).mean() < 2
    assert difference(first.picture, photo).mean() > 10


@pytest.mark.parametrize("start", ["colours", "adain", "content", "noise"])
def test_every_start_is_painted_to_the_end(engine: LocalEngine, photo: Image.Image, painting: Painting, start: str):
    frames = paint(engine, photo, painting, start=start)
    assert [(frame.step, frame.steps) for frame in frames] == [(step, 3) for step in range(4)]
    assert frames[-1].total < frames[0].total
    assert {(frame.picture.mode, frame.picture.size) for frame in frames} == {("RGB", photo.size)}
    assert [point.step for frame in frames for point in frame.curve] == [0, 1, 2, 3]


def test_going_on_from_a_stopped_painting_is_as_if_it_had_never_stopped(
    engine: LocalEngine, photo: Image.Image, painting: Painting
):
    whole = paint(engine, photo, painting)
    frames = engine.paint(photo, [painting], side=SIDE, options=SHORT, interval=0.0)
    stopped = [next(frames), next(frames)][-1]
    frames.close()
    rest = paint(engine, photo, painting, resume=stopped.resume)
    assert [frame.step for frame in rest] == [1, 2, 3]
    assert [frame.full_size_steps for frame in rest] == [1, 2, 3]
    assert difference(rest[-1].picture, whole[-1].picture).max() <= 1


def test_a_reconstruction_goes_on_from_its_handle(engine: LocalEngine, photo: Image.Image):
    first = list(engine.reconstruct(photo, layer="relu1_2", of="content", side=SIDE, steps=3, interval=0.0))[-1]
    rest = engine.reconstruct(
        photo, layer="relu1_2", of="content", side=SIDE, steps=6, resume=first.resume, interval=0.0
    )
    assert [frame.step for frame in rest] == [3, 4, 5, 6]


def test_frames_hold_no_tensor_and_every_handle_is_new(engine: LocalEngine, photo: Image.Image, painting: Painting):
    frames = paint(engine, photo, painting)
    assert b"torch" not in pickle.dumps(frames)
    assert len({frame.resume for frame in frames}) == len(frames)
    assert all(len(frame.resume) >= 32 for frame in frames)


def test_only_the_newest_two_frames_of_a_painting_can_be_continued(
    engine: LocalEngine, photo: Image.Image, painting: Painting
):
    frames = paint(engine, photo, painting)
    for frame in frames[:2]:
        with pytest.raises(EngineError, match="Start a new one"):
            paint(engine, photo, painting, resume=frame.resume)
    for frame in frames[2:]:
        assert paint(engine, photo, painting, resume=frame.resume, options=replace(SHORT, steps=4))[-1].step == 4


def test_nothing_is_kept_of_a_forgotten_painting(engine: LocalEngine, photo: Image.Image, painting: Painting):
    other, frames = paint(engine, photo, painting), paint(engine, photo, painting)
    engine.forget_painting(frames[-1].resume)
    for frame in frames:
        with pytest.raises(EngineError, match="Start a new one"):
            paint(engine, photo, painting, resume=frame.resume)
    paint(engine, photo, painting, resume=other[-1].resume, options=replace(SHORT, steps=4))
    for unknown in (frames[-1].resume, "", "no handle", "a.b", ".0"):
        engine.forget_painting(unknown)


def state(pixels: int) -> State:
    picture = torch.zeros(1, 3, 1, pixels)
    return State((1, pixels), 0, 0.0, picture, SHORT, {"steps": 0, "mean": picture.clone(), "optimiser": None})


def test_states_make_room_for_newer_ones_by_bytes_and_by_number():
    by_bytes, by_number = PaintingStates(room=100_000, most=50), PaintingStates(room=100_000, most=2)
    for states, pixels in ((by_bytes, 2000), (by_number, 10)):
        states.keep("first", state(pixels))
        states.keep("second", state(pixels))
        states.get("first")  # used last, so the other one goes
        states.keep("third", state(pixels))
        assert states.get("first").size == states.get("third").size == (1, pixels)
        with pytest.raises(EngineError, match="not kept any more, so it can't go on"):
            states.get("second")


def test_a_state_larger_than_all_the_room_is_kept_alone():
    states = PaintingStates(room=1000, most=10)
    states.keep("small", state(1))
    states.keep("large", state(10_000))
    assert states.get("large").size == (1, 10_000)
    with pytest.raises(EngineError):
        states.get("small")


def test_frames_have_the_photograph_s_colours_where_they_are_kept(
    engine: LocalEngine, photo: Image.Image, painting: Painting
):
    hues = [
        colour.chroma(tensors.to_tensor(picture))
        for picture in (photo, *(paint(engine, photo, painting, colours=c)[-1].picture for c in ("luminance", "style")))
    ]
    assert (hues[1] - hues[0]).abs().mean() < (hues[2] - hues[0]).abs().mean() / 3


def test_matched_paintings_are_imitated_in_the_photograph_s_colours(
    engine: LocalEngine, photo: Image.Image, painting: Painting
):
    means = [
        np.asarray(picture, dtype=float).mean((0, 1))
        for picture in (photo, *(paint(engine, photo, painting, colours=c)[-1].picture for c in ("matched", "style")))
    ]
    assert np.abs(means[1] - means[0]).max() < np.abs(means[2] - means[0]).max()


def test_every_frame_is_the_photograph_outside_of_the_mask(engine: LocalEngine, photo: Image.Image, painting: Painting):
    half = photo.width // 2
    for frame in paint(engine, photo, painting, mask=left_half(photo.size)):
        apart = difference(frame.picture, photo)
        assert apart[:, half + 1 :].max() <= 1
        assert apart[:, : half - 1].mean() > 5


def test_a_stopped_painting_works_no_more(
    engine: LocalEngine, photo: Image.Image, painting: Painting, monkeypatch: pytest.MonkeyPatch
):
    frames = engine.paint(photo, [painting], side=SIDE, options=replace(SHORT, steps=100), interval=0.0)
    kept = next(frames)
    monkeypatch.setattr(gatys.Descent, "measure", None)  # any more work would fail
    frames.close()
    assert list(frames) == []
    assert kept.picture.size == photo.size


def test_two_paintings_in_two_regions(engine: LocalEngine, photo: Image.Image, painting: Painting):
    """Each side becomes what that painting alone would make of it, up to what the network sees across."""
    other = replace(painting, picture=images.read(samples.paintings()[5].path, max_side=96))
    mask = left_half(photo.size)
    inverse = mask.point(lambda level: 255 - level)
    both = paint(engine, photo, replace(painting, where=mask), replace(other, where=inverse))[-1].picture
    first, second = (paint(engine, photo, style)[-1].picture for style in (painting, other))
    half = photo.width // 2
    assert difference(both, first)[:, : half - 8].mean() < difference(both, second)[:, : half - 8].mean()
    assert difference(both, second)[:, half + 8 :].mean() < difference(both, first)[:, half + 8 :].mean()


def test_outside_of_the_only_region_the_photograph_stays(engine: LocalEngine, photo: Image.Image, painting: Painting):
    painted = paint(engine, photo, replace(painting, where=left_half(photo.size)))[-1].picture
    apart, half = difference(painted, photo), photo.width // 2
    assert apart[:, : half - 8].mean() > 3 * apart[:, half + 8 :].mean()


@pytest.mark.usefixtures("float32")
def test_a_large_painting_is_cut_into_tiles_where_memory_is_short(
    engine: LocalEngine, photo: Image.Image, painting: Painting, monkeypatch: pytest.MonkeyPatch
):
    large = photo.resize((200, 64))
    whole = paint(engine, large, painting, side=200)[-1].picture
    needed = engine.painting_cost(large, side=200).memory
    monkeypatch.setattr(room, "TILE", 64)
    monkeypatch.setattr(cost, "MARGIN", 16)  # what the layers here need; the paper's need 96
    monkeypatch.setattr(device, "free_memory", lambda _: 0.8 * needed / room.SHARE)
    assert engine.painting_cost(large, side=200).tiled
    tiled = paint(engine, large, painting, side=200)[-1].picture
    assert difference(tiled, whole).max() <= 2


def test_a_size_beyond_the_machine_is_refused_before_any_work(
    engine: LocalEngine, photo: Image.Image, painting: Painting, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(device, "free_memory", lambda _: 10_000_000)
    estimate = engine.painting_cost(photo, side=SIDE)
    assert estimate.size == photo.size
    assert "can be had: choose a smaller size" in estimate.refused
    with pytest.raises(EngineError, match="can be had: choose a smaller size"):
        engine.paint(photo, [painting], side=SIDE)


def test_the_cost_grows_with_the_size_and_is_told_in_seconds(engine: LocalEngine, photo: Image.Image):
    large = photo.resize((512, 512))
    small, big = (engine.painting_cost(large, side=side) for side in (128, 512))
    assert (small.size, big.size) == ((128, 128), (512, 512))
    assert big.memory == pytest.approx(16 * small.memory)
    assert big.seconds == pytest.approx(16 * small.seconds)
    assert small.seconds > 0


def test_reconstruction_streams(engine: LocalEngine, photo: Image.Image):
    frames = list(engine.reconstruct(photo, layer="relu1_2", of="content", side=SIDE, steps=12, interval=0.0))
    assert [frame.step for frame in frames] == list(range(13))
    apart = [difference(frame.picture, photo).mean() for frame in (frames[0], frames[-1])]
    assert apart[1] < 0.7 * apart[0]


def test_gram_matrices_of_the_result_come_closer_to_the_painting_s(
    engine: LocalEngine, photo: Image.Image, painting: Painting
):
    result = paint(engine, photo, painting, options=replace(SHORT, steps=8))[-1].picture
    pictures = {"photo": photo, "painting": painting.picture, "result": result}
    maps = engine.gram(pictures, like="painting", layers=["relu1_1", "relu3_1"], side=SIDE)
    assert {layer: {name: picture.size for name, picture in named.items()} for layer, named in maps.items()} == {
        "relu1_1": dict.fromkeys(pictures, (256, 256)),
        "relu3_1": dict.fromkeys(pictures, (256, 256)),
    }
    for named in maps.values():
        assert (
            difference(named["result"], named["painting"]).mean() < difference(named["photo"], named["painting"]).mean()
        )


def test_feature_maps_come_strongest_first(engine: LocalEngine, photo: Image.Image):
    responses = engine.feature_maps(photo, layer="relu3_1", count=6, side=SIDE)
    assert len({response.filter for response in responses}) == 6
    assert [response.mean for response in responses] == sorted((response.mean for response in responses), reverse=True)
    assert all(max(response.picture.size) >= 192 for response in responses)
    assert all(np.asarray(response.picture).max() > 200 for response in responses), "each has its own scale"


REFUSED: dict[str, tuple[Callable[[LocalEngine, Image.Image, Painting], object], str]] = {
    "no painting": (lambda e, c, p: e.paint(c, [], side=SIDE), "^No style counts: choose a painting"),
    "paintings without weight": (lambda e, c, p: e.paint(c, [replace(p, weight=0)], side=SIDE), "^No style counts"),
    "a mask of another size": (
        lambda e, c, p: e.paint(c, [replace(p, where=Image.new("L", (9, 9), 255))], side=SIDE),
        "^The mask of where a style goes has 9 × 9 pixels, its picture 64 × 43: give it the picture's size.$",
    ),
    "an empty mask": (
        lambda e, c, p: e.paint(c, [p], side=SIDE, content_mask=Image.new("L", c.size, 0)),
        "^The content's mask is empty: paint a larger region, or leave the mask out.$",
    ),
    "an unknown start": (lambda e, c, p: e.paint(c, [p], side=SIDE, start="style"), "^Painting starts from"),
    "a tiny photograph": (
        lambda e, c, p: e.paint(c.resize((16, 16)), [p], side=SIDE),
        "^16 × 16 pixels are too few; these layers need 17 a side.$",
    ),
    "colours alone": (lambda e, c, p: e.paint(c, [p], side=SIDE, colours="only"), "^Painting slowly makes brush"),
    "an unknown handle": (lambda e, c, p: e.paint(c, [p], side=SIDE, resume="nothing"), "Start a new one.$"),
    "a mask of what is painted of another size": (
        lambda e, c, p: e.paint(c, [p], side=SIDE, mask=Image.new("L", (9, 9), 255)),
        "^The mask of what is painted has 9 × 9 pixels, its picture 64 × 43: give it the picture's size.$",
    ),
    "reconstruction from an unknown layer": (
        lambda e, c, p: e.reconstruct(c, layer="fc8", of="style", side=SIDE),
        "^VGG-19 has no layer 'fc8'",
    ),
    "Gram matrices of no layer": (lambda e, c, p: e.gram({"a": c}, like="a", layers=[], side=SIDE), "^No layer is"),
    "Gram matrices like nothing": (
        lambda e, c, p: e.gram({"a": c}, like="b", layers=["relu1_1"], side=SIDE),
        "^There is no picture 'b' to compare with; there are: a.$",
    ),
    "feature maps of an unknown layer": (
        lambda e, c, p: e.feature_maps(c, layer="relu0", count=4, side=SIDE),
        "^VGG-19 has no layer 'relu0'",
    ),
    "no feature maps": (lambda e, c, p: e.feature_maps(c, layer="relu1_1", count=0, side=SIDE), "^At least 1"),
}


@pytest.mark.parametrize(("ask", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_told_at_once(
    engine: LocalEngine,
    photo: Image.Image,
    painting: Painting,
    ask: Callable[[LocalEngine, Image.Image, Painting], object],
    reason: str,
):
    with pytest.raises(EngineError, match=reason):
        ask(engine, photo, painting)
