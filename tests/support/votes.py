"""Ballots of a shipped study, issued and cast by the tests of the store."""

from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    VoteError,
    new_rater,
)
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading

DIGITS = reading.read("digits-by-training-step")
ANSWERS = (Choice.LEFT, Choice.RIGHT, Choice.TIE, Choice.SKIP)


def issue(store: Store, *, rater: str | None = None) -> Ballot:
    ballot = draw(DIGITS, rater=rater or new_rater())
    store.issue(ballot)
    return ballot


def unanswered(store: Store, study: str, *, rater: str) -> list[Ballot]:
    """The rater's ballots without an answer, oldest first."""
    return [record.ballot for record in store.history(study, rater=rater) if record.vote is None]


def try_to_cast(store: Store, ballot: Ballot, choice: Choice = Choice.LEFT) -> str:
    """Vote; say 'counted', 'already counted' or the name of the refusal."""
    try:
        vote = store.cast(ballot.id, rater=ballot.rater, choice=choice)
    except VoteError as refusal:
        return type(refusal).__name__
    return "already counted" if vote.already_counted else "counted"
