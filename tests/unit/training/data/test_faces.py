"""The faces of two data sets are the same but for the skin tone, and every attribute is known."""

import numpy as np
import pytest
import torch

from training.data import faces, packages

TRAIN, HELD_OUT = 40, 10


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory):
    """Fewer faces, for each costs milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        packages.OPEN_PEEPS.fetch(), packages.DICEBEAR.fetch(), packages.RESVG.fetch()
        patch.setattr(faces, "TRAIN", TRAIN)
        patch.setattr(faces, "HELD_OUT", HELD_OUT)
        yield


@pytest.mark.usefixtures("few")
def test_faces_have_the_shape_and_the_share_that_was_asked_for():
    for darker, train, count in ((0.5, True, TRAIN), (0.05, True, TRAIN), (0.3, False, HELD_OUT)):
        pictures, attributes = faces.faces(darker=darker, train=train)
        assert (pictures.shape, pictures.dtype) == ((count, 3, 64, 64), torch.uint8)
        assert attributes.shape == (count, len(faces.ATTRIBUTES))
        assert attributes[:, 0].sum().item() == round(darker * count)


@pytest.mark.usefixtures("few")
def test_two_shares_differ_in_nothing_but_the_tone():
    (some, here), (many, there) = (faces.faces(darker=darker) for darker in (0.05, 0.5))
    changed = here[:, 0] != there[:, 0]

    assert torch.equal(here[:, 1:], there[:, 1:])
    assert torch.equal(some[~changed], many[~changed])
    assert changed.sum().item() == round(0.45 * TRAIN)
    for light, dark in zip(some[changed], many[changed], strict=True):
        assert 0.02 < (light != dark).any(dim=0).float().mean() < 0.5


@pytest.mark.usefixtures("few")
def test_the_tone_of_a_face_is_its_commonest_colour_but_white_and_black():
    pictures, attributes = faces.faces()
    for picture, (tone, hair) in zip(pictures, attributes[:, :2].tolist(), strict=True):
        if hair:  # hair of a colour may cover more than skin
            continue
        colours, counts = np.unique(picture.flatten(1).T.numpy(), axis=0, return_counts=True)
        skins = [bytes.fromhex(value) for value in faces.TONES.values()]
        share = [counts[(colours == np.frombuffer(skin, np.uint8)).all(axis=1)].sum() for skin in skins]
        assert int(np.argmax(share)) == tone
        assert min(share) == 0


def test_kinds_can_be_taken_apart_again():
    attributes = torch.tensor([[1, 2, 0, 1, 9, 9], [0, 0, 2, 0, 9, 9], [1, 1, 1, 1, 9, 9]])

    again = faces.attributes_of(faces.kinds(attributes))

    assert list(again) == list(faces.KIND)
    assert torch.equal(torch.stack(list(again.values()), dim=1), attributes[:, :4])


@pytest.mark.parametrize("darker", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(darker: float):
    with pytest.raises(ValueError, match="must be a share"):
        faces.faces(darker=darker)
