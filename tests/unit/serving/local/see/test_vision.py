"""What this machine says about pictures, and that what the page starts with is what it says today."""

import numpy as np
import pytest
from PIL import Image

from assets import sight
from media import images
from serving.engine.errors import EngineError
from serving.engine.sight import TASKS, Sight, look
from serving.local.see.vision import LocalViewer


@pytest.fixture(scope="module")
def viewer() -> LocalViewer:
    return LocalViewer()


@pytest.fixture(scope="module")
def dogs() -> Image.Image:
    return images.read(sight.photo().path, max_side=sight.SIDE)


def test_two_dogs_are_named_found_and_coloured(viewer: LocalViewer, dogs: Image.Image):
    assert "spaniel" in viewer.classify(dogs)[0].label
    sure = [box for box in viewer.detect(dogs) if box.probability > 0.5]
    assert [box.label for box in sure] == ["dog", "dog"]
    assert sure[0].right - sure[0].left < 0.6
    assert viewer.segment(dogs).classes[0].label == "dog"


def test_the_map_of_a_class_lies_on_the_square_that_the_network_saw(viewer: LocalViewer, dogs: Image.Image):
    best = viewer.classify(dogs, top=1)[0]

    (why,) = viewer.explain(dogs, [best.kind])

    left, top, right, bottom = why.box
    assert (right - left) * dogs.width == pytest.approx((bottom - top) * dogs.height, rel=0.01)
    assert np.asarray(why.heat)[..., :3].std() > 10, "a map of one colour explains nothing"
    with pytest.raises(EngineError, match="number from 0 to 999"):
        viewer.explain(dogs, [1000])


def test_a_picture_without_a_subject_says_so_and_still_gets_its_guesses(viewer: LocalViewer):
    grey = Image.new("RGB", (64, 48), (128, 128, 128))

    with pytest.raises(EngineError, match="Nothing stands out"):
        viewer.subject(grey)
    assert look(viewer, grey).subject is None
    assert len(look(viewer, grey).guesses) == 5


@pytest.mark.parametrize("size", [(16, 16), (16, 900), (5400, 3700)])
def test_pictures_of_any_size_are_looked_at(viewer: LocalViewer, size: tuple[int, int]):
    levels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)

    everything = look(viewer, Image.fromarray(levels))

    assert set(everything.seconds) == set(TASKS)
    assert all(0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1 for box in everything.boxes)
    assert sum(guess.probability for guess in everything.guesses) <= 1.0001


def test_the_first_sight_of_the_page_is_what_the_networks_say_today(viewer: LocalViewer, dogs: Image.Image):
    stored, today = Sight.from_json(sight.stored()["tasks"]), look(viewer, dogs)

    assert [guess.kind for guess in stored.guesses][:2] == [guess.kind for guess in today.guesses][:2]
    for before, now in zip(stored.guesses[:2], today.guesses[:2], strict=True):
        assert before.probability == pytest.approx(now.probability, abs=0.02)
    sure = [[box.label for box in each.boxes if box.probability > 0.5] for each in (stored, today)]
    assert sure[0] == sure[1]
    assert stored.segments.classes[0].share == pytest.approx(today.segments.classes[0].share, abs=0.01)


def test_a_sight_comes_back_from_json_as_it_was(viewer: LocalViewer, dogs: Image.Image):
    everything = look(viewer, dogs)

    again = Sight.from_json(everything.to_json())

    assert (again.guesses, again.boxes) == (everything.guesses, everything.boxes)
    assert again.segments.overlay.tobytes() == everything.segments.overlay.tobytes()
    assert again.subject is not None
    assert everything.subject is not None
    assert again.subject.tobytes() == everything.subject.tobytes()
