"""A class of 200 phones in one room: `python -m benchmarks.room [--quick]`.

The app runs in its own process. Measured are the time from the teacher's step until the last phone has it, and from an
answer until the screen's bars hold it. In the middle of an answer the server is killed with -9 and started again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks import app_http
from benchmarks.report import Figure, percentile, print_report
from benchmarks.votes.storm import DISK
from evaluation.qualitative.store import class_votes
from evaluation.qualitative.store.store import Store
from tests.support.app_server import OWNER_TOKEN, AppProcess, app_process

PHONES = 200
WITHIN_S = 4.0  # a class answers a question over some seconds
PATIENCE_S = 90.0
RETRY_S = 0.5
LINE = 1 << 20
CHOICES = {"gan": 4, "mode-collapse": 6, "real-or-fake": 17}  # questions, and how many answers each has


@dataclass
class Lesson:
    """What the teacher, the screen and the phones saw.

    Attributes:
        steps: for each step, seconds until each phone had it.
        answers: for each answer, seconds until the screen held it.
        sent: by question, what each phone answered and had acknowledged.
        errors: replies that were no acknowledgement.
        restart_s: from the kill until all phones listened again.
    """

    steps: list[list[float]] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    restart_s: float = 0.0


class RoomStream:
    """A stream of a room's states, which connects again as a browser does."""

    def __init__(self, port: int, path: str) -> None:
        self.arrived: dict[str, float] = {}  # view: when it came last
        self.counts: list[tuple[float, str, int]] = []  # when, view, answers
        self.listening = asyncio.Event()
        self._port, self._path = port, path
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                async for state in self._states():
                    now = time.perf_counter()
                    self.arrived[state["view"]] = now
                    if "answers" in state:
                        self.counts.append((now, state["view"], state["answers"]))
                    self.listening.set()
            except (OSError, asyncio.IncompleteReadError, ValueError):
                pass
            self.listening.clear()
            await asyncio.sleep(RETRY_S)

    async def _states(self) -> AsyncIterator[dict[str, Any]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=LINE)
        try:
            writer.write(f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
        finally:
            writer.close()


async def teach(app: AppProcess, client: httpx.AsyncClient, rounds: int) -> Lesson:
    """Give the lesson: `rounds` times through the questions, with a restart of the server in the middle."""
    lesson = Lesson()

    async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        reply = await client.post(path, json=body)
        reply.raise_for_status()
        return dict(reply.json())

    key = await post("/teach/open", {"token": OWNER_TOKEN})
    screen_token = (await post("/teach/state", key))["screen"]
    room = (await post("/class/join", {"code": key["code"]}))["room"]
    phones = [RoomStream(app.port, f"/class/rooms/{room}/events") for _ in range(PHONES)]
    screen = RoomStream(app.port, f"/class/screens/{screen_token}/events")
    await asyncio.wait_for(asyncio.gather(*(phone.listening.wait() for phone in phones)), PATIENCE_S)

    async def step(view: str) -> None:
        begun = time.perf_counter()
        for phone in phones:
            phone.arrived.pop(view, None)
        await post("/teach/move", {**key, "to": view})
        while not all(view in phone.arrived for phone in phones):
            if time.perf_counter() - begun > PATIENCE_S:
                lesson.errors.append(f"{view} did not reach all phones")
                return
            await asyncio.sleep(0.01)
        lesson.steps.append([phone.arrived[view] - begun for phone in phones])

    async def answer(number: int, question: str) -> tuple[float, float]:
        await asyncio.sleep(random.uniform(0, WITHIN_S))  # noqa: S311 - no secret
        choice = str(1 + number % (CHOICES[question] - 1))
        rater = f"phone-of-the-class-{number:04}"
        body = {"rater": rater, "question": question, "choice": choice, "response_ms": 2_000}
        begun = time.perf_counter()
        while time.perf_counter() - begun < PATIENCE_S:
            try:
                reply = await client.post(f"/class/rooms/{room}/answer", json=body)
            except httpx.TransportError:
                await asyncio.sleep(RETRY_S)  # as the page does, which keeps the answer
                continue
            if reply.status_code >= 500:  # the server has just come back: the page keeps the answer here too
                await asyncio.sleep(RETRY_S)
                continue
            if reply.status_code == 200:
                lesson.sent.setdefault(question, {})[rater] = choice
                return begun, time.perf_counter()
            lesson.errors.append(reply.text[:200])
            break
        return begun, float("nan")

    for number in range(rounds):
        for question in CHOICES:
            await step(f"{question}:slide")
            if number:  # the class has answered it
                continue
            await step(f"{question}:question")
            storm = asyncio.gather(*(answer(phone, question) for phone in range(PHONES)))
            if question == "mode-collapse":
                await asyncio.sleep(WITHIN_S / 2)
                begun = time.perf_counter()
                for phone in phones:
                    phone.listening.clear()
                app.kill()
                await asyncio.to_thread(app.start)
                await storm
                await asyncio.wait_for(asyncio.gather(*(phone.listening.wait() for phone in phones)), PATIENCE_S)
                lesson.restart_s = time.perf_counter() - begun
            else:
                times = sorted(await storm, key=lambda sent: sent[1])
                await asyncio.sleep(1.0)
                arrived = [(at, count) for at, view, count in screen.counts if view == f"{question}:question"]
                for place, (begun, _) in enumerate(times, 1):
                    on_screen = next((at for at, count in arrived if count >= place), float("inf"))
                    lesson.answers.append(on_screen - begun)
            await step(f"{question}:truth")
    for listener in (*phones, screen):
        await listener.close()
    return lesson


def measure(rounds: int) -> tuple[Lesson, Counter[str]]:
    """Give a lesson in a fresh app; return it and how its answers were stored."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="room-") as name:
        with app_process(Path(name)) as app:

            async def lesson() -> Lesson:
                async with app_http.client(app.url, patience_s=PATIENCE_S, kept=PHONES) as client:
                    return await teach(app, client, rounds)

            result = asyncio.run(lesson())
        return result, audit(f"sqlite:///{name}/votes.sqlite3", result)


def audit(database: str, lesson: Lesson) -> Counter[str]:
    """Compare what was acknowledged with what is stored."""
    store = Store(database)
    (room,) = class_votes.open_rooms(store, now=datetime.now(UTC))
    rows = store.results(class_votes.study(room.id))
    store.close()
    wrong: Counter[str] = Counter()
    for question, sent in lesson.sent.items():
        stored = rows[rows["item"] == question]
        wrong["lost"] += len(sent) - stored["rater"].nunique()
        wrong["twice"] += len(stored) - stored["rater"].nunique()
        expected = Counter(sent.values())
        wrong["changed"] += sum((expected - Counter(stored["choice"])).values())
    return wrong


def main() -> None:
    """Measure, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer steps")
    rounds = 4 if parser.parse_args().quick else 12
    lesson, wrong = measure(rounds)
    for error, count in Counter(lesson.errors).most_common(3):
        print(f"{count} times: {error}")
    last = [max(times) for times in lesson.steps]
    print(f"The server was away for {lesson.restart_s:.1f} s until all {PHONES} phones listened again.")
    figures = [
        Figure("step_to_last_phone_p95", percentile(last), 1.0),
        Figure("answer_to_screen_p95", percentile(lesson.answers), 1.0),
        Figure("lost", wrong["lost"], 0),
        Figure("twice", wrong["twice"], 0),
        Figure("changed", wrong["changed"], 0),
        Figure("errors", len(lesson.errors), 0),
    ]
    print_report(
        f"{PHONES} phones in a room", {"step to the last phone": last, "answer to the screen": lesson.answers}, figures
    )


if __name__ == "__main__":
    main()
