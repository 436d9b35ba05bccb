"""The methods paragraph of a study with everything that is stored about it: the page's, the API's and the release's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from evaluation.qualitative import software
from evaluation.qualitative.imported.mark import imported
from evaluation.qualitative.planning.uploaded import registration_of
from evaluation.qualitative.results.asked import asked_of
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.design import design_of
from evaluation.qualitative.results.flow import Flow, flow_of
from evaluation.qualitative.results.methods import methods
from evaluation.qualitative.results.stages import stages_of
from evaluation.qualitative.session.ballot_sampling import digest
from evaluation.qualitative.store import events
from evaluation.qualitative.store.declarations import declared
from evaluation.qualitative.store.store import Store


def flow(store: Store, analysis: Analysis) -> Flow:
    """Return how many people reached each stage of a study."""
    study = analysis.study
    return flow_of(
        analysis.votes,
        analysis.summary,
        withdrawn_at=events.withdrawn_at(store, study.name),
        closes=study.closes,
        stages=stages_of(store, study.name),
        study=study,
        asked=asked_of(store, study),
        declared=declared(store, study.name),
    )


def registered(store: Store, analysis: Analysis) -> str:
    """Return what the study's preregistration is worth, in a sentence; "" where there is none.

    Raises:
        StudyError: the file of its preregistration can't be read.
        StoreUnavailableError: the database does not answer.
    """
    first = first_vote(analysis)
    registration = registration_of(analysis.study, declared(store, analysis.study.name), first)
    return "" if registration is None else registration.sentence(first)


def first_vote(analysis: Analysis) -> datetime | None:
    """Return when the first vote of an analysis was cast, UTC; None without votes."""
    return analysis.votes["cast_at"].min().to_pydatetime() if len(analysis.votes) else None


def paragraph(store: Store, analysis: Analysis) -> str:
    """Write how a study was set up and analysed, and what came out.

    Raises:
        StudyError: the file of its preregistration can't be read.
        StoreUnavailableError: the database does not answer.
    """
    reached, elsewhere = flow(store, analysis), imported(analysis.votes)
    study = analysis.study
    design = design_of(study, version=software.name(), votes=analysis.votes, digest=digest(study))
    if elsewhere and elsewhere == len(analysis.votes):  # nothing was drawn or shown here
        design = replace(design, adaptive=None, counterbalanced=None, paired=None, four=False, minimum_look_ms=None)
    sentences = [methods(analysis.summary, design=design, flow=reached)]
    if registration := registered(store, analysis):
        sentences.append(registration)
    if elsewhere:
        sentences.append(_imported(elsewhere, len(analysis.votes)))
    return " ".join(sentences)


def _imported(elsewhere: int, votes: int) -> str:
    answers = "1 answer was" if elsewhere == 1 else f"{elsewhere:,} answers were"
    sentence = (
        f"{answers} cast elsewhere and imported from a file; where it gives no time, the time of the import stands for "
        "it."
    )
    if elsewhere < votes:
        sentence += " What is said of pairs, sides and looks holds for the other answers."
    return sentence
