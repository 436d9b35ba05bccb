"""Malformed requests of every kind over plain sockets: no 5xx, no traceback, and the app still serves.

The whole of it is `python -m benchmarks.serve.malformed`.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
from gradio_client import Client

from benchmarks.serve.log import TRACEBACK
from benchmarks.serve.malformed.requests import KINDS, actions, addresses, requests
from benchmarks.serve.malformed.sending import Findings, send_all
from tests.support.app_server import AppProcess

NUMBER, SEED = 500, 20


def test_malformed_requests_get_a_sentence_and_change_nothing(app: AppProcess, client: Client):
    with httpx.Client(base_url=app.url, timeout=120) as http:
        rubbish = list(requests(actions(http), addresses(), seed=SEED, number=NUMBER))
    written = app.log.stat().st_size

    def send() -> Findings:
        return asyncio.run(send_all(app.port, rubbish))

    with ThreadPoolExecutor(1) as apart:  # a thread of its own: after tests of the browser, this one runs an event loop
        findings = apart.submit(send).result()

    assert sum(findings.sent.values()) == NUMBER
    assert set(findings.sent) == set(KINDS)
    assert findings.server_errors == []
    assert findings.tracebacks == []
    assert findings.unanswered == []
    refused = sum(count for (_, status), count in findings.statuses.items() if 400 <= status < 500)
    assert refused > NUMBER / 3
    lines = app.log.read_bytes()[written:]
    assert TRACEBACK.encode() not in lines
    assert b"\0" not in lines
    assert len(lines) < 300 * NUMBER
    assert client.predict(seed=1, api_name="/sample")
