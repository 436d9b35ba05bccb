"""Downloads of a study's votes and results, as plain addresses that any browser or script can fetch.

    GET rating/export/STUDY/KIND                       for those who may see the results
    GET rating/export/STUDY/KIND?until=…&key=…         for a page that was allowed to, for some minutes

A file is sent as it is made, with the same memory however long it is, and made beside the app (`files`). The owner's
token never stands in an address: the page sends it once and gets an address with a key of its own, a script sends it
in the header `Authorization: Bearer`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from demos.just_look.reports import files
from demos.just_look.reports.files import LOOK_S, GrowingFile
from demos.just_look.reports.kept import KeptReports
from demos.parts.apart import Apart, BusyError
from demos.parts.beside import NotComputedError
from demos.parts.signing_in import signed_in
from evaluation.qualitative.results.access import NOT_PUBLIC, NotPublicError, Viewer, permitted, viewer
from evaluation.qualitative.results.tries import TooManyTriesError
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from serving.web import replies, visitor

PATH = "rating/export"
LINK_S = 600  # for which a page's link works
PATIENCE_S = 15.0  # until the answer begins; what is made more slowly arrives later
MOST_READING = 200  # downloads at once
MOST_EACH = 8  # from a network address
BYTES_PER_S = 64 * 2**20  # of all downloads together: the interpreter is there for votes too
OLD_LINK = "This link has expired: open the results page and choose the file again."
CROWDED = "Very many files are being downloaded: try again in a minute."
FULL = "The server could not write the file: its disk is full or read-only. Try again later."


class Exports:
    """The downloads of all studies. Safe to share between threads."""

    def __init__(self, library: StudyLibrary, store: Store, reports: KeptReports) -> None:
        """Take the studies, the vote database, whose key signs links, and what makes the files."""
        self._library, self._store, self.reports = library, store, reports
        self._threads = Apart(threads=4, name="exports")
        self._reading: Counter[str] = Counter()  # downloads by network address

    def routes(self) -> list[Route]:
        """The addresses."""
        return [Route(f"/{PATH}/{{study}}/{{kind}}", self._answer)]

    async def link(self, study: str, kind: str, checked: bool, reader: Viewer) -> dict[str, str]:
        """Have a file made, and return its name and an address for the next minutes, once there is something to read.

        Raises:
            StudyError: the viewer may not see it, or it can't be made.
            StoreUnavailableError: the database does not answer.
            BusyError, NotComputedError: it can't be made now.
        """
        name, _ = files.named(study, kind)
        await _begun(await self._threads.run(self._order, study, kind, checked, reader))
        owner, until = reader.owns(self._library.read(study)), int(time.time()) + LINK_S
        query = {**({} if checked else {"flagged": 1}), **({"owner": 1} if owner else {}), "until": until}
        key = self._key(study, kind, checked, owner, until)
        return {"name": name, "url": f"{PATH}/{study}/{quote(kind, safe=':')}?{urlencode({**query, 'key': key})}"}

    async def _answer(self, request: Request) -> Response:
        """Send a file, or a sentence in its place."""
        study, kind = request.path_params["study"], request.path_params["kind"]
        try:
            name, media = files.named(study, kind)
            if self._reading.total() >= MOST_READING or self._reading[visitor.address()] >= MOST_EACH:
                raise BusyError(CROWDED)
            file = await self._threads.run(self._asked, request, study, kind)
            if file is not None:
                await _begun(file)
        except (BusyError, NotComputedError, StoreUnavailableError) as error:
            return replies.refusal(503, str(error))
        except TooManyTriesError as error:
            return replies.refusal(429, str(error))
        except NotPublicError as error:
            return replies.refusal(403, str(error))
        except StudyError as error:
            return replies.refusal(404, str(error))
        except OSError:
            return replies.refusal(503, FULL)
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",  # nginx passes each piece on at once
        }
        if file is None:
            return Response(None, headers=headers, media_type=media)
        if file.made.done():
            headers["Content-Length"] = str(file.size)
        return _Download(self, file, headers=headers, media_type=media)

    def _asked(self, request: Request, study: str, kind: str) -> GrowingFile | None:
        """The file that a request is for; None where only its headers are (HEAD).

        Raises:
            StudyError: the viewer may not see it.
        """
        query, checked = request.query_params, "flagged" not in request.query_params
        if "key" in query:
            self._check_key(study, kind, checked, query)
        else:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            reader = viewer(token.strip() if scheme.lower() == "bearer" else "", signed_in(request))
            permitted(self._library, study, reader)
        if request.method == "HEAD":
            return None
        ready = self.reports.ordered(study, kind, checked=checked) if "key" in query else None
        return ready or self.reports.order(study, kind, checked=checked)

    def _order(self, study: str, kind: str, checked: bool, reader: Viewer) -> GrowingFile:
        permitted(self._library, study, reader)
        return self.reports.order(study, kind, checked=checked)

    def _check_key(self, study: str, kind: str, checked: bool, query: QueryParams) -> None:
        until, owner = query.get("until", ""), "owner" in query
        expected = self._key(study, kind, checked, owner, until)
        if not hmac.compare_digest(query["key"].encode("utf-8", "replace"), expected.encode()):
            raise NotPublicError(NOT_PUBLIC)
        if not until.isdecimal() or int(until) < time.time():
            raise NotPublicError(OLD_LINK)
        if not owner:  # what is public may have been hidden since
            permitted(self._library, study, Viewer())

    def _key(self, study: str, kind: str, checked: bool, owner: bool, until: int | str) -> str:
        """The key of a link, which only those with the database's key can make."""
        text = "\n".join(("export", study, kind, str(checked), str(owner), str(until)))
        return hmac.new(bytes.fromhex(self._store.key), text.encode(errors="replace"), hashlib.sha256).hexdigest()[:40]

    @contextmanager
    def reading(self, file: GrowingFile) -> Iterator[None]:
        """Count a download while it lasts, and want its file."""
        address = visitor.address()
        self._reading[address] += 1
        try:
            with file.reading():
                yield
        finally:
            self._reading[address] -= 1
            if not self._reading[address]:
                del self._reading[address]

    async def pieces(self, file: GrowingFile) -> AsyncIterator[bytes]:
        """Yield a file from its beginning, as fast as it grows and as all downloads together may be sent."""
        place = 0
        while (piece := await asyncio.to_thread(file.read, place)) != b"":
            if piece is None:
                await asyncio.sleep(LOOK_S)
                continue
            place += len(piece)
            yield piece
            await asyncio.sleep(len(piece) * self._reading.total() / BYTES_PER_S)


async def _begun(file: GrowingFile) -> None:
    """Wait until there is something to read, or for some seconds.

    Raises:
        Exception: why the file can't be made.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not file.begun() and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_S)


class _Download(StreamingResponse):
    """A file on its way. It is not made any further when the last visitor who wants it has left."""

    def __init__(self, exports: Exports, file: GrowingFile, *, headers: dict[str, str], media_type: str) -> None:
        super().__init__(exports.pieces(file), headers=headers, media_type=media_type)
        self._exports, self._file = exports, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._exports.reading(self._file):
            await super().__call__(scope, receive, send)
