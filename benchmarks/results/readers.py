"""How long a vote takes while others withdraw, read and export: `python -m benchmarks.results.readers [--quick]`.

The app runs in its own process on a SQLite database with 50,000 votes. The peer is the same app with nobody else on it.
Three people vote without a pause, so the cores are never idle.
`--root` measures another checkout, for a comparison with an earlier state.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import sqlalchemy as sa

from benchmarks import app_http
from benchmarks.report import Figure, print_report
from evaluation.qualitative.ballot import Choice, Vote, new_rater
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, connect, votes, writing
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading
from tests.support.app_server import ROOT, running_app

STUDY = "digits-by-training-step"
OTHERS = ("variety", "gan-recipes", "mode-collapse", "emoji-by-width")
VOTES, VOTES_EACH = 50_000, 50
VOTERS, READERS, WITHDRAWING = 3, 60, 3
PATIENCE_S = 120.0
AT_ONCE = 2_000


def fill(url: str, *, number: int) -> None:
    """Store so many votes on the study, 50 of each rater."""
    Store(url).close()
    study, rng = reading.read(STUDY), random.Random(1)  # noqa: S311 - nobody's answers
    engine = connect(url)
    raters = [new_rater() for _ in range(-(-number // VOTES_EACH))]
    templates = [draw(study, rater=raters[0], rng=rng) for _ in range(AT_ONCE)]
    for start in range(0, number, AT_ONCE):
        issued = [
            replace(template, id=f"{start + k:032x}", rater=raters[(start + k) // VOTES_EACH])
            for k, template in enumerate(templates[: number - start])
        ]
        cast = [
            Vote(
                ballot=ballot,
                choice=rng.choice((Choice.LEFT, Choice.RIGHT, Choice.TIE)),
                response_ms=rng.randint(600, 9_000),
                cast_at=ballot.issued_at,
                reason="",
                revision=0,
            )
            for ballot in issued
        ]
        with writing(engine).begin() as connection:
            connection.execute(sa.insert(ballots), [rows.ballot_row(ballot) for ballot in issued])
            connection.execute(sa.insert(votes), [rows.vote_row(vote) for vote in cast])
    engine.dispose()
    Path(f"{engine.url.database}.jsonl").unlink()  # the app writes a journal of all rows when it starts


class Crowd:
    """Clients of a running app."""

    def __init__(self, client: httpx.AsyncClient, site: str, until: float) -> None:
        """Take the client, the address of the app, and the end of the crowd's patience."""
        self._client, self._site, self._until = client, site, until
        self.cycles: list[float] = []
        self.others = 0
        self.bytes = 0

    async def call(self, action: str, *data: Any) -> Any:
        """Return the answer of an action; an error of the app ends the measurement."""
        answer = await self._client.post(f"run/{action}", json={"data": data})
        answer.raise_for_status()
        self.bytes += len(answer.content)
        return answer.json()["data"][0]

    async def vote(self) -> None:
        """Vote until the end, and note how long a ballot and its answer take together."""
        rater = ""
        while (begun := time.perf_counter()) < self._until:
            ballot = await self.call("next_ballot", rater, STUDY)
            rater = ballot["rater"]
            await self.call("cast_vote", ballot["ballot"], "left", rater, 1_200, None, False)
            self.cycles.append(time.perf_counter() - begun)

    async def withdraw(self) -> None:
        """Begin and withdraw until the end."""
        while time.perf_counter() < self._until:
            ballot = await self.call("next_ballot", "", STUDY)
            await self.call("rating_act", STUDY, ballot["rater"], "withdraw")
            self.others += 1

    async def read(self, study: str) -> None:
        """Read the results of a study until the end."""
        while time.perf_counter() < self._until:
            await self.call("rating_results", study, "", True)
            self.others += 1

    async def export(self) -> None:
        """Export all votes until the end, from their address, or as an answer of the API where there is none yet."""
        while time.perf_counter() < self._until:
            async with self._client.stream("GET", f"{self._site}/rating/export/{STUDY}/csv") as answer:
                if answer.status_code == 404:
                    await self.call("rating_export", STUDY, "csv", "", True)
                else:
                    answer.raise_for_status()
                    async for piece in answer.aiter_bytes():
                        self.bytes += len(piece)
            self.others += 1


