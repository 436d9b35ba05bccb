"""What an owner sends from the forms on the results page of a study."""

from __future__ import annotations

import base64
import binascii
import logging
from typing import Any

import gradio as gr

from demos.just_look.rating import Payload
from evaluation.qualitative.planning.uploaded import upload
from evaluation.qualitative.results.access import viewer
from evaluation.qualitative.store import declarations, events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.platform import LinkError, check_id
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.wording import counted

_log = logging.getLogger(__name__)
MOST_INVITED = 10**9
NOT_THE_OWNER = "Only its owner can change what is declared about a study: enter the owner's token."


class DeclarationActions:
    """Serves the owners of all studies. Safe to share between threads."""

    def __init__(self, library: StudyLibrary, store: Store) -> None:
        """Take the studies and the vote database."""
        self._library = library
        self._store = store

    def invited(self, study: str, people: Any, token: str, profile: gr.OAuthProfile | None = None) -> Payload:
        """Store how many people were asked to take part; "" takes it back."""
        owned = self._owned(study, token, profile)
        number = None
        if str(people).strip():
            try:
                number = int(str(people))
            except ValueError:
                number = -1
            if not 0 <= number <= MOST_INVITED:
                raise StudyError(f"the number of people invited should be a whole number up to {MOST_INVITED:,}")
        declarations.declare_invited(self._store, owned.name, number)
        if number is None:
            return {"message": "Stored: how many people were invited is not known."}
        return {"message": f"Stored: {counted(number, 'person was', 'people were')} invited."}

    def register(self, study: str, file: str, token: str, profile: gr.OAuthProfile | None = None) -> Payload:
        """Check a preregistration, base64, and store it."""
        owned = self._owned(study, token, profile)
        try:
            encoded = base64.b64decode(file, validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise StudyError("the file did not arrive completely: choose it again") from error
        registration = upload(self._store, owned, encoded)
        votes = self._store.count(owned.name)
        late = f" {counted(votes, 'answer came', 'answers came')} before it, and the methods paragraph says so."
        differs = f" The study file differs from it: {', '.join(registration.changed)}." if registration.changed else ""
        return {"message": f"Stored, with the digest {registration.digest}.{late if votes else ''}{differs}"}

    def free(self, study: str, participant: str, token: str, profile: gr.OAuthProfile | None = None) -> Payload:
        """Let a platform's participant begin anew, though another browser has begun with the id."""
        owned = self._owned(study, token, profile)
        try:
            given = check_id("this", participant)
        except LinkError as error:
            raise StudyError(str(error)) from error
        hashed = events.participant_of(self._store, owned.name, given)
        rater = declarations.free(self._store, owned.name, participant=hashed)
        if rater is None:
            raise StudyError("nobody has begun with this id: it is free, or spelled otherwise")
        _log.warning("Study %s: its owner freed the id of a participant with which %s had begun", owned.name, rater)
        answers = counted(self._store.count(owned.name, rater=rater), "answer")
        return {
            "message": f"The id is free: whoever opens its link next begins anew. The session so far, of {rater}, has "
            f"{answers}; they stay."
        }

    def _owned(self, name: str, token: str, profile: gr.OAuthProfile | None) -> Study:
        """A study, for its owner.

        Raises:
            StudyError: there is no such study, or somebody else asks.
        """
        study = self._library.read(name)
        if not viewer(token, None if profile is None else profile.username).owns(study):
            raise StudyError(NOT_THE_OWNER)
        return study
