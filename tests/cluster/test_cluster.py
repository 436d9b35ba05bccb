"""The engine on a real local Ray cluster: the same answers as in one process, also when a replica is killed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageChops

from assets import samples
from media import images
from models.style.options import Options
from serving.cluster import engine as cluster
from serving.cluster.settings import ClusterSettings
from serving.engine.errors import EngineError
from serving.engine.live_training import LiveRecipe
from serving.engine.painting import Painting
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine

MODEL = "mnist-dcgan"


@pytest.fixture(scope="module")
def engine() -> Iterator[cluster.ClusterEngine]:
    """An engine with two replicas, on a cluster of its own that ends with the tests."""
    with ThreadPoolExecutor(1) as pool:
        chosen = ClusterSettings(address="local", fewest=2, most=2, cpus=1, gpus=0)
        yield pool.submit(cluster.ClusterEngine, chosen).result()
        pool.submit(cluster.shut_down).result()


@pytest.fixture(scope="module")
def local() -> LocalEngine:
    return LocalEngine()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return images.read(samples.photos()[0].path, max_side=96)


@pytest.fixture(scope="module")
def painting() -> Image.Image:
    return images.read(samples.paintings()[0].path, max_side=96)


def replicas() -> list[psutil.Process]:
    """The processes that answer, on this machine: those of the many, not the one that trains live."""
    below = psutil.Process().children(recursive=True)
    names = [(process, " ".join(process.cmdline())) for process in below if process.is_running()]
    return [process for process, name in names if "ServeReplica:just-look:" in name]


def test_a_seed_draws_the_same_pictures_as_in_one_process(engine: cluster.ClusterEngine, local: LocalEngine):
    step = local.generators()[0].steps[-1]

    drawn = engine.sample(MODEL, step=step, seed=7, count=16)

    expected = local.sample(MODEL, step=step, seed=7, count=16)
    assert drawn.z == expected.z
    for picture, like in zip(drawn.pictures, expected.pictures, strict=True):
        assert max(high for _, high in [ImageChops.difference(picture, like).getextrema()]) <= 1


def test_what_is_the_same_everywhere_is_the_same_here(engine: cluster.ClusterEngine, local: LocalEngine):
    assert engine.generators() == local.generators()
    assert engine.translators() == local.translators()
    assert engine.welcomes_guests == local.welcomes_guests


def test_a_restyle_is_the_same_picture(
    engine: cluster.ClusterEngine, local: LocalEngine, photo: Image.Image, painting: Image.Image
):
    settings = RestyleSettings(side=96)

    restyled = engine.restyled(photo, [painting], settings).after

    difference = ImageChops.difference(restyled, local.restyled(photo, [painting], settings).after)
    assert max(high for _, high in difference.getextrema()) <= 2


def test_what_cannot_be_done_is_refused_with_the_same_sentence(
    engine: cluster.ClusterEngine, local: LocalEngine, photo: Image.Image, painting: Image.Image
):
    for ask in (
        lambda asked: asked.sample("nothing", step=1, seed=1, count=1),
        lambda asked: asked.walk(MODEL, step=17, seed=1, ends=(0, 1), count=3, way="slerp"),
        lambda asked: asked.paint(photo, [Painting(painting)], side=96, colours="only"),
    ):
        with pytest.raises(EngineError) as here:
            ask(local)
        with pytest.raises(EngineError) as there:
            ask(engine)
        assert str(there.value) == str(here.value)


def test_files_travel_to_the_replica_and_back(engine: cluster.ClusterEngine, painting: Image.Image, tmp_path: Path):
    photos = tmp_path / "photos.zip"
    with zipfile.ZipFile(photos, "w") as archive:
        for name in ("one.png", "two.png"):
            content = io.BytesIO()
            Image.new("RGB", (64, 48), "teal").save(content, "PNG")
            archive.writestr(name, content.getvalue())

    steps = list(engine.restyle_folder(photos, tmp_path / "done.zip", [painting], RestyleSettings(side=64)))

    assert [step.problem for step in steps] == ["", ""]
    with zipfile.ZipFile(tmp_path / "done.zip") as archive:
        assert len(archive.namelist()) == 2


def test_a_painting_goes_on_when_its_replica_is_killed(
    engine: cluster.ClusterEngine, photo: Image.Image, painting: Image.Image
):
    steps = []
    for frame in engine.paint(photo, [Painting(painting)], side=96, options=Options(steps=40), interval=0):
        steps.append(frame.step)
        if len(steps) == 3:
            for process in replicas():
                process.kill()

    assert frame.step == frame.steps == 40
    assert steps == sorted(steps)  # it went on from a frame and did not begin anew
    assert len(engine.sample(MODEL, step=500, seed=1, count=4).pictures) == 4  # the next request is answered


def test_another_stream_ends_with_a_sentence_when_its_replica_is_killed(
    engine: cluster.ClusterEngine, photo: Image.Image, painting: Image.Image
):
    sheet = engine.contact_sheet(photo, [painting] * 9, RestyleSettings(side=96))
    next(sheet)
    for process in replicas():
        process.kill()

    with pytest.raises(EngineError, match="was lost"):
        list(sheet)


def test_a_generator_that_was_trained_live_is_sampled_where_it_is_kept(engine: cluster.ClusterEngine):
    handle = engine.start_live(LiveRecipe())
    frames = engine.live_frames(handle, interval=0.1)
    next(frame for frame in frames if frame.step >= 2)
    frames.close()  # type: ignore[attr-defined]

    own = engine.keep_live(handle)

    assert len(engine.sample(own.name, step=own.steps[0], seed=1, count=4).pictures) == 4
    engine.end_live(handle)
