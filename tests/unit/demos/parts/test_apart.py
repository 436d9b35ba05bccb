"""Readers and raters have threads of their own, and too many of them are told to come back."""

import asyncio
import threading

import pytest

from demos.parts.apart import Apart, BusyError


def test_readers_wait_without_a_thread_and_all_get_their_answer():
    apart, threads = Apart(threads=2, name="results"), set()

    def work(number: int) -> int:
        threads.add(threading.current_thread().name)
        return number

    async def ask() -> list[int]:
        return await asyncio.gather(*(apart.run(work, number) for number in range(50)))

    assert asyncio.run(ask()) == list(range(50))
    assert 1 <= len(threads) <= 2
    assert all(name.startswith("results") for name in threads)


def test_whoever_is_refused_reads_what_is_too_much_here():
    apart, go_on = Apart(threads=1, name="ballots", most_waiting=1, busy="Many are voting."), threading.Event()

    async def ask() -> None:
        waiting = asyncio.create_task(apart.run(go_on.wait, 30))
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match=r"Many are voting\."):
            await apart.run(go_on.wait, 30)
        go_on.set()
        await waiting

    asyncio.run(ask())


def test_a_reader_too_many_is_told_at_once_and_the_next_one_is_served():
    apart, go_on = Apart(threads=1, name="results", most_waiting=2), threading.Event()

    async def ask() -> None:
        waiting = [asyncio.create_task(apart.run(go_on.wait, 30)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="try again in a minute"):
            await apart.run(go_on.wait, 30)
        go_on.set()
        assert await asyncio.gather(*waiting) == [True, True]
        assert await apart.run(go_on.wait, 30)

    asyncio.run(ask())
