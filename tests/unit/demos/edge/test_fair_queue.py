import asyncio
import time
from typing import Any

import fastapi
import gradio as gr
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Event
from gradio.server_messages import ProcessCompletedMessage

from demos.edge.fair_queue import CHECK_S, LINE, UNHEARD, UNREAD_S, VOTES, FairQueue
from serving.engine.watched import STUCK
from serving.web.limits import QueueLimits
from serving.web.listeners import Listeners

FN = 0
USUAL = QueueLimits()


def queue(limits: QueueLimits = USUAL, *, most: int = 100) -> tuple[FairQueue, Listeners]:
    with gr.Blocks() as page:
        gr.Button().click(lambda: None, concurrency_limit=1)
    page.queue(max_size=most)
    listeners = Listeners()
    return FairQueue(page._queue, listeners=listeners, limits=limits), listeners


async def push(waiting: FairQueue, session: str, address: str, fn: int = FN) -> tuple[Any, ...]:
    request = fastapi.Request({"type": "http", "client": (address, 1), "headers": [], "method": "POST", "path": "/"})
    return await waiting.push(PredictBodyInternal(data=[], fn_index=fn, session_hash=session), request, None)


def next_event(waiting: FairQueue) -> Event:
    chosen = waiting.get_events()
    assert chosen is not None
    return chosen[0][0]


def test_addresses_take_turns_and_so_do_their_sessions():
    async def run() -> list[str]:
        waiting, listeners = queue()
        for session, address in (("a1", "A"), ("a1", "A"), ("a1", "A"), ("a2", "A"), ("b1", "B")):
            await push(waiting, session, address)
            listeners.enter(session)
        return [next_event(waiting).session_hash for _ in range(5)]

    assert asyncio.run(run()) == ["a1", "b1", "a2", "a1", "a1"]


def test_no_table_of_all_calls_is_made_after_each_of_them():
    async def run() -> FairQueue:
        waiting, _ = queue()
        for number in range(5):
            await push(waiting, f"session-{number}", "A")
        return waiting

    waiting = asyncio.run(run())
    records = list(waiting.event_analytics.values())
    assert len(records) == 1
    assert waiting.compute_analytics_summary(records) is waiting.cached_event_analytics_summary
    assert waiting.cached_event_analytics_summary == {"functions": {}}


def test_whoever_listens_comes_before_everybody_who_does_not():
    async def run() -> list[str]:
        waiting, listeners = queue()
        for session in ("deaf-1", "deaf-2", "hears"):
            await push(waiting, session, session)
        listeners.enter("hears")
        return [next_event(waiting).session_hash for _ in range(3)]

    assert asyncio.run(run())[0] == "hears"


def test_a_session_and_an_address_have_their_places():
    async def run() -> list[tuple[bool, str]]:
        waiting, _ = queue(QueueLimits(session=2, address=3))
        pushed = [await push(waiting, *who) for who in (("a", "A"), ("a", "A"), ("a", "A"), ("b", "A"), ("c", "A"))]
        pushed.append(await push(waiting, "d", "D"))
        return [(taken, state) for taken, _, state in pushed]

    full = (False, "queue_full")
    yes = (True, "success")
    assert asyncio.run(run()) == [yes, yes, full, yes, full, yes]


def test_a_full_queue_and_an_unknown_action_are_answered_in_a_sentence():
    async def run() -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        waiting, _ = queue(most=1)
        await push(waiting, "a", "A")
        return await push(waiting, "b", "B"), await push(waiting, "b", "B", fn=99)

    full, unknown = asyncio.run(run())
    assert full[1:] == ("Very many people are using the app at the moment. Try again in a minute.", "queue_full")
    assert unknown[0] is False
    assert unknown[2] == "error"


