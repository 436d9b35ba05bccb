"""How often a visitor is wrong about single pictures, real or fake, beside everybody: as HYPE∞ counts it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evaluation.qualitative.ballot import Choice, Purpose, Record
from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.wording import counted

GUESS = 0.5  # what 'not sure' counts: a guess is wrong half of the time


@dataclass(frozen=True, kw_only=True)
class OwnScore:
    """The answers of one visitor.

    Attributes:
        wrong: errors; 'not sure' is half of one.
        judged: answers that count.
    """

    wrong: float
    judged: int


def own_score(history: Sequence[Record], real: Collection[str]) -> OwnScore | None:
    """Count a visitor's errors; None without an answer that counts.

    Args:
        history: the visitor's ballots with their answers.
        real: ids of the arms that show real pictures.
    """
    errors = [
        _error(record.vote.choice, is_real=record.ballot.left in real)
        for record in history
        if record.vote is not None
        and record.ballot.purpose == Purpose.RATING
        and record.vote.choice in (Choice.REAL, Choice.FAKE, Choice.NOT_SURE)
    ]
    return OwnScore(wrong=sum(errors), judged=len(errors)) if errors else None


def sentence(own: OwnScore, everybody: Sequence[HypeScore]) -> str:
    """The visitor's score beside everybody's, who include the visitor."""
    share = f"{100 * own.wrong / own.judged:.0f} %"
    mine = f"You were wrong about {own.wrong:g} of {counted(own.judged, 'picture')} ({share})."
    answered = [score for score in everybody if score.votes and score.fake_errors is not None]
    if not answered:
        return mine
    fakes = sum(score.votes for score in answered)
    taken = sum(score.votes * (score.fake_errors or 0) for score in answered) / fakes
    theirs = f"All visitors take {100 * taken:.0f} % of the fakes for real"
    missed = answered[0].real_errors
    return f"{mine} {theirs}{'' if missed is None else f', and {100 * missed:.0f} % of the real pictures for fake'}."


def _error(choice: Choice, *, is_real: bool) -> float:
    if choice == Choice.NOT_SURE:
        return GUESS
    return float((choice == Choice.REAL) != is_real)
