"""A light network that paints any photo in any style in one pass, made for CPUs.

Two things need no learning: the photo takes the painting's colours (`colour.moved`, section 4.1 of Gatys et al., 2016),
and the painting's own brush strokes, all that is finer in it than a few pixels, are at hand to be laid over it. Both
photo and strokes are parted into bands from fine to coarse. The network says, place by place and band by band, how much
of the photo's detail stays and how strongly the strokes are laid, and adds what is missing. A small encoder reduces the
painting to a code, the means and deviations of its features, and the code sets scale and shift of every instance
normalisation in the painter (conditional instance normalisation: Dumoulin et al., ICLR 2017; predicted for styles never
seen: Ghiasi et al., BMVC 2017). The painter works at a quarter and an eighth of the picture's size. `python -m
training.light` trains it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models import colour
from models.adain import EPS, moments, proportions
from models.pretrained import Pretrained

BLOCK = 4  # pixels a side that one place of the painter's first layer stands for
MULTIPLE = 2 * BLOCK  # what the painter needs sizes to be a multiple of
MOST = 2.5  # times that colouring strengthens a contrast, at most
BANDS = 3  # of details: finer than 2, 4 and 8 pixels
DEEPEST = 0.15  # of white: a stroke's contrast at most, or outlines of what is painted would be laid over the photo too
SQUARE = 32  # pixels a side of the squares that change places
LAID = 1.2  # the strokes' weight where the network lays them most strongly; before training half of it everywhere
STEEP = 8.0  # by how much the weights follow what the network says of them: they learn that much sooner
MIN_SIDE = MULTIPLE + 1  # pixels of a content: two places at an eighth have a deviation
ENCODED = 32  # pixels a side that the encoder needs for the same


class Look(NamedTuple):
    """All that the painter wants of a style: worth caching.

    Args:
        code: `(1, D)`, what its strokes are like.
        mean: `(1, 3, 1, 1)`, of its colours in [0, 1].
        covariance: `(3, 3)`, of its colours, float64.
        strokes: `(1, 3, H, W)`, scattered, around 0.
    """

    code: Tensor
    mean: Tensor
    covariance: Tensor
    strokes: Tensor


class Conditional(nn.Module):
    """Instance normalisation whose scale and shift a style's code sets."""

    def __init__(self, code: int, channels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(code, 2 * channels)
        nn.init.normal_(self.linear.weight, std=0.02)
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Return `(B, C, H, W)` of the same, and codes `(B, D)`."""
        scale, shift = self.linear(code)[..., None, None].chunk(2, dim=1)
        if len(x) == 1:  # then a batch's normalisation is an instance's, and the quicker one
            return F.batch_norm(x, None, None, 1 + scale.flatten(), shift.flatten(), training=True, eps=EPS)
        mean, std = moments(x)
        gain = (1 + scale) / std
        return torch.addcmul(shift - gain * mean, x, gain)


class Residual(nn.Module):
    """Two convolutions beside a path around them."""

    def __init__(self, code: int, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([Conditional(code, channels), Conditional(code, channels)])

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Return `(B, C, H, W)` of the same."""
        y = F.relu(self.norms[0](self.first(x), code))
        return x + self.norms[1](self.second(y), code)


class Encoder(nn.Module):
    """A style's code: the means and deviations of three layers, mixed."""

    def __init__(self, code: int, width: int) -> None:
        super().__init__()
        widths = (width, 2 * width, 3 * width)
        inner = 3 * BLOCK**2
        self.layers = nn.ModuleList()
        for i, outer in enumerate(widths):
            self.layers.append(nn.Conv2d(inner, outer, 3, stride=1 if i == 0 else 2, padding=1))
            inner = outer
        self.mix = nn.Sequential(nn.Linear(2 * sum(widths), code), nn.ReLU(), nn.Linear(code, code))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return codes `(B, D)` of pictures `(B, 3, H, W)` in [0, 1]."""
        x = F.pixel_unshuffle(_whole(pictures, BLOCK), BLOCK) - 0.5
        found: list[Tensor] = []
        for layer in self.layers:
            x = F.relu(layer(x))
            found.extend(part.flatten(1) for part in moments(x))
        return self.mix(torch.cat(found, dim=1))


class LightStyle(Pretrained, pipeline_tag="image-to-image", tags=["style-transfer"]):
    """The network.

    Args:
        width: channels at a quarter of the size; twice as many at an eighth.
        blocks: residual blocks at an eighth of the size.
        code: numbers that a style's strokes are reduced to.
    """

    architecture = "light-style"

    def __init__(self, *, width: int = 64, blocks: int = 2, code: int = 128) -> None:
        super().__init__()
        pixels = 3 * BLOCK**2
        self.encoder = Encoder(code, width)
        self.enter = nn.Conv2d(2 * pixels, width, 3, padding=1, bias=False)
        self.down = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=False)
        self.body = nn.ModuleList(Residual(code, 2 * width) for _ in range(blocks))
        self.up = nn.Conv2d(2 * width, width, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(Conditional(code, channels) for channels in (width, 2 * width, width))
        self.leave = nn.Conv2d(width, pixels, 3, padding=1)
        self.weigh = nn.Conv2d(width, 2 * BANDS, 3, padding=1)
        for parameter in (*self.leave.parameters(), *self.weigh.parameters()):
            nn.init.zeros_(parameter)  # before it has learnt anything it lays strokes evenly

    def forward(self, pictures: Tensor, strokes: Tensor, code: Tensor) -> Tensor:
        """Paint pictures `(B, 3, H, W)` in [0, 1] that have the style's colours already, H and W multiples of 8.

        Args:
            pictures: what to paint.
            strokes: what to lay over them, of the same shape, as `strokes` makes it.
            code: `(B, D)`, of the styles.

        Returns:
            Pictures of the same size, roughly in [0, 1].
        """
        seen = torch.cat([pictures - 0.5, strokes - _blurred(strokes, BANDS)], dim=1)
        seen = F.pixel_unshuffle(seen, BLOCK)
        fine = F.relu(self.norms[0](self.enter(seen), code), inplace=True)
        del seen  # each of these is a gigabyte's fifth for a large photograph
        x = F.relu(self.norms[1](self.down(fine), code), inplace=True)
        for block in self.body:
            x = block(x, code)
        x = self.up(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        x = F.relu(fine + self.norms[2](x, code), inplace=True)
        del fine
        weights = torch.sigmoid(STEEP * self.weigh(x))
        painted = pictures + F.pixel_shuffle(self.leave(x), BLOCK)
        del x
        lays, keeps = weights.split(1, dim=1)[:BANDS], weights.split(1, dim=1)[BANDS:]
        for stroke, own, laid, kept in zip(bands(strokes), bands(pictures), lays, keeps, strict=True):
            painted = torch.addcmul(painted, stroke, _enlarged(laid), value=LAID)
            painted = torch.addcmul(painted, own, 2 * _enlarged(kept) - 1)
        return painted


def look(network: LightStyle, style: Tensor) -> Look:
    """Reduce a style picture `(1, 3, H, W)` in [0, 1] to what the painter wants; a tiny one is enlarged first."""
    mean, covariance = colour.statistics(style)
    fine = strokes(style)
    if (scale := ENCODED / min(style.shape[-2:])) > 1:
        style = F.interpolate(style, scale_factor=scale, mode="bilinear")
    return Look(network.encoder(style), mean, covariance, fine)


def mix(styles: Sequence[Look], weights: Sequence[float]) -> Look:
    """Interpolate looks: a weighted mean of their codes and colours; only the weights' proportions count.

    Raises:
        ValueError: the counts differ, a weight is negative or not finite, or all are zero.
    """
    shares = proportions(weights, count=len(styles))
    height, width = (max(style.strokes.shape[side] for style in styles) for side in (-2, -1))
    whole = [style._replace(strokes=spread(style.strokes, height, width)) for style in styles]
    parts = zip(*whole, strict=True)
    return Look(*(sum(share * one for share, one in zip(shares, part, strict=True)) for part in parts))


def restyle(network: LightStyle, content: Tensor, style: Look, *, strength: float = 1.0) -> Tensor:
    """Paint a picture in a style.

    Args:
        network: the network.
        content: `(1, 3, H, W)` in [0, 1], at least `MIN_SIDE` pixels a side.
        style: as `look` returns it.
        strength: 0 keeps the content's own colours and strokes, 1 takes the style's; in between they blend.

    Returns:
        A picture of the content's size in [0, 1].

    Raises:
        ValueError: `strength` is outside [0, 1].
    """
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength must lie in [0, 1], got {strength}")
    height, width = content.shape[-2:]
    start = _whole(coloured(content, style.mean, style.covariance), MULTIPLE)
    laid = spread(style.strokes, start.shape[-2], start.shape[-1])
    painted = network(start, laid, style.code)[..., :height, :width]
    return torch.lerp(content, painted, strength).clamp(0, 1)


def coloured(content: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
    """Give a picture `(1, 3, H, W)` a painting's colours, as the painter wants it; see `Look`."""
    return colour.moved(content, mean, covariance, most=MOST)


def bands(pictures: Tensor) -> Iterator[Tensor]:
    """Part what is fine in pictures `(B, 3, H, W)` into bands of that shape, around 0; the finest first."""
    before = pictures
    for level in range(1, BANDS + 1):
        blurred = _blurred(pictures, level)
        yield before - blurred
        before = blurred


def strokes(style: Tensor) -> Tensor:
    """The brush strokes of paintings `(B, 3, H, W)`: what is fine, its contrast limited, and scattered.

    Squares that overlap by half change places by a fixed order, so that strokes stay and shapes dissolve.
    """
    fine = torch.zeros_like(style)
    for band in bands(style):
        fine += DEEPEST * torch.tanh(band / DEEPEST)
    return fine if min(style.shape[-2:]) < SQUARE else _scattered(fine)


def _blurred(pictures: Tensor, level: int) -> Tensor:
    small = F.avg_pool2d(pictures, 2**level, ceil_mode=True)
    return F.interpolate(small, pictures.shape[-2:], mode="bilinear")


def _scattered(fine: Tensor) -> Tensor:
    size, half = fine.shape[-2:], SQUARE // 2
    fine = F.pad(fine, (0, -size[1] % SQUARE, 0, -size[0] % SQUARE), mode="replicate")
    window = torch.hann_window(SQUARE, device=fine.device)
    energy = (window**2 + window.roll(half) ** 2).sqrt().repeat(max(fine.shape[-2:]) // SQUARE)
    random = torch.Generator().manual_seed(0)
    result = torch.zeros_like(fine)
    for shift in ((0, 0), (0, half), (half, 0), (half, half)):
        rolled = fine.roll(shift, (-2, -1))
        squares = rolled.unflatten(-2, (-1, SQUARE)).unflatten(-1, (-1, SQUARE))  # (B, 3, h, S, w, S)
        rows = squares.permute(2, 4, 0, 1, 3, 5).flatten(0, 1)  # (h * w, B, 3, S, S)
        moved = rows[torch.randperm(len(rows), generator=random).to(fine.device)] * (window[:, None] * window)
        back = moved.view(squares.shape[2], squares.shape[4], *moved.shape[1:]).permute(2, 3, 0, 4, 1, 5)
        result += back.reshape(fine.shape).roll((-shift[0], -shift[1]), (-2, -1))
    whole = result / (energy[: fine.shape[-2], None] * energy[: fine.shape[-1]])  # as strong as before
    return whole[..., : size[0], : size[1]]


def spread(strokes: Tensor, height: int, width: int) -> Tensor:
    """Cover `height` × `width` pixels with strokes `(B, 3, H, W)`, mirrored at their borders as often as it takes."""
    for side, wanted in ((-2, height), (-1, width)):
        have = strokes.shape[side]
        if wanted > have:
            index = torch.arange(wanted, device=strokes.device) % (2 * have)
            strokes = strokes.index_select(side, torch.minimum(index, 2 * have - 1 - index))
    return strokes[..., :height, :width]


def _enlarged(weights: Tensor) -> Tensor:
    return F.interpolate(weights, scale_factor=float(BLOCK), mode="bilinear")


def _whole(pictures: Tensor, multiple: int) -> Tensor:
    """Repeat the last row and column until the size is a multiple."""
    height, width = pictures.shape[-2:]
    right, below = -width % multiple, -height % multiple
    return F.pad(pictures, (0, right, 0, below), mode="replicate") if right or below else pictures
