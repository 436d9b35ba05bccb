"""The app is told to end while it is at work: votes are stored, visitors get their picture or a sentence."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from demos.edge.draining import NEW, UNDER_WAY
from evaluation.qualitative.store.store import Store
from tests.support import api_calls as calls
from tests.support.api_calls import rating
from tests.support.app_server import AppProcess, app_process, connected

STUDY = "digits-by-training-step"
ENDS_S = 240  # a loaded machine is slow


def vote(http: httpx.Client) -> None:
    """Ask for a ballot, and answer it; both must be taken."""
    opened = rating(http, "open", [STUDY, "", {}])
    answer = rating(http, "answer", [opened["rater"], opened["ballot"]["ballot"], "left", 900, None])
    assert "refused" not in answer, answer
    assert "unavailable" not in answer, answer


def vote_by_the_api(http: httpx.Client) -> None:
    """The same through the queue, which takes nothing else any more."""
    kind, drawn = list(calls.events(http, calls.begin(http, "next_ballot", ["", STUDY])))[-1]
    assert kind == "complete"
    answer = [drawn[0]["ballot"], "left", drawn[0]["rater"], 900, None, False]
    assert list(calls.events(http, calls.begin(http, "cast_vote", answer)))[-1][0] == "complete"


def paint(app: AppProcess, *, steps: int, then: Callable[[], None]) -> tuple[str, Any]:
    """Paint, do something as soon as the first frame is there, and return the last event."""
    with httpx.Client(base_url=app.url, timeout=ENDS_S) as http:
        address = calls.begin(http, "paint", calls.with_pictures(http, connected(app.url), "paint", steps=steps))
        last, begun = ("", None), False
        for event in calls.events(http, address):
            last = event
            if event[0] == "generating" and not begun:
                begun = True
                then()
        assert begun
        return last


def test_a_painting_and_votes_are_finished_before_the_app_ends(tmp_path: Path):
    with (
        app_process(tmp_path, environment={"JUST_LOOK_DRAIN_SECONDS": str(ENDS_S), "JUST_LOOK_LOG": "json"}) as app,
        httpx.Client(base_url=app.url, timeout=ENDS_S) as http,
        ThreadPoolExecutor(4) as voters,
    ):
        voting: list[Any] = []

        def end() -> None:
            voting.extend(voters.submit(vote, http) for _ in range(4))
            app.process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + ENDS_S
            while (ready := http.get("/readyz")).status_code == 200 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert (ready.status_code, ready.json()["process"]) == (503, "draining")
            voting.extend(voters.submit(vote, http) for _ in range(4))
            refused = http.post("/gradio_api/call/sample", json={"data": []})
            assert (refused.status_code, refused.json()["detail"]) == (503, NEW)
            for answer in voting:
                answer.result()
            vote_by_the_api(http)

        kind, data = paint(app, steps=60, then=end)
        assert app.process.wait(ENDS_S) == 0

    assert kind == "complete", data
    store = Store(f"sqlite:///{tmp_path}/votes.sqlite3")
    assert len(voting) == 8
    assert store.count(STUDY) == len(voting) + 1
    store.close()


def test_what_takes_too_long_gets_a_sentence_and_training_ends(tmp_path: Path):
    with app_process(tmp_path, environment={"JUST_LOOK_DRAIN_SECONDS": "2"}) as app:
        with httpx.Client(base_url=app.url, timeout=ENDS_S) as http:
            prepared = list(calls.events(http, calls.begin(http, "prepare", [])))
        assert prepared[-1][0] == "complete"
        training = psutil.Process(app.process.pid).children(recursive=True)
        assert [process.cmdline()[-1] for process in training] == ["serving.live"]

        kind, data = paint(app, steps=1000, then=lambda: app.process.send_signal(signal.SIGINT))

        assert app.process.wait(ENDS_S) == 0
        assert not any(process.is_running() for process in training)
    assert (kind, data["error"]) == ("error", UNDER_WAY)


def test_the_second_signal_ends_the_app_at_once(tmp_path: Path):
    with app_process(tmp_path, environment={"JUST_LOOK_DRAIN_SECONDS": str(ENDS_S)}) as app:

        def twice() -> None:
            app.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert app.process.poll() is None, "the first one lets the painting go on"
            app.process.send_signal(signal.SIGTERM)

        with pytest.raises(httpx.TransportError):
            paint(app, steps=1000, then=twice)
        assert app.process.wait(ENDS_S) == 128 + signal.SIGTERM
