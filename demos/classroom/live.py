"""The rooms of this process: their state as the store has it, and the streams that wait for its next change.

A room lives in one process. The store is written first, so a restart in the middle goes on from it; phones and screens
connect again by themselves and get the whole state, never a difference.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from demos.classroom import events, pictures
from evaluation.qualitative.ballot import rater_id
from evaluation.qualitative.results.export import export
from evaluation.qualitative.store import class_votes
from evaluation.qualitative.store.class_votes import ClassVote, StoredRoom
from evaluation.qualitative.store.events import withdraw
from evaluation.qualitative.store.store import Store
from lecture import path
from lecture.classroom import questions, room
from lecture.classroom.questions import AskedQuestion
from lecture.classroom.room import ClassError, RoomState, View
from lecture.path import Lecture
from serving.engine import Engine

T = TypeVar("T")

HEARTBEAT_S = 15.0  # a comment, so that no proxy closes a quiet stream
SCREEN_S = 0.1  # a screen gets at most ten states a second
THREADS = 24  # of our own: Gradio's own work never keeps a class waiting
TRIES = 10


class UnknownRoomError(ClassError):
    """There is no such room, or not any more."""


@dataclass(eq=False)
class Stream:
    """A phone or a screen that listens; `changed` is set when there is something new to send."""

    screen: bool
    changed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class LiveRoom:
    """A room in this process.

    Attributes:
        stored: as it is in the store.
        state: where the room stands, read from `stored`.
        secret: seeds the draw of its questions.
        answers: by question, and by the rater's id.
        streams: of the phones and screens that listen.
        moving: held while the teacher's move is written.
        asked: the questions as this room gets them, drawn once.
        drawings: by question, the work on its pictures, which ends with the files by their ids, 4 to 124 kB.
        written: the last event for phones, and what it was made of: two hundred phones get the same one.
    """

    stored: StoredRoom
    state: RoomState
    secret: bytes
    answers: dict[str, dict[str, str]]
    streams: set[Stream] = field(default_factory=set)
    moving: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: dict[str, AskedQuestion] = field(default_factory=dict)
    drawings: dict[str, asyncio.Task[dict[str, bytes]]] = field(default_factory=dict)
    written: tuple[RoomState, int, bytes] | None = None

    @property
    def phones(self) -> int:
        """How many phones listen now."""
        return sum(not stream.screen for stream in self.streams)

    @property
    def raters(self) -> set[str]:
        """Ids of all who have answered anything."""
        return set().union(*self.answers.values())

    def counts(self, question: str) -> Counter[str]:
        """How often each answer to a question was given."""
        return Counter(self.answers.get(question, {}).values())


class ClassRooms:
    """Opens rooms, moves them, counts answers, and streams what changes. All methods run in the server's event loop."""

    def __init__(self, store: Store, engine: Engine, lecture: Lecture | None = None) -> None:
        """Begin with the rooms that the store has open.

        Args:
            store: of the votes.
            engine: draws the pictures.
            lecture: the steps; those of `lecture/path.toml` by default.
        """
        self.lecture = lecture or path.lecture()
        self._store = store
        self._engine = engine
        self._rooms: dict[str, LiveRoom] = {}
        self._loading = asyncio.Lock()
        self._loaded = False
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="class")

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run work that waits for the database or the engine."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def open(self) -> LiveRoom:
        """Open a room.

        Raises:
            ClassError: as many rooms as allowed are open.
        """
        await self._load()
        self._forget_ended()
        if len(self._rooms) >= room.MOST_ROOMS:
            raise ClassError("Too many rooms are open on this server: close one, or try again later.")
        now, state = datetime.now(UTC), RoomState()
        for _ in range(TRIES):
            stored = StoredRoom(
                id=secrets.token_hex(12),
                code=room.new_code(),
                opened_at=now,
                ends_at=now + timedelta(hours=hours()),
                state=state.to_json(),
            )
            if await self.in_thread(partial(class_votes.open_room, self._store, stored)):
                break
        else:
            raise ClassError("No free code was found: try again.")
        live = self._living(stored, {})
        self._rooms[stored.id] = live
        return live

    async def by_id(self, identifier: str) -> LiveRoom:
        """Return an open room.

        Raises:
            UnknownRoomError: there is none with this id, or it has ended.
        """
        await self._load()
        live = self._rooms.get(identifier)
        if live is None or _over(live):
            raise UnknownRoomError("This lesson is over, or it never was: ask for a new code.")
        return live

    async def by_code(self, typed: str) -> LiveRoom | None:
        """Return the open room with a code as somebody typed it; None where there is none."""
        await self._load()
        code = room.typed_code(typed)
        rooms = (live for live in self._rooms.values() if live.stored.code == code and not _over(live))
        return next(rooms, None)

    async def by_screen(self, token: str) -> LiveRoom:
        """Return the open room of a screen's address.

        Raises:
            UnknownRoomError: there is none.
        """
        await self._load()
        for live in self._rooms.values():
            if hmac.compare_digest(token.encode(errors="replace"), self.token(live.stored, "screen").encode()):
                return await self.by_id(live.stored.id)
        raise UnknownRoomError("This lesson is over, or it never was: open the screen from the teacher's page.")

    async def stored(self, typed: str) -> StoredRoom | None:
        """Return a room by its code, ended or not; None where there never was one."""
        return await self.in_thread(partial(class_votes.find_room, self._store, code=room.typed_code(typed)))

    def export(self, stored: StoredRoom, form: str) -> bytes:
        """Return all answers of a room as a file; see `evaluation.qualitative.results.export`.

        Raises:
            ExportError: there is no such format.
        """
        return b"".join(export(self._store, class_votes.study(stored.id), form=form))

    def token(self, stored: StoredRoom, purpose: str) -> str:
        """Return a room's secret token for its `teacher`, who moves it, or for its `screen`, which only watches."""
        named = f"class\n{purpose}\n{stored.id}".encode()
        return hmac.new(bytes.fromhex(self._store.key), named, hashlib.sha256).hexdigest()[:40]

    def teaches(self, stored: StoredRoom, token: Any) -> bool:
        """Return whether a token is the room's teacher's."""
        entered = token if isinstance(token, str) else ""
        return hmac.compare_digest(entered.encode(errors="replace"), self.token(stored, "teacher").encode())

    async def move(self, live: LiveRoom, to: str) -> None:
        """Go to another view, store that, and tell all phones and screens.

        Raises:
            ClassError: the room has ended, or there is no such view.
        """
        async with live.moving:
            await self._change(live, room.moved(self.lecture, live.state, to, now=datetime.now(UTC)))
        view = self.view(live)
        if view.step is not None and view.step.question is not None:  # drawn while the slide is explained
            self._drawing(live, view.step.name)

    async def show_bars(self, live: LiveRoom, *, shown_live: bool) -> None:
        """Show the answers on the screen as they come, or only with the truth."""
        async with live.moving:
            await self._change(live, replace(live.state, bars=shown_live))

    async def end(self, live: LiveRoom) -> None:
        """Close a room."""
        async with live.moving:
            await self._change(live, replace(live.state, ended=True))

    async def answer(self, live: LiveRoom, *, question: str, secret: str, choice: str, response_ms: int | None) -> bool:
        """Count an answer, once; return whether it is new.

        Raises:
            ClassError: no answer to this question counts now, or the room is full.
            VoteError: the rater answered otherwise before, or has withdrawn, or a value is malformed.
            StoreUnavailableError: the database does not answer; sending again is safe.
        """
        room.check_takes_answers(self.lecture, live.state, question)
        asked = self.asked(live, question)
        if choice not in {option for option, _ in asked.options}:
            raise ClassError("This is none of the answers: reload the page.")
        rater = rater_id(self._store.key, class_votes.study(live.stored.id), secret)
        raters = live.raters
        if rater not in raters and len(raters) >= room.MOST_PHONES:
            raise ClassError(f"This room has its {room.MOST_PHONES} phones already.")
        vote = ClassVote(
            room=live.stored.id,
            question=question,
            rater=rater,
            choice=choice,
            left=asked.arms[0],
            right=asked.arms[1],
            seeds=asked.arm_seeds,
            expected=asked.expected,
            response_ms=response_ms,
            shown_at=live.state.opened[question],
            digest=path.digest(),
        )
        new = await self.in_thread(partial(class_votes.cast_in_class, self._store, vote))
        live.answers.setdefault(question, {})[rater] = choice
        self._tell(live, phones=False)
        return new

    def own_answer(self, live: LiveRoom, *, question: str, secret: str) -> str | None:
        """Return what a phone answered, for one that was reloaded."""
        rater = rater_id(self._store.key, class_votes.study(live.stored.id), secret)
        return live.answers.get(question, {}).get(rater)

    async def withdraw(self, live: LiveRoom, *, secret: str) -> int:
        """Delete a phone's answers; return how many there were."""
        study = class_votes.study(live.stored.id)
        rater = rater_id(self._store.key, study, secret)
        deleted = await self.in_thread(partial(withdraw, self._store, study, rater=rater))
        for given in live.answers.values():
            given.pop(rater, None)
        self._tell(live, phones=False)
        return deleted

    def view(self, live: LiveRoom) -> View:
        """Return what a room shows."""
        return room.view_of(self.lecture, live.state)

    def asked(self, live: LiveRoom, name: str) -> AskedQuestion:
        """Return a question as a room gets it."""
        if name not in live.asked:
            step = self.lecture.step(name)
            assert step is not None
            assert step.question is not None
            live.asked[name] = questions.asked(name, step.question, secret=live.secret)
        return live.asked[name]

    async def picture(self, live: LiveRoom, identifier: str) -> bytes | None:
        """Return a picture of a question that was asked; None where there is none with this id."""
        for name in live.state.opened:
            if self.lecture.step(name) and any(picture.id == identifier for picture in self.asked(live, name).pictures):
                files = await asyncio.shield(self._drawing(live, name))  # others wait for it too
                return files[identifier]
        return None

    async def listen(self, live: LiveRoom, *, screen: bool) -> AsyncIterator[bytes]:
        """Yield the state of a room as server-sent events: now, and whenever it changes."""
        stream = Stream(screen)
        stream.changed.set()
        live.streams.add(stream)
        if not screen:
            self._tell(live, phones=False)
        try:
            yield b"retry: 1000\n\n"
            while True:
                try:
                    await asyncio.wait_for(stream.changed.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                stream.changed.clear()
                begun, last = time.monotonic(), live.state.ended  # which may change while the event is sent
                yield self._event(live, screen=screen)
                if last:
                    return
                if screen:
                    await asyncio.sleep(max(0.0, SCREEN_S - (time.monotonic() - begun)))
        finally:
            live.streams.discard(stream)
            if not screen:
                self._tell(live, phones=False)

    def is_full(self, live: LiveRoom) -> bool:
        """Return whether a room takes no more phones."""
        return live.phones >= room.MOST_PHONES

    def _drawing(self, live: LiveRoom, name: str) -> asyncio.Task[dict[str, bytes]]:
        """The work on the pictures of a question, begun the first time, and again where it failed."""
        if name not in live.drawings:
            step = self.lecture.step(name)
            assert step is not None
            assert step.question is not None
            work = partial(pictures.draw, self._engine, self.asked(live, name), step.question)
            live.drawings[name] = task = asyncio.create_task(self.in_thread(work))

            def check(done: asyncio.Task[dict[str, bytes]]) -> None:
                if done.cancelled() or done.exception():
                    del live.drawings[name]

            task.add_done_callback(check)
        return live.drawings[name]

    def _event(self, live: LiveRoom, *, screen: bool) -> bytes:
        view = self.view(live)
        asked = self.asked(live, view.step.name) if view.step and view.kind in ("question", "truth") else None
        counts = live.counts(view.step.name) if view.step else Counter[str]()
        answers = counts.total()
        if not screen and live.written is not None and live.written[:2] == (live.state, answers):
            return live.written[2]
        reply = events.state_of(self.lecture, live.state, view, asked, counts, screen=screen)
        if screen:
            reply |= {"room": live.stored.id, "code": live.stored.code, "phones": live.phones}
            return events.written(reply)
        live.written = (live.state, answers, events.written(reply))
        return live.written[2]

    async def _change(self, live: LiveRoom, state: RoomState) -> None:
        stored = replace(live.stored, state=state.to_json())
        await self.in_thread(partial(class_votes.change_room, self._store, stored))
        live.stored, live.state = stored, state
        self._tell(live, phones=True)

    def _tell(self, live: LiveRoom, *, phones: bool) -> None:
        for stream in live.streams:
            if stream.screen or phones:
                stream.changed.set()

    async def _load(self) -> None:
        """Read the open rooms, once: after a restart they go on where they were."""
        if self._loaded:
            return
        async with self._loading:
            if self._loaded:
                return

            def read() -> list[tuple[StoredRoom, dict[str, dict[str, str]]]]:
                open_rooms = class_votes.open_rooms(self._store, now=datetime.now(UTC))
                return [(stored, class_votes.answers(self._store, room=stored.id)) for stored in open_rooms]

            for stored, answers in await self.in_thread(read):
                self._rooms[stored.id] = self._living(stored, answers)
            self._loaded = True

    def _living(self, stored: StoredRoom, answers: dict[str, dict[str, str]]) -> LiveRoom:
        secret = hmac.new(bytes.fromhex(self._store.key), f"class\n{stored.id}".encode(), hashlib.sha256).digest()
        return LiveRoom(stored, RoomState.from_json(stored.state), secret, answers)

    def _forget_ended(self) -> None:
        for live in [live for live in self._rooms.values() if _over(live)]:
            del self._rooms[live.stored.id]


def _over(live: LiveRoom) -> bool:
    return live.stored.ends_at <= datetime.now(UTC) or (live.state.ended and not live.streams)


def hours() -> float:
    """Return how long a room stays open, from `JUST_LOOK_CLASS_HOURS`.

    Raises:
        ClassError: the setting is no number from 0 to 48.
    """
    given = os.environ.get("JUST_LOOK_CLASS_HOURS", "6")
    try:
        number = float(given)
    except ValueError:
        number = 0.0
    if not 0 < number <= 48:
        raise ClassError(f"JUST_LOOK_CLASS_HOURS must be a number of hours up to 48, got {given!r:.20}.")
    return number