def test_what_nobody_listens_to_ends_and_leaves_nothing():
    async def run() -> tuple[list[str], set[str], bool]:
        waiting, listeners = queue(QueueLimits(unheard_s=0.05))
        await push(waiting, "deaf", "A")
        await push(waiting, "hears", "A")
        listeners.enter("hears")
        watch = asyncio.create_task(waiting._watch())
        deadline = time.monotonic() + 10
        while len(waiting) > 1 and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        watch.cancel()
        left = [event.session_hash for event in waiting.event_ids_to_events.values()]
        return left, set(waiting.pending_event_ids_session), "deaf" in waiting.pending_messages_per_session

    assert asyncio.run(run()) == (["hears"], {"hears"}, False)


def test_work_ends_after_its_turn_only_where_others_wait():
    async def run() -> list[tuple[bool, str]]:
        ends = []
        for others, worked in ((False, 700.0), (True, 500.0), (True, 700.0), (False, 4000.0)):
            waiting, listeners = queue(QueueLimits(turn_s=600.0, job_s=3600.0))
            await push(waiting, "works", "A")
            event = next_event(waiting)
            waiting.active_jobs = [[event]]
            if others:
                await push(waiting, "waits", "B")
                listeners.enter("waits")
            messages = waiting.pending_messages_per_session["works"]
            waiting._begun[event._id] = time.monotonic() - worked
            for lane in waiting.event_queue_per_concurrency_id.values():
                waiting._limit_turns(lane, time.monotonic())
            sent = [messages.get_nowait() for _ in range(messages.qsize())]
            last = [message.output["error"] for message in sent if isinstance(message, ProcessCompletedMessage)]
            ends.append((event.alive, last[0].split(",")[0] if last else ""))
        return ends

    assert asyncio.run(run()) == [
        (True, ""),
        (True, ""),
        (False, "Others are waiting"),
        (False, "This took longer than 60 minutes"),
    ]


def test_results_that_nobody_reads_are_forgotten():
    async def run() -> tuple[bool, bool, bool]:
        waiting, listeners = queue()
        for session in ("unread", "read", "open"):
            await push(waiting, session, session)
        waiting.event_ids_to_events.clear()  # all of them are finished
        waiting.pending_event_ids_session["read"].clear()  # and this one was read to its end
        listeners.enter("open")
        waiting._forget_unread(0.0)
        waiting._forget_unread(UNREAD_S + 1)
        return waiting.knows("unread"), waiting.knows("read"), waiting.knows("open")

    assert asyncio.run(run()) == (False, False, True)


def test_a_message_to_a_visitor_who_is_forgotten_ends_the_call_and_breaks_nothing():
    async def run() -> tuple[bool, bool]:
        waiting, _ = queue()
        await push(waiting, "left", "A")
        event = next_event(waiting)
        del waiting.pending_messages_per_session["left"]
        before = event.alive
        waiting.send_message(event, ProcessCompletedMessage(output={}, success=True))
        return before, event.alive

    assert asyncio.run(run()) == (True, False)


def test_above_the_number_of_sessions_those_go_that_nobody_listens_to():
    async def run() -> list[str]:
        waiting, listeners = queue()
        waiting.pending_messages_per_session.max_size = 2
        listeners.enter("waits")
        for session in ("waits", "left", "new", "newer"):
            await push(waiting, session, "A")
        return list(waiting.pending_messages_per_session)

    assert asyncio.run(run()) == ["waits", "newer"]


def test_a_line_that_would_last_long_takes_nobody_in_and_says_so():
    async def run() -> list[tuple[bool, Any]]:
        waiting, listeners = queue(QueueLimits(line=2, wait_s=25.0))
        took = waiting.process_time_per_fn[waiting.blocks.fns[FN]]
        took.add(12.0)
        pushed = []
        for session in ("a", "b", "c", "d"):
            pushed.append((await push(waiting, session, session))[:2])
            listeners.enter(session)
        return pushed

    *taken, last = asyncio.run(run())
    assert [yes for yes, _ in taken] == [True, True, True], "24 s are within the limit"
    assert last == (False, LINE.format(count=3, minutes=1))


