"""The paragraph for a paper's methods section, with the study's own numbers."""

from __future__ import annotations

from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT, Standing
from evaluation.qualitative.ranking.raters.exclusion import RaterCheck, Thresholds
from evaluation.qualitative.ranking.robustness import Fragility
from evaluation.qualitative.ranking.summary import ENOUGH_RATERS, Comparison, Realism, Summary
from evaluation.qualitative.results.design import Design
from evaluation.qualitative.results.flow import Flow
from evaluation.qualitative.results.words import listed, was
from evaluation.qualitative.wording import counted

_INTERVALS = (
    "Intervals are at the 95 % level and take the votes of one rater as dependent{kinds}, with Student's t for the "
    "effective number of raters and standard deviations from {resamples:,} bootstrap draws of whole raters, seed "
    "{seed} (Cameron & Miller, 2015; Carter et al., 2017)."
)
_KINDS = ": score intervals for the ranking and Wilson's for shares"


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
    question_clause = f' {was(summary.raters)} asked "{question}" and' if question else ""
    raters, votes = counted(summary.raters, "rater"), counted(summary.votes, "vote")
    sentences = [f"{raters}{question_clause} cast {votes} on {counted(len(summary.arms), 'arm')}."]
    sentences += flow.sentences()
    sentences += design.sentences()
    sentences += _excluded(summary, design)
    if summary.rater_check is not None:
        sentences += _rater_rules(summary.rater_check, design, included=summary.flagged_included)
    if summary.comparison is not None:
        sentences += _compared(summary.comparison, design)
    if summary.realism is not None:
        sentences += _realism(summary.realism, design)
    if _has_intervals(summary):
        four = summary.comparison is not None and summary.comparison.model == "best_worst"
        kinds = "" if four else _KINDS
        sentences.append(_INTERVALS.format(kinds=kinds, resamples=summary.resamples, seed=summary.seed))
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
        observers = counted(design.minimum_raters, "observer" if design.minimum_raters == ENOUGH_RATERS else "rater")
        sentences.append(f"{source} at least {observers}: these results are preliminary.")
    return " ".join(sentences)


