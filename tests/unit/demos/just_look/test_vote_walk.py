"""The files that a vote passes through from the page to the disk, and how often its ballot is read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from demos.just_look.rating import RatingActions
from evaluation.qualitative.ballot import rater_id
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from tests.support.folders import STUDIES
from tests.support.walk import documented, walked

SECRET = "the-secret-of-the-browser"
WALK = documented("vote")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")


def rater(store: Store, study: str = "session-of-pairs") -> str:
    return rater_id(store.key, study, SECRET)


def vote(store: Store, library: StudyLibrary, actions: RatingActions) -> list[str]:
    """Vote once; return the files on the way."""
    earlier = datetime.now(UTC) - timedelta(seconds=5)
    ballot = store.issue(draw(library.read("session-of-pairs"), rater=rater(store), issued_at=earlier))
    with walked() as files:
        reply = actions.answer(SECRET, ballot.id, "left", 900, None)
    assert reply == {"training": False, "html": ""}
    return files


def test_a_vote_passes_through_nine_files(store: Store, tmp_path: Path):
    library = StudyLibrary(STUDIES, tmp_path / "brought")
    actions = RatingActions(library, store, None)
    vote(store, library, actions)  # opens the study

    assert vote(store, library, actions) == WALK
    assert len(WALK) <= 9


def test_where_the_arms_are_revealed_only_who_agrees_and_their_html_are_added(store: Store):
    library, study = StudyLibrary(), "digits-by-training-step"
    actions = RatingActions(library, store, None)
    ballots = [store.issue(draw(library.read(study), rater=rater(store, study))) for _ in range(2)]
    actions.answer(SECRET, ballots[0].id, "left", 900, None)

    with walked() as files:
        reply = actions.answer(SECRET, ballots[1].id, "left", 900, None)

    assert "You chose the left one." in reply["html"]
    added = ("results/access.py", "study/schema.py", "study/session_rules.py", "session/other_votes.py")
    assert files == [*WALK, *(f"evaluation/qualitative/{file}" for file in added), "demos/just_look/rating_html.py"]


def test_a_vote_reads_its_ballot_once(store: Store, tmp_path: Path):
    library = StudyLibrary(STUDIES, tmp_path / "brought")
    actions, reads = RatingActions(library, store, None), []
    vote(store, library, actions)

    @sa.event.listens_for(sa.engine.Engine, "before_cursor_execute")
    def note(_c, _cursor, statement: str, *_rest):
        reads.append(statement) if statement.startswith("SELECT ballots.id") else None

    vote(store, library, actions)
    sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)

    assert len(reads) == 1
