"""The methods paragraph of a study with everything that is stored about it: the page's, the API's and the release's."""

from __future__ import annotations

from dataclasses import replace

from evaluation.qualitative import software
from evaluation.qualitative.imported.mark import imported
from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.design import design_of
from evaluation.qualitative.results.flow import Flow, flow_of
from evaluation.qualitative.results.methods import methods
from evaluation.qualitative.results.stages import stages_of
from evaluation.qualitative.session.ballot_sampling import digest
from evaluation.qualitative.store import events
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
    )


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
    registration = preregistration.find(analysis.study)
    if registration is not None:
        sentences.append(registration.sentence(reached.first))
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
