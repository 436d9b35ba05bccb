"""The action that draws the pictures of the results by item."""

from __future__ import annotations

import gradio as gr
from PIL import Image

from demos.just_look import items_html
from demos.just_look.rating import NotDrawnError, Payload
from demos.just_look.reports.kept import KeptReports
from demos.just_look.reports.reports import Reports
from evaluation.qualitative.results.access import permitted, viewer
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.seeds import Seeds
from serving.engine import Engine
from serving.engine.errors import EngineError


class ItemActions:
    """Serves those who may see the results and the pictures of a study. Safe to share between threads."""

    def __init__(self, library: StudyLibrary, store: Store, reports: Reports | KeptReports, engine: Engine) -> None:
        """Take the studies, the vote database with the secret of their seeds, the reports, and the engine."""
        self._library = library
        self._store = store
        self._reports = reports
        self._engine = engine

    def pictures(self, study: str, token: str, checked: bool, profile: gr.OAuthProfile | None = None) -> Payload:
        """The items with the most votes, with every arm's picture.

        Raises:
            StudyError: there is no such study, or the viewer may not see its results or its pictures.
            NotDrawnError: a picture cannot be drawn now.
        """
        visitor = viewer(token, None if profile is None else profile.username)
        read = permitted(self._library, study, visitor)
        if not items_html.may_reveal(read, owner=visitor.owns(read)):
            raise StudyError("Which arm drew which picture is shown when the study is closed.")
        gallery = Gallery(read, seeds=Seeds.of(read, self._store.key))

        def draw(arm: str, item: str) -> Image.Image:
            return gallery.draw(read.arm(arm), item, self._engine)

        summary = self._reports.summary(study, checked=bool(checked)).value
        try:
            return {"html": items_html.pictured(Analysis.without_votes(read, summary), draw)}
        except EngineError as error:
            raise NotDrawnError("The pictures can't be drawn at the moment. Try again in a while.") from error
