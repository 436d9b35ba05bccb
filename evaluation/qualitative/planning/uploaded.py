"""A preregistration that a study's owner uploads to the app, beside one that lies with the study file.

The database keeps each upload with its time. The one that is quoted is the last that came before the first vote; so a
later one replaces nothing, whatever date it claims.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.planning.preregistration import MAX_BYTES, SUFFIX, Registration
from evaluation.qualitative.store import declarations
from evaluation.qualitative.store.declarations import AfterFirstVoteError, Declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.schema import Study

CLOCKS = timedelta(hours=1)  # by so much the clock of the machine that wrote the file may be ahead


def upload(store: Store, study: Study, encoded: bytes, *, now: datetime | None = None) -> Registration:
    """Check a preregistration and store it, in place of an earlier upload only before the first vote.

    Args:
        store: the vote database.
        study: the study.
        encoded: the file, as `python -m studies preregister` writes it.
        now: UTC; the current time by default.

    Raises:
        StudyError: the file is none, has been changed, is of another study or dated in the future; or the study has
            one that can't be replaced. Nothing was stored.
        StoreUnavailableError: the database does not answer.
    """
    where, now = f"{study.name}{SUFFIX}", now or datetime.now(UTC)
    if preregistration.raw(study) is not None:
        raise StudyError(f"{where} lies beside the study file already, and it is never replaced")
    if len(encoded) > MAX_BYTES:
        raise StudyError(f"the file is larger than {MAX_BYTES // 2**20} MB: a preregistration is smaller")
    fields = preregistration.parsed(encoded, "the file")
    if fields["study"] != study.name:
        raise StudyError(f"the file is the preregistration of {fields['study']!r:.80}, not of {study.name!r}")
    registration = preregistration.against(study, fields, uploaded=now)
    if not registration.intact:
        raise StudyError(
            f"the file was changed after it was written: its content does not have the digest {registration.digest:.16}"
        )
    if registration.at > now + CLOCKS:
        raise StudyError(f"the file is dated {registration.at:%Y-%m-%d %H:%M} UTC, which lies in the future")
    try:
        declarations.register(store, study.name, fields)
    except AfterFirstVoteError as error:
        raise StudyError(str(error)) from error
    return registration


def registration_of(study: Study, declared: Declared, first_vote: datetime | None) -> Registration | None:
    """Return a study's preregistration, held against the study as it is now; None where there is none.

    Args:
        study: the study.
        declared: what its owner declared, from `declarations.declared`.
        first_vote: when the first vote was cast, UTC; None without votes.

    Raises:
        StudyError: the file beside the study file is no preregistration.
    """
    beside = preregistration.find(study)
    if beside is not None or not declared.registered:
        return beside
    fields, at = _quoted(declared, first_vote)
    return preregistration.against(study, fields, uploaded=at)


def file_of(study: Study, declared: Declared, first_vote: datetime | None) -> bytes | None:
    """Return the file of the preregistration that `registration_of` quotes, for a release."""
    beside = preregistration.raw(study)
    if beside is not None or not declared.registered:
        return beside
    fields, _ = _quoted(declared, first_vote)
    return json.dumps(fields, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _quoted(declared: Declared, first_vote: datetime | None) -> tuple[dict, datetime]:
    in_time = [upload for upload in declared.registered if first_vote is None or upload[1] <= first_vote]
    fields, at = in_time[-1] if in_time else declared.registered[0]
    return dict(fields), at
