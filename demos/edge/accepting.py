"""Takes several new connections at a time, so that a newcomer waits for no more than a turn of the event loop or two.

uvloop takes one connection in each of its turns. A turn is short while few visitors are there and lasts 30 ms and more
when a thousand are, who come with new connections all the time: each waited ten seconds in the system's own queue,
where the app can neither answer it nor say that it is busy. Several listeners on the same socket take one each.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import cast

from gradio.http_server import Server

AT_ONCE = 64


def several(server: Server, *, at_once: int = AT_ONCE) -> None:
    """Let a server that runs take several connections in each turn of its loop, and close all listeners with it.

    Args:
        server: of a page that was launched; from another thread than its own.
        at_once: how many.
    """
    loop = server.servers[0].get_loop()
    # asyncio's own loop takes as many as there are, and other systems than Linux let a process have few open files
    if type(loop).__module__.partition(".")[0] == "uvloop" and sys.platform == "linux":
        asyncio.run_coroutine_threadsafe(_listen(server, at_once), loop).result(timeout=10)


async def _listen(server: Server, at_once: int) -> None:
    loop, config = asyncio.get_running_loop(), server.config
    protocol = partial(
        cast(Callable[..., asyncio.Protocol], config.http_protocol_class),
        config=config,
        server_state=server.server_state,
        app_state=server.lifespan.state,
    )
    first = list(server.servers)
    for listener in [listener for each in first for listener in each.sockets]:
        for _ in range(at_once - 1):
            another = await loop.create_server(protocol, sock=listener.dup(), ssl=config.ssl, backlog=config.backlog)
            server.servers.append(another)  # which the server closes when it ends
