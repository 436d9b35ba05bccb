"""Sends malformed requests over plain sockets and looks at what comes back, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.serve.log import TRACEBACK
from benchmarks.serve.malformed.requests import Malformed, encoded

AT_ONCE = 8
PATIENCE_S = 90.0  # for the first byte of an answer
STREAM_S = 4.0  # how long a stream is read, and a result waited for: then the sender leaves
MOST = 4 * 2**20  # bytes of an answer that are read
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
NO_SENTENCE = re.compile(r'"error": ?null')


@dataclass
class Findings:
    """What came back.

    Attributes:
        sent: by kind of request, how many.
        statuses: by kind and status, how many; 0 for no answer.
        server_errors: names of requests that were answered with 5xx.
        tracebacks: names of requests whose answer holds a traceback.
        unanswered: names of complete requests that got no answer.
        no_sentence: names of requests whose answer says `"error": null`.
    """

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    server_errors: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    no_sentence: list[str] = field(default_factory=list)


async def send_all(port: int, requests: Iterable[Malformed], *, at_once: int = AT_ONCE) -> Findings:
    """Send requests to 127.0.0.1, some at a time, and read their answers; results of queued calls too."""
    findings, source = Findings(), iter(requests)

    async def sender() -> None:
        for request in source:
            await _send(port, request, findings)

    await asyncio.gather(*(sender() for _ in range(at_once)))
    return findings


async def _send(port: int, request: Malformed, findings: Findings) -> None:
    findings.sent[request.kind] += 1
    answer = await _exchange(port, request.content, cut=request.cut)
    status = _judge(request, answer, findings)
    findings.statuses[request.kind, status] += 1
    if request.follow and status == 200 and (event := _event(answer)):
        stream = await _exchange(port, encoded("GET", request.follow.format(id=event)), cut=False)
        _judge(request, stream, findings)


def _judge(request: Malformed, answer: bytes, findings: Findings) -> int:
    match = STATUS.match(answer)
    status, text = int(match[1]) if match else 0, answer.decode("utf-8", "replace")
    if status >= 500:
        body = text.partition("\r\n\r\n")[2]
        findings.server_errors.append(f"{status} {request.kind} {request.name}: {body[:160]!r}")
    if TRACEBACK in text:
        findings.tracebacks.append(f"{request.kind} {request.name}")
    if status == 0 and not request.cut:
        findings.unanswered.append(f"{request.kind} {request.name}")
    if NO_SENTENCE.search(text):
        findings.no_sentence.append(f"{status} {request.kind} {request.name}")
    return status


async def _exchange(port: int, content: bytes, *, cut: bool) -> bytes:
    """Send bytes and return what comes back; a stream is read for some seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MOST)
    received = b""
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(content)
            await writer.drain()
            if cut:
                writer.write_eof()
        with contextlib.suppress(ConnectionError, TimeoutError):
            received = await asyncio.wait_for(reader.read(65_536), PATIENCE_S)
            async with asyncio.timeout(STREAM_S if b"text/event-stream" in received else PATIENCE_S):
                while len(received) < MOST and (piece := await reader.read(65_536)):
                    received += piece
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), 1.0)
    return received


def _event(answer: bytes) -> str:
    """The id of a call in the answer to its request; empty where there is none."""
    try:
        content = json.loads(answer.partition(b"\r\n\r\n")[2])
    except ValueError:
        return ""
    event = content.get("event_id") if isinstance(content, dict) else None
    return event if isinstance(event, str) else ""
