"""The addresses of a class, as plain routes beside Gradio's: its queue would keep two hundred phones waiting.

Only joining by a code can be guessed, and only wrong codes are counted. Everything else of a room hangs on addresses
that nobody can guess: the room's for its phones, the screen's, and the teacher's token.
"""

from __future__ import annotations

import functools
import html
import io
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import segno
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.responses import HTMLResponse as Page
from starlette.routing import Route

from demos import plain_page
from demos.classroom.live import ClassRooms, LiveRoom, UnknownRoomError
from demos.parts.signing_in import signed_in
from evaluation.qualitative.ballot import VoteError
from evaluation.qualitative.results.access import viewer
from evaluation.qualitative.results.export import MEDIA_TYPES, ExportError
from evaluation.qualitative.results.tries import TooManyTriesError
from evaluation.qualitative.store.class_votes import StoredRoom
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from lecture.classroom.room import MOST_PHONES, ClassError, views
from lecture.classroom.wrong_codes import WrongCodes
from serving.engine import Engine
from serving.engine.errors import EngineError

FILES = Path(__file__).parent / "page"
MOST_BYTES = 4_096  # of a request
NEVER_KEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second: nginx passes each event on at once
KEPT = {"Cache-Control": "private, max-age=21600, immutable", "X-Content-Type-Options": "nosniff"}
SLOW_DOWN = (
    "Too many wrong codes came from this network: scan the QR code on the screen, or wait a minute and try again."
)

Body = Mapping[str, Any]
Action = Callable[["Classroom", Request, Body], Awaitable[Response]]


