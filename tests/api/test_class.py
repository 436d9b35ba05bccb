"""A class on the real server: the stream of a room beside Gradio, and a kill in the middle of a question."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.app_server import OWNER_TOKEN, PATIENCE_S, AppProcess

PHONE = "a-phone-of-the-class"


def post(app: AppProcess, path: str, body: dict) -> dict:
    reply = httpx.post(f"{app.url}{path}", json=body, timeout=PATIENCE_S)
    return reply.raise_for_status().json()


@contextmanager
def states(app: AppProcess, path: str) -> Iterator[Iterator[dict]]:
    """The states of a room, as its stream brings them."""
    with httpx.stream("GET", f"{app.url}{path}", timeout=PATIENCE_S) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        yield (json.loads(line.removeprefix("data: ")) for line in reply.iter_lines() if line.startswith("data: "))


def test_a_lesson_goes_on_after_the_server_was_killed_in_the_middle_of_a_question(app: AppProcess):
    key = post(app, "/teach/open", {"token": OWNER_TOKEN})
    screen = f"/class/screens/{post(app, '/teach/state', key)['screen']}/events"
    room = f"/class/rooms/{post(app, '/class/join', {'code': key['code']})['room']}"
    answer = {"rater": PHONE, "question": "just-look", "choice": "left", "response_ms": 1_200}

    with states(app, f"{room}/events") as phone, states(app, screen) as big:
        assert next(phone)["kind"] == next(big)["kind"] == "lobby"
        post(app, "/teach/move", {**key, "to": "just-look:question"})
        asked = next(state for state in phone if state["kind"] == "question")
        assert post(app, f"{room}/answer", answer) == {"counted": True, "already_counted": False}
        assert next(state for state in big if state.get("answers") == 1)["bars"][0]["count"] == 1
    pictures = [f"{app.url}{room}/pictures/{picture['id']}" for picture in asked["question"]["pictures"]]
    before = [httpx.get(picture, timeout=PATIENCE_S).content for picture in pictures]

    app.kill()
    app.start()

    with states(app, f"{room}/events") as phone, states(app, screen) as big:
        assert next(phone) == asked
        assert next(big)["answers"] == 1
        assert post(app, f"{room}/answer", answer) == {"counted": True, "already_counted": True}
        post(app, "/teach/move", {**key, "to": "next"})
        truth = next(state for state in phone if state["kind"] == "truth")
    assert truth["answers"] == 1
    assert [httpx.get(picture, timeout=PATIENCE_S).content for picture in pictures] == before
    post(app, "/teach/end", key)
