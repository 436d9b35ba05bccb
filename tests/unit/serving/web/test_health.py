import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from serving.web import health


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
