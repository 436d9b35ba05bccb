"""Gradio's queue with a number of places for each visitor, fair turns, and an end to work that nobody waits for."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal

import fastapi
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event, EventQueue, Queue
from gradio.server_messages import EventMessage, ProcessCompletedMessage
from gradio.utils import LRUCache, run_coro_in_background

from serving.engine.watched import STUCK
from serving.web import visitor
from serving.web.limits import QueueLimits
from serving.web.listeners import Listeners

CHECK_S = 0.5
VOTES = "votes"  # the group of those who vote by the API: milliseconds of work, taken while the app ends
UNREAD_S = 120.0  # how long a result that is ready waits to be read
SESSIONS = 2000  # with messages that are still to be read
REMEMBERED = 4096  # visitors whose last turn is known
UNKNOWN = "There is no such action any more: reload the page."
FULL = "Very many people are using the app at the moment. Try again in a minute."
YOURS = "You have {count} requests waiting already. Wait for their results, then try again."
NETWORK = "{count} requests from your network are waiting already. Try again in a minute."
UNHEARD = "Nobody read the results of this call for a while, so it was ended. Call again."
LINE = "{count} others wait for this already, which takes about {minutes} min. Try again in a few minutes."
OVER = (
    "This took longer than {minutes:g} minutes, so it was ended. Choose fewer steps, fewer pictures or a smaller size."
)
TURN = (
    "Others are waiting, so your turn ended after {minutes:g} minutes. Start again, or choose fewer steps or a "
    "smaller size."
)


class Messages(LRUCache[str, Any]):
    """By session, the messages that are still to be read; above `max_size` sessions, the oldest unheard one goes.

    Gradio's own drops the oldest, and so the visitors who have waited longest, though they listen.

    Args:
        max_size: number of sessions.
        hears: whether somebody listens to a session.
    """

    def __init__(self, max_size: int, *, hears: Callable[[str], bool]) -> None:
        super().__init__(max_size)
        self._hears = hears

    def __setitem__(self, session: str, messages: Any) -> None:
        if session not in self and len(self) >= self.max_size:
            unheard = next((other for other in self if not self._hears(other)), None)
            if unheard is not None:
                del self[unheard]
        OrderedDict.__setitem__(self, session, messages)


class FairQueue(Queue):
    """Gradio's queue, with these rules.

    A session and a network address each have a number of places, and a line that would last very long takes nobody in.
    The address that was served longest ago comes next, and of its sessions the one that was served longest ago. A call
    whose results somebody listens to comes before the others; one that nobody listens to ends soon. While a call does
    not come back, those behind it are sent away.

    Args:
        before: the queue that it takes the place of, not yet started.
        listeners: the streams of results that are open.
        limits: the numbers.
    """

    def __init__(self, before: Queue, *, listeners: Listeners, limits: QueueLimits) -> None:
        super().__init__(
            before.live_updates,
            before.max_thread_count,
            before.update_intervals,
            before.max_size,
            before.blocks,
            before.default_concurrency_limit,
        )
        self.ANALYTICS_MAX_EVENTS = 1  # see `compute_analytics_summary`
        self._listeners, self._limits = listeners, limits
        self.pending_messages_per_session = Messages(SESSIONS, hears=self._heard_at_all)
        self._heard: dict[str, float] = {}  # by event: when somebody listened
        self._begun: dict[str, float] = {}  # by event: when its work began
        self._moved: dict[str, float] = {}  # by event: when its work began, or last sent something
        self._finished: dict[str, float] = {}  # by session: when its last call was done
        self._served: OrderedDict[str, int] = OrderedDict()  # by address and by session: the number of its last turn
        self._turns = 0
        self._refusal = ""  # for new calls, where none are taken
        self.refused = 0  # calls that found no place
        self._ended_because = ""  # for all calls that are left, where they have to end

    def start(self) -> None:
        """Start the work, and the watch over it."""
        super().start()
        run_coro_in_background(self._watch)

    def compute_analytics_summary(self, records: Any) -> Any:  # noqa: ARG002
        """Leave out a table for Gradio's own page of numbers, which is not open: the metrics have those.

        Gradio makes it after each call from the last 10,000, for which votes and the next call wait 7 to 13 ms.

        Args:
            records: of the last calls.
        """
        return self.cached_event_analytics_summary

    def refuse(self, sentence: str) -> None:
        """Take no new calls but votes, and answer the others with a sentence; from any thread."""
        self._refusal = sentence

    def give_up(self, sentence: str) -> None:
        """End all calls that are left, each with a sentence; from any thread."""
        self._ended_because = sentence

    def left(self) -> int:
        """How many calls wait or are worked on, apart from those that were ended."""
        return sum(event.alive for event in list(self.event_ids_to_events.values()))

    def listened_to(self) -> bool:
        """Whether somebody still reads results."""
        sessions = list(self.pending_event_ids_session.items())
        return any(self._listeners.hears(session, *events) for session, events in sessions)

    def knows(self, name: str) -> bool:
        """Whether there is a session of the page or a call of a script with results that can be read."""
        return (
            name in self.pending_messages_per_session
            or name in self.event_ids_to_events
            or any(name in events for events in self.pending_event_ids_session.values())
        )

    async def push(
        self, body: PredictBodyInternal, request: fastapi.Request, username: str | None
    ) -> tuple[bool, str | list[dict[str, Any]], Literal["success", "error", "queue_full", "validator_error"]]:
        """Take a call into the queue, if it has a place there."""
        if refusal := self._refused(body, request):
            self.refused += refusal[1] == "queue_full"
            return False, *refusal
        return await super().push(body, request, username)

    def _refused(
        self, body: PredictBodyInternal, request: fastapi.Request
    ) -> tuple[str, Literal["error", "queue_full"]] | None:
        if body.fn_index not in self.blocks.fns:
            return UNKNOWN, "error"
        lane = self.blocks.fns[body.fn_index].concurrency_id
        if self._refusal and lane != VOTES:
            return self._refusal, "queue_full"
        if self._is_stuck(lane):
            return STUCK.format(minutes=self._limits.stuck_s / 60), "queue_full"
        if self.max_size is not None and len(self) >= self.max_size:
            return FULL, "queue_full"
        before, seconds = self._before(body.fn_index)
        if before >= self._limits.line and seconds > self._limits.wait_s:
            return LINE.format(count=before, minutes=max(1, round(seconds / 60))), "queue_full"
        waiting = [event for event in self.event_ids_to_events.values() if event.alive]
        own = sum(event.session_hash == body.session_hash for event in waiting)
        if own >= self._limits.session:
            return YOURS.format(count=own), "queue_full"
        address = visitor.of(request.scope)
        near = sum(_address(event) == address for event in waiting)
        if near >= self._limits.address:
            return NETWORK.format(count=near), "queue_full"
        return None

    def _before(self, number: int) -> tuple[int, float]:
        """How many calls come before a new one of an action, and for how many seconds they would work."""
        lane = self.event_queue_per_concurrency_id.get(self.blocks.fns[number].concurrency_id)
        if lane is None or lane.concurrency_limit is None:
            return 0, 0.0
        before = [event for event in lane.queue if self._hears(event)]
        seconds = sum(self.process_time_per_fn[event.fn].avg_time for event in before)
        return len(before), seconds / lane.concurrency_limit

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """Choose the next call to work on."""
        lanes = list(self.event_queue_per_concurrency_id.items())
        random.shuffle(lanes)
        for name, lane in lanes:
            if lane.queue and (lane.concurrency_limit is None or lane.current_concurrency < lane.concurrency_limit):
                event = min(lane.queue, key=self._order)
                lane.queue.remove(event)
                self._begun[event._id] = self._moved[event._id] = time.monotonic()
                self._turns += 1
                for served in (_address(event), event.session_hash):
                    self._served[served] = self._turns
                    self._served.move_to_end(served)
                while len(self._served) > REMEMBERED:
                    self._served.popitem(last=False)
                return [event], False, name
        return None

    def _order(self, event: Event) -> tuple[bool, int, int, float]:
        return (
            not self._hears(event),
            self._served.get(_address(event), 0),
            self._served.get(event.session_hash, 0),
            event.enqueue_time,
        )

    def _heard_at_all(self, session: str) -> bool:
        return self._listeners.hears(session, *self.pending_event_ids_session.get(session, ()))

    def _hears(self, event: Event) -> bool:
        return self._listeners.hears(event.session_hash, event._id)

    async def _watch(self) -> None:
        while not self.stopped:
            await asyncio.sleep(CHECK_S)
            now = time.monotonic()
            for event in list(self.event_ids_to_events.values()):
                if self._hears(event):
                    self._heard[event._id] = now
                elif now - self._heard.get(event._id, event.enqueue_time) > self._limits.unheard_s:
                    await self._end(event)
            for lane in self.event_queue_per_concurrency_id.values():
                self._limit_turns(lane, now)
                if self._ended_because or self._is_stuck(lane.concurrency_id):
                    self._send_away(lane, self._ended_because or STUCK.format(minutes=self._limits.stuck_s / 60))
            known = {*self.event_ids_to_events, *(event._id for job in self.active_jobs if job for event in job)}
            for times in (self._heard, self._begun, self._moved):
                for gone in times.keys() - known:
                    del times[gone]
            self._forget_unread(now)

    def send_message(self, event: Event, event_message: EventMessage) -> None:
        """Send a message to the call's session, and note when; a call whose session is forgotten just ends."""
        if event._id in self._moved and not isinstance(event_message, ProcessCompletedMessage):
            self._moved[event._id] = time.monotonic()
        if event.session_hash in self.pending_messages_per_session:
            super().send_message(event, event_message)
        else:
            event.alive = False

    def _is_stuck(self, name: str) -> bool:
        """Whether every worker of a lane has sent nothing for longer than a call may take."""
        lane = self.event_queue_per_concurrency_id.get(name)
        if lane is None or lane.concurrency_limit is None:
            return False
        limit = time.monotonic() - self._limits.stuck_s
        still = sum(self._moved.get(event._id, limit) < limit for event in self._at_work(name))
        return still >= lane.concurrency_limit

    def _at_work(self, name: str) -> list[Event]:
        return [event for job in self.active_jobs if job for event in job if event.concurrency_id == name]

    def _send_away(self, lane: EventQueue, sentence: str) -> None:
        """End all calls of a lane."""
        for event in lane.queue:
            self.event_ids_to_events.pop(event._id, None)
        for event in [*lane.queue, *self._at_work(lane.concurrency_id)]:
            if event.alive:
                self._stop(event, sentence)
        lane.queue.clear()

    def _limit_turns(self, lane: EventQueue, now: float) -> None:
        """End the work of a lane that takes too long, sooner while others wait for it."""
        others = any(self._hears(event) for event in lane.queue)
        for event in self._at_work(lane.concurrency_id):
            if not event.alive:
                continue
            worked = now - self._begun.get(event._id, now)
            if worked > self._limits.job_s:
                self._stop(event, OVER.format(minutes=self._limits.job_s / 60))
            elif others and worked > self._limits.turn_s:
                self._stop(event, TURN.format(minutes=self._limits.turn_s / 60))

    def _stop(self, event: Event, sentence: str) -> None:
        output = {"error": sentence, "visible": True, "duration": 10, "title": "Stopped"}
        self.send_message(event, ProcessCompletedMessage(output=output, success=False))
        event.alive = False  # a generator ends after its current step

    async def _end(self, event: Event) -> None:
        """End a call whose results nobody listens to, and forget it.

        A visitor who begins to listen just now still reads why it was ended.
        """
        self._stop(event, UNHEARD)
        await self.clean_events(event_id=event._id)
        self._forget(event.session_hash, event._id)

    def _forget_unread(self, now: float) -> None:
        """Forget the results of sessions whose calls are all done and which nobody has listened to for some time."""
        for session in list(self.pending_event_ids_session):
            busy = any(event in self.event_ids_to_events for event in self.pending_event_ids_session[session])
            if busy or self._heard_at_all(session):
                self._finished.pop(session, None)
            elif now - self._finished.setdefault(session, now) > UNREAD_S:
                for event in [*self.pending_event_ids_session[session], ""]:  # also where nothing is left to read
                    self._forget(session, event)
        for gone in self._finished.keys() - self.pending_event_ids_session.keys():
            del self._finished[gone]

    def _forget(self, session: str, event: str) -> None:
        """Forget a call of a session, and with its last one the session, unless somebody listens."""
        left = self.pending_event_ids_session.get(session, set())
        left.discard(event)
        if not left and not self._listeners.hears(session, event):
            self.pending_event_ids_session.pop(session, None)
            if session in self.pending_messages_per_session:
                del self.pending_messages_per_session[session]


def _address(event: Event) -> str:
    return visitor.of(event.request.scope)
