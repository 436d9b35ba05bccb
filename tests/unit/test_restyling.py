"""The engine restyles with every setting, one picture or many, and leaves nothing behind when it is stopped."""

import io
import itertools
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from demos import samples
from models import colour, images, marking, tiles, video
from models.preprocessing import Preparation
from serving import one_pass
from serving.engine import EngineError
from serving.local import LocalEngine
from serving.settings import NETWORKS, RestyleSettings
from tests.films import film

SMALL = RestyleSettings(side=64)
on_both = pytest.mark.parametrize("network", ["light", "adain"])


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    return LocalEngine()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return images.read(next(p.path for p in samples.photos() if "astronaut" in p.path), max_side=96)


@pytest.fixture(scope="module")
def paintings() -> list[Image.Image]:
    return [images.read(sample.path, max_side=64) for sample in samples.paintings()[:2]]


def levels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=float)


def apart(a: Image.Image, b: Image.Image) -> float:
    return float(np.abs(levels(a) - levels(b)).mean())


def settings(**changed: object) -> RestyleSettings:
    return RestyleSettings(**{"side": 64, **changed})


def left(size: tuple[int, int]) -> Image.Image:
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    layer.paste((255, 0, 0, 255), (0, 0, size[0] // 2, size[1]))
    return layer


@on_both
def test_two_styles_give_a_picture_between_them(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    one, other = (engine.restyled(photo, [style], settings(network=network)) for style in paintings)
    mixed = engine.restyled(photo, paintings, settings(network=network, weights=(1.0, 1.0)))
    assert apart(mixed, one) < apart(one, other)
    assert apart(mixed, other) < apart(one, other)
    assert engine.restyled(photo, paintings, settings(network=network, weights=(2.0, 0.0))) == one


@on_both
def test_each_region_takes_its_style(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    size = engine.prepared(photo, settings(network=network)).size
    mask = left(size)
    rest = Image.eval(mask.getchannel("A"), lambda level: 255 - level)
    both = engine.restyled(photo, paintings, settings(network=network), regions=[mask, rest])
    one, other = (engine.restyled(photo, [style], settings(network=network)) for style in paintings)
    middle = size[0] // 2
    edges = (0, 0, middle - 16, size[1]), (middle + 16, 0, *size)
    assert apart(both.crop(edges[0]), one.crop(edges[0])) < apart(both.crop(edges[0]), other.crop(edges[0])) / 3
    assert apart(both.crop(edges[1]), other.crop(edges[1])) < apart(both.crop(edges[1]), one.crop(edges[1])) / 3


@on_both
def test_luminance_alone_keeps_the_hues_of_the_photo(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    before = images.to_tensor(engine.prepared(photo, settings(network=network)))
    kept = engine.restyled(photo, paintings[:1], settings(network=network, colours="luminance"))
    plain = engine.restyled(photo, paintings[:1], settings(network=network))
    drift = [
        float((colour.chroma(images.to_tensor(picture)) - colour.chroma(before)).abs().mean())
        for picture in (kept, plain)
    ]
    assert drift[0] < drift[1] / 3
    assert apart(kept, engine.prepared(photo, settings(network=network))) > 5


@on_both
def test_matched_styles_paint_in_the_colours_of_the_photo(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    mean = levels(engine.prepared(photo, settings(network=network))).mean((0, 1))
    matched, plain = (
        levels(engine.restyled(photo, paintings[:1], settings(network=network, colours=how))).mean((0, 1))
        for how in ("matched", "style")
    )
    assert np.abs(matched - mean).max() < np.abs(plain - mean).max()


def test_colours_only_moves_no_edge(engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]):
    recoloured = engine.restyled(photo, paintings[:1], settings(colours="only"))
    mean = levels(images.fit(paintings[0], 64)).mean((0, 1))
    before = engine.prepared(photo, SMALL)
    assert np.abs(levels(recoloured).mean((0, 1)) - mean).max() < 12
    grey = [levels(picture.convert("L")).ravel() for picture in (before, recoloured)]
    assert np.corrcoef(*grey)[0, 1] > 0.95
    half = engine.restyled(photo, paintings[:1], settings(colours="only", strength=0.0))
    assert half == before


def test_the_light_network_paints_on_a_cpu_unless_another_is_named(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]
):
    named = {name: engine.restyled(photo, paintings[:1], settings(network=name)) for name in NETWORKS}
    assert named["auto"] == named["light"] != named["adain"]
    assert engine.restyle(photo, paintings[0], strength=1.0, side=64) == named["adain"]


def test_light_is_announced_as_the_quicker_one(engine: LocalEngine):
    told = {name: engine.estimate((4000, 3000), RestyleSettings(side=None, network=name)) for name in NETWORKS}
    assert told["auto"].seconds == told["light"].seconds < told["adain"].seconds / 3


def test_light_at_strength_zero_is_the_photo(engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]):
    none = engine.restyled(photo, paintings[:1], settings(network="light", strength=0.0))
    assert none == engine.prepared(photo, SMALL)


@on_both
@pytest.mark.parametrize("area", ["subject", "background"])
def test_the_style_keeps_to_its_area(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], area: str, network: str
):
    chosen = settings(network=network, area=area, feather=2.0)
    before, mask = engine.prepared(photo, chosen), engine.mask(photo, chosen)
    assert mask is not None
    changed = np.abs(levels(engine.restyled(photo, paintings[:1], chosen)) - levels(before)).max(-1)
    inside = np.asarray(mask)
    assert changed[inside == 0].max(initial=0) == 0
    assert changed[inside == 255].mean() > 10


@on_both
def test_a_drawn_mask_of_another_size_is_stretched(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    drawn = left((photo.width * 3, photo.height * 3))
    chosen = settings(network=network, area="drawn", feather=0.0)
    before = engine.prepared(photo, chosen)
    changed = np.abs(levels(engine.restyled(photo, paintings[:1], chosen, mask=drawn)) - levels(before)).max(-1)
    assert changed[:, : before.width // 2 - 2].mean() > 10
    assert changed[:, before.width // 2 + 2 :].max() == 0


def test_the_subject_is_cut_out_onto_nothing(engine: LocalEngine, photo: Image.Image):
    cut = engine.cut_out(photo)
    assert (cut.mode, cut.size) == ("RGBA", photo.size)
    assert cut.getchannel("A").getextrema() == (0, 255)


@on_both
def test_a_larger_style_picture_changes_the_manner(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    assert (
        apart(*(engine.restyled(photo, paintings[:1], settings(network=network, style_scale=s)) for s in (0.5, 2.0)))
        > 1
    )


def test_the_photo_is_prepared_before_it_is_painted(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]
):
    chosen = settings(preparation=Preparation(rotate=90, greyscale=True))
    assert engine.restyled(photo, paintings[:1], chosen).size == engine.prepared(photo, chosen).size
    assert engine.prepared(photo, chosen).size == images.fit(photo, 64).size[::-1]


@on_both
def test_the_content_s_own_size_is_kept_on_demand(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    assert engine.restyled(photo, paintings[:1], settings(network=network, side=None)).size == photo.size


def test_a_picture_larger_than_a_tile_is_the_same_in_steps(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], monkeypatch: pytest.MonkeyPatch
):
    chosen = settings(side=96, network="adain")
    whole = engine.restyled(photo, paintings[:1], chosen)
    monkeypatch.setattr("serving.restyling.KEPT", 0)
    monkeypatch.setattr(tiles.windows, "__kwdefaults__", {"side": 5})
    monkeypatch.setattr(tiles.encoded, "__kwdefaults__", {"side": 5})
    monkeypatch.setattr(tiles.painted, "__kwdefaults__", {"side": 5, "own": None})
    steps = list(engine.restyle_steps(photo, paintings[:1], chosen))
    assert [step.done for step in steps] == list(range(1, steps[0].total + 1))
    assert len(steps) == 18
    assert np.abs(levels(steps[-1].picture) - levels(whole)).max() <= 1


def test_the_estimate_tells_size_time_and_memory(engine: LocalEngine):
    large = engine.estimate((8000, 6000), RestyleSettings(side=None))
    assert (large.width, large.height) == (4096, 3072)
    assert "4,096 × 3,072 pixels (4,096 a side are the most): about" in large.sentence
    small = engine.estimate((800, 600), SMALL, frames=3)
    assert (small.width, small.height, small.frames) == (64, 48, 3)
    assert small.seconds < large.seconds
    assert small.megabytes < large.megabytes < 3000


REFUSED = {
    "no style": (lambda e, p, s: e.restyled(p, [], SMALL), "at least one style"),
    "a weight missing": (lambda e, p, s: e.restyled(p, s, SMALL), "2 styles and 1 weights"),
    "no mask drawn": (lambda e, p, s: e.restyled(p, s[:1], settings(area="drawn")), "Draw a mask first"),
    "an empty mask": (
        lambda e, p, s: e.restyled(p, s[:1], settings(area="drawn"), mask=Image.new("RGBA", p.size, (0, 0, 0, 0))),
        "The mask is empty",
    ),
    "a mask of another proportion": (
        lambda e, p, s: e.restyled(p, s[:1], settings(area="drawn"), mask=left((200, 20))),
        "their proportions differ",
    ),
    "no subject": (
        lambda e, p, s: e.restyled(Image.new("RGB", (64, 64)), s[:1], settings(area="subject")),
        "No subject was found",
    ),
    "a region missing": (lambda e, p, s: e.restyled(p, s, SMALL, regions=[left(p.size)]), "2 styles and 1 regions"),
    "an empty sheet": (lambda e, p, s: e.contact_sheet(p, [], SMALL), "needs 1 to 40 styles"),
    "a film with a drawn mask": (
        lambda e, p, s: e.restyle_video("a.mp4", Path("b.mp4"), s[:1], settings(area="drawn")),
        "fits one picture only",
    ),
    "a film that is none": (
        lambda e, p, s: e.restyle_video(__file__, Path("b.mp4"), s[:1], SMALL),
        "no video that can be read",
    ),
    "a folder that is none": (
        lambda e, p, s: e.restyle_folder(__file__, Path("b.zip"), s[:1], SMALL),
        "no zip archive",
    ),
}


@pytest.mark.parametrize(("ask", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_said_in_one_sentence(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], ask, reason: str
):
    with pytest.raises(EngineError, match=reason) as refusal:
        ask(engine, photo, paintings)
    assert "\n" not in str(refusal.value)


def test_a_contact_sheet_shows_the_photo_and_each_style(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]
):
    steps = list(engine.contact_sheet(photo, paintings, settings(weights=(1.0, 3.0))))
    assert [(step.done, step.total) for step in steps] == [(1, 2), (2, 2)]
    before = engine.prepared(photo, SMALL)
    assert steps[-1].sheet.crop((0, 0, *before.size)) == before
    second = engine.restyled(photo, paintings[1:], SMALL)
    top = before.height + 8
    assert steps[-1].sheet.crop((0, top, 40, top + 40)) == second.crop((0, 0, 40, 40))


def folder(*files: tuple[str, bytes]) -> io.BytesIO:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as opened:
        for name, content in files:
            opened.writestr(name, content)
    return io.BytesIO(raw.getvalue())


def png(seed: int) -> bytes:
    return marking.png(Image.effect_noise((40, 30), 10 + seed).convert("RGB"), {})


def test_a_folder_comes_back_restyled_and_names_what_it_left_out(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    source = folder(("a/one.png", png(1)), ("notes.txt", b"hello"), ("a/one.jpg", png(2)))
    steps = list(engine.restyle_folder(source, tmp_path / "out.zip", paintings[:1], SMALL))
    assert [(step.done, step.name, bool(step.problem)) for step in steps] == [
        (1, "a/one.png", False),
        (2, "notes.txt", True),
        (3, "a/one-2.png", False),
    ]
    with zipfile.ZipFile(tmp_path / "out.zip") as result:
        assert result.namelist() == ["a/one.png", "a/one-2.png"]
        written = io.BytesIO(result.read("a/one.png"))
        assert images.read(written).size == (40, 30)
        assert marking.settings(written)["side"] == 64


@pytest.mark.parametrize("files", [[("notes.txt", b"hello")], [("a.png", png(1)), ("b.png", png(2))]])
def test_a_folder_without_pictures_or_stopped_half_way_leaves_nothing(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path, files: list[tuple[str, bytes]]
):
    steps = engine.restyle_folder(folder(*files), tmp_path / "out.zip", paintings[:1], SMALL)
    if len(files) == 1:
        with pytest.raises(EngineError, match="None of the files"):
            list(steps)
    else:
        next(steps)
        assert list(tmp_path.iterdir()) != []
        steps.close()
    assert list(tmp_path.iterdir()) == []


def flicker(path: Path) -> float:
    frames = [levels(frame) for frame in video.frames(path)]
    return float(np.mean([np.abs(a - b).mean() for a, b in itertools.pairwise(frames)]))


def test_smoothing_takes_the_flicker_out_of_a_still_film_with_noise(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    source = film(tmp_path / "noise.mp4", frames=6, noise=6)
    found = {}
    for smoothing in (0.0, 0.8):
        target = tmp_path / f"{smoothing}.mp4"
        steps = list(engine.restyle_video(source, target, paintings[:1], SMALL, smoothing=smoothing))
        assert [(step.done, step.total) for step in steps] == [(n, 6) for n in range(1, 7)]
        found[smoothing] = flicker(target)
    assert found[0.8] < found[0.0] / 2


def test_a_film_keeps_its_sound_and_a_stopped_one_leaves_nothing(
    engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path
):
    source = film(tmp_path / "a.mp4", frames=3, sound=True)
    assert engine.estimate_video(source, SMALL).frames == 3
    list(engine.restyle_video(source, tmp_path / "b.mp4", paintings[:1], SMALL))
    assert video.probe(tmp_path / "b.mp4").sound
    steps = engine.restyle_video(source, tmp_path / "c.mp4", paintings[:1], SMALL)
    next(steps)
    steps.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_film_that_breaks_off_leaves_nothing(engine: LocalEngine, paintings: list[Image.Image], tmp_path: Path):
    whole = film(tmp_path / "a.mkv", frames=40, noise=9)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 4])
    with pytest.raises(EngineError, match="breaks off after"):
        list(engine.restyle_video(whole, tmp_path / "b.mp4", paintings[:1], settings(side=32)))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


@on_both
def test_the_features_of_a_batch_are_those_of_each(network: one_pass.By):
    pictures = torch.rand(2, 3, 32, 40, generator=torch.Generator().manual_seed(0))
    both, second = one_pass.encode(pictures, network), one_pass.encode(pictures[1:], network)
    torch.testing.assert_close(both[1:], second, rtol=1e-3, atol=1e-3)
