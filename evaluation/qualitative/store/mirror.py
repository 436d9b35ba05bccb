"""A copy of the votes in a data set on the Hub: `CommitScheduler` pushes a folder whose files only grow.

The database and its journal decide; the copy may be late and never holds up a vote. A line that could not be written
or pushed is added later, after a restart too: each start adds what the database holds and the folder lacks.

`mirror_lines.py` says what leaves this machine. Nothing can be removed from a history that others may have copied.
"""

from __future__ import annotations

import os
import threading
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from huggingface_hub import CommitInfo, CommitScheduler, HfApi

from evaluation.qualitative.ballot import Vote
from evaluation.qualitative.store import mirror_lines, rows
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.journal import Line
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.wording import counted
from models.hub import repository

EVERY_MINUTES = 5.0


class MirrorError(ValueError):
    """The name of the data set makes no sense."""


class Status(StrEnum):
    """How far the copy has come."""

    OFF = "off"
    NEVER_REACHED = "never reached"
    REACHED = "reached"  # and nothing was there to push yet
    PUSHED = "pushed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, kw_only=True)
class MirrorState:
    """The state of the copy.

    Attributes:
        status: see `Status`.
        repo_id: name of the data set; "" where there is none.
        last_push: UTC, of this process's last push; None before the first.
        unreachable_since: UTC, of the first failure since the last success; None where there is none.
        why: message of the last failure.
        waiting: lines that are not known to be on the Hub; after a start all, until the first push has compared them.
    """

    status: Status
    repo_id: str = ""
    last_push: datetime | None = None
    unreachable_since: datetime | None = None
    why: str = ""
    waiting: int = 0

    def __str__(self) -> str:
        """Say the same in a sentence for the owner's page."""
        if self.status == Status.OFF:
            return "Votes are not copied to the Hub."
        pushed = "never pushed" if self.last_push is None else f"last push {_moment(self.last_push)}"
        if self.status in (Status.REACHED, Status.PUSHED):
            return f"Mirror {self.repo_id}: {pushed}."
        since = "" if self.unreachable_since is None else f" since {_moment(self.unreachable_since)}"
        state = f"unreachable{since}, {pushed}" if self.status == Status.UNREACHABLE else f"never reached{since}"
        lines = counted(self.waiting, "line waits", "lines wait")
        return f"Mirror {self.repo_id}: {state}; nothing is lost, {lines}."


