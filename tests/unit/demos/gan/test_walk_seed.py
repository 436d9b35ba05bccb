"""Through which files a seed goes until it is a picture, once the network is in memory."""

from demos.gan import sample
from demos.gan.selection import Selected
from serving.local import LocalEngine
from tests.support.walk import documented, walked

FILES = documented("seed")


def test_a_seed_becomes_a_picture_in_few_files(engine: LocalEngine):
    selected = Selected("mnist-dcgan", 20_000, 42, 0)
    sample.draw(engine, selected)

    with walked() as files:
        sample.draw(engine, selected)

    assert files == FILES
    assert len(files) <= 11  # two of them for the signed note and the mark in the pixels
