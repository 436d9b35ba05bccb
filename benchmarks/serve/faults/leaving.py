"""Visitors who leave in the middle of a vote, an upload or a painting."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from benchmarks import app_http
from benchmarks.serve.calls import FinalRefusalError, Replies, Visitor, defaults
from benchmarks.serve.faults.outcome import FaultOutcome, during_votes
from benchmarks.serve.faults.voting import Voting
from benchmarks.serve.visitors import PAINTINGS, PHOTOS, STUDY
from tests.support.app_server import AppProcess

NEXT_S = 120.0
PAINTING_S = 2.0  # of a painting before its visitor leaves


def leaving(folder: Path, times: int) -> FaultOutcome:
    """A vote's sender leaves after half of it, or before the answer, and sends it again; a painting's never returns."""
    fault = "visitors leave in the middle of a vote and a painting"
    with during_votes(fault, folder) as (outcome, app, voting):
        outcome.recovered.extend(asyncio.run(_leave(app, voting, times)))
        voting.wait_for(5)
    return outcome


async def _leave(app: AppProcess, voting: Voting, times: int) -> list[float]:
    """Leave so often; return for each time the seconds of the next visitor's painting."""
    seconds = []
    async with app_http.client(app.url, patience_s=NEXT_S) as http:
        values = await defaults(http)
        visitor = Visitor(http, values, Replies(), number=200)
        photo, painting = [
            await visitor.upload("upload", path.name, path.read_bytes()) for path in (PHOTOS[0], PAINTINGS[0])
        ]
        pictures = {"content": photo, "style": painting}
        for _, share in zip(range(times), cycle((0.5, 1.0)), strict=False):
            await _leave_a_vote(app, visitor, voting, share=share)
            await _leave_a_painting(http, list({**values["paint"], **pictures, "side": 256, "steps": 1000}.values()))
            begun = time.perf_counter()
            await visitor.call("the next painting", "paint", **pictures, side=192, steps=2)
            seconds.append(time.perf_counter() - begun)
    return seconds


async def _leave_a_vote(app: AppProcess, visitor: Visitor, voting: Voting, *, share: float) -> None:
    """Send a share of a vote's bytes, close the connection, and send the vote again as a page that is reloaded."""
    link = {"fresh": secrets.token_urlsafe(16)}
    state = await visitor.run("a first pair", "rating_open", STUDY, "", link)
    ballot = state["ballot"]["ballot"]
    vote = [state["rater"], ballot, "left", 900, None]
    body = json.dumps({"data": vote}).encode()
    head = f"POST /gradio_api/run/rating_answer HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    request = head.encode() + body
    _, connection = await asyncio.open_connection("127.0.0.1", app.port)
    connection.write(request[: int(len(request) * share)])
    await connection.drain()
    connection.close()
    voting.ledger.unclear[ballot] = "left"
    try:
        await visitor.run("a vote", "rating_answer", *vote)
    except FinalRefusalError:
        return
    voting.ledger.acknowledged[ballot] = voting.ledger.unclear.pop(ballot)


async def _leave_a_painting(http: httpx.AsyncClient, values: list[Any]) -> None:
    """Begin a long painting, read its stream for some seconds, and close the connection."""
    reply = (await http.post("/gradio_api/call/paint", json={"data": values})).raise_for_status()
    begun = time.perf_counter()
    async with http.stream("GET", f"/gradio_api/call/paint/{reply.json()['event_id']}") as stream:
        async for _ in stream.aiter_lines():
            if time.perf_counter() - begun > PAINTING_S:
                return