class Mirror:
    """Appends what a store acknowledges to a file of this process and pushes it. Safe to share between threads."""

    def __init__(
        self, repo_id: str, store: Store, *, folder: Path, every: float = EVERY_MINUTES, api: HfApi | None = None
    ) -> None:
        """Subscribe to a store; `start` begins to push.

        Args:
            repo_id: `organisation/name` of the data set; made private if it is not there.
            store: the votes to copy.
            folder: holds the lines; processes of one database may share it.
            every: minutes between two pushes, and between two attempts to reach the Hub.
            api: the Hub to push to; by default the one of huggingface_hub's settings, with its token.

        Raises:
            MirrorError: `repo_id` is not of that form.
        """
        try:
            repository.check_name(repo_id, kind="data set")
        except ValueError as error:
            raise MirrorError(str(error)) from error
        self.repo_id = repo_id
        self.folder = folder
        self._path = folder / f"votes-{uuid.uuid4()}.jsonl"
        self._store = store
        self._every = every
        self._api = api or HfApi()
        self._lock = threading.Lock()
        self._known: set[tuple[str, ...]] | None = set()  # lines in the folder; None once it holds all of the database
        self._lines = self._confirmed = 0
        self._scheduler: _Pushes | None = None
        self._last_push: datetime | None = None
        self._failing_since: datetime | None = None
        self._why = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)
        store.subscribe(self)

    @classmethod
    def from_environment(cls, store: Store) -> Self | None:
        """Start the mirror that `JUST_LOOK_MIRROR` names, beside the journal; None where it names none.

        Raises:
            MirrorError: it is not of the form `organisation/name`.
        """
        repo_id = os.environ.get("JUST_LOOK_MIRROR", "").strip()
        if not repo_id or store.journal is None:
            return None
        mirror = cls(repo_id, store, folder=store.journal.path.with_suffix(".mirror"))
        mirror.start()
        return mirror

    def start(self) -> None:
        """Catch up with the database and connect to the Hub in the background, with retries until both worked."""
        self._thread.start()

    @property
    def state(self) -> MirrorState:
        """The state of the copy now."""
        with self._lock:
            if self._failing_since is not None:
                reached = self._scheduler is not None
                status = Status.UNREACHABLE if reached else Status.NEVER_REACHED
            elif self._scheduler is None:
                status = Status.NEVER_REACHED
            else:
                status = Status.REACHED if self._last_push is None else Status.PUSHED
            return MirrorState(
                status=status,
                repo_id=self.repo_id,
                last_push=self._last_push,
                unreachable_since=self._failing_since,
                why=self._why,
                waiting=self._lines - self._confirmed,
            )

    def voted(self, vote: Vote) -> None:
        """Append a vote that is on the disk. Never fails: what can't be written now is written later."""
        self._append([mirror_lines.vote_line({**rows.ballot_row(vote.ballot), **rows.vote_row(vote)})])

    def withdrew(self, row: Line) -> None:
        """Append that a rater withdrew. Never fails, like `voted`."""
        self._append([mirror_lines.withdrawal_line(row)])

    def push(self) -> None:
        """Push now, and wait for it.

        Raises:
            Exception: the Hub's refusal or the network's error; `state` reports it too.
        """
        if self._scheduler is None:
            self._connect()
        if self._scheduler is not None:
            self._scheduler.trigger().result()

    def close(self) -> None:
        """Stop listening and pushing; the lines that wait are pushed after the next start."""
        self._store.unsubscribe(self)
        self._ended.set()
        if self._scheduler is not None:
            self._scheduler.stop()

    def _run(self) -> None:
        while True:
            if self._known is not None:
                self.catch_up()
            if self._scheduler is None:
                self._connect()
            if self._ended.wait(self._every * 60):
                return

    def _connect(self) -> None:
        """Build the scheduler; its constructor already looks for the data set on the Hub."""
        try:
            scheduler = _Pushes(
                self,
                repo_id=self.repo_id,
                repo_type="dataset",
                private=True,
                folder_path=self.folder,
                path_in_repo="data",
                allow_patterns="*.jsonl",
                every=self._every,
                hf_api=self._api,
            )
        except Exception as error:  # whatever HTTP, the network or the Hub raise: votes go on without it
            self._failed(error)
            return
        self._connected(scheduler)

    def catch_up(self) -> None:
        """Append what the database holds and no file does; if the database is away, the next round tries again."""
        try:
            known = {mirror_lines.key(line) for line in mirror_lines.written(self.folder)}
            with self._lock:
                self._known = (self._known or set()) | known
                self._lines = max(self._lines, len(self._known))
            for batch in mirror_lines.stored(self._store):
                if not self._append(batch):
                    return
        except (StoreUnavailableError, OSError):
            return  # the next round tries again
        with self._lock:
            self._known = None

    def _append(self, lines: list[Line]) -> bool:
        """Write the lines that are not in the folder yet; return whether that worked."""
        with ExitStack() as locks:
            locks.enter_context(self._lock)
            if self._scheduler is not None:
                locks.enter_context(self._scheduler.lock)
            if self._known is not None:
                lines = [line for line in lines if mirror_lines.key(line) not in self._known]
            if not lines:
                return True
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                mirror_lines.append(self._path, lines)
            except OSError:
                self._known = self._known or set()  # the next round catches up
                return False
            self._lines += len(lines)
            if self._known is not None:
                self._known.update(map(mirror_lines.key, lines))
            return True

    def _connected(self, scheduler: _Pushes) -> None:
        with self._lock:
            if self._scheduler is None:
                self._scheduler = scheduler
                self._failing_since, self._why = None, ""

    def _failed(self, error: Exception) -> None:
        with self._lock:
            self._failing_since = self._failing_since or datetime.now(UTC)
            self._why = str(error).strip() or type(error).__name__

    def _pushed(self, lines: int) -> None:
        with self._lock:
            self._last_push = datetime.now(UTC)
            self._failing_since, self._why = None, ""
            self._confirmed = lines


class _Pushes(CommitScheduler):
    """A scheduler that reports the result of each push to its mirror."""

    def __init__(self, mirror: Mirror, **options: Any) -> None:
        self._mirror = mirror  # before the scheduler's thread starts
        super().__init__(**options)

    def push_to_hub(self) -> CommitInfo | None:
        self._mirror._connected(self)  # the first push may begin before the constructor returns
        lines = self._mirror._lines  # lines written during the push may be pushed too, but that is not certain
        try:
            pushed = super().push_to_hub()
        except Exception as error:
            self._mirror._failed(error)
            raise
        if pushed is not None:  # None: no file has changed, and nothing was sent
            self._mirror._pushed(lines)
        return pushed


def state_of(mirror: Mirror | None) -> MirrorState:
    """Return the state of a copy, or `Status.OFF` where there is none."""
    return MirrorState(status=Status.OFF) if mirror is None else mirror.state


def _moment(moment: datetime) -> str:
    return f"{moment:%-d %B %Y at %H:%M} UTC"
