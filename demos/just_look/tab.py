"""The tab that asks 'which looks more real?': for a visitor at once, for a study's raters as its file says."""

from __future__ import annotations

import os
from collections.abc import Callable

import gradio as gr

from demos.just_look import api, ranking_html
from demos.just_look import rating_html as words
from demos.just_look.rating import RatingDesk, Said, answering
from demos.just_look.results import ResultsDesk
from evaluation.qualitative.results.access import viewer
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from serving.engine import Engine

FIRST = "digits-by-training-step"


def build(engine: Engine, store: Store, shelf: StudyLibrary, *, study: str = FIRST) -> gr.Blocks:
    """Lay out the tab and wire it to the engine that draws and the store that keeps.

    Args:
        engine: draws the pictures.
        store: keeps ballots and votes.
        shelf: holds the studies.
        study: name of the one that a visitor without a link votes in.
    """
    desk = RatingDesk(shelf, store, engine)
    analyses = Analyses(shelf, store)
    results = ResultsDesk(shelf, store, analyses)

    def ranking_table(study: str) -> Said:
        """The ranking as a table, for those who may see it."""
        if not viewer(None).may_see(shelf.read(study)):
            return {"html": ""}
        return {"html": ranking_html.table(analyses.of(study)), "again_s": analyses.seconds_left(study)}

    with gr.Blocks() as tab:
        gr.HTML(words.panel(study), elem_id="rating", padding=False)
        actions: dict[str, Callable[..., Said]] = {
            "open": desk.open,
            "act": desk.act,
            "ahead": desk.ahead,
            "answer": desk.answer,
            "ranking": ranking_table,
            "results": results.page,
            "export": results.export,
            "owner": results.overview,
            "upload": results.upload,
            "close": results.close,
        }
        for name, action in actions.items():
            # A plain request and its answer: the script can tell one that was lost, and send it again.
            gr.api(answering(action), api_name=f"rating_{name}", api_visibility="private", queue=False)
        if os.environ.get("OAUTH_CLIENT_ID"):  # on a Space with hf_oauth: its routes, and the profile in each request
            gr.LoginButton(visible="hidden")
        api.offer(desk, results, study=study)
    return tab
