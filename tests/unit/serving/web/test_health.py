import threading
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from serving.web import health
from serving.web.ending import Ending


def fails() -> None:
    raise OSError("the disk of 10.0.0.7 is full")


def test_a_failing_check_is_named_and_its_reason_is_only_in_the_log(caplog: pytest.LogCaptureFixture):
    client = TestClient(Starlette(routes=health.routes({"weights": lambda: None, "votes": fails})))

    reply = client.get("/readyz")

    assert (reply.status_code, reply.json()) == (503, {"weights": "ok", "votes": "failing"})
    assert "not ready: votes: OSError: the disk of 10.0.0.7 is full" in caplog.text
    assert client.get("/healthz").text == "ok"


def test_an_app_without_a_failing_check_is_ready():
    client = TestClient(Starlette(routes=health.routes({"weights": lambda: None})))
    assert client.get("/readyz").status_code == 200


def test_a_process_that_ends_says_so_instead_of_failing(caplog: pytest.LogCaptureFixture):
    ending = Ending()
    client = TestClient(Starlette(routes=health.routes({"process": ending.check})))
    assert client.get("/readyz").json() == {"process": "ok"}
    ending.begin()
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json()) == (503, {"process": "draining"})
    assert caplog.text == ""


def test_a_check_that_hangs_fails_and_takes_one_thread_only():
    hangs, calls = threading.Event(), []

    def hang() -> None:
        calls.append(1)
        hangs.wait()

    client = TestClient(Starlette(routes=health.routes({"votes": hang, "weights": lambda: None}, patience_s=0.05)))
    with client:  # one loop for all requests
        for _ in range(3):
            assert client.get("/readyz").json() == {"votes": "failing", "weights": "ok"}
        assert len(calls) == 1
        hangs.set()
        deadline = time.monotonic() + 20
        while (status := client.get("/readyz").status_code) != 200 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert status == 200
