"""The kinds of visitors: each does what somebody does on one of the tabs, until the time is over."""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assets import samples
from benchmarks.serve.calls import FinalRefusalError, NoAnswerError, Visitor
from benchmarks.votes.ledger import Ledger

STUDY = "digits-by-training-step"
CHOICES = ("left", "right", "tie", "skip")
RETRY_S = (0.5, 1.0, 2.0, 5.0)  # as demos/page/delivery.js
SEEING = ("classify", "detect", "segment", "feature_maps", "machine_made")
PHOTOS = [Path(sample.path) for sample in samples.photos()]
PAINTINGS = [Path(sample.path) for sample in samples.paintings()]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """How a visit goes.

    Attributes:
        until: end of the visit, on `time.perf_counter`.
        pause_s: mean seconds between two actions; visitors look at what they got.
        rng: chooses seeds, pictures and pauses.
    """

    until: float
    pause_s: float
    rng: random.Random

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.perf_counter() >= self.until

    async def look(self) -> None:
        """Look at what came, for half to one and a half times the mean."""
        await asyncio.sleep(self.pause_s * self.rng.uniform(0.5, 1.5))


Kind = Callable[[Visitor, Visit], Awaitable[None]]


def rater(ledger: Ledger, *, most: float = float("inf")) -> Kind:
    """Somebody who votes as the page does: the next pair is fetched while this one is looked at.

    Args:
        ledger: gets the votes.
        most: votes after which the rater leaves.
    """

    async def visit(visitor: Visitor, visit: Visit) -> None:
        link: dict[str, str] = {"fresh": secrets.token_urlsafe(16)}
        state = await _insist(visitor, visit, "a first pair", "rating_open", STUDY, "", link)
        choices = itertools.islice(itertools.cycle(CHOICES), visitor.number % len(CHOICES), None)
        for turn in itertools.count():
            if state is None or visit.over or turn >= most:
                return
            secret, ballot = state["rater"], state["ballot"]["ballot"]
            ahead = asyncio.create_task(_once(visitor, "the next pair", "rating_ahead", STUDY, secret, ballot))
            try:
                await visit.look()
                choice = next(choices)
                ledger.unclear[ballot] = choice
                answer = await _insist(visitor, visit, "a vote", "rating_answer", secret, ballot, choice, 1_200, None)
                if answer is not None:
                    ledger.acknowledged[ballot] = ledger.unclear.pop(ballot)
                following = (await ahead or {}).get("ballot")
            finally:
                ahead.cancel()  # where the rater leaves meanwhile
            if answer is not None and following is not None:
                state = {"rater": secret, "ballot": following}
            else:
                state = await _insist(visitor, visit, "a pair", "rating_open", STUDY, secret, link)

    return visit


def _samples(rng: random.Random) -> list[tuple[str, dict[str, Any]]]:
    seed = rng.randrange(1_000)
    return [
        ("sample", {"seed": seed, "model": "mnist-dcgan"}),
        ("sample", {"seed": seed, "model": "emoji-dcgan", "snapshot": 3}),
        ("move_z", {"seed": seed, "z_1": rng.uniform(-2, 2)}),
        ("truncate", {"seed": seed, "psi": rng.uniform(0, 1)}),
        ("blend", {"share": rng.randrange(101), "model": "painted-eyes", "snapshot": 0}),
        ("timeline", {"seed": seed}),
    ]


async def everything(visitor: Visitor, visit: Visit) -> None:
    """Call each action that the others call, once: all networks are loaded then."""
    for action, values in _samples(visit.rng):
        await visitor.call(f"Generate: {action}", action, **values)
    photo, style = await _sent(visitor, PHOTOS[0]), await _sent(visitor, PAINTINGS[0])
    await visitor.call("Paint: restyle", "restyle", content=photo, style=style, side=384)
    await visitor.call("Paint: painting, 20 steps", "paint", content=photo, style=style, side=192, steps=20)
    for action in SEEING:
        await visitor.call(f"See: {action}", action, picture=photo)
    await reader(visitor, replace(visit, until=time.perf_counter() + 0.1, pause_s=0.1))


