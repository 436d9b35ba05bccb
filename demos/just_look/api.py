"""The public API of voting, for `gradio_client` and MCP clients; the rules are those of the page."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.just_look.rating import NotDrawnError, RatingActions
from demos.just_look.results import ResultsActions
from demos.parts.apart import Apart, BusyError
from demos.parts.beside import NotComputedError
from demos.parts.inputs import explained
from evaluation.qualitative.ballot import VoteError
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.study.arms import StudyError

REFUSALS = (VoteError, StudyError, StoreUnavailableError, NotDrawnError, BusyError, NotComputedError)


def offer(
    rating: RatingActions,
    results: ResultsActions,
    *,
    voting: Apart,
    looking: Apart,
    analysing: Apart,
    exporting: Apart,
    study: str,
) -> None:
    """Add the public actions to the page that is being built.

    Args:
        rating: serves raters.
        results: serves readers of results.
        voting: the threads of votes.
        looking: those of ballots.
        analysing: those of rankings.
        exporting: those of exports.
        study: default of all actions.
    """
    default = study

    async def next_ballot(  # noqa: D417
        rater: str = "", study: str = default, request: gr.Request | None = None
    ) -> dict[str, Any]:
        """Get pictures to judge. A ballot that you have not answered yet comes again.

        Args:
            rater: your secret from an earlier ballot; leave it empty the first time.
            study: name of a study that anybody may vote in; other studies begin on their page, with consent.

        Returns:
            ballot: id of the ballot, which counts once. rater: your secret, which is in no export. question: what to
            judge. choices: the allowed answers. left, right: the pictures as PNG data URLs; right is None if there is
            one picture; third, fourth: only if there are four. Their answers are best_1_worst_2 and so on.
        """
        assert request is not None
        with explained(*REFUSALS):
            return await looking.run(rating.question, study, rater, request)

    async def cast_vote(
        ballot: str,
        choice: str,
        rater: str,
        response_ms: int | None = None,
        reason: str | None = None,
        correct: bool = False,
    ) -> dict[str, Any]:
        """Answer a ballot. It counts once; sending the same answer again does no harm.

        Args:
            ballot: the id from `next_ballot`.
            choice: one of the ballot's choices, for example left, right, tie or skip.
            rater: the secret that came with the ballot.
            response_ms: milliseconds from the pictures being shown to the answer, if you measured it.
            reason: why, in your words, at most 500 characters.
            correct: replace your earlier answer to this ballot, if the study allows corrections.

        Returns:
            choice: the stored answer. already_counted: the same answer was stored before. left, right: what the
            pictures were, if the study reveals it after each vote, else None; third and fourth too where four were
            shown. feedback: after a training trial.
        """
        with explained(*REFUSALS):
            return await voting.run(rating.cast, rater, ballot, choice, response_ms, reason, correct)

    async def skip(ballot: str, rater: str) -> dict[str, Any]:
        """Skip a ballot: a skip is no judgement, and the next ballot is a new one.

        Args:
            ballot: the id from `next_ballot`.
            rater: the secret that came with the ballot.

        Returns:
            The same as `cast_vote`.
        """
        with explained(*REFUSALS):
            return await voting.run(rating.cast, rater, ballot, "skip", None, None)

    async def ranking(study: str = default, token: str = "") -> list[dict[str, Any]]:
        """Rank a study's arms by all votes so far (Bradley-Terry, ties count as half a win, skips do not count).

        Args:
            study: name of the study.
            token: the owner's token, for a study whose results are not public yet.

        Returns:
            For each arm, best first: arm, title, score (None without votes) with the ends of its 95 % interval over
            raters (low, high), its possible ranks (best_rank, worst_rank), whether it belongs to those that may be
            best (top), wins, losses, ties, votes, and whether the result is still preliminary. For a study of single
            pictures: arm, title, its HYPE score with low and high, votes, preliminary.
        """
        with explained(*REFUSALS):
            return await analysing.run(results.ranking, study, token)

    async def export(study: str = default, kind: str = "csv", token: str = "", flagged: bool = False) -> dict[str, Any]:
        """Get a study's votes, or results computed from them, as a file.

        Args:
            study: name of the study.
            kind: csv, jsonl or parquet for the votes with their flags, spreadsheet for CSV that Excel reads rightly;
                answers for those to a study's other questions; study for its file; seeds, after it has closed, for the
                seeds from which its pictures were drawn; methods for a paragraph with its numbers; figure:intervals,
                figure:win-rates or figure:response-times for an SVG; numbers (CSV) or numbers-json for people's scores
                beside Inception Score, Fréchet distance and the other metrics, with rank correlations; release for a
                zip with all of it and the script that recomputes it.
            token: the owner's token, for a study whose results are not public yet.
            flagged: also count flagged answers in the paragraph and the figures.

        Returns:
            name and type of the file, and its content as text, or as base64 for a binary file. A file above 8 MB has
            an address instead, rating/export/STUDY/KIND, which the error names.
        """
        with explained(*REFUSALS):
            return await exporting.run(results.export, study, kind, token, not flagged)

    # Plain requests skip the queue; a request that joins it waits only for others of its own group.
    votes, readers = (next_ballot, cast_vote, skip), (ranking, export)  # readers wait in threads of their own
    for group, actions in {"votes": votes, "results": readers}.items():
        for action in actions:
            gr.api(action, api_name=action.__name__, queue=False, concurrency_limit=8, concurrency_id=group)