class RefusedError(Exception):
    """A request that is answered with a sentence and a status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Classroom:
    """What the routes share."""

    def __init__(self, store: Store, engine: Engine) -> None:
        """Serve the rooms of a store."""
        self.rooms = ClassRooms(store, engine)
        self.wrong_codes = WrongCodes()


def routes(store: Store, engine: Engine) -> list[Route]:
    """Return all addresses of the class.

    Args:
        store: holds the rooms and the answers.
        engine: draws the pictures of the questions.
    """
    room = Classroom(store, engine)

    def post(path: str, action: Action) -> Route:
        return Route(path, functools.partial(_posted, room, action), methods=["POST"])

    def get(path: str, action: Callable[[Classroom, Request], Awaitable[Response]]) -> Route:
        return Route(path, functools.partial(_asked, room, action))

    return [
        get("/teach", _teach_page),
        get("/class", _phone_page),
        get("/c/{code}", _short),
        get("/class/screen", _screen_page),
        get("/class/page/{file}", _file),
        get("/class/screens/{token}/events", _screen_events),
        get("/class/screens/{token}/code.svg", _qr),
        get("/class/rooms/{room}/events", _phone_events),
        get("/class/rooms/{room}/pictures/{picture}", _picture),
        post("/class/join", _join),
        post("/class/rooms/{room}/answer", _answer),
        post("/class/rooms/{room}/mine", _mine),
        post("/class/rooms/{room}/withdraw", _withdraw),
        post("/teach/open", _open),
        post("/teach/state", _state),
        post("/teach/move", _move),
        post("/teach/bars", _bars),
        post("/teach/end", _end),
        post("/teach/answers", _answers),
    ]


# pages


async def _teach_page(_: Classroom, request: Request) -> Response:
    sign_in = bool(os.environ.get("OAUTH_CLIENT_ID"))  # a Space without hf_oauth has no sign-in
    values = {"name": signed_in(request) or "", "sign-in": str(sign_in).lower(), "address": _public(request)}
    return Page(_page("Teach a class", "teach", values), headers={"Cache-Control": "no-store"})


async def _phone_page(_: Classroom, request: Request) -> Response:  # noqa: ARG001
    return Page(_page("In class", "phone", {}))


async def _screen_page(_: Classroom, request: Request) -> Response:
    return Page(_page("The class's screen", "screen", {"address": _public(request)}, root="../"))


def _page(title: str, name: str, values: Mapping[str, str], *, root: str = "") -> str:
    body = (FILES / f"{name}.html").read_text(encoding="utf-8")
    for place, value in values.items():
        body = body.replace("{{%s}}" % place, html.escape(value, quote=True))  # noqa: UP031 - braces of an f-string
    styles = [FILES / "class.css", FILES / f"{name}.css"]
    scripts = ["class/page/room.js", f"class/page/{name}.js"]
    return plain_page.page(title, body, styles=styles, scripts=scripts, root=root)


async def _short(_: Classroom, request: Request) -> Response:
    """`/c/CODE`, which fits on a blackboard."""
    code = "".join(sign for sign in request.path_params["code"][:20] if sign.isalnum())
    return RedirectResponse(f"../class?code={code}", 303)


async def _file(_: Classroom, request: Request) -> Response:
    for path in FILES.glob("*.js"):
        if path.name == request.path_params["file"]:
            return FileResponse(path, headers={"Cache-Control": "public, max-age=300"})
    return PlainTextResponse("There is no such file.", 404)


async def _qr(room: Classroom, request: Request) -> Response:
    """The QR code: the room's own address, so that whoever scans it needs no code."""
    live = await room.rooms.by_screen(request.path_params["token"])
    written = io.BytesIO()
    code = segno.make(f"{_public(request)}/class#{live.stored.id}", error="m")
    code.save(written, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True, dark="#1c1917", light="#ffffff")
    return Response(written.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _public(request: Request) -> str:
    """The address that phones open: that of the setting, or the one by which the teacher came."""
    return os.environ.get("JUST_LOOK_CLASS_ADDRESS", "").rstrip("/") or plain_page.address(request)


# streams and pictures


async def _phone_events(room: Classroom, request: Request) -> Response:
    live = await room.rooms.by_id(request.path_params["room"])
    if room.rooms.is_full(live):
        raise RefusedError(f"This room has its {MOST_PHONES} phones already.", 503)
    return _stream(room, live, screen=False)


async def _screen_events(room: Classroom, request: Request) -> Response:
    return _stream(room, await room.rooms.by_screen(request.path_params["token"]), screen=True)


def _stream(room: Classroom, live: LiveRoom, *, screen: bool) -> Response:
    events = room.rooms.listen(live, screen=screen)
    return StreamingResponse(events, media_type="text/event-stream", headers=NEVER_KEPT)


async def _picture(room: Classroom, request: Request) -> Response:
    live = await room.rooms.by_id(request.path_params["room"])
    content = await room.rooms.picture(live, request.path_params["picture"])
    if content is None:
        raise RefusedError("There is no such picture, or not yet.", 404)
    return Response(content, media_type="image/png", headers=KEPT)


# what phones send


async def _join(room: Classroom, request: Request, body: Body) -> Response:
    address = _address(request)
    if room.wrong_codes.exhausted(address):
        raise RefusedError(SLOW_DOWN, 429)
    live = await room.rooms.by_code(_text(body, "code", 40))
    if live is None:
        room.wrong_codes.count(address)
        raise RefusedError("No class has this code: look at the screen again.", 404)
    return JSONResponse({"room": live.stored.id})


async def _answer(room: Classroom, request: Request, body: Body) -> Response:
    live = await room.rooms.by_id(request.path_params["room"])
    response_ms = body.get("response_ms")
    new = await room.rooms.answer(
        live,
        question=_text(body, "question", 40),
        secret=_text(body, "rater", 64),
        choice=_text(body, "choice", 16),
        response_ms=response_ms if type(response_ms) is int else None,
    )
    return JSONResponse({"counted": True, "already_counted": not new})


async def _mine(room: Classroom, request: Request, body: Body) -> Response:
    live = await room.rooms.by_id(request.path_params["room"])
    question, secret = _text(body, "question", 40), _text(body, "rater", 64)
    return JSONResponse({"choice": room.rooms.own_answer(live, question=question, secret=secret)})


async def _withdraw(room: Classroom, request: Request, body: Body) -> Response:
    live = await room.rooms.by_id(request.path_params["room"])
    return JSONResponse({"deleted": await room.rooms.withdraw(live, secret=_text(body, "rater", 64))})


# what the teacher sends


async def _open(room: Classroom, request: Request, body: Body) -> Response:
    """Open a room, or return to the one with a code: for the owner's token, or a Hub sign-in of an owner."""
    token = body.get("token")
    try:
        owner = viewer(token, signed_in(request))
    except TooManyTriesError as error:
        raise RefusedError(str(error), 429) from error
    if not owner.owns_all:
        if token:
            raise RefusedError("This is not the owner's token.", 403)
        raise RefusedError("Enter the owner's token (JUST_LOOK_OWNER_TOKEN), or sign in as an owner.", 403)
    if body.get("code"):
        stored = await room.rooms.stored(_text(body, "code", 40))
        if stored is None:
            raise RefusedError("There is no room with this code.", 404)
        return _teaching(room, stored)
    return _teaching(room, (await room.rooms.open()).stored)


def _teaching(room: Classroom, stored: StoredRoom) -> Response:
    return JSONResponse({"code": stored.code, "teacher": room.rooms.token(stored, "teacher")})


async def _state(room: Classroom, request: Request, body: Body) -> Response:  # noqa: ARG001
    """What the teacher's page asks for once: the notes on each view, and the token in the screen's address."""
    stored = await _taught(room, body)
    notes = [
        {
            "view": view.name,
            "kind": view.kind,
            "slide": view.step.slide if view.step else "Phones join",
            "notes": view.step.notes if view.step else "Wait until the phones are here, then go forward.",
            "open": view.step.open if view.step else "",
        }
        for view in views(room.rooms.lecture)
    ]
    screen = room.rooms.token(stored, "screen")
    return JSONResponse({"code": stored.code, "screen": screen, "views": notes, "ends_at": stored.ends_at.isoformat()})


async def _move(room: Classroom, request: Request, body: Body) -> Response:  # noqa: ARG001
    live = await _live(room, body)
    await room.rooms.move(live, _text(body, "to", 60))
    return JSONResponse({"view": live.state.view})


async def _bars(room: Classroom, request: Request, body: Body) -> Response:  # noqa: ARG001
    live = await _live(room, body)
    await room.rooms.show_bars(live, shown_live=body.get("bars") is True)
    return JSONResponse({"bars": live.state.bars})


async def _end(room: Classroom, request: Request, body: Body) -> Response:  # noqa: ARG001
    await room.rooms.end(await _live(room, body))
    return JSONResponse({"ended": True})


async def _answers(room: Classroom, request: Request, body: Body) -> Response:  # noqa: ARG001
    """All answers of a room as a file; also when it has ended."""
    stored, form = await _taught(room, body), str(body.get("form", "csv"))
    content = await room.rooms.in_thread(partial(room.rooms.export, stored, form))
    ending = "csv" if form == "spreadsheet" else form
    name = {"Content-Disposition": f'attachment; filename="class-{stored.code}.{ending}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=name)


async def _taught(room: Classroom, body: Body) -> StoredRoom:
    """The room that a teacher's token is for; a code without the token says nothing about whether it exists."""
    stored = await room.rooms.stored(_text(body, "code", 40))
    if stored is None or not room.rooms.teaches(stored, body.get("teacher")):
        raise RefusedError("This browser has not opened this room: enter the owner's token.", 403)
    return stored


async def _live(room: Classroom, body: Body) -> LiveRoom:
    return await room.rooms.by_id((await _taught(room, body)).id)


# every request


async def _asked(
    room: Classroom, action: Callable[[Classroom, Request], Awaitable[Response]], request: Request
) -> Response:
    return await _answered(action(room, request))


async def _posted(room: Classroom, action: Action, request: Request) -> Response:
    async def read_and_act() -> Response:
        return await action(room, request, await _read(request))

    return await _answered(read_and_act())


async def _answered(reply: Awaitable[Response]) -> Response:
    """The reply, or a sentence in its place: what a visitor did wrong is a 4xx, what we lack a 503."""
    try:
        return await reply
    except RefusedError as error:
        return _refusal(error, error.status)
    except UnknownRoomError as error:
        return _refusal(error, 404)
    except (ClassError, VoteError, ExportError) as error:
        return _refusal(error, 409)
    except (StoreUnavailableError, EngineError) as error:
        return _refusal(error, 503)


def _refusal(error: Exception, status: int) -> Response:
    return JSONResponse({"refused": str(error)}, status, headers={"Cache-Control": "no-store"})


async def _read(request: Request) -> Body:
    """The object that a page of ours sent; another site's page is refused, whatever cookies come with it."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RefusedError("This came from another site: open the page itself.", 403)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise RefusedError("Send JSON.", 415)
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise RefusedError(f"That is more than {MOST_BYTES:,} bytes.", 413)
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise RefusedError("That is no JSON.") from None
    if not isinstance(body, dict):
        raise RefusedError("Send an object of JSON.")
    return body


def _text(body: Body, name: str, longest: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise RefusedError(f"{name} must be a text of 1 to {longest} characters.")
    return value


def _address(request: Request) -> str:
    """Where a request comes from, as the server believes it (`evaluation.qualitative.session.proxies`)."""
    return request.client.host if request.client else ""
