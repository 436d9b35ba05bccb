"""Voting from code: the actions that `gradio_client` and MCP clients see, held to the same rules as the page."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.access import viewer
from demos.inputs import explained
from demos.rating_session import RatingDesk
from demos.standings import Standings
from evaluation.qualitative.ballot import VoteError
from evaluation.qualitative.shelf import Shelf
from evaluation.qualitative.store import StoreUnavailableError
from evaluation.qualitative.study import StudyError

REFUSALS = (VoteError, StudyError, StoreUnavailableError)


def offer(desk: RatingDesk, standings: Standings, shelf: Shelf, *, study: str) -> None:
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
            For each arm, best first: arm, title, score (None without votes), wins, losses, ties, votes, and whether
            that is still preliminary.
        """
        with explained(*REFUSALS):
            _permit(shelf, study, token)
            return standings.rows(study)

    for action in (next_ballot, cast_vote, skip, ranking):
        gr.api(action, api_name=action.__name__, concurrency_limit=8, concurrency_id="votes")


def _permit(shelf: Shelf, study: str, token: str) -> None:
    if not viewer(token).may_see(shelf.read(study)):
        raise StudyError("the results of this study are not public: show its owner's token")
