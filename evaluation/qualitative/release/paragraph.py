"""The methods paragraph of a study with everything that is stored about it: the page's, the API's and the release's."""

from __future__ import annotations

from evaluation.qualitative import software
from evaluation.qualitative.imported.mark import imported
from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.methods import Flow, design_of, flow_of, methods
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store


def flow(store: Store, analysis: Analysis) -> Flow:
    """Return how many people reached each stage of a study."""
    withdrawn_at = events.withdrawn_at(store, analysis.study.name)
    return flow_of(analysis.votes, analysis.summary, withdrawn_at=withdrawn_at, closes=analysis.study.closes)


def paragraph(store: Store, analysis: Analysis) -> str:
    """Write how a study was set up and analysed, and what came out.

    Raises:
        StudyError: the file of its preregistration can't be read.
        StoreUnavailableError: the database does not answer.
    """
    reached = flow(store, analysis)
    text = methods(analysis.summary, design=design_of(analysis.study, version=software.name()), flow=reached)
    return " ".join([text, *notes(analysis, reached)])


def notes(analysis: Analysis, reached: Flow) -> list[str]:
    """Return the sentences on preregistration and on votes from elsewhere; none where there is neither."""
    sentences = []
    registration = preregistration.find(analysis.study)
    if registration is not None:
        sentences.append(registration.sentence(reached.first))
    if number := imported(analysis.votes):
        answers = "1 answer was" if number == 1 else f"{number:,} answers were"
        sentences.append(f"{answers} cast elsewhere and imported from a file.")
    return sentences