async def sampler(visitor: Visitor, visit: Visit) -> None:
    """Somebody on Generate: samples of several generators, blends, walks along z, a map's point."""
    while not visit.over:
        action, values = visit.rng.choice(_samples(visit.rng))
        await _answered(visitor.call(f"Generate: {action}", action, **values))
        await visit.look()


async def stylist(visitor: Visitor, visit: Visit) -> None:
    """Somebody on Paint: a photo of their own with one painting after another, sometimes painted by optimisation."""
    photo = await _answered(_sent(visitor, visit.rng.choice(PHOTOS)))
    while photo and not visit.over:
        style = await _answered(_sent(visitor, visit.rng.choice(PAINTINGS)))
        if style and visit.rng.random() < 0.1:
            values = {"content": photo, "style": style, "side": 192, "steps": 20}
            await _answered(visitor.call("Paint: painting, 20 steps", "paint", **values))
        elif style:
            values = {"content": photo, "style": style, "side": 384, "strength": visit.rng.choice((0.6, 1.0))}
            await _answered(visitor.call("Paint: restyle", "restyle", **values))
        await visit.look()


async def seer(visitor: Visitor, visit: Visit) -> None:
    """Somebody on See: what a network sees in their photo."""
    while not visit.over:
        photo = await _answered(_sent(visitor, visit.rng.choice(PHOTOS)))
        if photo:
            action = visit.rng.choice(SEEING)
            await _answered(visitor.call(f"See: {action}", action, picture=photo))
        await visit.look()


async def reader(visitor: Visitor, visit: Visit) -> None:
    """Somebody who opens the page and the lecture."""
    while not visit.over:
        for path in ("/", "/theme.css", "/lecture", "/config"):
            await _answered(visitor.get(f"page {path}", path))
        await visit.look()


async def trainer(visitor: Visitor, visit: Visit) -> None:
    """Somebody who trains a GAN live for a few seconds."""
    while not visit.over:
        values = {"seconds": 5, "seed": visit.rng.randrange(1_000)}
        await _answered(visitor.call("Generate: train live, 5 s", "train_live", **values))
        await visit.look()


async def vandal(visitor: Visitor, visit: Visit) -> None:
    """Somebody who uploads what is no picture and has it painted, looked at and checked."""
    while not visit.over:
        name = visit.rng.choice(("photo.png", "photo.jpg", "film.mp4", "weights.safetensors", "x", "a.html"))
        content = visit.rng.randbytes(visit.rng.randrange(1, 200_000))
        if visit.rng.random() < 0.5:  # begins as a picture does
            whole = visit.rng.choice(PHOTOS).read_bytes()
            content = whole[: visit.rng.randrange(10, len(whole))]
        file = await _answered(visitor.upload("garbage: upload", name, content))
        action, place = visit.rng.choice(
            (("restyle", "content"), ("classify", "picture"), ("restyle_video", "film"), ("check_file", "file"))
        )
        if file:
            await _answered(visitor.call(f"garbage: {action}", action, **{place: file}))
        await visit.look()


def kinds(ledger: Ledger) -> dict[str, Kind]:
    """All kinds of visitors who come and go on, by the name of their tab or of what they do.

    Args:
        ledger: gets the votes.
    """
    return {
        "Vote": rater(ledger),
        "Generate": sampler,
        "Paint": stylist,
        "See": seer,
        "live training": trainer,
        "page": reader,
        "garbage": vandal,
    }


async def _sent(visitor: Visitor, path: Path) -> dict[str, Any]:
    return await visitor.upload("upload", path.name, path.read_bytes())


async def _answered(request: Awaitable[Any]) -> Any:
    """The answer; None where there is none, which is counted already."""
    try:
        return await request
    except NoAnswerError:
        return None


async def _once(visitor: Visitor, kind: str, action: str, *data: Any) -> Any:
    return await _answered(visitor.run(kind, action, *data))


async def _insist(visitor: Visitor, visit: Visit, kind: str, action: str, *data: Any) -> Any:
    """Call until there is an answer, as the page does; None if it is refused, or the time is over before."""
    for attempt in itertools.count():
        try:
            return await visitor.run(kind, action, *data)
        except FinalRefusalError:
            return None
        except NoAnswerError:
            if visit.over:
                return None
        await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
    return None
