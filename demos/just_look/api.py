"""Voting from code: the actions that `gradio_client` and MCP clients see, held to the same rules as the page."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.just_look.rating import NotDrawnError, RatingDesk
from demos.just_look.results import ResultsDesk
from demos.parts.inputs import explained
from evaluation.qualitative.ballot import VoteError
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.study.arms import StudyError

REFUSALS = (VoteError, StudyError, StoreUnavailableError, NotDrawnError)


def offer(desk: RatingDesk, results: ResultsDesk, *, study: str) -> None:
    """Put the public actions into the page that is being built; `study` is the one that they mean by default."""
    default = study

    def next_ballot(rater: str = "", study: str = default, request: gr.Request | None = None) -> dict[str, Any]:  # noqa: D417
        """Get pictures to judge. A ballot that you have not answered yet comes again.

        Args:
            rater: your rater id from an earlier ballot; leave it empty the first time.
            study: name of a study that anybody may vote in; others begin on their page, with its consent.

        Returns:
            ballot: id to vote with, once. rater: your id. question: what to judge. choices: the allowed answers.
            left, right: the pictures as PNG data URLs, drawn alike; right is None where there is one picture.
        """
        assert request is not None
        with explained(*REFUSALS):
            return desk.question(study, rater, request)

    def cast_vote(
        ballot: str,
        choice: str,
        rater: str,
        response_ms: int | None = None,
        reason: str | None = None,
    ) -> dict[str, Any]:
        """Answer a ballot. It counts once; sent again with the same answer it does no harm.

        Args:
            ballot: the id from `next_ballot`.
            choice: one of the ballot's choices, for example left, right, tie or skip.
            rater: the rater id that came with the ballot.
            response_ms: milliseconds from the pictures being shown to the answer, if you measured it.
            reason: why, in your words, at most 500 characters.

        Returns:
            choice: as recorded. already_counted: the same answer was there before. left, right: what the pictures
            were, where the study tells that after each vote, else None. feedback: after a training trial.
        """
        with explained(*REFUSALS):
            return desk.told(rater, ballot, choice, response_ms, reason)

    def skip(ballot: str, rater: str) -> dict[str, Any]:
        """Answer a ballot with a skip: it is no judgement, and the next ballot is another one.

        Args:
            ballot: the id from `next_ballot`.
            rater: the rater id that came with the ballot.

        Returns:
            As `cast_vote` does.
        """
        with explained(*REFUSALS):
            return desk.told(rater, ballot, "skip", None, None)

    def ranking(study: str = default, token: str = "") -> list[dict[str, Any]]:
        """Rank a study's arms by all votes so far (Bradley-Terry, ties as half a win, skips left out).

        Args:
            study: name of the study.
            token: the owner's, for a study whose results are not public yet.

        Returns:
            For each arm, best first: arm, title, score (None without votes) with the ends of its 95 % interval over
            raters (low, high), the ranks that it may hold (best_rank, worst_rank), whether it can't be told from the
            best (top), wins, losses, ties, votes, and whether that is still preliminary. Of a study of single
            pictures: arm, title, its HYPE score with low and high, votes, preliminary.
        """
        with explained(*REFUSALS):
            return results.ranking(study, token)

    def export(study: str = default, kind: str = "csv", token: str = "", flagged: bool = False) -> dict[str, Any]:
        """Get a study's votes, or what was made of them, as a file.

        Args:
            study: name of the study.
            kind: csv, jsonl or parquet for the votes with their flags; study for its file; methods for a paragraph
                with its numbers; figure:intervals, figure:win-rates or figure:response-times for an SVG.
            token: the owner's, for a study whose results are not public yet.
            flagged: let flagged answers count in the paragraph and the figures.

        Returns:
            name and type of the file, and its content as text, or as base64 where it is no text.
        """
        with explained(*REFUSALS):
            return results.export(study, kind, token, not flagged)

    for action in (next_ballot, cast_vote, skip, ranking, export):
        gr.api(action, api_name=action.__name__, concurrency_limit=8, concurrency_id="votes")
