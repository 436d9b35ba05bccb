"""The tab in which people vote on pictures: visitors at once, raters of a study as its file says."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import gradio as gr

from demos.edge.turns import DRAWING, MANY, MOST_RATERS
from demos.just_look import api, planning, ranking_html, rating_html
from demos.just_look.declared.actions import DeclarationActions
from demos.just_look.items import ItemActions
from demos.just_look.new_study import NewStudyActions, section
from demos.just_look.rating import Payload, RatingActions, answering, answering_later, apart
from demos.just_look.reports.exports import Exports
from demos.just_look.reports.kept import KeptReports
from demos.just_look.results import ResultsActions
from demos.parts.apart import Apart
from evaluation.qualitative.results.access import viewer
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.store.mirror import Mirror
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from serving.engine import Engine

FIRST = "digits-by-training-step"
VOTING = 8  # votes counted at a time; they share a commit
MOST_VOTES = 2000  # that wait: each takes milliseconds, and is sent again until it is counted


def build(
    engine: Engine,
    store: Store,
    library: StudyLibrary,
    *,
    exports: Exports | None = None,
    mirror: Mirror | None = None,
    study: str = FIRST,
) -> gr.Blocks:
    """Lay out the tab and connect it to the engine and the vote database.

    Args:
        engine: draws the pictures.
        store: stores ballots and votes.
        library: the studies.
        exports: the downloads; their `routes` belong beside the page.
        mirror: copies the votes to the Hub, if it is set up; the owner's page shows its state.
        study: name of the study that a visitor without a link votes in.
    """
    rating = RatingActions(library, store, engine)
    exports = exports or Exports(library, store, KeptReports(library, store, engine=engine))
    reports = exports.reports
    new_study = NewStudyActions(library, engine)
    declared = DeclarationActions(library, store)
    results = ResultsActions(library, store, reports, mirror, form=new_study.form(owner=True))

    def ranking_table(study: str, secret: str) -> Payload:
        """The ranking as a table, for those who may see it, with the visitor's own beside it."""
        read = library.read(study)
        if not viewer(None).may_see(read):
            return {"html": ""}
        report = reports.summary(study)
        analysis = Analysis.without_votes(read, report.value)
        if read.judges_one:
            html = ranking_html.realism_table(analysis, rating.own_score(study, secret))
        else:
            html = ranking_html.table(analysis, rating.own_ranking(study, secret))
        return {"html": html, "again_s": report.freshness.seconds}

    async def download(
        study: str, kind: str, token: str, checked: bool, profile: gr.OAuthProfile | None = None
    ) -> Payload:
        """The name of a file, and for some minutes an address from which the browser fetches it."""
        reader = viewer(token, None if profile is None else profile.username)
        return await exports.link(study, kind, bool(checked), reader)

    with gr.Blocks() as tab:
        gr.HTML(rating_html.panel(library.read(study), below=section(new_study)), elem_id="rating", padding=False)
        pages: dict[str, Callable[..., Payload]] = {  # what raters look at: most of them draw pictures
            "open": rating.open,
            "act": rating.act,
            "questions": rating.questions,
            "ahead": rating.ahead,
            "last": rating.last_answer,
        }
        votes: dict[str, Callable[..., Payload]] = {"answer": rating.answer, "change": rating.change}
        actions: dict[str, Callable[..., Payload]] = {  # those of owners, in Gradio's threads
            "upload": results.upload,
            "close": results.close,
            "invited": declared.invited,
            "register": declared.register,
            "free": declared.free,
            "invitation": new_study.invitation,
            "compose": new_study.compose,
        }
        looks: dict[str, Callable[..., Payload]] = {  # those of readers of results, in threads of their own
            "ranking": ranking_table,
            "results": results.page,
            "items": ItemActions(library, store, reports, engine).pictures,
            "owner": results.overview,
        }
        analysing, exporting = Apart(threads=8, name="results"), Apart(threads=2, name="exports")
        voting = Apart(threads=VOTING, name="votes", most_waiting=MOST_VOTES, busy=MANY)
        looking = Apart(threads=DRAWING, name="ballots", most_waiting=MOST_RATERS, busy=MANY)
        planning.build(library)
        handlers: dict[str, Callable[..., Any]] = {
            **{name: answering(action) for name, action in actions.items()},
            **{name: apart(voting, action) for name, action in votes.items()},
            **{name: apart(looking, action) for name, action in pages.items()},
            **{name: apart(analysing, action) for name, action in looks.items()},
            "download": answering_later(download),
        }
        for name, handler in handlers.items():
            # Plain requests outside the queue: the script notices a lost answer and sends it again.
            gr.api(handler, api_name=f"rating_{name}", api_visibility="private", queue=False)
        if os.environ.get("OAUTH_CLIENT_ID"):  # on a Space with hf_oauth: adds its routes, and the profile to requests
            gr.LoginButton(visible="hidden")
        api.offer(
            rating, results, voting=voting, looking=looking, analysing=analysing, exporting=exporting, study=study
        )
    return tab