Beside = Callable[[Crowd], list[Coroutine[Any, Any, None]]]
BESIDE: dict[str, Beside] = {
    "nobody else": lambda _: [],
    "three who begin and withdraw": lambda crowd: [crowd.withdraw() for _ in range(WITHDRAWING)],
    "sixty who read results": lambda crowd: [
        crowd.read(study) for study, _ in zip(itertools.cycle((STUDY, *OTHERS)), range(READERS), strict=False)
    ],
    "four who export": lambda crowd: [crowd.export() for _ in range(4)],
}
BESIDE["all of them"] = lambda crowd: [each for beside in list(BESIDE.values())[:4] for each in beside(crowd)]


async def gathered(url: str, seconds: float, tasks: Beside) -> Crowd:
    """Let a crowd do something for some seconds."""
    async with app_http.client(f"{url}/gradio_api/", patience_s=PATIENCE_S, kept=0) as client:
        crowd = Crowd(client, url, time.perf_counter() + seconds)
        await asyncio.gather(*tasks(crowd))
    return crowd


def others(url: str, title: str, seconds: float, counts: Connection) -> None:
    """Be the crowd beside the voters, in a process of its own: its work is none of theirs."""
    crowd = asyncio.run(gathered(url, seconds, BESIDE[title]))
    counts.send((crowd.others, crowd.bytes))


def measure(url: str, title: str, seconds: float) -> tuple[list[float], int, int]:
    """Let voters vote for some seconds beside a crowd.

    Returns:
        Seconds of each ballot with its answer, and how many answers and bytes the crowd got.
    """
    ours, theirs = Pipe()
    process = get_context("fork").Process(target=others, args=(url, title, seconds, theirs))
    process.start()
    voters = asyncio.run(gathered(url, seconds, lambda crowd: [crowd.vote() for _ in range(VOTERS)]))
    theirs.close()
    answers, received = ours.recv()
    process.join()
    return voters.cycles, answers, received


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.results.readers", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="ten seconds each instead of thirty")
    parser.add_argument("--votes", type=int, default=VOTES, help="in the database at the start")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to run")
    options = parser.parse_args()
    cycles, lines = {}, []
    with tempfile.TemporaryDirectory(prefix="readers-") as name:
        folder = Path(name)
        fill(f"sqlite:///{folder}/votes.sqlite3", number=options.votes)
        with running_app(folder, root=options.root) as url:
            measure(url, "nobody else", 3.0)  # warm-up
            for title in BESIDE:
                cycles[title], answers, received = measure(url, title, 10.0 if options.quick else 30.0)
                worst, late = max(cycles[title]), float(np.quantile(cycles[title], 0.95))
                lines.append(
                    f"beside {title}: {len(cycles[title])} votes, 95th percentile {late:.2f} s, worst {worst:.2f} s; "
                    f"the others got {answers:,} answers, {received / 2**20:.0f} MB"
                )
    alone = float(np.median(cycles["nobody else"]))
    names = {title: title.split()[-1] for title in cycles}
    figures = [
        Figure(f"vote_beside_{names[title]}_s", max(seconds), max(2.0, 10 * alone)) for title, seconds in cycles.items()
    ]
    figures += [
        Figure(
            f"vote_p95_over_median_beside_{names[title]}", float(np.quantile(seconds, 0.95) / np.median(seconds)), 3.0
        )
        for title, seconds in cycles.items()
    ]
    print(*lines, sep="\n")
    print_report(f"A ballot and its vote, {options.votes:,} votes in the database", cycles, figures)


if __name__ == "__main__":
    main()
