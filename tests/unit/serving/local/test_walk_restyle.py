"""The way of a photo through restyle: from the page's handler to the pictures, each file of the project once listed."""

from assets import samples
from demos.style import tab
from media import images
from serving.local import LocalEngine
from tests.support.walk import documented, walked

WALK = documented("photo")


def test_a_photo_passes_through_these_files(engine: LocalEngine):
    page = tab.build(engine)
    (event,) = [event for event in page.fns.values() if event.name == "automatic"]
    photo, painting = (
        images.read(sample.path, max_side=256) for sample in (samples.photos()[1], samples.paintings()[1])
    )
    values = [component.value for component in event.inputs]
    content, style = ([component.elem_id for component in event.inputs].index(name) for name in ("photo", "painting"))
    values[content], values[style] = photo.rotate(180), painting.rotate(180)  # warm up
    event.fn(*values)
    values[content], values[style] = photo, painting
    with walked() as files:
        pair, *_ = event.fn(*values)
    assert images.read(pair[0]) == photo
    assert images.read(pair[1]).size == photo.size
    assert files == WALK
    assert len(files) <= 17
