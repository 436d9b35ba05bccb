"""A preregistration that is uploaded: checked, dated by the server, quoted, and never replaced after the first vote."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.planning.uploaded import file_of, registration_of, upload
from evaluation.qualitative.store.declarations import Declared, declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.reading import read_file
from evaluation.qualitative.study.schema import Study
from tests.support.sessions import CASUAL
from tests.support.votes import issue

STUDY = CASUAL
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    yield store
    store.close()


def written(raters: int = 40, *, at: datetime = NOW - DAY, of: Study = STUDY, **changes: object) -> bytes:
    fields = preregistration.content(of, raters=raters, now=at, hypothesis="Später ist besser.")
    return json.dumps({**fields, **changes}, indent=2, ensure_ascii=False).encode() + b"\n"


def vote(store: Store) -> datetime:
    ballot = issue(store)
    return store.cast(ballot.id, rater=ballot.rater, choice="left").cast_at


def test_an_upload_is_quoted_with_its_digest_and_released_as_it_was_written(store: Store):
    encoded = written()

    registration = upload(store, STUDY, encoded)

    assert registration.digest == json.loads(encoded)["sha256"]
    quoted = registration_of(STUDY, declared(store, STUDY.name), None)
    assert quoted is not None
    sentence = quoted.sentence(vote(store))
    assert f"preregistered on 2026-03-09 (sha256 {registration.digest}) and the file was uploaded on" in sentence
    assert sentence.endswith("the study file has not been changed since.")
    assert file_of(STUDY, declared(store, STUDY.name), None) == encoded


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        (b"", "the file is no preregistration"),
        (b"[]", "the file is no preregistration"),
        (b"\xff\xfe\x00", "the file is no preregistration"),
        (b"[" * 100_000, "the file is no preregistration"),
        (b" " * (2**20 + 1), "larger than 1 MB"),
        (
            written(sha256="0" * 64),
            "its content does not have the digest 0000000000000000",
        ),
        (written(sha256=7), "the file is no preregistration"),
        (written(sample={"raters": 400}), "changed after it was written"),
        (written(study="gan-zoo"), "is the preregistration of 'gan-zoo', not of 'digits-by-training-step'"),
        (written(at=NOW + DAY), "dated 2026-03-11 00:00 UTC, which lies in the future"),
    ],
)
def test_a_file_that_is_none_or_not_as_it_was_written_is_refused(store: Store, encoded: bytes, message: str):
    with pytest.raises(StudyError, match=message):
        upload(store, STUDY, encoded, now=NOW)
    assert declared(store, STUDY.name) == Declared()


def test_another_replaces_it_before_the_first_vote_and_none_after(store: Store):
    upload(store, STUDY, written(40))
    second = upload(store, STUDY, written(60))
    first_vote = vote(store)

    with pytest.raises(StudyError, match="it stays as it is"):
        upload(store, STUDY, written(80))

    quoted = registration_of(STUDY, declared(store, STUDY.name), first_vote)
    assert quoted is not None
    assert quoted.digest == second.digest


def test_what_slipped_in_after_the_first_vote_is_not_quoted(store: Store):
    """Two processes can check at the same moment, so the time of the upload decides again when it is quoted."""
    early, late = (json.loads(written(raters)) for raters in (40, 60))
    both = Declared(registered=((early, NOW), (late, NOW + DAY)))

    quoted = registration_of(STUDY, both, NOW + DAY / 2)

    assert quoted is not None
    assert quoted.digest == early["sha256"]


def test_an_upload_after_the_first_vote_says_so_whatever_date_it_bears(store: Store):
    first_vote = vote(store)
    upload(store, STUDY, written(at=NOW - 300 * DAY))

    quoted = registration_of(STUDY, declared(store, STUDY.name), first_vote)

    assert quoted is not None
    assert ", after the first vote had been cast;" in quoted.sentence(first_vote)


def test_a_file_beside_the_study_comes_first_and_stays(store: Store, tmp_path: Path):
    path = tmp_path / f"{STUDY.name}.toml"
    path.write_text(STUDY.origin.text)
    study = read_file(path)
    fields = preregistration.content(study, raters=12)
    preregistration.write(path, study, fields)

    with pytest.raises(StudyError, match="lies beside the study file already"):
        upload(store, study, written(of=study))

    quoted = registration_of(study, declared(store, study.name), None)
    assert quoted is not None
    assert (quoted.digest, quoted.uploaded) == (fields["sha256"], None)
