"""Access to a study's results, decided on the server for the page and the API.

An owner enters the token of `JUST_LOOK_OWNER_TOKEN`, or is signed in with Hugging Face under a name that the study
lists in `owners` or that `JUST_LOOK_OWNERS` lists for all studies (on a Space, its author by default).
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass

from evaluation.qualitative.results.tries import Tries
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study

NOT_PUBLIC = "The results of this study are not public: sign in as its owner, or enter the owner's token."
_tries = Tries()


class NotPublicError(StudyError):
    """The viewer may not see the results of a study."""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A person who wants to see results.

    Attributes:
        name: name on Hugging Face, confirmed by its sign-in; None if not signed in.
        trusted: whether the owner's token was entered.
    """

    name: str | None = None
    trusted: bool = False

    @property
    def owns_all(self) -> bool:
        """Whether the viewer owns all studies."""
        return self.trusted or (self.name is not None and self.name in _site_owners())

    def owns(self, study: Study) -> bool:
        """Return whether the viewer owns a study."""
        return self.owns_all or (self.name is not None and self.name in study.owners)

    def may_see(self, study: Study) -> bool:
        """Return whether the viewer may see a study's results.

        While a session runs, its results are public only if the file sets `results = "public"` explicitly; otherwise
        raters could learn the arms.
        """
        if self.owns(study):
            return True
        if study.casual or study.state() == "closed":
            return study.results != "owner"
        return study.results == "public" and "results" in study.model_fields_set


def viewer(token: str | None, name: str | None = None) -> Viewer:
    """Identify a viewer.

    Args:
        token: entered on the page or sent by a script; compared in constant time.
        name: from `gr.OAuthProfile`, never from the caller.

    Raises:
        TooManyTriesError: a token was entered, and too many wrong ones came from the visitor's address before.
    """
    secret = os.environ.get("JUST_LOOK_OWNER_TOKEN", "")
    entered = token if isinstance(token, str) else ""
    if not entered:
        return Viewer(name=name)
    _tries.check()
    trusted = bool(secret) and hmac.compare_digest(entered.encode("utf-8", "replace"), secret.encode())
    if not trusted:
        _tries.wrong()
    return Viewer(name=name, trusted=trusted)


def permitted(library: StudyLibrary, name: str, reader: Viewer) -> Study:
    """Return a study, for a viewer who may see its results.

    Args:
        library: the studies.
        name: of the study.
        reader: the viewer.

    Raises:
        NotPublicError: the viewer may not.
        StudyError: there is no such study.
    """
    study = library.read(name)
    if not reader.may_see(study):
        raise NotPublicError(NOT_PUBLIC)
    return study


def _site_owners() -> set[str]:
    listed = os.environ.get("JUST_LOOK_OWNERS") or os.environ.get("SPACE_AUTHOR_NAME", "")
    return {name.strip() for name in listed.split(",") if name.strip()}