def _excluded(summary: Summary, design: Design) -> list[str]:
    sentences = []
    if summary.excluded:
        reasons = ", ".join(
            f"{reason.replace('_', ' ')} {number:,}" for reason, number in summary.excluded_by_reason.items()
        )
        several = " (a vote may have several reasons)" if len(summary.excluded_by_reason) > 1 else ""
        sentences.append(
            f"Another {counted(summary.excluded, 'vote')} {was(summary.excluded)} excluded: {reasons}{several}, "
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
        sentences.append(f"{counted(summary.unanswered, 'vote')} gave no judgement (skipped or not sure).")
    return sentences


_BEST_WORST = (
    "The best and the worst of four pictures were chosen {} by {}. The ranking rests on the sequential best-worst "
    "model (Marley & Louviere, 2005), with one imagined win and loss of each arm as a weak prior; 1000 is an average "
    "arm and 400 points are tenfold odds to be preferred of two."
)


def _compared(comparison: Comparison, design: Design) -> list[str]:
    sentences = [
        f"The ranking rests on {counted(comparison.votes, 'judgement')} of pairs by "
        f"{counted(comparison.raters, 'rater')} and on the Bradley-Terry model (Bradley & Terry, 1952), with a tie as "
        "half a win for each arm and one imagined win and loss of each arm as a weak prior; 1000 is an average arm and "
        "400 points are tenfold odds."
    ]
    if comparison.model == "best_worst":
        sentences = [_BEST_WORST.format(counted(comparison.votes, "time"), counted(comparison.raters, "rater"))]
    placed = [arm for arm in comparison.standings if arm.score is not None]
    if placed:
        sentences.append(f"Scores: {'; '.join(_place(arm, design) for arm in placed)}.")
    if len(comparison.groups) > 1:
        groups = "; ".join(", ".join(map(design.title, group)) for group in comparison.groups)
        sentences.append(
            f"The arms fall into {len(comparison.groups)} groups that were never compared with each other ({groups}): "
            "ranks hold within a group."
        )
    sentences += _best(comparison, design)
    if early := [design.title(arm.arm) for arm in placed if arm.votes < design.preliminary_below]:
        sentences.append(
            f"Fewer than {counted(design.preliminary_below, 'vote')} make the place of {listed(early)} preliminary."
        )
    sides = comparison.side_bias
    if sides.left is not None:
        interval = "" if sides.low is None else f" ({100 * sides.low:.1f} to {100 * (sides.high or 0):.1f} %)"
        pairs = counted(sides.decided, "decided pair")
        sentences.append(f"The left picture won {100 * sides.left:.1f} %{interval} of {pairs}.")
    if comparison.tie_model is not None:
        sentences.append(
            "Under Davidson's model with a term for the side (Davidson, 1970; Davidson & Beaver, 1977) equal arms tie "
            f"with a chance of {100 * comparison.tie_model.tie_chance:.1f} %, and the left one wins "
            f"{100 * comparison.tie_model.left_chance:.1f} % of the decisions between equal arms."
        )
    sentences += _fragile(comparison, design)
    sentences += _fit(comparison)
    return sentences


def _best(comparison: Comparison, design: Design) -> list[str]:
    source = "95 % confidence for all ranks at once; Mogstad et al., 2024"
    if comparison.alone is not None:
        return [
            f"{design.title(comparison.alone)} was better than every other arm (95 % confidence at every moment of the "
            "study; confidence sequence after Robbins, 1970)."
        ]
    if len(comparison.groups) > 1 or not comparison.top_set:
        return []
    if len(comparison.top_set) == 1:
        return [
            f"{design.title(comparison.top_set[0])} ranked first ({source}); the lead does not yet allow for repeated "
            "looks at the votes."
        ]
    best = listed([design.title(arm) for arm in comparison.top_set])
    return [f"{best} could not be distinguished from the best ({source})."]


def _rater_rules(check: RaterCheck, design: Design, *, included: bool) -> list[str]:
    """Return how raters are excluded by the rater model: only a study file that declares thresholds does so.

    Args:
        check: of the raters.
        design: when the thresholds were declared.
        included: whether the votes of these raters count here all the same.
    """
    if not check.declared:
        return []
    when = {True: " before the first vote", False: ", which changed after the first vote", None: ""}[design.declared]
    return [
        "A model with skill, lean and lapses of each rater (Crowd-BT; Chen et al., 2013; ITU-T P.910, Annex E) was "
        f"fitted to the votes that no other rule excludes; {len(check.beyond):,} of {len(check.model.raters):,} raters "
        f"were beyond a threshold declared in the study file{when} and "
        f"{'would be excluded, but count here' if included else 'excluded'}: {thresholds_in_words(check.thresholds)}."
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
        circles = "no triad of arms has a winner in all three pairs"
        if fit.triads:
            circles = (
                f"circular triads: {fit.circular:,} of {fit.triads:,}, by chance {fit.circular_by_chance:.1f} "
                f"(p = {fit.circular_p:.3f})"
            )
        sentences.append(f"From draws of raters, residuals of all pairs together: p = {fit.misfit:.3f}; {circles}.")
    if comparison.two_way is not None:
        widest = POINTS_PER_LOGIT * max(comparison.two_way.over_both.values())
        sentences.append(
            f"With the {comparison.two_way.items:,} items drawn too (pigeonhole bootstrap; Owen, 2007), intervals are "
            f"at most ± {widest:.0f} points."
        )
    return sentences


def _fragile(comparison: Comparison, design: Design) -> list[str]:
    sentences = []
    dropped, turned = comparison.dropped, comparison.turned
    if dropped is not None and dropped.votes is not None and dropped.share is not None:
        sentences.append(
            f"Without {counted(dropped.votes, 'vote')} ({100 * dropped.share:.2f} %), the most influential, "
            f"{_successor(dropped, design)} would be first."
        )
    if turned is not None and turned.votes is not None and turned.share is not None:
        sentences.append(
            f"If {counted(turned.votes, 'vote')} ({100 * turned.share:.2f} %) had gone the other way, "
            f"{_successor(turned, design)} would be first."
        )
    return sentences


def _successor(fragility: Fragility, design: Design) -> str | None:
    return None if fragility.successor is None else design.title(fragility.successor)


def _realism(realism: Realism, design: Design) -> list[str]:
    sentences = []
    if realism.infinite:
        scores = "; ".join(_score(arm, design, scale=100, unit=" %") for arm in realism.infinite)
        sentences.append(f"HYPE∞ (Zhou et al., 2019), where 50 % is chance: {scores}.")
    if realism.timed:
        scores = "; ".join(_score(arm, design, scale=1, unit=" ms") for arm in realism.timed)
        sentences.append(f"HYPE-time (Zhou et al., 2019), the modal exposure of the staircase: {scores}.")
    return sentences


def _agreement(summary: Summary) -> str:
    agreement = summary.agreement
    interval = "" if agreement.low is None else f" ({agreement.low:.2f} to {agreement.high:.2f})"
    return (
        f"Krippendorff's alpha (nominal) was {agreement.alpha:.2f}{interval} over "
        f"{counted(agreement.judgements, 'answer')} to {counted(agreement.units, 'question')} that two raters or more "
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


def _place(standing: Standing, design: Design) -> str:
    if standing.best_rank is None:
        return f"{design.title(standing.arm)} {standing.score:.0f}"
    return f"{design.title(standing.arm)} {standing.score:.0f} ({bounds(standing)}, rank {_ranks(standing)})"


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


def _score(arm: HypeScore, design: Design, *, scale: int, unit: str) -> str:
    if arm.score is None:
        return f"{design.title(arm.arm)} without votes"
    interval = "" if arm.low is None else f" ({scale * arm.low:.1f} to {scale * (arm.high or 0):.1f})"
    return f"{design.title(arm.arm)} {scale * arm.score:.1f}{unit}{interval}"
