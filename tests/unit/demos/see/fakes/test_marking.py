"""Mark and break: which layer survives what, on a picture of one's own."""

import re

from PIL import Image

from assets import samples
from demos.see.fakes import marking, pictures, quiz
from evaluation.qualitative.study.library import StudyLibrary
from media import images

LEFT = {  # note, signature, watermark
    "download": (True, True, True),
    "jpeg": (False, False, True),
    "resize": (False, False, True),
    "screenshot": (False, False, True),
    "retouch": (True, False, True),
    "relabel": (False, False, True),
    "crop": (False, False, False),
    "tilt": (False, False, False),
    "restyle": (False, False, False),
}


def test_the_layers_fall_one_after_another():
    photo = images.read(samples.photos()[1].path, max_side=512)
    repainted = Image.effect_noise(photo.size, 60).convert("RGB")

    rows = [marking.as_dict(survival) for survival in marking.survivals(photo, lambda _: repainted)]

    assert {row["id"]: (row["note"], row["signature"], row["watermark"]) for row in rows} == LEFT


def test_a_picture_too_small_for_the_mark_says_so():
    photo = Image.effect_noise((200, 300), 60).convert("RGB")
    rows = list(marking.survivals(photo, lambda picture: picture))

    html = marking.table_html(photo, rows)

    assert "carries no invisible mark: its shorter side has less than 256 pixels" in html
    assert marking.as_dict(rows[0])["signature"]


def test_the_first_sight_fetches_its_pictures_when_they_are_seen():
    html = marking.first_sight()
    addresses = re.findall(r'src="fakes/(\w+)\.webp"[^>]*loading="lazy"', html)
    assert len(addresses) == len(LEFT)
    assert all(address in pictures._KEPT for address in addresses)
    assert len(html) < 20_000


def test_each_quiz_is_a_study_that_shows_one_picture():
    library = StudyLibrary()
    for name, _, _ in quiz.STUDIES:
        assert library.read(name).judges_one
        assert f"?study={name}" in quiz.html()
