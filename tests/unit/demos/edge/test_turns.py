"""Readers of results go on one at a time, whatever becomes of the one before; everything else is not held up."""

import asyncio
from dataclasses import replace

from starlette.types import Message, Receive, Scope, Send

from demos.edge import turns
from demos.edge.turns import BALLOTS, READING, Lane, Turns
from demos.just_look import tab as just_look
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from serving.local import LocalEngine
from serving.web.addresses import API

RESULTS, VOTE, BALLOT = (f"{API}/run/rating_{action}" for action in ("results", "answer", "open"))


class App:
    """Answers when it is told to, and counts who is inside."""

    def __init__(self) -> None:
        self.inside: list[int] = []
        self.may_answer = [asyncio.Event() for _ in range(10)]
        self.finished = [asyncio.Event() for _ in range(10)]
        self.leaves: set[int] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = scope["number"]
        self.inside.append(number)
        if number in self.leaves:
            await asyncio.to_thread(turns.leave)
        await self.may_answer[number].wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.finished[number].wait()


async def nothing() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


class Visitors:
    """Requests through the turns."""

    def __init__(self, *lanes: Lane) -> None:
        self.app = App()
        self.turns = Turns(self.app, lanes=lanes or (READING, BALLOTS))
        self.sent: dict[int, list[Message]] = {}

    def come(self, number: int, path: str = RESULTS) -> asyncio.Task[None]:
        self.sent[number] = []

        async def send(message: Message) -> None:
            self.sent[number].append(message)

        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "number": number}
        return asyncio.create_task(self.turns(scope, nothing, send))

    async def inside(self, *numbers: int) -> bool:
        """Wait until exactly these have come to the app, in this order."""
        while len(self.app.inside) < len(numbers):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        return self.app.inside == list(numbers)


def test_readers_go_on_one_at_a_time_and_a_vote_at_once():
    async def come() -> None:
        visitors = Visitors()
        readers = [visitors.come(number) for number in range(3)]
        assert await visitors.inside(0)
        vote = visitors.come(9, VOTE)
        assert await visitors.inside(0, 9), "it does not wait for any reader"

        visitors.app.may_answer[0].set()  # a slow connection: the answer has begun and does not end
        assert await visitors.inside(0, 9, 1)
        visitors.app.leaves.add(2)
        readers[1].cancel()  # it broke off
        assert await visitors.inside(0, 9, 1, 2)
        another = visitors.come(3)
        assert await visitors.inside(0, 9, 1, 2, 3), "the one before waits for something else, and has left its turn"

        for task in (*readers, vote, another):
            task.cancel()
        await asyncio.gather(*readers, vote, another, return_exceptions=True)
        last = visitors.come(4)
        assert await visitors.inside(0, 9, 1, 2, 3, 4), "the turn is not lost"
        last.cancel()

    asyncio.run(come())


def test_a_reader_who_left_while_waiting_is_passed_over():
    async def come() -> None:
        visitors = Visitors()
        readers = [visitors.come(number) for number in range(3)]
        assert await visitors.inside(0)
        readers[1].cancel()
        visitors.app.may_answer[0].set()
        assert await visitors.inside(0, 2)

    asyncio.run(come())


def test_whoever_has_left_takes_no_place_in_the_line():
    async def come() -> None:
        visitors = Visitors(replace(READING, most_waiting=1))
        readers = [visitors.come(number) for number in range(2)]
        assert await visitors.inside(0)
        readers[1].cancel()
        await asyncio.gather(readers[1], return_exceptions=True)
        visitors.come(2)
        assert await visitors.inside(0)
        assert visitors.sent[2] == [], "it waits, and is not refused"
        visitors.app.may_answer[0].set()
        assert await visitors.inside(0, 2)

    asyncio.run(come())


def test_a_reader_too_many_is_refused_with_a_sentence():
    async def come() -> None:
        visitors = Visitors(replace(READING, most_waiting=1))
        for number in range(3):
            visitors.come(number)
        assert await visitors.inside(0)
        start, body = visitors.sent[2]
        assert start["status"] == 503
        assert b"try again in a minute" in body["body"]

    asyncio.run(come())


def test_some_ballots_are_drawn_at_once_and_one_too_many_is_refused_before_the_app_sees_it():
    async def come() -> None:
        visitors = Visitors(READING, replace(BALLOTS, at_once=2, most_waiting=1))
        raters = [visitors.come(number, BALLOT) for number in range(3)]
        assert await visitors.inside(0, 1)
        await visitors.come(3, BALLOT)
        start, body = visitors.sent[3]
        assert start["status"] == 503
        assert b"What you have answered counts" in body["body"]
        visitors.come(4, VOTE)
        visitors.come(5, RESULTS)
        assert await visitors.inside(0, 1, 4, 5), "votes and readers of results wait for no ballot"

        visitors.app.may_answer[1].set()
        assert await visitors.inside(0, 1, 4, 5, 2)
        raters[0].cancel()
        await asyncio.sleep(0)
        raters.append(visitors.come(6, BALLOT))
        assert await visitors.inside(0, 1, 4, 5, 2, 6), "whoever leaves gives the turn back"
        for task in raters:
            task.cancel()
        await asyncio.gather(*raters, return_exceptions=True)
        for number in (7, 8):
            visitors.come(number, BALLOT)
        assert await visitors.inside(0, 1, 4, 5, 2, 6, 7, 8), "no turn is lost"

    asyncio.run(come())


def test_leaving_outside_a_request_does_nothing():
    turns.leave()


def test_the_actions_that_take_turns_are_those_of_readers(store: Store):
    page = just_look.build(LocalEngine(), store, StudyLibrary())
    offered = {f"{API}/run/{action['api_name']}" for action in page.config["dependencies"]}
    voting = {f"{API}/run/rating_{name}" for name in ("open", "act", "questions", "ahead", "answer", "change", "last")}
    voting |= {f"{API}/run/{name}" for name in ("next_ballot", "cast_vote", "skip")}

    assert READING.paths | BALLOTS.paths | voting <= offered
    assert not READING.paths & voting
    assert BALLOTS.paths <= voting
    assert VOTE not in BALLOTS.paths
