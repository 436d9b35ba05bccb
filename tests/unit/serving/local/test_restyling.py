"""The engine restyles with every setting, one picture or many, and leaves nothing behind when it is stopped."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from media import images
from media.preprocessing import Preparation
from models import tensors
from models.style import colour, tiled_adain
from serving.engine.errors import EngineError
from serving.engine.settings import Network, RestyleSettings
from serving.local import LocalEngine
from tests.support.restyling import SMALL, apart, levels, settings

on_both = pytest.mark.parametrize("network", ["light", "adain"])


def restyled(engine: LocalEngine, *pictures: object, **options: object) -> Image.Image:
    return engine.restyled(*pictures, **options).after


def left(size: tuple[int, int]) -> Image.Image:
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    layer.paste((255, 0, 0, 255), (0, 0, size[0] // 2, size[1]))
    return layer


@on_both
def test_two_styles_give_a_picture_between_them(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    first, second = (restyled(engine, photo, [style], settings(network=network)) for style in paintings)
    mixed = restyled(engine, photo, paintings, settings(network=network, weights=(1.0, 1.0)))
    assert apart(mixed, first) < apart(first, second)
    assert apart(mixed, second) < apart(first, second)
    assert restyled(engine, photo, paintings, settings(network=network, weights=(2.0, 0.0))) == first


@on_both
def test_each_region_takes_its_style(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    size = engine.prepared(photo, settings(network=network)).size
    mask = left(size)
    rest = Image.eval(mask.getchannel("A"), lambda level: 255 - level)
    both = restyled(engine, photo, paintings, settings(network=network), regions=[mask, rest])
    first, second = (restyled(engine, photo, [style], settings(network=network)) for style in paintings)
    middle = size[0] // 2
    edges = (0, 0, middle - 16, size[1]), (middle + 16, 0, *size)
    assert apart(both.crop(edges[0]), first.crop(edges[0])) < apart(both.crop(edges[0]), second.crop(edges[0])) / 3
    assert apart(both.crop(edges[1]), second.crop(edges[1])) < apart(both.crop(edges[1]), first.crop(edges[1])) / 3


@on_both
def test_luminance_alone_keeps_the_hues_of_the_photo(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    before = tensors.to_tensor(engine.prepared(photo, settings(network=network)))
    kept = restyled(engine, photo, paintings[:1], settings(network=network, colours="luminance"))
    plain = restyled(engine, photo, paintings[:1], settings(network=network))
    drift = [
        float((colour.chroma(tensors.to_tensor(picture)) - colour.chroma(before)).abs().mean())
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
        levels(restyled(engine, photo, paintings[:1], settings(network=network, colours=how))).mean((0, 1))
        for how in ("matched", "style")
    )
    assert np.abs(matched - mean).max() < np.abs(plain - mean).max()


def test_colours_only_moves_no_edge(engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]):
    recoloured = restyled(engine, photo, paintings[:1], settings(colours="only"))
    mean = levels(images.fit(paintings[0], 64)).mean((0, 1))
    before = engine.prepared(photo, SMALL)
    assert np.abs(levels(recoloured).mean((0, 1)) - mean).max() < 12
    grey = [levels(picture.convert("L")).ravel() for picture in (before, recoloured)]
    assert np.corrcoef(*grey)[0, 1] > 0.95
    half = restyled(engine, photo, paintings[:1], settings(colours="only", strength=0.0))
    assert half == before


def test_the_light_network_paints_on_a_cpu_unless_another_is_named(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]
):
    named = {name: restyled(engine, photo, paintings[:1], settings(network=name)) for name in get_args(Network)}
    assert named["auto"] == named["light"] != named["adain"]


def test_light_is_announced_as_the_quicker_one(engine: LocalEngine):
    estimates = {
        name: engine.estimate((4000, 3000), RestyleSettings(side=None, network=name)) for name in get_args(Network)
    }
    assert estimates["auto"].seconds == estimates["light"].seconds < estimates["adain"].seconds / 3


def test_light_at_strength_zero_is_the_photo(engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]):
    none = restyled(engine, photo, paintings[:1], settings(network="light", strength=0.0))
    assert none == engine.prepared(photo, SMALL)


@on_both
@pytest.mark.parametrize("area", ["subject", "background"])
def test_the_style_keeps_to_its_area(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], area: str, network: str
):
    chosen = settings(network=network, area=area, feather=2.0)
    before, mask = engine.prepared(photo, chosen), engine.mask(photo, chosen)
    assert mask is not None
    changed = np.abs(levels(restyled(engine, photo, paintings[:1], chosen)) - levels(before)).max(-1)
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
    changed = np.abs(levels(restyled(engine, photo, paintings[:1], chosen, mask=drawn)) - levels(before)).max(-1)
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
        apart(*(restyled(engine, photo, paintings[:1], settings(network=network, style_scale=s)) for s in (0.5, 2.0)))
        > 1
    )


def test_the_photo_is_prepared_before_it_is_painted(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image]
):
    chosen = settings(preparation=Preparation(rotate=90, greyscale=True))
    assert restyled(engine, photo, paintings[:1], chosen).size == engine.prepared(photo, chosen).size
    assert engine.prepared(photo, chosen).size == images.fit(photo, 64).size[::-1]


@on_both
def test_the_content_s_own_size_is_kept_on_demand(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], network: str
):
    assert restyled(engine, photo, paintings[:1], settings(network=network, side=None)).size == photo.size


def test_a_picture_larger_than_a_tile_is_the_same_in_steps(
    engine: LocalEngine, photo: Image.Image, paintings: list[Image.Image], monkeypatch: pytest.MonkeyPatch
):
    chosen = settings(side=96, network="adain")
    whole = restyled(engine, photo, paintings[:1], chosen)
    monkeypatch.setattr("serving.local.restyling.KEPT", 0)
    monkeypatch.setattr(tiled_adain.windows, "__kwdefaults__", {"side": 5})
    monkeypatch.setattr(tiled_adain.encoded, "__kwdefaults__", {"side": 5})
    monkeypatch.setattr(tiled_adain.painted, "__kwdefaults__", {"side": 5, "own": None})
    steps = list(engine.restyle_steps(photo, paintings[:1], chosen))
    assert [step.done for step in steps] == list(range(1, steps[0].total + 1))
    assert len(steps) == 18
    assert np.abs(levels(steps[-1].result.after) - levels(whole)).max() <= 1


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
