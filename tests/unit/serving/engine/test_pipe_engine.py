"""The contract is complete: an engine behind a pipe gives the same pictures, and every method is reachable there."""

import inspect
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from models.style.options import Options, Weights
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.painting import Painting
from serving.local import LocalEngine
from tests.support.pipe_engine import PipeEngine
from tests.support.restyling import SMALL, settings

SHORT = Options(
    weights=Weights(content_layers={"relu2_2": 1}, style_layers={"relu1_1": 1, "relu2_1": 1, "relu3_1": 1}), steps=3
)
MODEL, LAST = "mnist-dcgan", 20_000


@pytest.fixture(scope="module")
def far() -> Iterator[PipeEngine]:
    with PipeEngine() as engine:
        yield engine


@pytest.fixture(scope="module")
def small(photo: Image.Image) -> Image.Image:
    return photo.resize((64, 64))


def public(contract: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(contract) if not name.startswith("_")]


def same(first: Image.Image, second: Image.Image) -> bool:
    """Alike but for the rounding of another number of threads."""
    levels = [np.asarray(picture, dtype=int) for picture in (first, second)]
    return levels[0].shape == levels[1].shape and int(np.abs(levels[0] - levels[1]).max()) <= 1


@pytest.mark.parametrize("name", public(Engine))
def test_every_public_method_is_reachable(engine: LocalEngine, far: PipeEngine, name: str):
    local, forwarded = getattr(engine, name), getattr(far, name)
    assert callable(forwarded) if callable(local) else forwarded == local


def test_restyling_gives_the_picture_before_and_after(
    engine: LocalEngine, far: PipeEngine, small: Image.Image, paintings: list[Image.Image]
):
    near, forwarded = (which.restyled(small, paintings[:1], SMALL) for which in (engine, far))
    assert same(near.before, forwarded.before)
    assert same(near.after, forwarded.after)


def test_a_contact_sheet_streams(
    engine: LocalEngine, far: PipeEngine, small: Image.Image, paintings: list[Image.Image]
):
    near, forwarded = (list(which.contact_sheet(small, paintings, SMALL)) for which in (engine, far))
    assert [(step.done, step.total) for step in forwarded] == [(1, 2), (2, 2)]
    assert all(same(a.sheet, b.sheet) for a, b in zip(near, forwarded, strict=True))


def test_a_painting_is_stopped_and_continued_by_its_handle(
    engine: LocalEngine, far: PipeEngine, small: Image.Image, paintings: list[Image.Image]
):
    arguments = {"side": 64, "options": SHORT, "interval": 0.0}
    whole = list(engine.paint(small, [Painting(paintings[0])], **arguments))
    frames = far.paint(small, [Painting(paintings[0])], **arguments)
    stopped = [next(frames), next(frames)][-1]
    assert far.running() == 1
    frames.close()
    assert far.running() == 0
    rest = list(far.paint(small, [Painting(paintings[0])], resume=stopped.resume, **arguments))
    assert [frame.step for frame in rest] == [1, 2, 3]
    assert same(rest[-1].picture, whole[-1].picture)


def test_what_cannot_be_done_is_raised_here_with_its_sentence(
    far: PipeEngine, small: Image.Image, paintings: list[Image.Image]
):
    with pytest.raises(EngineError, match="Start a new one"):
        far.paint(small, [Painting(paintings[0])], side=64, resume="a handle that nobody gave")
    with pytest.raises(EngineError, match="Choose at least one style"):
        far.restyled(small, [], settings())


def test_gram_matrices_and_feature_maps(
    engine: LocalEngine, far: PipeEngine, small: Image.Image, paintings: list[Image.Image]
):
    pictures = {"photo": small, "painting": paintings[0]}
    near, forwarded = (
        which.gram(pictures, like="painting", layers=["relu1_1"], side=64)["relu1_1"] for which in (engine, far)
    )
    assert all(same(near[name], forwarded[name]) for name in pictures)
    maps = [which.feature_maps(small, layer="relu2_1", count=3, side=64) for which in (engine, far)]
    assert [response.filter for response in maps[0]] == [response.filter for response in maps[1]]
    assert all(same(a.picture, b.picture) for a, b in zip(*maps, strict=True))


def test_samples_walks_and_moves(engine: LocalEngine, far: PipeEngine):
    draw = {"step": LAST, "seed": 42}
    for ask in (
        lambda which: which.sample(MODEL, **draw, count=4),
        lambda which: which.walk(MODEL, **draw, ends=(0, 3), count=3, way="slerp"),
        lambda which: [which.move(MODEL, **draw, index=1, moved={0: 2.0})],
    ):
        near, forwarded = drawn(ask(engine)), drawn(ask(far))
        assert len(near) == len(forwarded) > 0
        assert all(same(a, b) for a, b in zip(near, forwarded, strict=True))


def test_points_and_a_search_that_is_left(engine: LocalEngine, far: PipeEngine, small: Image.Image):
    points = [engine.latent(MODEL, seed=seed, index=0) for seed in (1, 2)]
    for ask in (
        lambda which: which.draw(MODEL, step=LAST, z=points),
        lambda which: which.between(MODEL, step=LAST, start=points[0], end=points[1], count=3, way="lerp"),
        lambda which: list(which.round_walk(MODEL, step=LAST, stops=points, frames=2)),
    ):
        near, forwarded = drawn(ask(engine)), drawn(ask(far))
        assert len(near) == len(forwarded) > 0
        assert all(same(a, b) for a, b in zip(near, forwarded, strict=True))
    search = far.project(MODEL, step=LAST, picture=small)
    first = next(search)
    assert far.running() == 1
    search.close()
    assert far.running() == 0
    assert first.step == 0 < first.steps


def drawn(answer: object) -> list[Image.Image]:
    """The pictures in what an engine answered."""
    if isinstance(answer, Image.Image):
        return [answer]
    if isinstance(answer, list | tuple):
        return [picture for part in answer for picture in drawn(part)]
    return [picture for part in getattr(answer, "__dict__", {}).values() for picture in drawn(part)]
