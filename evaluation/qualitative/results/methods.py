"""The paragraph for a paper's methods section, with the study's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT, PRELIMINARY_BELOW, Standing
from evaluation.qualitative.ranking.raters.exclusion import RaterCheck, Thresholds
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.summary import ENOUGH_RATERS, Comparison, Realism, Summary
from evaluation.qualitative.store.flags import LIMITS
from evaluation.qualitative.study.schema import Study

_INTERVALS = (
    "Intervals are at the 95 % level and take the votes of one rater as dependent: score intervals for the ranking "
    "and Wilson's for shares, with Student's t for the effective number of raters and standard deviations from "
    "{resamples:,} bootstrap draws of whole raters, seed {seed} (Cameron & Miller, 2015; Carter et al., 2017)."
)
_EXCLUSION = "by the rules of the software, which are the same for every study and were fixed before the first vote"
THRESHOLDS = {  # of the flags, in words
    "too_fast": f"under {LIMITS.fast_ms} ms",
    "failed_checks": f"{LIMITS.failed_checks} failed checks, or the only one",
    "duplicate_participant": "more than one submission of the platform",
}


@dataclass(frozen=True, kw_only=True)
class Flow:
    """How many people reached each stage of a study; None where that is not known.

    Attributes:
        invited: people who were asked to take part; only the researcher knows.
        opened: people who opened the link of a session.
        began: people who opened a ballot, or more.
        declined: people who did not consent.
        dropped_out: people who began and did not finish.
        withdrew: people whose answers were deleted at their request.
        withdrew_after_close: those of them who did so after the study had closed.
        excluded: people none of whose answers count.
        first: when the first vote was cast.
        last: when the last vote was cast.
    """

    invited: int | None = None
    opened: int | None = None
    began: int | None = None
    declined: int | None = None
    dropped_out: int | None = None
    withdrew: int | None = None
    withdrew_after_close: int | None = None
    excluded: int | None = None
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Design:
    """How a study was set up, as far as a reader of the paper has to know.

    Attributes:
        question: what raters were asked.
        adaptive: whether the pairs depend on the votes so far; False: all pairs are equally likely. None for studies of
            single pictures.
        floor: share of the ballots that an adaptive study spreads evenly over all pairs.
        counterbalanced: whether each arm is as often on the left as on the right for every rater; None where one
            picture was shown.
        paired: whether both pictures of a ballot come from the same seed or photo; None where one picture was shown.
        minimum_look_ms: how long the pictures were on the screen before an answer was taken.
        preliminary_below: votes per arm under which its place is preliminary.
        minimum_raters: raters under which the results are preliminary.
        version: of the software.
        stop_early: whether the study file lets the study end as soon as one arm stands alone.
        exclusion: by which rule votes were excluded, and when it was declared.
        thresholds: of the exclusion rules, by name.
        declared: whether the study file was the same for all votes, its exclusion rules among it; None if not known.
    """

    question: str | None = None
    adaptive: bool | None = None
    floor: float = FLOOR
    counterbalanced: bool | None = None
    paired: bool | None = None
    minimum_look_ms: int | None = None
    preliminary_below: int = PRELIMINARY_BELOW
    minimum_raters: int = ENOUGH_RATERS
    version: str | None = None
    stop_early: bool = False
    exclusion: str = _EXCLUSION
    thresholds: Mapping[str, str] = field(default_factory=dict)
    declared: bool | None = None


def design_of(
    study: Study,
    *,
    version: str | None = None,
    thresholds: Mapping[str, str] | None = None,
    votes: pd.DataFrame | None = None,
    digest: str | None = None,
) -> Design:
    """Return the design that a study file describes.

    Args:
        study: the study.
        version: of the software.
        thresholds: of the exclusion rules, by name; by default those of the software.
        votes: all answers, whose `study_digest` says whether the study file was the same for all.
        digest: of the study as it is now (`ballot_sampling.digest`).
    """
    digests = set() if votes is None or "study_digest" not in votes else set(votes["study_digest"])
    minimum = study.minimum_raters if "minimum_raters" in study.model_fields_set else ENOUGH_RATERS
    return Design(
        question=study.question,
        adaptive=study.session.pairs == "adaptive" if study.pairwise else None,
        stop_early=study.stop_early,
        counterbalanced=study.session.counterbalance if study.pairwise else None,
        paired=(study.items.paired or study.items.kind != "seeds") if study.pairwise else None,
        minimum_look_ms=study.session.minimum_look_ms,
        preliminary_below=study.preliminary_below,
        minimum_raters=minimum,
        version=version,
        thresholds=THRESHOLDS if thresholds is None else thresholds,
        declared=digests == {digest} if digests and digest is not None else None,
    )


def flow_of(
    votes: pd.DataFrame,
    summary: Summary,
    *,
    withdrawn_at: Sequence[datetime] | None = None,
    closes: datetime | None = None,
    stages: Mapping[str, int] | None = None,
    study: Study | None = None,
) -> Flow:
    """Return what is stored of the flow of raters; the other stages are not known.

    Args:
        votes: all answers with their flags, as `Store.results` returns them.
        summary: of those that count.
        withdrawn_at: when raters withdrew, as `events.withdrawn_at` returns it; they count as people who began. None
            if that is not known.
        closes: when the study closes or closed; None if it stays open.
        stages: how many raters reached each stage, from `stages.stages_of`; None if that is not known.
        study: says whether there is a session with consent, and whether everybody has had the time to finish.
    """
    withdrew = None if withdrawn_at is None else len(withdrawn_at)
    late = None if withdrawn_at is None or closes is None else sum(at >= closes for at in withdrawn_at)
    opened = declined = finished = None
    if stages is not None and study is not None and not study.casual:
        opened = stages["joined"] + (withdrew or 0)
        declined = max(0, stages["joined"] - stages["consented"]) if study.consent else None
        finished = stages["completed"] if study.state() == "closed" else None
    if votes.empty:
        return Flow(opened=opened, declined=declined, began=withdrew or 0, withdrew=withdrew, withdrew_after_close=late)
    rating = sift(votes).rating
    cast = pd.to_datetime(votes["cast_at"], utc=True) if "cast_at" in votes else None
    voted = int(votes["rater"].nunique())
    return Flow(
        opened=opened,
        declined=declined,
        dropped_out=None if finished is None else max(0, voted - finished),
        began=voted + (withdrew or 0),
        withdrew=withdrew,
        withdrew_after_close=late,
        excluded=int(rating["rater"].nunique()) - summary.raters,
        first=None if cast is None else cast.min().to_pydatetime(),
        last=None if cast is None else cast.max().to_pydatetime(),
    )


def methods(
    summary: Summary, *, question: str | None = None, design: Design | None = None, flow: Flow | None = None
) -> str:
    """Write how a study was analysed and what came out, in sentences.

    Args:
        summary: from `summarise`.
        question: what raters were asked; by default as `design` says.
        design: how the study was set up.
        flow: how many people reached each stage.
    """
    design, flow = design or Design(), flow or Flow()
    question = question or design.question
    question_clause = f' {_was(summary.raters)} asked "{question}" and' if question else ""
    raters, votes = _many(summary.raters, "rater"), _many(summary.votes, "vote")
    sentences = [f"{raters}{question_clause} cast {votes} on {_many(len(summary.arms), 'arm')}."]
    sentences += _flow(flow)
    sentences += _design(design)
    sentences += _excluded(summary, design)
    if summary.rater_check is not None:
        sentences += _rater_rules(summary.rater_check, design)
    if summary.comparison is not None:
        sentences += _compared(summary.comparison, design)
    if summary.realism is not None:
        sentences += _realism(summary.realism)
    if _has_intervals(summary):
        sentences.append(_INTERVALS.format(resamples=summary.resamples, seed=summary.seed))
    if summary.agreement.alpha is not None:
        sentences.append(_agreement(summary))
    times = summary.response_times
    if times.median is not None and times.quartiles is not None:
        low, high = (quartile / 1000 for quartile in times.quartiles)
        sentences.append(
            f"The median response time was {times.median / 1000:.1f} s (quartiles {low:.1f} and {high:.1f} s)."
        )
    if summary.raters < design.minimum_raters:
        source = "ITU-R BT.500 requires" if design.minimum_raters == ENOUGH_RATERS else "The study file requires"
        observers = _many(design.minimum_raters, "observer" if design.minimum_raters == ENOUGH_RATERS else "rater")
        sentences.append(f"{source} at least {observers}: these results are preliminary.")
    return " ".join(sentences)


def _flow(flow: Flow) -> list[str]:
    stages = [
        (flow.invited, "invited"),
        (flow.opened, "opened the link"),
        (flow.began, "began"),
        (flow.declined, "declined"),
        (flow.dropped_out, "dropped out"),
        (flow.withdrew, "withdrew"),
        (flow.excluded, "excluded with all their votes"),
    ]
    passive = ("invited", "excluded with all their votes")
    known = [
        f"{number:,} {f'{_was(number)} ' if stage in passive else ''}{stage}"
        for number, stage in stages
        if number is not None
    ]
    sentences = [f"Of the participants, {_listed(known)}."] if known else []
    if flow.withdrew_after_close:
        answers = "their answers were deleted" if flow.withdrew_after_close > 1 else "the answers were deleted"
        sentences.append(f"{_many(flow.withdrew_after_close, 'rater')} withdrew after the study had closed; {answers}.")
    if flow.first is not None and flow.last is not None:
        first, last = f"{flow.first:%Y-%m-%d}", f"{flow.last:%Y-%m-%d}"
        sentences.append(
            f"Votes were cast on {first}." if first == last else f"Votes were cast from {first} to {last}."
        )
    return sentences


def _design(design: Design) -> list[str]:
    sentences = []
    if design.adaptive:
        sentences.append(
            "Pairs were drawn adaptively: most often the two arms that may be best (top-two sampling; Russo, 2020), "
            f"with {100 * design.floor:.0f} % of the ballots spread evenly over all pairs."
        )
    elif design.adaptive is not None:
        sentences.append("All pairs were equally likely.")
    if design.counterbalanced is not None:
        sentences.append(
            "Sides were counterbalanced for each rater." if design.counterbalanced else "Sides were drawn at random."
        )
    if design.paired is not None:
        sentences.append(
            "Both pictures of a pair came from the same seed or photo."
            if design.paired
            else "The two pictures of a pair came from different seeds."
        )
    if design.minimum_look_ms:
        sentences.append(f"An answer was taken after a look of {design.minimum_look_ms:,} ms or more.")
    if design.stop_early:
        sentences.append(
            "The study file lets the study end when one arm stands alone, from "
            f"{_many(design.minimum_raters, 'rater')} on; that claim holds at every moment, "
            "so an early end does not make it too often."
        )
    if design.version:
        sentences.append(f"The software was Just Look {design.version}.")
    return sentences


def _excluded(summary: Summary, design: Design) -> list[str]:
    sentences = []
    if summary.excluded:
        reasons = ", ".join(
            f"{reason.replace('_', ' ')} {number:,}" for reason, number in summary.excluded_by_reason.items()
        )
        several = " (a vote may have several reasons)" if len(summary.excluded_by_reason) > 1 else ""
        sentences.append(
            f"Another {_many(summary.excluded, 'vote')} {_was(summary.excluded)} excluded: {reasons}{several}, "
            f"{design.exclusion}."
        )
        limits = [
            f"{reason.replace('_', ' ')}: {design.thresholds[reason]}"
            for reason in summary.excluded_by_reason
            if reason in design.thresholds
        ]
        if limits:
            sentences.append(f"The thresholds: {'; '.join(limits)}.")
    if summary.flagged_included and summary.excluded_by_reason:
        sentences.append("Votes that the integrity checks flagged are included.")
    if summary.checks:
        checks = ", ".join(f"{number:,} {kind}" for kind, number in summary.checks.items())
        sentences.append(f"Trials that served as checks do not count as votes ({checks}).")
    if summary.unanswered:
        sentences.append(f"{_many(summary.unanswered, 'vote')} gave no judgement (skipped or not sure).")
    return sentences


_BEST_WORST = (
    "The best and the worst of four pictures were chosen {} by {}. The ranking rests on the sequential best-worst "
    "model (Marley & Louviere, 2005), with one imagined win and loss of each arm as a weak prior; 1000 is an average "
    "arm and 400 points are tenfold odds to be preferred of two."
)


def _compared(comparison: Comparison, design: Design) -> list[str]:
    sentences = [
        f"The ranking rests on {_many(comparison.votes, 'judgement')} of pairs by "
        f"{_many(comparison.raters, 'rater')} and on the Bradley-Terry model (Bradley & Terry, 1952), with a tie as "
        "half a win for each arm and one imagined win and loss of each arm as a weak prior; 1000 is an average arm and "
        "400 points are tenfold odds."
    ]
    if comparison.model == "best_worst":
        sentences = [_BEST_WORST.format(_many(comparison.votes, "time"), _many(comparison.raters, "rater"))]
    placed = [arm for arm in comparison.standings if arm.score is not None]
    if placed:
        sentences.append(f"Scores: {'; '.join(_place(arm) for arm in placed)}.")
    if len(comparison.groups) > 1:
        groups = "; ".join(", ".join(group) for group in comparison.groups)
        sentences.append(
            f"The arms fall into {len(comparison.groups)} groups that were never compared with each other ({groups}): "
            "ranks hold within a group."
        )
    sentences += _best(comparison)
    if early := [arm.arm for arm in placed if arm.votes < design.preliminary_below]:
        sentences.append(
            f"Fewer than {_many(design.preliminary_below, 'vote')} make the place of {_listed(early)} preliminary."
        )
    sides = comparison.side_bias
    if sides.left is not None:
        interval = "" if sides.low is None else f" ({100 * sides.low:.1f} to {100 * (sides.high or 0):.1f} %)"
        pairs = _many(sides.decided, "decided pair")
        sentences.append(f"The left picture won {100 * sides.left:.1f} %{interval} of {pairs}.")
    if comparison.tie_model is not None:
        sentences.append(
            "Under Davidson's model with a term for the side (Davidson, 1970; Davidson & Beaver, 1977) equal arms tie "
            f"with a chance of {100 * comparison.tie_model.tie_chance:.1f} %, and the left one wins "
            f"{100 * comparison.tie_model.left_chance:.1f} % of the decisions between equal arms."
        )
    sentences += _fragile(comparison)
    sentences += _fit(comparison)
    return sentences


def _best(comparison: Comparison) -> list[str]:
    source = "95 % confidence for all ranks at once; Mogstad et al., 2024"
    if comparison.alone is not None:
        return [
            f"{comparison.alone} was better than every other arm (95 % confidence at every moment of the study; "
            "confidence sequence after Robbins, 1970)."
        ]
    if len(comparison.groups) > 1 or not comparison.top_set:
        return []
    if len(comparison.top_set) == 1:
        return [
            f"{comparison.top_set[0]} ranked first ({source}); the lead does not yet allow for repeated looks at the "
            "votes."
        ]
    return [f"{_listed(comparison.top_set)} could not be distinguished from the best ({source})."]


def _rater_rules(check: RaterCheck, design: Design) -> list[str]:
    """Return how raters are excluded by the rater model: only a study file that declares thresholds does so."""
    if not check.declared:
        return []
    when = {True: " before the first vote", False: ", which changed after the first vote", None: ""}[design.declared]
    return [
        "A model with skill, lean and lapses of each rater (Crowd-BT; Chen et al., 2013; ITU-T P.910, Annex E) was "
        f"fitted to the votes that no other rule excludes; {len(check.beyond):,} of {len(check.model.raters):,} raters "
        f"were beyond a threshold declared in the study file{when} and excluded: "
        f"{thresholds_in_words(check.thresholds)}."
    ]


def thresholds_in_words(thresholds: Thresholds) -> str:
    """Return the thresholds for raters in words."""
    rules = []
    if thresholds.least_skill is not None:
        rules.append(f"skill below {thresholds.least_skill:g}")
    if thresholds.most_lean is not None:
        rules.append(f"one side or answer preferred with a chance above {100 * thresholds.most_lean:g} %")
    if thresholds.most_lapses is not None:
        rules.append(f"lapses above {100 * thresholds.most_lapses:g} %")
    return ", ".join(rules)


def _fit(comparison: Comparison) -> list[str]:
    sentences = []
    fit = comparison.transitivity
    if fit is not None:
        sentences.append(
            f"Residuals of all pairs together: p = {fit.misfit:.3f}; circular triads: {fit.circular:,} of "
            f"{fit.triads:,}, by chance {fit.circular_by_chance:.1f} (p = {fit.circular_p:.3f}), from draws of raters."
        )
    if comparison.two_way is not None:
        widest = POINTS_PER_LOGIT * max(comparison.two_way.over_both.values())
        sentences.append(
            f"With the {comparison.two_way.items:,} items drawn too (pigeonhole bootstrap; Owen, 2007), intervals are "
            f"at most ± {widest:.0f} points wide."
        )
    return sentences


def _fragile(comparison: Comparison) -> list[str]:
    sentences = []
    dropped, turned = comparison.dropped, comparison.turned
    if dropped is not None and dropped.votes is not None and dropped.share is not None:
        sentences.append(
            f"Without {_many(dropped.votes, 'vote')} ({100 * dropped.share:.2f} %), the most influential, "
            f"{dropped.successor} would be first."
        )
    if turned is not None and turned.votes is not None and turned.share is not None:
        sentences.append(
            f"If {_many(turned.votes, 'vote')} ({100 * turned.share:.2f} %) had gone the other way, "
            f"{turned.successor} would be first."
        )
    return sentences


def _realism(realism: Realism) -> list[str]:
    sentences = []
    if realism.infinite:
        scores = "; ".join(_score(arm, scale=100, unit=" %") for arm in realism.infinite)
        sentences.append(f"HYPE∞ (Zhou et al., 2019), where 50 % is chance: {scores}.")
    if realism.timed:
        scores = "; ".join(_score(arm, scale=1, unit=" ms") for arm in realism.timed)
        sentences.append(f"HYPE-time (Zhou et al., 2019), the modal exposure of the staircase: {scores}.")
    return sentences


def _agreement(summary: Summary) -> str:
    agreement = summary.agreement
    interval = "" if agreement.low is None else f" ({agreement.low:.2f} to {agreement.high:.2f})"
    return (
        f"Krippendorff's alpha (nominal) was {agreement.alpha:.2f}{interval} over "
        f"{_many(agreement.judgements, 'answer')} to {_many(agreement.units, 'question')} that two raters or more "
        "answered; a pair is coded by whether its first or its second arm wins, so that the names of the arms do not "
        "count."
    )


def _has_intervals(summary: Summary) -> bool:
    scored: list[Standing | HypeScore] = []
    if summary.comparison is not None:
        scored += summary.comparison.standings
    if summary.realism is not None:
        scored += summary.realism.infinite + summary.realism.timed
    return any(arm.low is not None or arm.high is not None for arm in scored)


def _place(standing: Standing) -> str:
    if standing.best_rank is None:
        return f"{standing.arm} {standing.score:.0f}"
    return f"{standing.arm} {standing.score:.0f} ({bounds(standing)}, rank {_ranks(standing)})"


def bounds(standing: Standing) -> str:
    """Return the interval of a score in words: both ends, the one that there is, or neither."""
    if standing.low is None and standing.high is None:
        return "no bounds"
    if standing.high is None:
        return f"at least {standing.low:.0f}"
    if standing.low is None:
        return f"at most {standing.high:.0f}"
    return f"{standing.low:.0f} to {standing.high:.0f}"


def _ranks(standing: Standing) -> str:
    best, worst = standing.best_rank, standing.worst_rank
    return f"{best}" if best == worst else f"{best} to {worst}"


def _score(arm: HypeScore, *, scale: int, unit: str) -> str:
    if arm.score is None:
        return f"{arm.arm} without votes"
    interval = "" if arm.low is None else f" ({scale * arm.low:.1f} to {scale * (arm.high or 0):.1f})"
    return f"{arm.arm} {scale * arm.score:.1f}{unit}{interval}"


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
