"""What the results page's script asks for, answered to those who may see it; the API's export is the same function."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Any

import gradio as gr

from demos.just_look import owner_html, ranking_html, results_html
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.results.access import Viewer, viewer
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.results.export import export
from evaluation.qualitative.results.methods import design_of, flow_of, methods
from evaluation.qualitative.store import mirror
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study

Said = dict[str, Any]
TYPES = {"csv": "text/csv", "jsonl": "application/jsonl", "parquet": "application/vnd.apache.parquet"}
NOT_YOURS = "The results of this study are not public: sign in as its owner, or show the owner's token."


class ResultsDesk:
    """Serves viewers and owners of all studies; safe to share between threads."""

    def __init__(self, shelf: StudyLibrary, store: Store, analyses: Analyses) -> None:
        """Take the studies, the database and what analyses their votes."""
        self._shelf = shelf
        self._store = store
        self._analyses = analyses

    def permitted(self, study: str, who: Viewer) -> Study:
        """The study, for those who may see its results.

        Raises:
            StudyError: there is none, or they may not.
        """
        found = self._shelf.read(study)
        if not who.may_see(found):
            raise StudyError(NOT_YOURS)
        return found

    def page(self, study: str, token: str, checked: bool, profile: gr.OAuthProfile | None = None) -> Said:
        """The results page of a study."""
        who = _who(token, profile)
        asked = self._shelf.read(study)
        if not who.may_see(asked):
            return {"html": owner_html.sign_in(NOT_YOURS, target=study, name=who.name)}
        link = owner_html.back(who.name, study) if who.owns(asked) else ""
        found = self._analyses.of(study, include_flagged=not checked)
        return {"html": results_html.page(found, checked=bool(checked), link=link)}

    def ranking(self, study: str, token: str) -> list[dict[str, Any]]:
        """A study's arms, best first, as the API returns them."""
        self.permitted(study, _who(token, None))
        return ranking_html.rows(self._analyses.of(study))

    def export(self, study: str, kind: str, token: str, checked: bool, profile: gr.OAuthProfile | None = None) -> Said:
        """A study's votes or what was made of them, as a file.

        Returns:
            name and type of the file, and its content as `text` or `base64`.
        """
        asked = self.permitted(study, _who(token, profile))
        match kind:  # the votes come whole, with their flags; the filter holds for what is made of them
            case "csv" | "jsonl" | "parquet":
                content = b"".join(export(self._store, study, form=kind))
                if kind == "parquet":
                    packed = base64.b64encode(content).decode()
                    return {"name": f"{study}.parquet", "type": TYPES[kind], "base64": packed}
                return _text(f"{study}.{kind}", TYPES[kind], content.decode())
            case "study":
                return _text(f"{study}.toml", "application/toml", asked.origin.text)
            case _:
                return self._made(asked, kind, checked)

    def _made(self, asked: Study, kind: str, checked: bool) -> Said:
        """What the votes were made into: the paragraph or a figure."""
        study = asked.name
        found = self._analyses.of(study, include_flagged=not checked)
        match kind:
            case "methods":
                said = methods(found.summary, design=design_of(asked), flow=flow_of(found.votes, found.summary))
                return _text(f"{study}-methods.txt", "text/plain", said)
        for drawing in results_html.drawings(found):
            if kind == f"figure:{drawing.name}":
                return _text(f"{study}-{drawing.name}.svg", "image/svg+xml", drawing.file)
        known = ", ".join([*results_html.FILES, "figure:intervals", "figure:win-rates", "figure:response-times"])
        raise StudyError(f"{kind!r:.40} can't be exported; there are: {known}")

    def overview(self, token: str, profile: gr.OAuthProfile | None = None) -> Said:
        """The owner's page: all their studies, with counts as they are now."""
        who = _who(token, profile)
        mine = [study for study in self._shelf.all() if who.owns(study)]
        if not mine and not who.owns_all:
            return {"html": owner_html.sign_in("Sign in to see your studies.", target="", name=who.name)}
        lines = []
        for study in mine:
            votes = self._store.results(study.name)
            counted = sift(votes).counted
            lines.append(
                owner_html.Line(
                    study=study, answers=len(votes), raters=votes["rater"].nunique(), excluded=len(votes) - len(counted)
                )
            )
        return {"html": owner_html.page(lines, name=who.name, may_upload=who.owns_all, journal=_journal(self._store))}

    def upload(
        self, name: str, text: str, archive: str, pictures: str, token: str, profile: gr.OAuthProfile | None = None
    ) -> Said:
        """Take in a study file and its pictures, both as base64."""
        if not _who(token, profile).owns_all:
            raise StudyError("Only the owner of this app can bring studies: show the owner's token.")
        packed = (os.path.basename(archive), _decoded(pictures)) if archive else None  # noqa: PTH119 - a name, no path
        study = self._shelf.add(name.removesuffix(".toml"), _decoded(text), archive=packed)
        return {"said": f"{study.title}: open at ?study={study.name}"}

    def close(self, study: str, token: str, profile: gr.OAuthProfile | None = None) -> Said:
        """Take no more answers for a study."""
        if not _who(token, profile).owns(self._shelf.read(study)):
            raise StudyError("Only its owner can close a study.")
        self._shelf.close(study)
        return {"said": "Closed."}


def _who(token: str, profile: gr.OAuthProfile | None) -> Viewer:
    return viewer(token, None if profile is None else profile.username)


def _text(name: str, kind: str, text: str) -> Said:
    return {"name": name, "type": kind, "text": text}


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise StudyError("the file did not arrive whole: choose it again") from error


def _journal(store: Store) -> str:
    beside = "" if store.journal is None else "Every answer is also in the journal beside the database. "
    return beside + str(mirror.state(store))
