"""Nothing about a picture but what it shows tells the arm: one size, one mode, one length, no metadata."""

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from evaluation.qualitative.study import check, reading, rendering
from evaluation.qualitative.study.arms import FilterArm, StudyError
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.schema import Study
from serving.local import LocalEngine

MIXED = """
title = "Mine"
question = "Which?"
[items]
seeds = 3
[[arms]]
id = "secret-generator"
title = "Secret generator"
kind = "generator"
model = "mnist-dcgan"
step = 500
[[arms]]
id = "secret-real"
title = "Secret digits"
kind = "real"
data = "mnist-digits"
[[arms]]
id = "secret-photos"
title = "Secret photos"
kind = "pictures"
path = "secret-folder"
are_real = true
"""
PAINTED = """
title = "Mine"
question = "Which?"
side = 64
[items]
pairs = [["cat", "irises"]]
[[arms]]
id = "plain"
title = "Plain"
kind = "style"
method = "filter"
filter = "none"
[[arms]]
id = "short"
title = "Short"
kind = "style"
method = "gatys"
steps = 1
[[arms]]
id = "long"
title = "Long"
kind = "style"
method = "gatys"
steps = 5
"""
CHUNK = 12  # bytes of a PNG chunk beside its content


@pytest.fixture
def mixed(tmp_path: Path) -> Study:
    """Grey digits of 32 pixels against colour photos of all sizes and formats that are full of metadata."""
    (folder := tmp_path / "secret-folder").mkdir()
    noise = np.random.RandomState(0)
    text = PngInfo()
    text.add_text("Software", "secret-generator")
    exif = Image.Exif()
    exif[0x010E] = "secret-photos"
    for i in range(16):
        width, height = noise.randint(20, 90, 2)
        photo = Image.fromarray(noise.randint(0, 256, (height, width, 3)).astype(np.uint8))
        if i % 2:
            photo.save(folder / f"{i}.png", pnginfo=text, dpi=(300, 300))
        else:
            photo.save(folder / f"{i}.jpg", exif=exif, comment=b"secret-photos", icc_profile=b"secret")
    return reading.parse(MIXED, "mine", tmp_path)


@pytest.mark.parametrize("extra", ["", "colour = false\n", "jpeg_quality = 80\n", "side = 48\nsheet = 9\n"])
def test_all_arms_have_one_size_one_mode_and_one_length(mixed: Study, engine: LocalEngine, extra: str):
    of_all = reading.parse(extra + MIXED, "mine", mixed.origin.assets)
    drawn = [rendering.render(of_all, arm, item, engine) for arm in of_all.arms for item in of_all.items.ids or []]

    assert {picture.size for picture in drawn} == {of_all.size}
    assert {picture.mode for picture in drawn} == {of_all.mode}
    encoded = [rendering.encode(picture) for picture in drawn]
    assert len({len(png) for png in encoded}) == 1
    assert len(set(encoded)) == 9


def test_an_encode_holds_pixels_and_nothing_else(mixed: Study, engine: LocalEngine):
    for arm in mixed.arms:
        picture = rendering.render(mixed, arm, "1", engine)
        encoded = rendering.encode(picture)

        assert {kind for kind, _ in chunks(encoded)} == {b"IHDR", b"IDAT", b"IEND"}
        assert b"secret" not in encoded.lower()
        assert b"secret" not in zlib.decompress(b"".join(body for kind, body in chunks(encoded) if kind == b"IDAT"))
        again = Image.open(io.BytesIO(encoded))
        assert again.info == {}
        assert again.tobytes() == picture.tobytes()


def test_metadata_of_a_picture_is_not_encoded():
    picture = Image.new("RGB", (8, 8))
    bare = rendering.encode(picture)
    picture.info.update(dpi=(300, 300), icc_profile=b"x", exif=b"Exif\0\0secret", transparency=0, comment=b"x")

    assert rendering.encode(picture) == bare


def test_a_picture_is_the_same_whenever_it_is_drawn(mixed: Study, engine: LocalEngine):
    for arm in mixed.arms:
        first, again, other = (rendering.encode(rendering.render(mixed, arm, item, engine)) for item in "001")
        assert first == again != other


def test_samples_of_native_size_are_not_touched(mixed: Study, engine: LocalEngine):
    sheet = rendering.render(mixed, mixed.arm("secret-generator"), "2", engine)
    samples = engine.sample("mnist-dcgan", step=500, seed=2, count=16).pictures

    assert sheet.size == (138, 138)
    assert sheet.crop((2, 2, 34, 34)).convert("L").tobytes() == samples[0].tobytes()
    assert sheet.crop((104, 104, 136, 136)).convert("L").tobytes() == samples[15].tobytes()


