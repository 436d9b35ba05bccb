"""Reports computed by real processes beside the app are those that this process computes, from the same votes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from demos.just_look.reports import kept as module
from demos.just_look.reports.kept import KeptReports
from demos.just_look.reports.reports import Reports
from demos.parts.beside import ROOT
from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.results.export import export
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store import declarations
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.waiting import WaitingStore
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from tests.support.sessions import RECIPES
from tests.support.votes import DIGITS


def vote(store: Store, *, votes: int = 1) -> None:
    rater = new_rater()
    for _ in range(votes):
        ballot = store.issue(draw(DIGITS, rater=rater))
        store.cast(ballot.id, rater=rater, choice="left", response_ms=2_000)


@pytest.fixture
def library(tmp_path: Path) -> StudyLibrary:
    (tmp_path / "recipes.toml").write_text(RECIPES)
    (tmp_path / f"{DIGITS.name}.toml").write_text(DIGITS.origin.text)
    return StudyLibrary(tmp_path, tmp_path / "brought")


@pytest.fixture
def reports(library: StudyLibrary, store: Store) -> Iterator[KeptReports]:
    reports = KeptReports(library, store)
    yield reports
    reports.end()


def process_of(reports: KeptReports) -> int:
    pid = reports._analysing.pid
    assert pid is not None
    return pid


def test_pages_rankings_and_files_are_those_of_this_process(library: StudyLibrary, store: Store, reports: KeptReports):
    for _ in range(3):
        vote(store, votes=4)
    here = Reports(library, store)

    assert reports.summary(DIGITS.name).value == here.summary(DIGITS.name).value
    page = {"checked": True, "owner": True, "link": "<a>back</a>"}
    assert reports.page(DIGITS.name, **page).value == here.page(DIGITS.name, **page).value
    assert reports.counts([DIGITS.name, "recipes"]) == here.counts([DIGITS.name, "recipes"])
    for kind in ("csv", "parquet", "methods", "figure:intervals", "study"):
        files = (b"".join(source.file(DIGITS.name, kind, checked=True)) for source in (reports, here))
        assert next(files) == next(files), kind


def test_the_next_vote_is_in_the_next_ranking_and_without_one_nobody_is_asked(store: Store, reports: KeptReports):
    for votes in (1, 2, 3):
        vote(store)
        summary = reports.summary(DIGITS.name).value
        assert summary.votes == votes
        os.kill(process_of(reports), signal.SIGSTOP)  # a question to it would never be answered
        assert reports.summary(DIGITS.name).value is summary
        os.kill(process_of(reports), signal.SIGCONT)


def test_what_an_owner_declares_is_on_the_page_at_once(store: Store, reports: KeptReports):
    vote(store)
    page = {"checked": True, "owner": True, "link": ""}
    assert 'value="120"' not in reports.page(DIGITS.name, **page).value
    declarations.declare_invited(store, DIGITS.name, 120)
    assert 'value="120"' in reports.page(DIGITS.name, **page).value


def test_a_reader_after_the_process_died_gets_an_answer(store: Store, reports: KeptReports):
    vote(store)
    reports.summary(DIGITS.name)
    dead = psutil.Process(process_of(reports))
    dead.kill()
    deadline = time.monotonic() + 60
    while dead.is_running() and dead.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    vote(store)

    assert reports.summary(DIGITS.name).value.votes == 2
    assert process_of(reports) != dead.pid


def test_a_study_that_does_not_exist_is_refused_as_in_this_process(reports: KeptReports):
    for ask in (reports.summary, lambda name: list(reports.file(name, "csv", checked=True))):
        with pytest.raises(StudyError, match="there is no study"):
            ask("nothing")


def test_results_come_with_the_database_that_was_away_at_the_start(library: StudyLibrary, store: Store):
    away = StoreUnavailableError("The vote database does not answer.")
    now = 0.0
    opened: list[Store] = []

    def opening() -> Store:
        if not opened:
            raise away
        return opened[0]

    waiting = WaitingStore(opening, away, clock=lambda: now)
    reports = KeptReports(library, waiting)  # type: ignore[arg-type] - it stands in for one
    with pytest.raises(StoreUnavailableError):
        reports.summary(DIGITS.name)

    vote(store)
    opened.append(store)
    now = 60.0

    assert reports.summary(DIGITS.name).value.votes == 1
    reports.end()


def test_the_pictures_of_a_release_are_drawn_by_the_app(
    library: StudyLibrary, store: Store, monkeypatch: pytest.MonkeyPatch
):
    drawn: list[str] = []

    class FakeGallery:
        def __init__(self, study: object, **_: object) -> None:
            self.study = study

        def draw(self, arm: object, item: str, engine: object) -> Image.Image:
            drawn.append(item)
            return Image.new("L", (40, 40), 128)

    monkeypatch.setattr(module, "Gallery", FakeGallery)
    study, rater = library.read("recipes"), new_rater()
    ballot = store.issue(draw(study, rater=rater))
    store.cast(ballot.id, rater=rater, choice="left", response_ms=2_000)
    library.close("recipes")
    reports = KeptReports(library, store, engine=object())  # type: ignore[arg-type]

    assert b"".join(reports.file("recipes", "release", checked=True)).startswith(b"PK")

    assert len(drawn) == 2, "the two pictures of the ballot"
    reports.end()


def test_the_process_imports_neither_torch_nor_gradio_and_may_change_no_vote(tmp_path: Path, library: StudyLibrary):
    url = f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    store = Store(url)
    vote(store, votes=3)
    expected = b"".join(export(store, DIGITS.name))
    script = f"""
import sys
from pathlib import Path
from demos.just_look.reports import __main__ as process
from demos.just_look.reports.kept import Beginning
class App:
    def ask(self, *values): pass
    def check(self): pass
served = process.begin(Beginning(url={url!r}, folders=(Path({str(tmp_path)!r}), Path("none")), draws=True), App())
served.page({DIGITS.name!r}, checked=True, owner=True, link="")
served.write({str(tmp_path / "out")!r}, {DIGITS.name!r}, "csv", True, 0)
served.write({str(tmp_path / "out")!r}, {DIGITS.name!r}, "release", True, 0)
print([name for name in ("torch", "gradio") if name in sys.modules])
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store
store = Store({url!r}, read_only=True)
assert store.journal is None
events.withdraw(store, {DIGITS.name!r}, rater=store.results({DIGITS.name!r})["rater"][0])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "[]\n", done.stderr
    assert done.stderr.rstrip().splitlines()[-1].endswith("a ballot counts only once."), "the withdrawal was refused"
    assert b"".join(export(store, DIGITS.name)) == expected
    store.close()