def test_a_line_of_calls_that_nobody_listens_to_is_none():
    async def run() -> list[bool]:
        waiting, _ = queue(QueueLimits(line=2, wait_s=25.0))
        waiting.process_time_per_fn[waiting.blocks.fns[FN]].add(60.0)
        return [(await push(waiting, str(number), str(number)))[0] for number in range(6)]

    assert asyncio.run(run()) == [True] * 6


def test_whoever_comes_in_the_moment_in_which_a_call_ends_reads_why():
    async def run() -> Any:
        waiting, listeners = queue()
        await push(waiting, "late", "A")
        (event,) = waiting.event_ids_to_events.values()
        listeners.enter("late")
        await waiting._end(event)
        messages = waiting.pending_messages_per_session["late"]
        _, last = await messages.get(), await messages.get()  # the place in the queue, and the end
        return last.output["error"]

    assert asyncio.run(run()) == UNHEARD


def test_an_app_that_ends_takes_votes_and_nothing_else():
    async def run() -> tuple[Any, Any]:
        waiting, _ = queue()
        waiting.refuse("It ends.")
        refused = await push(waiting, "a", "A")
        waiting.blocks.fns[FN].concurrency_id = VOTES
        return refused, await push(waiting, "a", "A")

    refused, vote = asyncio.run(run())
    assert refused == (False, "It ends.", "queue_full")
    assert vote[0] is True


def sent(waiting: FairQueue, session: str) -> list[str]:
    """The sentences with which calls of a session were ended."""
    messages = waiting.pending_messages_per_session[session]
    queued = [messages.get_nowait() for _ in range(messages.qsize())]
    return [message.output["error"] for message in queued if isinstance(message, ProcessCompletedMessage)]


async def watched_once(waiting: FairQueue) -> None:
    watch = asyncio.create_task(waiting._watch())
    await asyncio.sleep(1.5 * CHECK_S)
    watch.cancel()


def test_whatever_is_left_at_the_end_gets_a_sentence():
    async def run() -> tuple[list[str], list[str], int, int]:
        waiting, listeners = queue()
        for session in ("works", "waits"):
            listeners.enter(session)
            await push(waiting, session, "A")
        waiting.active_jobs = [[next_event(waiting)]]
        before = waiting.left()
        waiting.give_up("It was ended.")
        await watched_once(waiting)
        return sent(waiting, "works"), sent(waiting, "waits"), before, waiting.left()

    assert asyncio.run(run()) == (["It was ended."], ["It was ended."], 2, 0)


def test_while_a_worker_is_stuck_nobody_waits_behind_it():
    async def run() -> tuple[list[list[str]], list[Any], bool]:
        waiting, listeners = queue(QueueLimits(stuck_s=60.0))
        for session in ("works", "waits"):
            listeners.enter(session)
            await push(waiting, session, "A")
        event = next_event(waiting)
        waiting.active_jobs = [[event]]
        fresh = waiting._is_stuck(event.concurrency_id)
        waiting._moved[event._id] -= 61.0
        await watched_once(waiting)
        ended = [sent(waiting, session) for session in ("works", "waits")]
        later = [await push(waiting, "later", "B")]
        waiting.active_jobs = [None]  # it has come back after all
        later.append(await push(waiting, "later", "B"))
        return ended, [reply[0] or reply[1] for reply in later], fresh

    ended, later, fresh = asyncio.run(run())
    sentence = STUCK.format(minutes=1)
    assert not fresh
    assert ended == [[sentence], [sentence]]
    assert later == [sentence, True]


def test_calls_without_a_place_are_counted():
    async def run() -> int:
        waiting, _ = queue(most=1)
        for session in ("a", "b", "c"):
            await push(waiting, session, "A")
        await push(waiting, "a", "A", fn=99)  # no such action: that is no question of places
        return waiting.refused

    assert asyncio.run(run()) == 2
