"""The paragraph that a paper's methods section needs, with the study's own numbers."""

from __future__ import annotations

from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.ranking.ranking import PRELIMINARY_BELOW, Standing
from evaluation.qualitative.ranking.summary import ENOUGH_RATERS, Comparison, Realism, Summary

_INTERVALS = (
    "Intervals are at the 95 % level: the estimate plus or minus Student's t quantile times the standard deviation "
    "over {resamples:,} bootstrap draws of whole raters, with degrees of freedom from the effective number of raters "
    "(Cameron & Miller, 2015; Carter, Schnepel & Steigerwald, 2017)."
)


def methods(summary: Summary, *, question: str | None = None) -> str:
    """Write how a study was analysed and what came out, in sentences.

    Args:
        summary: from `summarise`.
        question: what raters were asked.
    """
    asked = f' were asked "{question}" and' if question else ""
    raters = _many(summary.raters, "rater")
    sentences = [f"{raters}{asked} cast {_many(summary.votes, 'vote')} on {len(summary.arms)} arms."]
    sentences += _left_out(summary)
    if summary.comparison is not None:
        sentences += _compared(summary.comparison)
    if summary.realism is not None:
        sentences += _passed(summary.realism)
    if _has_intervals(summary):
        sentences.append(_INTERVALS.format(resamples=summary.resamples))
    if summary.agreement.alpha is not None:
        sentences.append(
            f"Krippendorff's alpha (nominal) was {summary.agreement.alpha:.2f} over {summary.agreement.judgements:,} "
            f"answers to {_many(summary.agreement.units, 'question')} that two raters or more answered."
        )
    times = summary.response_times
    if times.median is not None and times.quartiles is not None:
        low, high = (quartile / 1000 for quartile in times.quartiles)
        sentences.append(
            f"The median response time was {times.median / 1000:.1f} s (quartiles {low:.1f} and {high:.1f} s)."
        )
    if summary.too_few_raters:
        sentences.append(f"ITU-R BT.500 asks for {ENOUGH_RATERS} observers at least: these results are preliminary.")
    return " ".join(sentences)


def _has_intervals(summary: Summary) -> bool:
    scored: list[Standing | HypeScore] = []
    if summary.comparison is not None:
        scored += summary.comparison.standings
    if summary.realism is not None:
        scored += summary.realism.infinite + summary.realism.timed
    return any(one.low is not None for one in scored)


def _left_out(summary: Summary) -> list[str]:
    told = []
    if summary.excluded:
        reasons = ", ".join(f"{why.replace('_', ' ')} {often:,}" for why, often in summary.excluded_by_reason.items())
        several = " (a vote may have several reasons)" if len(summary.excluded_by_reason) > 1 else ""
        told.append(f"Another {_many(summary.excluded, 'vote')} were excluded: {reasons}{several}.")
    if summary.flagged_included and summary.excluded_by_reason:
        told.append("Votes that the integrity checks flagged are included.")
    if summary.checks:
        checks = ", ".join(f"{often:,} {kind}" for kind, often in summary.checks.items())
        told.append(f"Trials that served as checks do not count as votes ({checks}).")
    if summary.unanswered:
        told.append(f"{_many(summary.unanswered, 'vote')} gave no judgement (skipped or not sure).")
    return told


def _compared(found: Comparison) -> list[str]:
    told = [
        f"The ranking rests on {_many(found.votes, 'judgement')} of pairs by {_many(found.raters, 'rater')} and on the "
        "Bradley-Terry model (Bradley & Terry, 1952), with a tie as half a win for each arm and one imagined win and "
        "loss of each arm as a weak prior; 1000 is an average arm and 400 points are tenfold odds."
    ]
    if placed := [one for one in found.standings if one.score is not None]:
        told.append(f"Scores: {'; '.join(_place(one) for one in placed)}.")
    if len(found.top_set) == 1:
        told.append(f"{found.top_set[0]} was better than every other arm (95 % confidence; Mogstad et al., 2024).")
    elif found.top_set:
        told.append(
            f"{', '.join(found.top_set)} could not be told from the best (95 % confidence; Mogstad et al., 2024)."
        )
    if early := [one.arm for one in placed if one.preliminary]:
        told.append(f"Fewer than {PRELIMINARY_BELOW} votes make the place of {', '.join(early)} preliminary.")
    sides = found.side_bias
    if sides.left is not None:
        interval = "" if sides.low is None else f" ({100 * sides.low:.1f} to {100 * (sides.high or 0):.1f} %)"
        told.append(f"The left picture won {100 * sides.left:.1f} %{interval} of {sides.decided:,} decided pairs.")
    if found.tie_model is not None:
        told.append(
            "Davidson's model with a term for the side (Davidson, 1970; Davidson & Beaver, 1977) puts the chance that "
            f"equal arms tie at {100 * found.tie_model.tie_chance:.1f} %."
        )
    if found.dropped is not None and found.dropped.votes is not None and found.dropped.share is not None:
        share = f"{100 * found.dropped.share:.2f} %"
        told.append(
            f"Without {_many(found.dropped.votes, 'vote')} ({share}), picked for the purpose, "
            f"{found.dropped.successor} would be first."
        )
    return told


def _passed(found: Realism) -> list[str]:
    told = []
    if found.infinite:
        scores = "; ".join(_score(one, scale=100, unit=" %") for one in found.infinite)
        told.append(f"HYPE∞ (Zhou et al., 2019), where 50 % is chance: {scores}.")
    if found.timed:
        scores = "; ".join(_score(one, scale=1, unit=" ms") for one in found.timed)
        told.append(f"HYPE-time (Zhou et al., 2019), the modal exposure of the staircase: {scores}.")
    return told


def _place(one: Standing) -> str:
    interval = "" if one.low is None else f" ({one.low:.0f} to {one.high:.0f}, rank {_ranks(one)})"
    return f"{one.arm} {one.score:.0f}{interval}"


def _ranks(one: Standing) -> str:
    return f"{one.best_rank}" if one.best_rank == one.worst_rank else f"{one.best_rank} to {one.worst_rank}"


def _score(one: HypeScore, *, scale: int, unit: str) -> str:
    if one.score is None:
        return f"{one.arm} without votes"
    interval = "" if one.low is None else f" ({scale * one.low:.1f} to {scale * (one.high or 0):.1f})"
    return f"{one.arm} {scale * one.score:.1f}{unit}{interval}"


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
