"""Painting by optimisation: frames, seeds, stopping and going on."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from models.hub import loading
from models.style import gatys
from models.style.frames import Frame
from models.style.loss import Objective
from models.style.options import Method, Options, Weights
from models.style.terms import Style
from models.style.vgg import VGG19, ReviveReLU

pytestmark = pytest.mark.usefixtures("float32")

ADAM, LBFGS = Method(optimiser="adam", average=0.5), Method(optimiser="l-bfgs")
WEIGHTS = Weights(content_layers={"relu2_2": 1}, style_layers={"relu1_1": 1, "relu2_1": 1})
SHORT = Options(weights=WEIGHTS, steps=6)


@pytest.fixture(scope="module")
def vgg() -> VGG19:
    return loading.load("vgg19", source="bundled")


@pytest.fixture(autouse=True, params=["plain", "static"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of CPUs, and the one that GPUs record, in float32."""
    if request.param == "static":
        monkeypatch.setattr(gatys, "static_dtype", lambda _: torch.float32)
    return request.param


def picture(seed: int, height: int = 48, width: int = 64) -> Tensor:
    """Blurred noise."""
    noise = torch.rand(1, 3, height // 4, width // 4, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(noise, (height, width), mode="bilinear")


CONTENT, STYLE = picture(0), [Style(picture(1, 40, 48))]


def last(frames: Iterator[Frame]) -> Frame:
    *_, frame = frames
    return frame


@pytest.mark.parametrize(("method", "steps"), [(ADAM, 30), (LBFGS, 12)], ids=["adam", "l-bfgs"])
def test_the_lecture_s_loss_falls(vgg: VGG19, method: Method, steps: int):
    first, *_, end = gatys.paint(vgg, CONTENT, STYLE, options=Options(method=method, steps=steps))
    assert torch.equal(first.image, CONTENT)
    assert (first.step, first.content_loss) == (0, 0)
    assert end.total < first.total
    assert end.style_loss < 0.7 * first.style_loss
    assert end.image.shape == CONTENT.shape
    assert 0 <= float(end.image.min()) < float(end.image.max()) <= 1


@pytest.mark.parametrize("method", [replace(ADAM, average=0.0), LBFGS], ids=["adam", "l-bfgs"])
def test_a_frame_tells_the_losses_of_its_picture(vgg: VGG19, method: Method):
    frame = last(gatys.paint(vgg, CONTENT, STYLE, options=replace(SHORT, method=method)))
    style = Style(F.interpolate(STYLE[0].picture, (53, 64), mode="bicubic", antialias=True).clamp(0, 1))
    with torch.no_grad():
        losses = Objective(vgg, CONTENT, [style], weights=WEIGHTS)(frame.state.picture)
    reported = (frame.content_loss, frame.style_loss, frame.variation, frame.total)
    assert reported == pytest.approx([float(loss) for loss in losses], rel=1e-4)


def test_frames_count_every_step_and_the_curve_has_them_all(vgg: VGG19):
    frames = list(gatys.paint(vgg, CONTENT, STYLE, options=SHORT))
    assert [(frame.step, frame.steps) for frame in frames] == [(step, 6) for step in range(7)]
    assert all(len(frame.curve) == 1 and frame.curve[0].total == frame.total for frame in frames)
    assert all(a.seconds < b.seconds for a, b in itertools.pairwise(frames))


def test_a_long_interval_gives_the_first_frame_and_the_last_with_the_whole_curve(vgg: VGG19):
    first, end = gatys.paint(vgg, CONTENT, STYLE, options=SHORT, interval=1e9)
    assert (first.step, end.step) == (0, 6)
    assert [point.step for point in end.curve] == [1, 2, 3, 4, 5, 6]
    every = list(gatys.paint(vgg, CONTENT, STYLE, options=SHORT))
    assert [frame.curve[0].total for frame in every[1:]] == pytest.approx([p.total for p in end.curve], rel=1e-4)


def test_filters_that_fell_silent_are_woken(vgg: VGG19, monkeypatch: pytest.MonkeyPatch):
    """A few filters of relu4_2 are painted over at once, and without a way back for good."""
    options = Options(method=Method(settle=40.0, betas=(0.8, 0.99)), steps=25)

    def end() -> Frame:
        return last(gatys.paint(vgg, CONTENT, STYLE, options=options))

    woken = end()
    monkeypatch.setattr(ReviveReLU, "backward", staticmethod(rectified))
    assert woken.total < 0.5 * end().total


def rectified(ctx: Any, gradient: Tensor) -> Tensor:
    (x,) = ctx.saved_tensors
    return gradient * (x > 0)


def test_the_seed_decides_the_noise(vgg: VGG19):
    def painted(seed: int) -> Tensor:
        return last(gatys.paint(vgg, CONTENT, STYLE, options=replace(SHORT, seed=seed, steps=2), start="noise")).image

    torch.testing.assert_close(painted(3), painted(3))
    assert (painted(3) - painted(4)).abs().mean() > 0.1


def test_painting_can_start_from_a_picture(vgg: VGG19):
    start = picture(7)
    assert torch.equal(next(gatys.paint(vgg, CONTENT, STYLE, options=SHORT, start=start)).image, start)


@pytest.mark.parametrize("method", [ADAM, LBFGS], ids=["adam", "l-bfgs"])
@pytest.mark.parametrize("stopped", [0, 2, 5, 7])
def test_going_on_from_a_frame_is_as_if_it_had_never_stopped(vgg: VGG19, method: Method, stopped: int):
    """Frame 2 and before are of the smaller size."""
    options = Options(weights=WEIGHTS, method=method, steps=5, coarse_steps=3, scales=2)
    whole = list(gatys.paint(vgg, CONTENT, STYLE, options=options))
    assert [frame.image.shape[-1] for frame in whole] == [45] * 3 + [64] * 6
    rest = list(gatys.paint(vgg, CONTENT, STYLE, options=options, resume=whole[stopped].state))
    assert [(f.step, f.steps) for f in rest] == [(f.step, f.steps) for f in whole[stopped:]]
    for actual, expected in zip(rest, whole[stopped:], strict=True):
        torch.testing.assert_close(actual.image, expected.image, rtol=0, atol=1e-3)
        assert actual.total == pytest.approx(expected.total, rel=1e-2)
    assert rest[-1].seconds > whole[stopped].seconds


@pytest.mark.parametrize("method", [ADAM, LBFGS], ids=["adam", "l-bfgs"])
def test_a_finished_painting_goes_on_for_more_steps_and_other_weights(vgg: VGG19, method: Method):
    options = replace(SHORT, method=method)
    done = last(gatys.paint(vgg, CONTENT, STYLE, options=options))
    more = replace(options, steps=9, weights=replace(WEIGHTS, style=1e6))
    first, *_, end = gatys.paint(vgg, CONTENT, STYLE, options=more, resume=done.state)
    assert (first.step, end.step, end.steps) == (6, 9, 9)
    torch.testing.assert_close(first.image, done.image)
    assert end.style_loss < done.style_loss


def test_a_painting_goes_on_at_a_larger_size_and_with_another_optimiser(vgg: VGG19):
    small = last(gatys.paint(vgg, picture(0, 36, 48), STYLE, options=SHORT))
    options = replace(SHORT, steps=3, method=ADAM)
    first, *_, end = gatys.paint(vgg, CONTENT, STYLE, options=options, resume=small.state)
    assert (first.step, end.step, end.steps) == (6, 9, 9)
    assert first.image.shape == CONTENT.shape
    torch.testing.assert_close(first.image, F.interpolate(small.image, (48, 64), mode="bicubic"), rtol=0, atol=0.1)


def test_a_closed_painting_works_no_more_and_its_last_frame_stays_good(vgg: VGG19, monkeypatch: pytest.MonkeyPatch):
    frames = gatys.paint(vgg, CONTENT, STYLE, options=SHORT)
    next(frames), next(frames)
    kept = next(frames)
    before = kept.image.clone(), kept.state.picture.clone()
    measured: list[Tensor] = []
    monkeypatch.setattr(Objective, "gradient", lambda self, x, **_: measured.append(x))
    frames.close()
    assert not measured
    assert list(frames) == []
    assert torch.equal(kept.image, before[0])
    assert torch.equal(kept.state.picture, before[1])


def test_a_frame_is_not_painted_over(vgg: VGG19):
    frames = gatys.paint(vgg, CONTENT, STYLE, options=replace(SHORT, method=ADAM))
    first = next(frames)
    copy = first.image.clone(), first.state.descent["mean"].clone()
    last(frames)
    assert torch.equal(first.image, copy[0])
    assert torch.equal(first.state.descent["mean"], copy[1])


def test_tiles_paint_the_same_picture(vgg: VGG19):
    content = picture(0, 80, 144)
    options = replace(SHORT, steps=3, method=ADAM)
    whole = last(gatys.paint(vgg, content, STYLE, options=options))
    tiled = last(gatys.paint(vgg, content, STYLE, options=replace(options, tile=64)))
    assert (whole.image - content).abs().mean() > 0.01
    torch.testing.assert_close(tiled.image, whole.image, rtol=0, atol=2e-3)


def test_larger_strokes_come_from_a_larger_painting(vgg: VGG19):
    small, large = (
        next(gatys.paint(vgg, CONTENT, STYLE, options=replace(SHORT, style_scale=scale))).style_loss
        for scale in (0.5, 2.0)
    )
    assert small != pytest.approx(large, rel=0.01)


def test_reconstructing_from_the_content_alone_finds_the_photograph_again(vgg: VGG19):
    frames = gatys.reconstruct(vgg, CONTENT, layer="relu1_2", of="content", steps=25)
    first, *_, end = frames
    assert (end.image - CONTENT).abs().mean() < 0.3 * (first.image - CONTENT).abs().mean()
    assert end.content_loss < 0.1 * first.content_loss


def test_reconstructing_from_the_style_alone_finds_its_matrices_but_not_its_places(vgg: VGG19):
    frames = gatys.reconstruct(vgg, CONTENT, layer="relu2_1", of="style", steps=25)
    first, *_, end = frames
    assert end.style_loss < 0.1 * first.style_loss
    assert (end.image - CONTENT).abs().mean() > 0.05


def test_a_loss_that_is_no_number_is_told(vgg: VGG19):
    broken = CONTENT.clone()
    broken[..., 0, 0] = float("nan")
    with pytest.raises(gatys.PaintingError, match="not finite any more: take a smaller step size"):
        last(gatys.paint(vgg, CONTENT, STYLE, options=SHORT, start=broken))


REFUSED: dict[str, tuple[Callable[[VGG19], object], str]] = {
    "no steps": (lambda v: Options(steps=0), "steps must lie between 1 and 10,000, got 0"),
    "no scale": (lambda v: Options(scales=0), "1 to 12 scales, got 0"),
    "a style scale of nothing": (lambda v: Options(style_scale=0), "style's scale must lie between 0.1 and 4"),
    "a tile too small": (lambda v: Options(tile=8), "at least 64 pixels, got 8"),
    "an unknown optimiser": (lambda v: Method(optimiser="sgd"), "no optimiser 'sgd'; there are: adam, l-bfgs"),
    "a step of nothing": (lambda v: Method(step_size=0.0), "step size must lie above 0"),
    "a step that is no number": (lambda v: Method(step_size=float("nan")), "step size must lie above 0"),
    "a warm-up of less than nothing": (lambda v: Method(warm_up=-1), "steps to warm up in must be a number from 0 up"),
    "an average of all": (lambda v: Method(average=1.0), r"must lie in \[0, 1\)"),
    "a start of another size": (
        lambda v: gatys.paint(v, CONTENT, STYLE, start=picture(0, 32, 32)),
        "must have the photograph's size",
    ),
    "an unknown start": (lambda v: gatys.paint(v, CONTENT, STYLE, start="style"), "'content', 'noise' or a picture"),
    "no style": (lambda v: gatys.paint(v, CONTENT, []), "no style counts"),
    "an unknown layer to reconstruct from": (
        lambda v: gatys.reconstruct(v, CONTENT, layer="relu9_1", of="content"),
        "no layer 'relu9_1'",
    ),
}


@pytest.mark.parametrize(("ask", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_painted_is_refused_before_any_work(vgg: VGG19, ask: Callable[[VGG19], object], reason: str):
    with pytest.raises(ValueError, match=reason):
        ask(vgg)


def test_steps_that_are_done_are_not_done_again(vgg: VGG19):
    done = last(gatys.paint(vgg, CONTENT, STYLE, options=SHORT))
    with pytest.raises(ValueError, match="6 steps are done already: ask for more to go on"):
        gatys.paint(vgg, CONTENT, STYLE, options=SHORT, resume=done.state)
