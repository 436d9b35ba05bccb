"""The actions of the results page and the owner's page; the API's export is one of them."""

from __future__ import annotations

import base64
import binascii
import os
import threading
from typing import Any

import gradio as gr

from demos.just_look import numbers_html, owner_html, ranking_html, rating_html, results_html
from demos.just_look.declared.actions import DeclarationActions
from demos.just_look.rating import Payload
from demos.just_look.releases import Releases
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.release.paragraph import paragraph, registered
from evaluation.qualitative.release.sources import seeds
from evaluation.qualitative.results.access import Viewer, viewer
from evaluation.qualitative.results.answers import answers_csv
from evaluation.qualitative.results.cached import Analyses, Analysis
from evaluation.qualitative.results.drawings import drawings
from evaluation.qualitative.results.export import export, numbers_csv, numbers_json
from evaluation.qualitative.results.tries import did
from evaluation.qualitative.store.mirror import Mirror, state_of
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds
from serving.engine import Engine

TYPES = {
    "csv": "text/csv",
    "spreadsheet": "text/csv",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
NOT_PUBLIC = "The results of this study are not public: sign in as its owner, or enter the owner's token."
WRONG_TOKEN = "This is not the owner's token: check it and try again."  # noqa: S105 - a sentence


class ResultsActions:
    """Serves the viewers and owners of all studies. Safe to share between threads."""

    def __init__(
        self,
        library: StudyLibrary,
        store: Store,
        analyses: Analyses,
        mirror: Mirror | None,
        *,
        engine: Engine | None = None,
        form: str = "",
    ) -> None:
        """Connect the pages to the studies and their votes.

        Args:
            library: the studies.
            store: the vote database.
            analyses: of the votes.
            mirror: the copy of the votes on the Hub, if there is one.
            engine: draws the pictures of a release again, for their digests; without it they have none.
            form: HTML of the form for a new study.
        """
        self._form = form
        self._declared = DeclarationActions(library, store)
        self._releases = Releases(store, engine)
        self._library = library
        self._store = store
        self._analyses = analyses
        self._mirror = mirror
        self._pages: dict[tuple[str, bool, bool], tuple[Analysis, dict[str, Any], str]] = {}
        self._writing = threading.Lock()

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
        analysis = self._analyses.of(study, include_flagged=not checked)
        around = {
            "link": link,
            "owner": owner,
            "registered": registered(self._store, analysis),
            "declared": self._declared.forms(analysis) if owner else "",
        }
        return {"html": self._page(analysis, bool(checked), around)}

    def _page(self, analysis: Analysis, checked: bool, around: dict[str, Any]) -> str:
        """Write a results page, or return the last one of the study where nothing has changed since."""
        key = (analysis.study.name, checked, around["owner"])
        with self._writing:
            kept = self._pages.get(key)
            if kept is None or kept[0] is not analysis or kept[1] != around:
                kept = analysis, around, results_html.page(analysis, checked=checked, **around)
                self._pages[key] = kept
            return kept[2]

    def ranking(self, study: str, token: str) -> list[dict[str, Any]]:
        """The arms of a study, best first, as the API returns them."""
        self._permitted(study, _viewer(token, None))
        return ranking_html.rows(self._analyses.of(study))

    def export(
        self, study: str, kind: str, token: str, checked: bool, profile: gr.OAuthProfile | None = None
    ) -> Payload:
        """The votes of a study, or results computed from them, as a file.

        Returns:
            name and type of the file, and its content as `text` or `base64`.
        """
        permitted = self._permitted(study, _viewer(token, profile))
        match kind:  # the votes come complete, with their flags; `checked` filters what is computed from them
            case "csv" | "spreadsheet" | "jsonl" | "parquet":
                content = b"".join(export(self._store, study, form=kind))
                if kind == "parquet":
                    return _binary(f"{study}.parquet", TYPES[kind], content)
                name = f"{study}-spreadsheet.csv" if kind == "spreadsheet" else f"{study}.{kind}"
                return _text(name, TYPES[kind], content.decode())
            case "answers":
                return _text(f"{study}-answers.csv", TYPES["csv"], answers_csv(self._store, study))
            case "study":
                return _text(f"{study}.toml", "application/toml", permitted.origin.text)
            case "seeds":
                return self._seeds(permitted)
            case _:
                return self._computed(permitted, kind, checked)

    def overview(self, token: str, profile: gr.OAuthProfile | None = None) -> Payload:
        """The owner's page: all studies of the owner, with current counts."""
        visitor = _viewer(token, profile)
        owned = [study for study in self._library.all() if visitor.owns(study)]
        if not owned and not visitor.owns_all:
            sentence = WRONG_TOKEN if _wrong(token, visitor) else "Sign in to see your studies."
            return {"html": owner_html.sign_in(sentence, target="", name=visitor.name)}
        lines = []
        for study in owned:
            votes = self._store.results(study.name)
            counted = sift(votes).counted
            lines.append(
                owner_html.Line(
                    study=study, answers=len(votes), raters=votes["rater"].nunique(), excluded=len(votes) - len(counted)
                )
            )
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

    def _permitted(self, name: str, visitor: Viewer) -> Study:
        """A study, for viewers who may see its results.

        Raises:
            StudyError: there is no such study, or the viewer may not see its results.
        """
        study = self._library.read(name)
        if not visitor.may_see(study):
            raise StudyError(NOT_PUBLIC)
        return study

    def _seeds(self, study: Study) -> Payload:
        """From which seed the pictures of each seed in the votes were drawn, once the study has closed."""
        if study.state() != "closed":
            raise StudyError("The seeds of the pictures are published when the study has closed.")
        table = Seeds.of(study, self._store.key).published(seeds(self._store.results(study.name)))
        return _text(f"{study.name}-seeds.csv", TYPES["csv"], table)

    def _computed(self, study: Study, kind: str, checked: bool) -> Payload:
        """The paragraph on methods, a figure, or all of it as a zip."""
        analysis = self._analyses.of(study.name, include_flagged=not checked)
        if kind == "methods":
            return _text(f"{study.name}-methods.txt", "text/plain", paragraph(self._store, analysis))
        if kind in numbers_html.FILES:
            return _numbers(analysis, kind)
        if kind == "release":
            return _binary(f"{study.name}-release.zip", "application/zip", self._releases.of(analysis))
        for drawing in drawings(analysis) if kind.startswith("figure:") else ():
            if kind == f"figure:{drawing.name}":
                return _text(f"{study.name}-{drawing.name}.svg", "image/svg+xml", drawing.file)
        known = ", ".join(
            [
                *results_html.FILES,
                *numbers_html.FILES,
                "answers",
                "figure:intervals",
                "figure:win-rates",
                "figure:response-times",
            ]
        )
        raise StudyError(f"{kind!r:.40} can't be exported; there are: {known}")

    def _copies(self) -> str:
        """Where else the answers are stored, in one or two sentences."""
        journal = "" if self._store.journal is None else "Every answer is also in the journal beside the database. "
        return journal + str(state_of(self._mirror))


def _numbers(analysis: Analysis, kind: str) -> Payload:
    """The scores by people beside the metrics, as CSV or with the correlations as JSON.

    Raises:
        StudyError: there are too few votes, or too few sources with metrics.
    """
    numbers, name = analysis.numbers, analysis.study.name
    if numbers is None:
        raise StudyError("Fewer than two sources of this study have metrics, so there is nothing to compare.")
    if numbers.simulated:
        raise StudyError("Too few people have voted to compare their scores with the metrics: try again later.")
    if kind == "numbers":
        return _text(f"{name}-numbers.csv", TYPES["csv"], numbers_csv(numbers))
    return _text(f"{name}-numbers.json", "application/json", numbers_json(numbers))


def _viewer(token: str, profile: gr.OAuthProfile | None) -> Viewer:
    return viewer(token, None if profile is None else profile.username)


def _wrong(token: str, visitor: Viewer) -> bool:
    """Whether a token was entered that is not the owner's."""
    return bool(token) and not visitor.trusted


def _binary(name: str, kind: str, content: bytes) -> Payload:
    return {"name": name, "type": kind, "base64": base64.b64encode(content).decode()}


def _text(name: str, kind: str, text: str) -> Payload:
    return {"name": name, "type": kind, "text": text}


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise StudyError("the file did not arrive completely: choose it again") from error
