"""Visitors who leave in the middle of a vote, an upload or a painting."""

from __future__ import annotations

import json
import secrets
import socket
import time
from itertools import cycle
from pathlib import Path

import httpx

from benchmarks.serve.faults.voting import FaultOutcome, Voting
from benchmarks.serve.visitors import PAINTINGS, PHOTOS, STUDY
from tests.support.app_server import start_app

NEXT_S = 120.0
PAINTING_S = 2.0  # of a painting before its visitor leaves


def leaving(folder: Path, times: int) -> FaultOutcome:
    """A vote's sender leaves after half of it, or before the answer, and sends it again; a painting's never returns."""
    outcome = FaultOutcome(fault="visitors leave in the middle of a vote and a painting")
    app = start_app(folder)
    try:
        with Voting(app.url) as voting, httpx.Client(base_url=app.url, timeout=NEXT_S) as http:
            photo, painting = (_uploaded(http, path) for path in (PHOTOS[0], PAINTINGS[0]))
            for _, share in zip(range(times), cycle((0.5, 1.0)), strict=False):
                _leave_a_vote(http, voting, share=share)
                _leave_a_painting(http, photo, painting)
                begun = time.perf_counter()
                _restyle(http, photo, painting)
                outcome.recovered.append(time.perf_counter() - begun)
                outcome.injected += 1
            voting.wait_for(5)
    finally:
        app.kill()
    outcome.audit(f"sqlite:///{folder}/votes.sqlite3", [voting], journal=folder / "votes.sqlite3.jsonl")
    return outcome


def _leave_a_vote(http: httpx.Client, voting: Voting, *, share: float) -> None:
    """Send a share of a vote's bytes, close the connection, and send the vote again as a page that is reloaded."""
    run = "/gradio_api/run"
    link = {"fresh": secrets.token_urlsafe(16)}
    state = http.post(f"{run}/rating_open", json={"data": [STUDY, "", link]}).raise_for_status().json()["data"][0]
    ballot, secret = state["ballot"]["ballot"], state["rater"]
    body = json.dumps({"data": [secret, ballot, "left", 900, None]}).encode()
    host = f"{http.base_url.host}:{http.base_url.port}"
    head = f"POST {run}/rating_answer HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection((http.base_url.host, http.base_url.port or 80)) as connection:
        connection.sendall(request[: int(len(request) * share)])
    reply = http.post(f"{run}/rating_answer", json={"data": [secret, ballot, "left", 900, None]}).raise_for_status()
    if "refused" not in reply.json()["data"][0]:
        voting.ledger.acknowledged[ballot] = "left"


def _leave_a_painting(http: httpx.Client, photo: dict[str, object], painting: dict[str, object]) -> None:
    """Begin a long painting, read its stream for some seconds, and close the connection."""
    values = {**_defaults(http, "paint"), "content": photo, "style": painting, "side": 256, "steps": 1000}
    event = (
        http.post("/gradio_api/call/paint", json={"data": list(values.values())}).raise_for_status().json()["event_id"]
    )
    begun = time.perf_counter()
    with http.stream("GET", f"/gradio_api/call/paint/{event}") as stream:
        for _ in stream.iter_lines():
            if time.perf_counter() - begun > PAINTING_S:
                return


def _restyle(http: httpx.Client, photo: dict[str, object], painting: dict[str, object]) -> None:
    """Paint for the next visitor, to the end."""
    values = {**_defaults(http, "paint"), "content": photo, "style": painting, "side": 192, "steps": 2}
    event = (
        http.post("/gradio_api/call/paint", json={"data": list(values.values())}).raise_for_status().json()["event_id"]
    )
    text = http.get(f"/gradio_api/call/paint/{event}").text
    if "event: complete" not in text:
        raise RuntimeError(f"the next visitor's painting failed: {text[-300:]}")


def _defaults(http: httpx.Client, action: str) -> dict[str, object]:
    parameters = http.get("/gradio_api/info").raise_for_status().json()["named_endpoints"][f"/{action}"]["parameters"]
    return {parameter["parameter_name"]: parameter.get("parameter_default") for parameter in parameters}


def _uploaded(http: httpx.Client, path: Path) -> dict[str, object]:
    reply = http.post("/gradio_api/upload", files={"files": (path.name, path.read_bytes())}).raise_for_status()
    return {"path": reply.json()[0], "meta": {"_type": "gradio.FileData"}}
