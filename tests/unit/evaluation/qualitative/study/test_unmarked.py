"""What raters judge carries no mark: neither the note nor the signature nor the watermark tells who made a picture."""

import pytest

from evaluation.qualitative.study import rendering
from evaluation.qualitative.study.library import StudyLibrary
from media import claims
from media.attacks import PictureFile
from serving.local import LocalEngine


@pytest.mark.parametrize("name", ["photos-as-paintings", "style-real-or-fake", "painted-eyes-real-or-fake"])
def test_no_layer_is_in_a_picture_that_is_judged(engine: LocalEngine, name: str):
    study = StudyLibrary().read(name)
    item = study.items.ids[0] if study.items.ids else "1"
    for arm in study.arms:
        file = PictureFile(rendering.encode(rendering.render(study, arm, item, engine)))

        read = claims.of_ours(file)

        assert (read.source, read.notes, read.credentials.state) == (None, {}, "none")
        assert not read.mark.present