def test_samples_are_enlarged_by_a_whole_factor_without_blur(engine: LocalEngine):
    single = reading.parse(
        MIXED[: MIXED.rindex("[[arms]]")].replace("[items]", "sheet = 1\nside = 128\ncolour = false\n[items]"), "mine"
    )
    enlarged = np.asarray(rendering.render(single, single.arms[0], "0", engine))
    (sample,) = engine.sample("mnist-dcgan", step=500, seed=0, count=1).pictures

    assert (enlarged[2:-2, 2:-2] == np.asarray(sample).repeat(4, axis=0).repeat(4, axis=1)).all()


def test_an_item_that_the_study_lacks_is_not_drawn(mixed: Study, engine: LocalEngine):
    for item in ("3", "x", "../0"):
        with pytest.raises(StudyError, match="study 'mine' has no item"):
            rendering.render(mixed, mixed.arms[0], item, engine)


def test_a_style_arm_restyles_and_a_filter_only_colours(engine: LocalEngine):
    styled = reading.read("photos-as-paintings")
    adain, sepia = (rendering.render(styled, styled.arm(arm), "cat--irises", engine) for arm in ("full", "sepia"))
    plain, grey, warm = (
        np.asarray(
            rendering.render(
                styled, FilterArm(id="f", title="F", kind="style", method="filter", filter=name), "cat--irises", engine
            )
        ).astype(float)
        for name in ("none", "grey", "warm")
    )

    assert np.corrcoef(plain.mean(2).ravel(), np.asarray(sepia).mean(2).ravel())[0, 1] > 0.97
    assert np.corrcoef(plain.mean(2).ravel(), np.asarray(adain).mean(2).ravel())[0, 1] < 0.95
    assert (grey[..., 0] == grey[..., 1]).all()
    assert warm[..., 0].mean() > plain[..., 0].mean()
    assert warm[..., 2].mean() < plain[..., 2].mean()


def test_raters_see_the_photo_and_the_whole_painting_only_where_the_study_says_so():
    study = reading.read("style-methods")
    inputs = rendering.inputs(study, "cat--irises")
    assert inputs is not None
    photo, painting = inputs
    assert photo.size == study.size
    assert max(painting.size) == max(study.size) > min(painting.size)
    assert rendering.inputs(reading.read("photos-as-paintings"), "cat--irises") is None


def test_painting_by_optimisation_goes_the_longer_the_further(engine: LocalEngine):
    painted = reading.parse(PAINTED, "mine")
    plain, short, long = (
        np.asarray(rendering.render(painted, painted.arm(arm), "cat--irises", engine)).astype(float)
        for arm in ("plain", "short", "long")
    )

    assert plain.shape == short.shape == (64, 64, 3)
    assert np.abs(short - plain).mean() > 5
    assert np.abs(long - short).mean() > 1


@pytest.mark.parametrize("name", reading.names())
def test_every_shipped_study_is_sound_and_each_arm_draws(name: str, engine: LocalEngine):
    shipped = reading.read(name)
    check.check(shipped)
    item = (shipped.items.ids or ["7"])[0]
    gallery = Gallery(shipped)
    encoded = [rendering.encode(gallery.draw(arm, item, engine)) for arm in shipped.arms]

    assert len({len(png) for png in encoded}) == 1
    assert len(set(encoded)) == len(shipped.arms)
    for arm in shipped.arms:
        assert not any(arm.id.encode() in png for png in encoded)


def test_the_shipped_studies_cover_every_protocol_and_kind_of_check():
    shipped = [reading.read(name) for name in reading.names()]

    assert {study.protocol for study in shipped} == {"pairwise", "best_worst", "real_or_fake", "timed"}
    assert {arm.kind for study in shipped for arm in study.arms} == {"generator", "pictures", "real", "style"}
    assert any(study.casual for study in shipped)
    assert any(
        study.session.training and study.session.attention and study.session.gold and study.consent for study in shipped
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mnist-dcgan", "faces", r"line 10: model of arm 1: there is no generator 'faces'; there are: mnist-"),
        ("mnist-dcgan", "mnist-classifier", r"line 10: model of arm 1: there is no generator 'mnist-classifier'"),
        ("step = 500", "step = 501", r"line 11: step of arm 1: mnist-dcgan has no snapshot 501; it has: 0, 500"),
        ("mnist-digits", "faces", r"line 16: data of arm 2: there are no real pictures called 'faces'"),
    ],
)
def test_a_check_names_the_line_of_what_is_not_here(mixed: Study, old: str, new: str, message: str):
    with pytest.raises(StudyError, match=message):
        check.check(reading.parse(MIXED.replace(old, new), "mine", mixed.origin.assets))


def chunks(encoded: bytes) -> list[tuple[bytes, bytes]]:
    parts, at = [], 8
    while at < len(encoded):
        length = int.from_bytes(encoded[at : at + 4], "big")
        parts.append((encoded[at + 4 : at + 8], encoded[at + 8 : at + 8 + length]))
        at += CHUNK + length
    return parts
