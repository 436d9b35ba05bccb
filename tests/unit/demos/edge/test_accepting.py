"""Many newcomers are taken in each turn of the event loop, and none once the server has ended."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import gradio as gr
import pytest

from demos.edge import accepting

NEWCOMERS = 60
TURN_S = 0.01  # which the loop is kept from its connections


@pytest.fixture
def site() -> Iterator[gr.Blocks]:
    with gr.Blocks() as page:
        gr.Markdown("A page")
    page.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield page
    page.close()


def turns_until_all_are_taken(site: gr.Blocks) -> int:
    """How many turns of the busy loop it takes until each newcomer has a connection that the server knows."""
    server, address = site.server, ("127.0.0.1", site.server_port)
    held, they_wait, waiting = threading.Event(), threading.Event(), []

    async def count() -> int:
        before, turns = set(server.server_state.connections), 0
        held.set()
        they_wait.wait(60)
        while len(server.server_state.connections - before) < NEWCOMERS:
            turns += 1
            assert turns < 10 * NEWCOMERS
            time.sleep(TURN_S)  # as work that the loop has to do
            await asyncio.sleep(0)
        return turns

    counting = asyncio.run_coroutine_threadsafe(count(), server.servers[0].get_loop())
    try:
        assert held.wait(60)
        for _ in range(NEWCOMERS):
            waiting.append(socket.create_connection(address))  # the system answers for the server
        they_wait.set()
        return counting.result(timeout=60)
    finally:
        for connection in waiting:
            connection.close()


def test_newcomers_wait_for_few_turns_of_the_loop(site: gr.Blocks):
    alone = turns_until_all_are_taken(site)
    accepting.several(site.server)
    together = turns_until_all_are_taken(site)

    assert alone > NEWCOMERS / 4, "the server takes several by itself now: this module can go"
    assert together < alone / 4


def test_a_page_that_is_closed_takes_nobody(site: gr.Blocks):
    accepting.several(site.server)
    address = ("127.0.0.1", site.server_port)
    socket.create_connection(address).close()
    site.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
