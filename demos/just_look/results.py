"""The actions of the results page and the owner's page; the API's export is one of them."""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import closing
from typing import Any

import gradio as gr

from demos.just_look import owner_html, ranking_html, rating_html
from demos.just_look.rating import Payload
from demos.just_look.reports.exports import PATH
from demos.just_look.reports.files import named
from demos.just_look.reports.kept import KeptReports
from demos.just_look.reports.reports import Reports
from evaluation.qualitative.results.access import NOT_PUBLIC, Viewer, permitted, viewer
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.tries import did
from evaluation.qualitative.store.mirror import Mirror, state_of
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary

_BINARY = {"application/zip", "application/vnd.apache.parquet"}
MOST_BYTES = 8 * 2**20  # of a file inside an answer of the API; larger ones have an address
WRONG_TOKEN = "This is not the owner's token: check it and try again."  # noqa: S105 - a sentence


class TooLargeError(StudyError):
    """A file is too large for an answer of the API."""

    http_status = 413

    def __init__(self, study: str, kind: str) -> None:
        """Say where the file can be downloaded."""
        super().__init__(
            f"This file has more than {MOST_BYTES // 2**20} MB. Download it from {PATH}/{study}/{kind} of this site; "
            "an owner's script sends the token in the header Authorization, as “Bearer TOKEN”."
        )


class ResultsActions:
    """Serves the viewers and owners of all studies. Safe to share between threads."""

    def __init__(
        self,
        library: StudyLibrary,
        store: Store,
        reports: Reports | KeptReports,
        mirror: Mirror | None,
        *,
        form: str = "",
    ) -> None:
        """Connect the pages to the studies and their votes.

        Args:
            library: the studies.
            store: the vote database.
            reports: what is computed from the votes.
            mirror: the copy of the votes on the Hub, if there is one.
            form: HTML of the form for a new study.
        """
        self._form = form
        self._library = library
        self._store = store
        self._reports = reports
        self._mirror = mirror

    def page(self, study: str, token: str, checked: bool, profile: gr.OAuthProfile | None = None) -> Payload:
        """The results page of a study."""
        visitor = _viewer(token, profile)
        try:
            read = self._library.read(study)
        except StudyError as error:
            others = [other for other in self._library.all() if visitor.may_see(other)]
            return {"html": rating_html.no_study(str(error), others, to="results")}
        if not visitor.may_see(read):
            sentences = [WRONG_TOKEN, NOT_PUBLIC] if _wrong(token, visitor) else [NOT_PUBLIC]
            return {"html": owner_html.sign_in(" ".join(sentences), target=study, name=visitor.name)}
        owner = visitor.owns(read)
        link = owner_html.back(visitor.name, study) if owner else owner_html.ways(read)
        return {"html": self._reports.page(study, checked=bool(checked), owner=owner, link=link).value}

    def ranking(self, study: str, token: str) -> list[dict[str, Any]]:
        """The arms of a study, best first, as the API returns them."""
        read = permitted(self._library, study, _viewer(token, None))
        return ranking_html.rows(Analysis.without_votes(read, self._reports.summary(study).value))

    def export(
        self, study: str, kind: str, token: str, checked: bool, profile: gr.OAuthProfile | None = None
    ) -> Payload:
        """The votes of a study, or results computed from them, as a file.

        Returns:
            name and type of the file, and its content as `text` or `base64`.

        Raises:
            TooLargeError: the file has more than `MOST_BYTES`.
        """
        permitted(self._library, study, _viewer(token, profile))
        name, media = named(study, kind)
        content = bytearray()
        with closing(self._reports.file(study, kind, checked=bool(checked))) as pieces:
            for piece in pieces:
                content += piece
                if len(content) > MOST_BYTES:
                    raise TooLargeError(study, kind)
        if media in _BINARY:
            return {"name": name, "type": media, "base64": base64.b64encode(content).decode()}
        return {"name": name, "type": media, "text": content.decode()}

    def overview(self, token: str, profile: gr.OAuthProfile | None = None) -> Payload:
        """The owner's page: all studies of the owner, with current counts."""
        visitor = _viewer(token, profile)
        owned = [study for study in self._library.all() if visitor.owns(study)]
        if not owned and not visitor.owns_all:
            sentence = WRONG_TOKEN if _wrong(token, visitor) else "Sign in to see your studies."
            return {"html": owner_html.sign_in(sentence, target="", name=visitor.name)}
        counts = self._reports.counts([study.name for study in owned])
        lines = [
            owner_html.Line(study=study, answers=count.answers, raters=count.raters, excluded=count.excluded)
            for study, count in zip(owned, counts, strict=True)
        ]
        copies = self._copies()
        return {
            "html": owner_html.page(
                lines, name=visitor.name, form=self._form if visitor.owns_all else "", copies=copies
            )
        }

    def upload(
        self, name: str, text: str, archive: str, pictures: str, token: str, profile: gr.OAuthProfile | None = None
    ) -> Payload:
        """Add a study from its file and its pictures, both as base64."""
        visitor = _viewer(token, profile)
        if not visitor.owns_all:
            raise StudyError("Only the owner of this app can add studies: enter the owner's token.")
        packed = (os.path.basename(archive), _decoded(pictures)) if archive else None  # noqa: PTH119 - a name, no path
        study = self._library.add(name.removesuffix(".toml"), _decoded(text), archive=packed)
        did("uploaded", study.name, name=visitor.name)
        return {"message": f"“{study.title}” is added: raters open it at ?study={study.name}"}

    def close(self, study: str, token: str, profile: gr.OAuthProfile | None = None) -> Payload:
        """Take no more answers for a study."""
        visitor = _viewer(token, profile)
        if not visitor.owns(self._library.read(study)):
            raise StudyError("Only its owner can close a study.")
        self._library.close(study)
        did("closed", study, name=visitor.name)
        return {"message": "The study is closed."}

    def _copies(self) -> str:
        """Where else the answers are stored, in one or two sentences."""
        journal = "" if self._store.journal is None else "Every answer is also in the journal beside the database. "
        return journal + str(state_of(self._mirror))


def _viewer(token: str, profile: gr.OAuthProfile | None) -> Viewer:
    return viewer(token, None if profile is None else profile.username)


def _wrong(token: str, visitor: Viewer) -> bool:
    """Whether a token was entered that is not the owner's."""
    return bool(token) and not visitor.trusted


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise StudyError("the file did not arrive completely: choose it again") from error
