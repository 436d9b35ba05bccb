"""Downloads: the file as it grows, for those who may see it, by addresses in which no token stands."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Message

from demos.just_look.reports import exports as module
from demos.just_look.reports.exports import Exports
from demos.just_look.reports.files import Files, GrowingFile
from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.results import access, tries
from evaluation.qualitative.results.access import Viewer
from evaluation.qualitative.results.export import export
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from serving.web.visitor import KnownVisitor
from tests.support.votes import DIGITS

OPEN, HIDDEN, TOKEN = DIGITS.name, "hidden", "the owner's"
FILES = {"csv", "jsonl", "parquet", "spreadsheet", "study"}


class FakeReports:
    """Makes the files in this process, in threads, and stops where a test wants it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._files = Files()
        self.go_on = threading.Event()
        self.go_on.set()
        self.given_up = threading.Event()
        self.made = 0

    def order(self, study: str, kind: str, *, checked: bool) -> GrowingFile:
        def write(path: str, wanted: Callable[[], bool]) -> None:
            if kind == "release":
                raise StudyError("there is nothing to release yet: nobody has voted")
            self.made += 1
            with Path(path).open("wb") as file:
                for piece in export(self._store, study, form=kind):
                    file.write(piece)
                    file.flush()
                    while not self.go_on.wait(0.01):
                        if not wanted():
                            self.given_up.set()
                            raise RuntimeError

        return self._files.order((study, kind, checked), lambda: self._store.version(study), write, maker="votes")

    def ordered(self, study: str, kind: str, *, checked: bool) -> GrowingFile | None:
        return self._files.ordered((study, kind, checked))


class Site:
    def __init__(self, folder: Path) -> None:
        (folder / f"{OPEN}.toml").write_text(DIGITS.origin.text)
        (folder / f"{HIDDEN}.toml").write_text(f'results = "owner"\nowners = ["somebody"]\n{DIGITS.origin.text}')
        self.folder, self.library = folder, StudyLibrary(folder, folder / "brought")
        self.store = Store(f"sqlite:///{folder / 'votes.sqlite3'}")
        for study in (OPEN, HIDDEN):
            self.vote(study)
        self.reports = FakeReports(self.store)
        self.exports = Exports(self.library, self.store, self.reports)  # type: ignore[arg-type]
        self.app = KnownVisitor(Starlette(routes=[*self.exports.routes()]))
        self.client = TestClient(self.app)

    def vote(self, study: str = OPEN) -> None:
        rater = new_rater()
        ballot = self.store.issue(draw(self.library.read(study), rater=rater))
        self.store.cast(ballot.id, rater=rater, choice="left", response_ms=2_000)

    def link(self, study: str, kind: str = "csv", viewer: Viewer | None = None) -> str:
        return "/" + asyncio.run(self.exports.link(study, kind, True, viewer or Viewer()))["url"]

    def votes(self, study: str = OPEN, form: str = "csv") -> bytes:
        return b"".join(export(self.store, study, form=form))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("JUST_LOOK_OWNER_TOKEN", TOKEN)
    site = Site(tmp_path)
    yield site
    site.reports.go_on.set()
    site.store.close()


@pytest.mark.parametrize("form", ["csv", "spreadsheet", "jsonl", "parquet"])
def test_anybody_fetches_public_votes_whole(site: Site, form: str):
    answer = site.client.get(f"/rating/export/{OPEN}/{form}")

    assert answer.status_code == 200
    assert answer.content == site.votes(form=form)
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{OPEN}')
    assert answer.headers["cache-control"] == "no-store"
    again = site.client.get(f"/rating/export/{OPEN}/{form}")
    assert again.headers["content-length"] == str(len(answer.content)), "of a finished file the browser knows the end"
    assert site.reports.made == 1
    site.vote()
    assert site.client.get(f"/rating/export/{OPEN}/{form}").content == site.votes(form=form)


def test_hidden_votes_are_for_the_owner_alone(site: Site):
    address = f"/rating/export/{HIDDEN}/csv"
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
        refused = site.client.get(address, headers=headers)
        assert refused.status_code == 403
        assert "not public" in refused.json()["error"]
        assert site.client.head(address, headers=headers).status_code == 403
    assert site.client.get(f"{address}?token={TOKEN}").status_code == 403, "a token in an address counts nothing"
    assert site.reports.made == 0

    allowed = site.client.get(address, headers={"authorization": f"Bearer {TOKEN}"})
    assert allowed.content == site.votes(HIDDEN)


