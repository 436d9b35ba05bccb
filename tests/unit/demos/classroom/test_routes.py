"""The addresses of a class: who may do what, what is told before the truth, and what is refused how."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from demos.classroom.live import ClassRooms
from demos.classroom.routes import routes
from evaluation.qualitative.results import access
from evaluation.qualitative.results.tries import Tries
from evaluation.qualitative.store import class_votes
from evaluation.qualitative.store.store import Store
from lecture.classroom import room as rules
from lecture.path import lecture
from serving.engine.errors import EngineError
from serving.local import LocalEngine
from serving.web.visitor import KnownVisitor

OWNER = "the-owner"
PHONE = "a-phone-of-the-class"
QUESTIONS = [step.name for step in lecture().steps if step.question]


@pytest.fixture
def database_url(tmp_path) -> str:
    """SQLite alone: the store's own tests run on both."""
    return f"sqlite:///{tmp_path}/votes.sqlite3"


@pytest.fixture
def client(store: Store, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", OWNER)
    monkeypatch.setattr(access, "_tries", Tries(most=10))
    with TestClient(KnownVisitor(Starlette(routes=routes(store, engine)))) as client:
        yield client


class Lesson:
    """A room with its teacher."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.key = client.post("/teach/open", json={"token": OWNER}).json()
        self.room = client.post("/class/join", json={"code": self.key["code"]}).json()["room"]

    def teach(self, action: str, **body: object):
        return self.client.post(f"/teach/{action}", json={**self.key, **body})

    def phone(self, action: str, **body: object):
        return self.client.post(f"/class/rooms/{self.room}/{action}", json={"rater": PHONE, **body})


@pytest.fixture
def lesson(client: TestClient) -> Lesson:
    return Lesson(client)


def state_of(store: Store, engine: LocalEngine, code: str, *, screen: bool = False) -> dict:
    """The first state that a phone or a screen gets which connects now."""

    async def first() -> dict:
        rooms = ClassRooms(store, engine)
        live = await rooms.by_code(code)
        assert live is not None
        stream = rooms.listen(live, screen=screen)
        assert await anext(stream) == b"retry: 1000\n\n"
        event = await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        return json.loads(event.removeprefix(b"data: "))

    return asyncio.run(first())


def test_a_class_answers_and_sees_the_truth(lesson: Lesson, store: Store, engine: LocalEngine):
    assert lesson.teach("move", to="gan:question").json() == {"view": "gan:question"}
    asked = state_of(store, engine, lesson.key["code"])["question"]
    assert lesson.phone("answer", question="gan", choice="2", response_ms=900).json() == {
        "counted": True,
        "already_counted": False,
    }
    assert lesson.phone("mine", question="gan").json() == {"choice": "2"}
    lesson.teach("move", to="next")

    state = state_of(store, engine, lesson.key["code"])
    assert [option for option, _ in asked["options"]] == ["1", "2", "3", "4"]
    assert state["kind"] == "truth"
    assert state["answers"] == 1
    assert state["bars"][1]["count"] == 1
    assert state["truth"]["revealed"].count("drawn by the generator") == 1
    assert state["truth"]["revealed"][int(state["truth"]["expected"]) - 1] == "drawn by the generator"


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_tells_the_truth_before_it_is_shown(question: str, lesson: Lesson, store: Store, engine: LocalEngine):
    code, client = lesson.key["code"], lesson.client
    lesson.teach("move", to=f"{question}:question")
    step = lecture().step(question)
    assert step is not None
    assert step.question is not None

    for screen in (False, True):
        state = state_of(store, engine, code, screen=screen)
        text = json.dumps({name: value for name, value in state.items() if name != "open"})  # it names the generator
        assert "truth" not in state
        for word in ("expected", "revealed", *(source.title for source in step.question.sources)):
            assert f'"{word}"' not in text
        assert not any(source.model and source.model in text for source in step.question.sources)
    files = [
        client.get(f"/class/rooms/{lesson.room}/pictures/{picture['id']}") for picture in state["question"]["pictures"]
    ]
    assert {reply.status_code for reply in files} == {200}
    assert len({len(reply.content) for reply in files}) == 1
    assert len({tuple(sorted(reply.headers.items())) for reply in files}) == 1
    pictures = [Image.open(io.BytesIO(reply.content)) for reply in files]
    assert [picture.info for picture in pictures] == [{}] * len(pictures)
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_a_picture_is_not_there_before_its_question(lesson: Lesson, store: Store, engine: LocalEngine):
    lesson.teach("move", to="gan:slide")

    async def identifier() -> str:
        rooms = ClassRooms(store, engine)
        live = await rooms.by_code(lesson.key["code"])
        assert live is not None
        return rooms.asked(live, "gan").pictures[0].id

    address = f"/class/rooms/{lesson.room}/pictures/{asyncio.run(identifier())}"

    assert lesson.client.get(address).status_code == 404
    lesson.teach("move", to="next")
    assert lesson.client.get(address).status_code == 200


def test_an_answer_counts_once_and_not_after_the_truth(lesson: Lesson):
    early = lesson.phone("answer", question="gan", choice="1")
    lesson.teach("move", to="gan:question")
    first, again, other = (lesson.phone("answer", question="gan", choice=choice) for choice in ("1", "1", "2"))
    lesson.teach("move", to="next")
    late = lesson.client.post(
        f"/class/rooms/{lesson.room}/answer", json={"rater": "another-phone-of-it", "question": "gan", "choice": "1"}
    )

    assert (early.status_code, first.status_code, again.status_code) == (409, 200, 200)
    assert "not been asked" in early.json()["refused"]
    assert again.json()["already_counted"]
    assert (other.status_code, late.status_code) == (409, 409)
    assert "truth has been shown" in late.json()["refused"]


def test_a_screen_hides_the_answers_where_the_teacher_says_so(lesson: Lesson, store: Store, engine: LocalEngine):
    lesson.teach("move", to="just-look:question")
    lesson.phone("answer", question="just-look", choice="left")
    visible = state_of(store, engine, lesson.key["code"], screen=True)
    lesson.teach("bars", bars=False)
    hidden = state_of(store, engine, lesson.key["code"], screen=True)

    assert visible["bars"][0]["count"] == 1
    assert "bars" not in hidden
    assert hidden["answers"] == 1
    assert "bars" not in state_of(store, engine, lesson.key["code"])


def test_only_the_teacher_of_a_room_moves_it(client: TestClient, lesson: Lesson):
    other = client.post("/teach/open", json={"token": OWNER}).json()

    for teacher in ("", "x" * 40, other["teacher"], None, 7):
        for action in ("state", "move", "bars", "end", "answers"):
            reply = client.post(f"/teach/{action}", json={"code": lesson.key["code"], "teacher": teacher, "to": "next"})
            assert reply.status_code == 403, action
    unknown = client.post("/teach/move", json={"code": "ZZZZZZ", "teacher": "x" * 40, "to": "next"})
    assert unknown.json() == reply.json()  # a guesser does not learn whether the code is right


def test_only_an_owner_opens_a_room_and_tokens_are_not_guessed(client: TestClient):
    assert client.post("/teach/open", json={}).status_code == 403
    statuses = [client.post("/teach/open", json={"token": f"wrong-{number}"}).status_code for number in range(12)]

    assert statuses[:10] == [403] * 10
    assert statuses[10:] == [429, 429]
    assert client.post("/teach/open", json={"token": OWNER}).status_code == 429


def test_the_page_offers_a_sign_in_where_the_app_has_one(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPACE_ID", "somebody/just-look")
    monkeypatch.delenv("OAUTH_CLIENT_ID", raising=False)
    assert 'data-sign-in="false"' in client.get("/teach").text
    monkeypatch.setenv("OAUTH_CLIENT_ID", "an-app")
    assert 'data-sign-in="true"' in client.get("/teach").text


def test_an_owner_returns_to_a_room_from_another_browser(client: TestClient, lesson: Lesson):
    again = client.post("/teach/open", json={"token": OWNER, "code": lesson.key["code"].lower()})

    assert again.json() == lesson.key
    assert client.post("/teach/open", json={"token": OWNER, "code": "ZZZZZZ"}).status_code == 404


def test_wrong_codes_are_limited_and_the_class_goes_on(client: TestClient, lesson: Lesson):
    lesson.teach("move", to="gan:question")
    for _ in range(200):  # a class behind one address
        assert client.post("/class/join", json={"code": lesson.key["code"]}).status_code == 200
    statuses = [client.post("/class/join", json={"code": f"ZZZZ{number:02}"}).status_code for number in range(70)]

    assert statuses[:60] == [404] * 60
    assert 429 in statuses[60:]
    refused = client.post("/class/join", json={"code": lesson.key["code"]})
    assert refused.status_code == 429
    assert "QR code" in refused.json()["refused"]
    assert lesson.phone("answer", question="gan", choice="1").status_code == 200


def test_who_deletes_the_answers_is_counted_no_more(lesson: Lesson, store: Store, engine: LocalEngine):
    lesson.teach("move", to="gan:question")
    lesson.phone("answer", question="gan", choice="1")

    assert lesson.phone("withdraw").json() == {"deleted": 1}

    assert state_of(store, engine, lesson.key["code"], screen=True)["answers"] == 0
    assert lesson.phone("answer", question="gan", choice="1").status_code == 409


def test_a_closed_room_is_over_and_its_answers_can_be_had(lesson: Lesson):
    lesson.teach("move", to="gan:question")
    lesson.phone("answer", question="gan", choice="1")
    lesson.teach("end")

    assert lesson.phone("answer", question="gan", choice="1").status_code == 404
    assert lesson.client.post("/class/join", json={"code": lesson.key["code"]}).status_code == 404
    file = lesson.teach("answers")
    assert file.status_code == 200
    assert file.text.count("class") == 2
    assert f"class-{lesson.key['code']}.csv" in file.headers["content-disposition"]
    assert lesson.teach("answers", form="docx").status_code == 409


def test_rooms_and_phones_have_bounds(client: TestClient, lesson: Lesson, monkeypatch: pytest.MonkeyPatch):
    lesson.teach("move", to="gan:question")
    lesson.phone("answer", question="gan", choice="1")
    monkeypatch.setattr(rules, "MOST_PHONES", 1)
    monkeypatch.setattr(rules, "MOST_ROOMS", 1)

    other = {"rater": "another-phone-of-it", "question": "gan", "choice": "1"}
    full = client.post(f"/class/rooms/{lesson.room}/answer", json=other)
    assert "phones already" in full.json()["refused"]
    assert "Too many rooms" in client.post("/teach/open", json={"token": OWNER}).json()["refused"]


@pytest.mark.parametrize("hours", ["0", "49", "nan", "a day"])
def test_the_hours_of_a_room_are_a_number_up_to_48(hours: str, client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_CLASS_HOURS", hours)

    refused = client.post("/teach/open", json={"token": OWNER})

    assert refused.status_code == 409
    assert f"got '{hours}'" in refused.json()["refused"]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[1]", {}, 400),
        (b"[" * 3_000, {}, 400),
        (b'{"code": 7}', {}, 400),
        (b'{"code": "\\u0000"}', {}, 400),
        (b'{"code": "' + b"x" * 5_000 + b'"}', {}, 413),
        (b'{"code": "BCDFGH"}', {"content-type": "text/plain"}, 415),
        (b'{"code": "BCDFGH"}', {"sec-fetch-site": "cross-site"}, 403),
        (b'{"code": "BCDFGH"}', {}, 404),
    ],
)
def test_rubbish_gets_a_sentence(client: TestClient, content: bytes, headers: dict, status: int):
    reply = client.post("/class/join", content=content, headers={"content-type": "application/json", **headers})

    assert reply.status_code == status
    assert reply.json()["refused"].endswith((".", "again."))


@pytest.mark.parametrize("ms", ["fast", 1.5, True, None, 10**12, -1])
def test_a_response_time_of_another_kind_is_left_out_or_refused(lesson: Lesson, ms: object):
    lesson.teach("move", to="gan:question")

    reply = lesson.phone("answer", question="gan", choice="1", response_ms=ms)

    assert reply.status_code == (409 if type(ms) is int else 200)


def test_the_qr_code_and_the_short_address_lead_to_the_class(
    client: TestClient, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
):
    screen = lesson.teach("state").json()["screen"]
    there, set_up = (client.get(f"/class/screens/{screen}/code.svg").content for _ in range(2))
    monkeypatch.setenv("JUST_LOOK_CLASS_ADDRESS", "https://look.example/")
    elsewhere = client.get(f"/class/screens/{screen}/code.svg").content

    assert there == set_up != elsewhere
    assert there.startswith(b"<svg")
    assert "https://look.example" in client.get("/class/screen").text
    short = client.get(f"/c/{lesson.key['code']}", follow_redirects=False)
    assert short.headers["location"] == f"../class?code={lesson.key['code']}"
    assert client.get("/class/screens/nothing/code.svg").status_code == 404


def test_a_room_tells_a_change_to_all_who_listen_and_an_answer_to_screens_alone(store: Store, engine: LocalEngine):
    async def lesson() -> None:
        rooms = ClassRooms(store, engine)
        live = await rooms.open()
        phone, screen = rooms.listen(live, screen=False), rooms.listen(live, screen=True)

        async def event(stream: AsyncIterator[bytes]) -> dict:
            return json.loads((await asyncio.wait_for(anext(stream), 30)).removeprefix(b"data: "))

        for stream in (phone, screen):
            await anext(stream)
            assert (await event(stream))["kind"] == "lobby"
        assert live.phones == 1
        await rooms.move(live, "just-look:question")
        assert (await event(phone))["view"] == (await event(screen))["view"] == "just-look:question"
        await rooms.answer(live, question="just-look", secret=PHONE, choice="tie", response_ms=None)
        assert (await event(screen))["answers"] == 1
        await rooms.end(live)
        assert (await event(phone))["kind"] == "ended"  # no event for the answer came before
        with pytest.raises(StopAsyncIteration):
            await anext(phone)
        await screen.aclose()  # type: ignore[attr-defined]
        assert live.streams == set()

    asyncio.run(lesson())


def test_the_counts_stay_those_of_the_store_while_some_answer_and_others_delete_their_answers(
    store: Store, engine: LocalEngine
):
    def phone(number: int) -> str:
        return f"a-phone-of-the-class-{number}"

    async def lesson() -> None:
        rooms = ClassRooms(store, engine)
        live = await rooms.open()
        for question in ("gan", "just-look"):
            await rooms.move(live, f"{question}:question")
        for number in range(6):
            await rooms.answer(live, question="gan", secret=phone(number), choice="1", response_ms=None)
        await asyncio.gather(
            *(rooms.withdraw(live, secret=phone(number)) for number in (0, 1, 1, 2)),
            *(
                rooms.answer(live, question="just-look", secret=phone(number), choice="tie", response_ms=None)
                for number in range(3, 9)
            ),
        )

        assert live.counts("gan") == {"1": 3}
        assert live.counts("just-look") == {"tie": 6}
        assert live.answers == class_votes.answers(store, room=live.stored.id)
        assert rooms.own_answer(live, question="gan", secret=phone(1)) is None

    asyncio.run(lesson())


def test_the_pictures_of_a_question_are_drawn_once_for_all_phones_and_again_after_an_error(
    store: Store, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
):
    sample, drawn = engine.sample, []

    def fails_first(*args: Any, **fields: Any) -> Any:
        drawn.append(args)
        if len(drawn) == 1:
            raise EngineError("The worker is gone: try again.")
        return sample(*args, **fields)

    monkeypatch.setattr(engine, "sample", fails_first)

    async def lesson() -> None:
        rooms = ClassRooms(store, engine)
        live = await rooms.open()
        await rooms.move(live, "gan:question")
        wanted = rooms.asked(live, "gan").pictures[0].id
        with pytest.raises(EngineError):
            await rooms.picture(live, wanted)
        files = await asyncio.gather(*(rooms.picture(live, wanted) for _ in range(50)))

        assert len(drawn) == 2
        assert len(set(files)) == 1
        assert (files[0] or b"").startswith(b"\x89PNG")

    asyncio.run(lesson())


def test_a_new_process_goes_on_where_the_old_one_was(lesson: Lesson, store: Store, engine: LocalEngine):
    lesson.teach("move", to="real-or-fake:question")
    lesson.phone("answer", question="real-or-fake", choice="9")

    again = Starlette(routes=routes(store, engine))
    with TestClient(again) as client:
        state = state_of(store, engine, lesson.key["code"], screen=True)
        address = f"/class/rooms/{lesson.room}/pictures/{state['question']['pictures'][0]['id']}"
        assert (state["view"], state["answers"]) == ("real-or-fake:question", 1)
        assert client.get(address).content == lesson.client.get(address).content
        assert client.post(
            f"/class/rooms/{lesson.room}/mine", json={"rater": PHONE, "question": "real-or-fake"}
        ).json() == {"choice": "9"}