def test_guesses_of_the_token_are_limited_here_too(site: Site):
    client = TestClient(site.app, client=("203.0.113.77", 5000))
    statuses = [
        client.get(f"/rating/export/{HIDDEN}/csv", headers={"authorization": f"Bearer {number}"}).status_code
        for number in range(tries.MOST + 2)
    ]
    assert statuses == [403] * tries.MOST + [429] * 2
    assert access.viewer(TOKEN).trusted, "outside a request nothing is limited"


def test_a_page_that_was_allowed_gets_an_address_without_the_token(site: Site):
    with pytest.raises(StudyError, match="not public"):
        site.link(HIDDEN)
    link = site.link(HIDDEN, viewer=Viewer(trusted=True))

    assert TOKEN.split()[0] not in link
    assert site.client.get(link).content == site.votes(HIDDEN)
    changed = (
        link.replace(HIDDEN, OPEN),
        link.replace("/csv", "/jsonl"),
        link.replace("until=", "until=9"),
        link.replace("owner=1&", ""),
        f"{link}&flagged=1",
        link[:-1],
    )
    for other in changed:
        assert site.client.get(other).status_code == 403, other


def test_an_address_expires_and_shows_nothing_that_was_hidden_since(site: Site, monkeypatch: pytest.MonkeyPatch):
    link = site.link(OPEN)
    assert site.client.get(link).status_code == 200
    (site.folder / f"{OPEN}.toml").write_text(f'results = "owner"\nowners = ["somebody"]\n{DIGITS.origin.text}')
    assert site.client.get(link).status_code == 403

    owners = site.link(HIDDEN, viewer=Viewer(trusted=True))
    later = time.time() + module.LINK_S + 1
    monkeypatch.setattr(module.time, "time", lambda: later)
    expired = site.client.get(owners)
    assert expired.status_code == 403
    assert "expired" in expired.json()["error"]


def test_the_file_of_a_link_is_the_one_that_was_made_for_it_though_votes_came(site: Site):
    link, votes = site.link(OPEN), site.votes()
    site.vote()
    assert site.client.get(link).content == votes
    assert site.reports.made == 1


def test_what_does_not_exist_or_cannot_be_made_is_said_in_a_sentence(site: Site):
    for address, words in (
        ("/rating/export/nothing/csv", "there is no study"),
        (f"/rating/export/{OPEN}/xlsx", "can't be exported"),
        (f"/rating/export/{OPEN}/release", "nobody has voted"),
    ):
        answer = site.client.get(address)
        assert answer.status_code == 404
        assert words in answer.json()["error"]
    with pytest.raises(StudyError, match="nobody has voted"):
        site.link(OPEN, "release")


def test_a_request_for_the_headers_alone_makes_no_file(site: Site):
    answer = site.client.head(f"/rating/export/{OPEN}/csv")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{OPEN}.csv"'
    assert site.reports.made == 0


def test_a_full_disk_is_said(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(site.reports, "order", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    answer = site.client.get(f"/rating/export/{OPEN}/csv")
    assert answer.status_code == 503
    assert "disk is full" in answer.json()["error"]


async def fetched(site: Site, *, until_bytes: int) -> list[Message]:
    """Fetch by hand, and leave after some bytes."""
    sent: list[Message] = []
    left = asyncio.Event()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if sum(len(part.get("body", b"")) for part in sent) >= until_bytes:
            left.set()

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": f"/rating/export/{OPEN}/csv",
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.9", 5000),
    }
    await site.app(scope, receive, send)
    return sent


def test_a_reader_gets_what_there_is_and_a_file_is_given_up_when_the_reader_leaves(site: Site):
    site.reports.go_on.clear()  # the writer stops after its first piece

    sent = asyncio.run(fetched(site, until_bytes=1))

    assert sent[0]["status"] == 200
    assert b"".join(part.get("body", b"") for part in sent[1:]).startswith(b"ballot,rater,item")
    assert site.reports.given_up.wait(30)
    assert site.exports._reading.total() == 0


def test_one_network_has_a_number_of_downloads_at_once(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_EACH", 1)
    site.reports.go_on.clear()
    answers: list[Any] = []

    async def both() -> None:
        first = asyncio.create_task(fetched(site, until_bytes=10**9))
        while not site.exports._reading.total():
            await asyncio.sleep(0.01)
        answers.append(await fetched(site, until_bytes=10**9))
        site.reports.go_on.set()
        answers.append(await first)

    asyncio.run(both())

    assert [answer[0]["status"] for answer in answers] == [503, 200]
