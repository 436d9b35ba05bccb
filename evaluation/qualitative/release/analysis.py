"""Recompute every published number of this release from its votes: `python analysis.py [FOLDER]`.

It needs Python 3.11, numpy and scipy, and none of the software that ran the study: the estimators are written here a
second time, without its code. It reads `votes.csv`, `participants.csv`, `metrics.csv` and the settings in
`published.json`, computes flags, scores, intervals, agreement, items, raters, times and correlations with the metrics
anew, prints the ranking, and compares each number with the published one. It ends with 0 if all agree.

The votes of one rater depend on each other, so all intervals come from the differences between raters: from draws of
whole raters with a fixed seed, and with Student's t for the effective number of raters.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations, permutations
from math import ceil, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy.special import expit, log_expit, logit

Row = dict[str, str]
Array = np.ndarray[Any, np.dtype[Any]]

LEVEL = 0.95
POINTS = 400 / log(10)  # of a score, for one natural logarithm of odds
LEFT, RIGHT, TIE = range(3)
OUTCOMES = {"left": LEFT, "right": RIGHT, "tie": TIE, "both_bad": TIE}
INFORMING = {"shared_address"}  # flags that exclude no vote
CALLED_REAL = {"real": 1.0, "not_sure": 0.5, "fake": 0.0}
TINY = 1e-9
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so has an apostrophe in front in the tables


# --- Reading and flags ------------------------------------------------------------------------------------------------


def read(path: Path) -> list[Row]:
    """Return the rows of a table, each a dictionary by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: plain(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def plain(cell: str) -> str:
    """Take away the apostrophe that keeps a spreadsheet from running a text as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def flags(votes: list[Row], participants: list[Row], limits: dict[str, int]) -> list[set[str]]:
    """Return the flags of each vote that the rules in `limits` give."""
    reasons: list[set[str]] = [set() for _ in votes]
    by_rater: defaultdict[str, list[int]] = defaultdict(list)
    at_address: defaultdict[str, set[str]] = defaultdict(set)
    for i, vote in enumerate(votes):
        by_rater[vote["rater"]].append(i)
        if vote["address"]:
            at_address[vote["address"]].add(vote["rater"])
        if "fast_ms" in limits and vote["choice"] != "skip" and look(vote) < limits["fast_ms"]:
            reasons[i].add("too_fast")
    submissions = {person["rater"]: int(person["submissions"] or 0) for person in participants}
    for rater, theirs in by_rater.items():
        if "failed_checks" in limits:
            checks = [votes[i] for i in theirs if votes[i]["purpose"] in ("attention", "gold")]
            failed = sum(check["choice"] != check["expected"] for check in checks)
            if failed and failed >= min(len(checks), limits["failed_checks"]):
                for i in theirs:
                    reasons[i].add("failed_checks")
        if submissions.get(rater, 0) > 1:
            for i in theirs:
                reasons[i].add("duplicate_participant")
    for i, vote in enumerate(votes):
        if "raters_per_address" in limits and len(at_address[vote["address"]]) > limits["raters_per_address"]:
            reasons[i].add("shared_address")
    return reasons


def look(vote: Row) -> float:
    """Return how long the rater looked, in ms: as measured, or as long as the server waited for the answer."""
    if vote["response_ms"]:
        return float(vote["response_ms"])
    issued, cast = (datetime.fromisoformat(vote[name]) for name in ("issued_at", "cast_at"))
    waited = (cast - issued).total_seconds() * 1000
    return waited - float(vote["exposure_ms"] or 0) if waited >= 0 else float("inf")


def excludes(reasons: set[str]) -> bool:
    """Return whether a vote with these flags does not count."""
    return bool(reasons - INFORMING)


# --- Draws of raters --------------------------------------------------------------------------------------------------


def resampled(counts: Array, *, resamples: int, seed: int) -> Array:
    """Draw rows (one a rater) with replacement, as many as there are, and add them up: `(resamples, columns)`."""
    rng = np.random.default_rng(seed)
    sums = np.empty((resamples, counts.shape[1]))
    for i in range(resamples):
        drawn = rng.integers(len(counts), size=len(counts))
        sums[i] = np.bincount(drawn, minlength=len(counts)) @ counts
    return sums


def effective(votes_each: Array) -> float:
    """Return Kish's number of equally busy raters."""
    return float(votes_each.sum() ** 2 / (votes_each**2).sum()) if votes_each.sum() else 0.0


def enough(raters: int, effective_raters: float) -> bool:
    """Return whether there are raters enough to see how they differ."""
    return raters >= 2 and effective_raters >= 2 - TINY


def student(effective_raters: float) -> float:
    """Return Student's two-sided quantile at the confidence level."""
    return float(scipy.stats.t.ppf((1 + LEVEL) / 2, effective_raters - 1))


def deviation(draws: Array, raters: int) -> Array:
    """Return the standard deviation over draws, corrected for the number of raters."""
    return np.asarray(draws.std(axis=0, ddof=1) * np.sqrt(raters / (raters - 1)))


def share_interval(share: float, spread: float, *, votes: float, raters: int, quantile: float) -> tuple[float, float]:
    """Return Wilson's interval with the votes divided by the design effect.

    Few votes that differ from the others say little about how much raters differ, so the design effect is drawn towards
    that of an intraclass correlation of 0.1, as if by five votes.
    """
    binomial, rare = share * (1 - share) / votes, votes * min(share, 1 - share)
    assumed = 1 + 0.1 * (votes / raters - 1)
    observed = spread**2 / binomial if binomial > 0 else 0.0
    n = votes / ((5 * assumed + rare * observed) / (5 + rare))
    square = quantile**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = quantile / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


# --- Bradley-Terry ----------------------------------------------------------------------------------------------------


class PairVotes:
    """Votes on pairs, counted.

    `total[i, j, outcome]` are the answers with arm i on the left and arm j on the right; `wins` and `judged` are by
    rater, in the order of their first vote, and by unordered pair: how often its first arm won (ties half), and how
    often the pair was judged.
    """

    def __init__(self, arms: list[str], answers: list[tuple[str, int, int, int]]) -> None:
        self.arms, self.answers, n = arms, answers, len(arms)
        self.first, self.second = np.triu_indices(n, k=1)
        number = {pair: k for k, pair in enumerate(zip(self.first.tolist(), self.second.tolist(), strict=True))}
        row = {rater: k for k, rater in enumerate(dict.fromkeys(answer[0] for answer in answers))}
        self.total = np.zeros((n, n, 3))
        self.wins, self.judged = np.zeros((len(row), len(number))), np.zeros((len(row), len(number)))
        for rater, left, right, outcome in answers:
            self.total[left, right, outcome] += 1
            pair, first_won = number[min(left, right), max(left, right)], LEFT if left < right else RIGHT
            self.wins[row[rater], pair] += 0.5 if outcome == TIE else outcome == first_won
            self.judged[row[rater], pair] += 1
        self.raters, self.votes = len(row), len(answers)
        self.effective = effective(self.judged.sum(axis=1))
        self.contrast = np.eye(n)[self.first] - np.eye(n)[self.second]

    def within(self, group: list[int]) -> PairVotes:
        """Return the votes on pairs of some arms."""
        new = {arm: k for k, arm in enumerate(group)}
        kept = [(who, new[i], new[j], how) for who, i, j, how in self.answers if i in new and j in new]
        return PairVotes([self.arms[arm] for arm in group], kept)

    def groups(self) -> list[list[int]]:
        """Return the arms that met, directly or through others, the largest group first."""
        met = self.total.sum(axis=2) + self.total.sum(axis=2).T > 0
        left, groups = {int(arm) for arm in np.flatnonzero(met.any(axis=1))}, []
        while left:
            group, edge = set(), {min(left)}
            while edge:
                group |= edge
                edge = {int(arm) for old in edge for arm in np.flatnonzero(met[old])} - group
            left -= group
            groups.append(sorted(group))
        return sorted(groups, key=lambda group: (-len(group), group[0]))

    def won_and_lost(self) -> tuple[Array, Array]:
        """Return how often each arm won and lost, ties half."""
        half = (self.total[:, :, TIE].sum(axis=1) + self.total[:, :, TIE].sum(axis=0)) / 2
        won = self.total[:, :, LEFT].sum(axis=1) + self.total[:, :, RIGHT].sum(axis=0)
        lost = self.total[:, :, RIGHT].sum(axis=1) + self.total[:, :, LEFT].sum(axis=0)
        return won + half, lost + half


def count(votes: list[Row], arms: list[str]) -> PairVotes:
    """Count the votes that judged a pair; skips and 'not sure' judge nothing."""
    number = {arm: k for k, arm in enumerate(arms)}
    answers = []
    for vote in votes:
        left, right, outcome = number.get(vote["left"]), number.get(vote["right"]), OUTCOMES.get(vote["choice"])
        if left is not None and right is not None and outcome is not None and left != right:
            answers.append((vote["rater"], left, right, outcome))
    return PairVotes(arms, answers)


def derivatives(theta: Array, wins: Array, judged: Array, prior: Array | float) -> tuple[Array, Array]:
    """Return gradient `(B, n)` and information `(B, n, n)` of the log-likelihood with its prior.

    The prior is one imagined win and one imagined loss of each arm against an opponent of strength 0.
    """
    n = theta.shape[1]
    first, second = np.triu_indices(n, k=1)
    contrast = np.eye(n)[first] - np.eye(n)[second]
    chance, against = expit(theta[:, first] - theta[:, second]), expit(theta)
    gradient = (wins - judged * chance) @ contrast + prior * (1 - 2 * against)
    weight = judged * chance * (1 - chance)
    information = np.zeros((len(theta), n, n))
    information[:, first, second] = information[:, second, first] = -weight
    diagonal = np.arange(n)
    information[:, diagonal, diagonal] = 2 * prior * against * (1 - against) + 1e-12 - information.sum(axis=2)
    return gradient, information


def fit(wins: Array, judged: Array, start: Array) -> Array:
    """Return the strengths `(B, n)` of tables of wins and judgements `(B, pairs)`, by Newton's method."""
    theta = np.tile(start, (len(wins), 1))
    for _ in range(200):
        gradient, information = derivatives(theta, wins, judged, 1.0)
        step = np.linalg.solve(information, gradient[..., None])[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True, initial=0)
        theta = theta + step * np.minimum(1, 2 / np.maximum(longest, 2))
        if longest.max(initial=0) < 1e-10:
            break
    return theta


def pair_sums(total: Array) -> tuple[Array, Array]:
    """Return wins of the first arm, ties half, and judgements of each pair, each `(1, pairs)`."""
    first, second = np.triu_indices(len(total), k=1)
    there, back = total[first, second], total[second, first]
    wins = there[:, LEFT] + back[:, RIGHT] + (there[:, TIE] + back[:, TIE]) / 2
    return wins[None], (there.sum(axis=1) + back.sum(axis=1))[None]


def strengths(total: Array, start: Array | None = None) -> Array:
    """Return the strength of each arm, natural logarithms of odds, from all votes `(n, n, 3)`."""
    wins, judged = pair_sums(total)
    return np.asarray(fit(wins, judged, np.zeros(len(total)) if start is None else start)[0])


# --- Intervals of scores, and ranks -----------------------------------------------------------------------------------


def average(theta: Array) -> Array:
    """Return the strength `(B,)` of an arm that would win half its ballots against all of `theta` `(B, n)`."""
    middle = theta.mean(axis=1)
    for _ in range(50):
        chance = expit(theta - middle[:, None])
        step = (chance - 0.5).sum(axis=1) / np.maximum((chance * (1 - chance)).sum(axis=1), TINY)
        middle = middle + np.clip(step, -1, 1)
        if np.abs(step).max() < TINY:
            break
    return middle


def pull(theta: Array) -> Array:
    """Return how much each arm moves the average, `(B, n)`."""
    chance = expit(theta - average(theta)[:, None])
    return np.asarray(chance * (1 - chance) / (chance * (1 - chance)).sum(axis=1, keepdims=True))


def design_effects(tally: PairVotes, theta: Array) -> tuple[Array, Array, float]:
    """Return the variance of each score for independent votes, and how much larger it is over raters: each, pooled.

    The variance over raters is compared with that of independent votes. An arm with few losses (or wins) says little
    about how raters differ: its design effect is drawn, as if by five votes, towards the one that is expected if ties
    are as frequent as seen (Davidson, 1970) and raters' tastes vary as they do over all arms.
    """
    n, chance = len(theta), expit(tally.contrast @ theta)
    scores = tally.wins @ tally.contrast - tally.judged @ (chance[:, None] * tally.contrast)
    judged = pair_sums(tally.total)[1]
    information = derivatives(theta[None], judged / 2, judged, 1.0)[1][0]
    gradient = np.eye(n) - pull(theta[None])
    influence = np.linalg.solve(information, gradient.T).T
    along = influence @ tally.contrast.T
    independent = along**2 @ (judged[0] * chance * (1 - chance))
    moved = scores @ influence.T
    over_raters = tally.raters / (tally.raters - 1) * ((moved - moved.mean(axis=0)) ** 2).sum(axis=0)
    observed = over_raters / np.maximum(independent, 1e-12)
    noise = chance * (1 - chance) - tie_chances(chance, judged[0], float(tally.total[..., TIE].sum())) / 4
    taste, shared = variance_of_tastes(tally, scores, noise, influence)
    expected = (along**2 @ (judged[0] * noise) + taste * shared) / np.maximum(independent, 1e-12)
    rare = np.minimum(*tally.won_and_lost())
    pooled = max(float(np.average(observed, weights=rare + TINY)), 0.3) if rare.any() else 1.0
    each = np.maximum((5 * expected + rare * observed) / (5 + rare), 0.3)
    return np.einsum("ij,ij->i", gradient, influence), each, pooled


def tie_chances(chance: Array, judged: Array, ties: float) -> Array:
    """Return how likely each pair is tied after Davidson, if `ties` of all votes were and `chance` counts ties half."""
    both = chance * (1 - chance)

    def tied(readiness: float) -> Array:
        square = readiness**2
        root = np.sqrt((square / 2) ** 2 + 4 * (1 - square / 4) * square * both)
        return np.asarray(2 * square * both / (square / 2 + np.maximum(root, 1e-12)))

    def excess(readiness: float) -> float:
        return float(judged @ tied(readiness)) - ties

    if not ties:
        return np.zeros_like(chance)
    return tied(scipy.optimize.brentq(excess, 1e-9, 1e3)) if excess(1e3) > 0 else tied(1e3)


def variance_of_tastes(tally: PairVotes, scores: Array, noise: Array, influence: Array) -> tuple[float, Array]:
    """Return how much tastes vary, by moments, and how much that moves each arm's score, summed over raters."""
    n = len(tally.arms)
    single, square, shared = 0.0, 0.0, np.zeros(n)
    for judged in tally.judged:
        covariance = (tally.contrast.T * (judged * noise)) @ tally.contrast
        single += float(np.trace(covariance))
        square += float((covariance**2).sum())
        shared += ((covariance @ influence.T) ** 2).sum(axis=0)
    varied = tally.raters / (tally.raters - 1) * float(((scores - scores.mean(axis=0)) ** 2).sum())
    return max(0.0, varied - single) / max(square, 1e-12), shared


def score_intervals(tally: PairVotes, theta: Array, effect: Array, quantile: float) -> tuple[Array, Array]:
    """Return both ends of each strength's score interval; infinite where the votes set no bound.

    An end is the strength at which the wins of the arm are `quantile` standard deviations from those expected, with the
    other arms fitted anew: found by taking `taken` wins away (or adding them), between 0 and all there are.
    """
    n, (won, lost) = len(theta), tally.won_and_lost()
    wins, judged = pair_sums(tally.total)
    room = np.concatenate([won, lost]) * (2 if n == 2 else 1)
    ends = np.repeat([-np.inf, np.inf], n)
    some = np.flatnonzero(room > 0)
    if not len(some):
        return ends[:n], ends[n:]
    arm, sign, stretch = (
        np.tile(np.arange(n), 2)[some],
        np.repeat([1.0, -1.0], n)[some],
        np.sqrt(np.tile(effect, 2))[some],
    )
    low, high = np.zeros(len(some)), room[some] * (1 - TINY)
    taken, profile = high / 2, np.tile(theta, (len(some), 1))
    for _ in range(12):
        profile, lead, variance = profiled(profile, wins, judged, arm, sign * taken)
        distance = taken * np.sqrt(variance) / stretch
        done = np.abs(distance - quantile) < 1e-3 * quantile
        if done.all():
            break
        low, high = np.where(distance < quantile, taken, low), np.where(distance < quantile, high, taken)
        guess = taken * quantile / np.maximum(distance, TINY)
        taken = np.where(done, taken, np.where((guess > low) & (guess < high), guess, (low + high) / 2))
    ends[some] = np.where(distance > 0.99 * quantile, lead, -sign * np.inf)
    return ends[:n], ends[n:]


def profiled(theta: Array, wins: Array, judged: Array, arm: Array, taken: Array) -> tuple[Array, Array, Array]:
    """Fit with `taken` wins fewer for `arm`; return all strengths, that of the arm over the average, its variance."""
    rows = np.arange(len(arm))
    prior = np.full(theta.shape, 0.5)
    prior[rows, arm] = 0.0
    for _ in range(6):
        gradient = -pull(theta)
        gradient[rows, arm] += 1
        slope, information = derivatives(theta, wins, judged, prior)
        both = np.linalg.solve(information, np.stack([slope - taken[:, None] * gradient, gradient], axis=-1))
        step = both[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        theta = theta + step * np.minimum(1, 2 / np.maximum(longest, 2))
        if longest.max() < 1e-3:
            break
    return theta, theta[rows, arm] - average(theta), (both[..., 1] * gradient).sum(axis=1)


def compare_all(tally: PairVotes, theta: Array, pooled: float, *, resamples: int, seed: int) -> dict[str, Any]:
    """Return the ranks that all arms may hold at once (Mogstad et al., 2024), and the arm that stands alone.

    One arm is below another where their difference exceeds, in standard deviations, what the largest of all differences
    exceeds in 5 % of the draws. An arm stands alone beyond the boundary of a confidence sequence (Robbins, 1970), which
    allows for looking at the votes at any time.
    """
    pairs = len(tally.first)
    sums = resampled(np.hstack([tally.wins, tally.judged]), resamples=resamples, seed=seed)
    draws = fit(sums[:, :pairs], sums[:, pairs:], theta)
    wins, judged = pair_sums(tally.total)
    covariances = [np.linalg.inv(derivatives(theta[None] * part, wins, judged, 1.0)[1][0]) for part in (1.0, 0.5)]
    return places(theta, draws, covariances, pooled, raters=tally.raters, effective_raters=tally.effective)


def places(
    theta: Array, draws: Array, covariances: list[Array] | None, effect: float, *, raters: int, effective_raters: float
) -> dict[str, Any]:
    """Return the ranks of `compare_all` from draws of strengths, and the covariances at the estimate and halfway.

    With them come the draws, and the sign of each pair's lead where it is clear, else 0. Shares have no covariances.
    """
    n = len(theta)
    first, second = np.triu_indices(n, k=1)
    lead, drawn = theta[first] - theta[second], draws[:, first] - draws[:, second]
    least = np.zeros(len(lead))
    if covariances is not None:
        precisions = [  # the likelihood ratio between the estimate and equal arms, by Simpson's rule
            1 / np.maximum(c[first, first] + c[second, second] - 2 * c[first, second], TINY) for c in covariances
        ]
        least = np.sqrt(max(1.0, effect) / ((2 * precisions[1] + precisions[0]) / 3))
    spread = np.maximum(deviation(drawn, raters), least) + TINY
    excess = np.abs(drawn - lead) / spread * sqrt(raters / (raters - 1))
    quantile, normal = student(effective_raters), float(scipy.stats.norm.ppf((1 + LEVEL) / 2))
    critical = max(float(np.quantile(excess.max(axis=1), LEVEL)), normal) * quantile / normal
    clear = np.abs(lead) > critical * spread
    ahead, behind = np.where(lead > 0, first, second), np.where(lead > 0, second, first)
    mixed = 0.5 * effective_raters
    boundary = sqrt((1 + 1 / mixed) * log((mixed + 1) / (1 - LEVEL) ** 2)) * critical / quantile
    beyond = scipy.stats.t.sf(np.abs(lead) / spread, effective_raters - 1) < scipy.stats.norm.sf(boundary)
    beaten = np.bincount(ahead[beyond], minlength=n)
    return {
        "draws": draws,
        "leads": np.where(clear, np.sign(lead), 0),
        "best": 1 + np.bincount(behind[clear], minlength=n),
        "worst": n - np.bincount(ahead[clear], minlength=n),
        "alone": int(beaten.argmax()) if beaten.max() == n - 1 else None,
    }


def ranking(tally: PairVotes, *, resamples: int, seed: int) -> list[dict[str, Any]]:
    """Return each arm's score, interval and ranks, best first; one group of arms that met after another."""
    total, theta = tally.total, strengths(tally.total)
    wins = total[:, :, LEFT].sum(axis=1) + total[:, :, RIGHT].sum(axis=0)
    losses = total[:, :, RIGHT].sum(axis=1) + total[:, :, LEFT].sum(axis=0)
    ties = total[:, :, TIE].sum(axis=1) + total[:, :, TIE].sum(axis=0)
    arms: list[dict[str, Any]] = []
    for i, arm in enumerate(tally.arms):
        score = 1000 + POINTS * float(theta[i]) if wins[i] + losses[i] + ties[i] else None
        counts = {"wins": int(wins[i]), "losses": int(losses[i]), "ties": int(ties[i])}
        unknown = dict.fromkeys(("low", "high", "best_rank", "worst_rank", "top", "alone", "precise_to"))
        arms.append({"arm": arm, "score": score, **counts, **unknown, "group": 0})
    for number, group in enumerate(tally.groups()):
        inside = tally.within(group)
        for i in group:
            arms[i]["group"] = number
        if not enough(inside.raters, inside.effective):
            continue
        own = theta[group]
        variance, effect, pooled = design_effects(inside, own)
        quantile = student(inside.effective)
        low, high = score_intervals(inside, own, effect, quantile)
        ranks = compare_all(inside, own, pooled, resamples=resamples, seed=seed)
        for k, i in enumerate(group):
            arms[i].update(
                low=1000 + POINTS * float(low[k]) if np.isfinite(low[k]) else None,
                high=1000 + POINTS * float(high[k]) if np.isfinite(high[k]) else None,
                best_rank=int(ranks["best"][k]),
                worst_rank=int(ranks["worst"][k]),
                top=bool(ranks["best"][k] == 1),
                alone=k == ranks["alone"],
                precise_to=float(POINTS * quantile * sqrt(variance[k] * pooled)),
            )
    return sorted(arms, key=lambda arm: (arm["score"] is None, arm["group"], -(arm["score"] or 0)))


def votes_needed(half: float, *, wanted: float, votes: int, raters: float, arms: int) -> int | None:
    """Predict how many more votes by new raters narrow every interval to ± `wanted` points."""
    if raters < 5 - TINY:
        return None
    largest = max(0.0, float(scipy.stats.norm.ppf((arms - 0.375) / (arms + 0.25))))  # of normal numbers (Blom, 1958)

    def excess(times: float) -> float:
        quantiles = scipy.stats.t.ppf((1 + LEVEL) / 2, times * raters - 1) / student(raters)
        return float(half * (1 + 0.75 * largest / sqrt(2 * (times * raters - 1))) * quantiles / sqrt(times) - wanted)

    return (
        0 if excess(1.0) <= 0 else ceil(votes * (scipy.optimize.brentq(excess, 1.0, 4 * (half / wanted) ** 2 + 4) - 1))
    )


# --- How few votes would change the winner, sides and ties ------------------------------------------------------------


def fewest(tally: PairVotes, *, turn: bool) -> dict[str, Any] | None:
    """Return how few votes, dropped or turned, would put another arm first: the most influential ones, refitted."""
    total = tally.total
    arms = np.flatnonzero(total.sum(axis=(1, 2)) + total.sum(axis=(0, 2)))
    if len(arms) < 2:
        return None
    theta = strengths(total)
    first = int(arms[np.argmax(theta[arms])])
    best, successor = None, None
    wins, judged = pair_sums(total)
    information = derivatives(theta[None], wins, judged, 1.0)[1][0]
    left, right, outcome = np.nonzero(total)
    for other in sorted((int(arm) for arm in arms if arm != first), key=lambda arm: -theta[arm]):
        towards = np.zeros(len(theta))
        towards[first], towards[other] = 1.0, -1.0
        direction = np.linalg.solve(information, towards)
        lean, score = direction[left] - direction[right], np.array([1.0, 0.0, 0.5])[outcome]
        gain = (2 * score - 1) * lean if turn else (score - expit(theta[left] - theta[right])) * lean
        order = [(left[k], right[k], outcome[k]) for k in np.argsort(-gain, kind="stable") if gain[k] > 0]
        available = int(sum(total[kind] for kind in order))
        many, few, start = available if best is None else min(best - 1, available), 0, None

        def overtaken(number: int, order: Any = order, other: int = other) -> bool:
            nonlocal start
            start = strengths(changed(total, order, number, turn=turn), start)
            return bool(start[other] > start[first] + 1e-7)

        if many < 1 or not overtaken(many):
            continue
        while many - few > 1:
            middle = (few + many) // 2
            few, many = (few, middle) if overtaken(middle) else (middle, many)
        best, successor = many, tally.arms[other]
    return {
        "first": tally.arms[first],
        "votes": best,
        "share": None if best is None else best / tally.votes,
        "successor": successor,
    }


def changed(total: Array, order: list[tuple[int, int, int]], number: int, *, turn: bool) -> Array:
    """Drop the first `number` votes in this order, or turn them round."""
    new = total.copy()
    for left, right, outcome in order:
        taken = min(number, int(total[left, right, outcome]))
        new[left, right, outcome] -= taken
        if turn:
            new[left, right, {LEFT: RIGHT, RIGHT: LEFT}[outcome]] += taken
        number -= taken
    return new


def ties_and_sides(tally: PairVotes) -> dict[str, float] | None:
    """Fit Davidson's model with a term for the side: the chance of a tie, and of the left one, for two equal arms."""
    if not tally.votes:
        return None
    n = len(tally.arms)
    left, right = np.nonzero(~np.eye(n, dtype=bool))
    design = np.eye(n + 1)[left] - np.eye(n + 1)[right] + np.eye(n + 1)[n]
    answers = tally.total[left, right]
    judged, margin, ties = answers.sum(axis=1), (answers[:, LEFT] - answers[:, RIGHT]) / 2, answers[:, TIE].sum()
    theta = np.zeros(n + 2)  # strengths, side, log of the tie parameter
    for _ in range(200):
        lead, nu = design @ theta[:-1], np.exp(theta[-1])
        up, down = np.exp(lead / 2), np.exp(-lead / 2)
        mean, tie = (up - down) / (up + down + nu) / 2, nu / (up + down + nu)
        gradient = np.append((margin - judged * mean) @ design, ties - (judged * tie).sum())
        hessian = np.zeros((n + 2, n + 2))
        hessian[:-1, :-1] = (design.T * (judged * ((1 - tie) / 4 - mean**2))) @ design
        hessian[-1, :-1] = hessian[:-1, -1] = -(judged * mean * tie) @ design
        hessian[-1, -1] = (judged * tie * (1 - tie)).sum()
        chance = expit(theta)
        gradient += 1 - 2 * chance
        hessian += np.diag(2 * chance * (1 - chance) + 1e-12)
        step = np.linalg.solve(hessian, gradient)
        theta += step * min(1, 2 / max(np.abs(step).max(), 2))
        if np.abs(step).max() < 1e-8:
            break
    nu = float(np.exp(theta[-1]))
    return {"tie_chance": nu / (2 + nu), "left_chance": float(expit(theta[n]))}


def side_bias(tally: PairVotes, *, resamples: int, seed: int) -> dict[str, Any]:
    """Return how often the left picture won among decided pairs."""
    sides: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for rater, _, _, outcome in tally.answers:
        sides[rater][RIGHT] += outcome == RIGHT
        sides[rater][LEFT] += outcome == LEFT
    table = np.array([pair for pair in sides.values() if sum(pair)], dtype=float).reshape(-1, 2)
    each = table.sum(axis=1)
    share = float(table[:, LEFT].sum() / each.sum()) if len(each) else None
    result: dict[str, Any] = {"left": share, "low": None, "high": None, "decided": int(each.sum())}
    if share is not None and enough(len(each), effective(each)):
        draws = resampled(table, resamples=resamples, seed=seed)
        spread = float(deviation(draws[:, LEFT] / draws.sum(axis=1), len(each)))
        quantile = student(effective(each))
        ends = share_interval(share, spread, votes=each.sum(), raters=len(each), quantile=quantile)
        result["low"], result["high"] = ends
    return result


def order(tally: PairVotes, *, resamples: int, seed: int) -> dict[str, Any] | None:
    """Return whether one order explains the votes: residuals of pairs, and circles (a over b over c over a).

    Both are compared with draws of raters around the expectation of the fitted scores.
    """
    n, pairs = len(tally.arms), len(tally.first)
    largest = max((len(group) for group in tally.groups()), default=0)
    if not enough(tally.raters, tally.effective) or resamples < 2 or largest < 3:
        return None
    (won,), (total,) = tally.wins.sum(axis=0)[None], tally.judged.sum(axis=0)[None]
    theta = fit(won[None], total[None], np.zeros(n))[0]
    expected = total * expit(tally.contrast @ theta)
    sums = resampled(np.hstack([tally.wins, tally.judged]), resamples=resamples, seed=seed)
    refitted = fit(sums[:, :pairs], sums[:, pairs:], theta)
    drawn = sums[:, :pairs] - sums[:, pairs:] * expit(refitted @ tally.contrast.T)
    noise = (drawn - drawn.mean(axis=0)) * sqrt(tally.raters / (tally.raters - 1))
    spread = noise.std(axis=0, ddof=1)
    known = (total > 0) & (spread > TINY)
    standard = np.where(known, (won - expected) / np.where(known, spread, 1.0), 0.0)
    wider = student(tally.effective) / scipy.stats.norm.ppf((1 + LEVEL) / 2)
    squares = ((wider * noise[:, known] / spread[known]) ** 2).sum(axis=1)
    triads, circular = circles(won[None], total, n)
    decided = np.abs(won - total / 2) > TINY  # a pair without a majority is in no triad
    _, by_chance = circles(np.where(decided, np.clip(expected + noise, 0.0, total), total / 2), total, n)
    return {
        "residuals": [
            {
                "first": tally.arms[tally.first[k]],
                "second": tally.arms[tally.second[k]],
                "won": float(won[k] / total[k]),
                "expected": float(expected[k] / total[k]),
                "deviations": float(standard[k]),
            }
            for k in np.argsort(-np.abs(standard), kind="stable")[:5]
            if abs(standard[k]) > 2
        ],
        "misfit": float((1 + (squares >= (standard[known] ** 2).sum()).sum()) / (1 + resamples)),
        "circles": clearest_circles(tally, won, total),
        "triads": int(triads[0]),
        "circular": int(circular[0]),
        "circular_by_chance": float(by_chance.mean()),
        "circular_p": float((1 + (by_chance >= circular[0]).sum()) / (1 + resamples)),
    }


def beats(won: Array, judged: Array, n: int) -> Array:
    """Return which arm beat which by the majority of votes, `(B, n, n)` of 0 and 1."""
    first, second = np.triu_indices(n, k=1)
    table = np.zeros((len(won), n, n))
    table[:, first, second] = won > judged / 2 + TINY
    table[:, second, first] = (won < judged / 2 - TINY) & (judged > 0)
    return table


def circles(won: Array, judged: Array, n: int) -> tuple[Array, Array]:
    """Return how many triads of arms have three winners, and how many of them are circles."""
    table = beats(won, judged, n)
    decided = table + table.transpose(0, 2, 1)
    triads = np.einsum("bij,bji->b", decided @ decided, decided) / 6
    return np.rint(triads), np.rint(np.einsum("bij,bji->b", table @ table, table) / 3)


def clearest_circles(tally: PairVotes, won: Array, judged: Array) -> list[dict[str, Any]]:
    """Return the five circles whose closest pair is the most decided."""
    n = len(tally.arms)
    share, met = np.full((n, n), np.nan), judged > 0
    share[tally.first[met], tally.second[met]] = won[met] / judged[met]
    share[tally.second[met], tally.first[met]] = 1 - won[met] / judged[met]
    table = beats(won[None], judged, n)[0] > 0
    rounds = [
        {
            "arms": [tally.arms[a], tally.arms[b], tally.arms[c]],
            "won": [float(share[a, b]), float(share[b, c]), float(share[c, a])],
        }
        for a, b in zip(*np.nonzero(table), strict=True)
        for c in np.flatnonzero(table[b] & table[:, a])
        if a < b and a < c
    ]
    return sorted(rounds, key=lambda circle: -min(circle["won"]))[:5]


def two_way(votes: list[Row], arms: list[str], *, resamples: int, seed: int) -> dict[str, Any] | None:
    """Return half-widths of the strengths with raters drawn, and with items drawn too (Owen, 2007)."""
    n, number = len(arms), {arm: k for k, arm in enumerate(arms)}
    kept = [
        (vote, (number[vote["left"]] * n + number[vote["right"]]) * 3 + OUTCOMES[vote["choice"]])
        for vote in votes
        if vote["left"] in number and vote["right"] in number and vote["left"] != vote["right"]
        if vote["choice"] in OUTCOMES and vote["item"]
    ]
    raters, items = (numbered([vote[name] for vote, _ in kept]) for name in ("rater", "item"))
    if not len(items) or items.max() < 1 or len(items) < 2 * (items.max() + 1):
        return None
    times_each = [np.bincount(codes).astype(float) for codes in (raters, items)]
    if not all(enough(len(each), effective(each)) for each in times_each):
        return None
    cells = np.array([cell for _, cell in kept])
    rng = np.random.default_rng(seed)
    tables: tuple[list[Array], list[Array]] = ([], [])
    block = max(1, min(resamples, 2**22 // len(cells)))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        of_raters, of_items = (
            rng.multinomial(len(each), np.full(len(each), 1 / len(each)), size=rows).astype(float)
            for each in times_each
        )
        for row in range(rows):
            weights = of_raters[row][raters]
            for table, weight in zip(tables, (weights, weights * of_items[row][items]), strict=True):
                table.append(np.bincount(cells, weights=weight, minlength=n * n * 3).reshape(n, n, 3))
    theta = strengths(np.bincount(cells, minlength=n * n * 3).reshape(n, n, 3).astype(float))
    voted = np.unique(np.concatenate([cells // (3 * n), cells // 3 % n]))
    halves = []
    fewest = min(times_each, key=effective)
    for table, each in zip(tables, (times_each[0], fewest), strict=True):
        sums = [pair_sums(drawn) for drawn in table]
        drawn = fit(np.concatenate([won for won, _ in sums]), np.concatenate([n for _, n in sums]), theta)
        centred = drawn - drawn[:, voted].mean(axis=1, keepdims=True)
        halves.append(student(effective(each)) * deviation(centred, len(each)))
    return {
        "items": len(times_each[1]),
        "over_raters": {arms[i]: float(halves[0][i]) for i in voted},
        "over_both": {arms[i]: float(halves[1][i]) for i in voted},
    }


def numbered(words: list[str]) -> Array:
    """Number words in the order of their first appearance."""
    number = {word: k for k, word in enumerate(dict.fromkeys(words))}
    return np.array([number[word] for word in words], dtype=int)


def comparison(votes: list[Row], arms: list[str], *, wanted: float, resamples: int, seed: int) -> dict[str, Any]:
    """Return all that the votes on pairs show."""
    tally = count(votes, arms)
    ranked = ranking(tally, resamples=resamples, seed=seed)
    bounded = [arm for arm in ranked if None not in (arm["precise_to"], arm["low"], arm["high"])]
    needed = None
    if bounded:
        widest = max(arm["precise_to"] for arm in bounded)
        needed = votes_needed(widest, wanted=wanted, votes=tally.votes, raters=tally.effective, arms=len(bounded))
    groups = [[arms[i] for i in group] for group in tally.groups()]
    wins, judged = (sums[0] for sums in pair_sums(tally.total))
    return {
        "model": "bradley_terry",
        "ranking": ranked,
        "groups": groups,
        "top_set": [arm["arm"] for arm in ranked if arm["top"]],
        "alone": next((arm["arm"] for arm in ranked if arm["alone"] and len(groups) == 1), None),
        "votes": tally.votes,
        "raters": tally.raters,
        "effective_raters": tally.effective,
        "pairs": [
            {"first": first, "second": second, "votes": int(n), "win_rate": float(won / n) if n else None}
            for (first, second), won, n in zip(combinations(arms, 2), wins, judged, strict=True)
        ],
        "ties_and_sides": ties_and_sides(tally),
        "side_bias": side_bias(tally, resamples=resamples, seed=seed),
        "dropped": fewest(tally, turn=False) if len(groups) == 1 else None,
        "turned": fewest(tally, turn=True) if len(groups) == 1 else None,
        "half_width": max(((arm["high"] - arm["low"]) / 2 for arm in bounded), default=None),
        "votes_needed": needed,
        "order": order(tally, resamples=resamples, seed=seed),
    }


# --- The best and the worst of four -----------------------------------------------------------------------------------


class SetVotes:
    """Answers that name the best and the worst of four pictures, as two choices each.

    The best is chosen out of four by strength, then the worst out of the other three by weakness (Marley & Louviere,
    2005). `choices[s]` has +1 (the best is chosen) or -1 (the worst) at each arm that can be chosen, else 0; `faced`
    counts them by rater, and `net` how much more often an arm was the best than the worst, by rater.
    """

    def __init__(self, arms: list[str], answers: list[tuple[str, list[int]]]) -> None:
        self.arms, self.answers, n = arms, answers, len(arms)
        row = {rater: k for k, rater in enumerate(dict.fromkeys(rater for rater, _ in answers))}
        number: dict[tuple[int, ...], int] = {}
        faced: Counter[tuple[int, int]] = Counter()
        self.net = np.zeros((len(row), n))
        for rater, (best, *between, worst) in answers:
            self.net[row[rater], best] += 1
            self.net[row[rater], worst] -= 1
            for sign, open_arms in ((1, [best, *between, worst]), (-1, [*between, worst])):
                choice = tuple(sign if arm in open_arms else 0 for arm in range(n))
                faced[row[rater], number.setdefault(choice, len(number))] += 1
        self.choices = np.array(list(number), dtype=float).reshape(-1, n)
        self.faced = np.zeros((len(row), len(number)))
        for cell, often in faced.items():
            self.faced[cell] = often
        self.raters, self.effective = len(row), effective(self.faced.sum(axis=1))

    def groups(self) -> list[list[int]]:
        """Return the arms that met in a set, directly or through others, the largest group first."""
        groups: list[set[int]] = []
        for _, quartet in self.answers:
            met = set(quartet).union(*(group for group in groups if group & set(quartet)))
            groups = [*(group for group in groups if not group & met), met]
        return sorted(map(sorted, groups), key=lambda group: (-len(group), group[0]))


def count_sets(votes: list[Row], arms: list[str]) -> SetVotes:
    """Read the answers; each becomes the rater and the arms shown, the best first and the worst last."""
    number = {arm: k for k, arm in enumerate(arms)}
    answers = []
    for vote in votes:
        quartet = [number.get(vote[place], -1) for place in ("left", "right", "third", "fourth")]
        match vote["choice"].split("_"):
            case ["best", best, "worst", worst] if min(quartet) >= 0:
                first, last = quartet[int(best) - 1], quartet[int(worst) - 1]
                answers.append((vote["rater"], [first, *(arm for arm in quartet if arm not in (first, last)), last]))
    return SetVotes(arms, answers)


def fit_sets(net: Array, faced: Array, choices: Array, start: Array) -> Array:
    """Return the strengths `(B, n)` from `net` `(B, n)` and `faced` `(B, choices)`, with the prior of Bradley-Terry."""
    fitted = []
    for rows in range(0, len(net), 50):
        theta = np.tile(start, (len(net[rows : rows + 50]), 1))
        for _ in range(100):
            gradient, information = derivatives_of_sets(theta, net[rows : rows + 50], faced[rows : rows + 50], choices)
            step = np.linalg.solve(information, gradient[..., None])[..., 0]
            longest = np.abs(step).max(axis=1, keepdims=True, initial=0)
            theta = theta + step * np.minimum(1, 2 / np.maximum(longest, 2))
            if longest.max(initial=0) < 1e-10:
                break
        fitted.append(theta)
    return np.concatenate(fitted)


def derivatives_of_sets(theta: Array, net: Array, faced: Array, choices: Array) -> tuple[Array, Array]:
    """Return gradient `(B, n)` and information `(B, n, n)` of the log-likelihood with its prior."""
    lean = np.where(choices != 0, theta[:, None] * choices, -np.inf)
    chances = np.exp(lean - lean.max(axis=2, keepdims=True))
    chances /= chances.sum(axis=2, keepdims=True)
    expected, against = faced[:, :, None] * chances, expit(theta)
    gradient = net - (expected * choices).sum(axis=1) + 1 - 2 * against
    information = -(expected.transpose(0, 2, 1) @ chances)
    diagonal = np.arange(theta.shape[1])
    information[:, diagonal, diagonal] += expected.sum(axis=1) + 2 * against * (1 - against)
    return gradient, information


def ranking_of_sets(tally: SetVotes, *, resamples: int, seed: int) -> list[dict[str, Any]]:
    """Return each arm's score, interval and ranks, best first: intervals from the variance over draws of raters."""
    n = len(tally.arms)
    everything = tally.net.sum(axis=0)[None], tally.faced.sum(axis=0)[None], tally.choices
    theta = fit_sets(*everything, np.zeros(n))[0]
    times, wins, losses = (
        Counter(arm for _, quartet in tally.answers for arm in quartet[part])
        for part in (slice(None), slice(1), slice(-1, None))
    )
    known = np.array(sorted(times), dtype=int)
    average_strength = float(theta[known].mean()) if times else 0.0
    groups, arms = tally.groups(), []
    for i, arm in enumerate(tally.arms):
        score = 1000 + POINTS * (float(theta[i]) - average_strength) if times[i] else None
        counts = {"wins": wins[i], "losses": losses[i], "ties": times[i] - wins[i] - losses[i]}
        unknown = dict.fromkeys(("low", "high", "best_rank", "worst_rank", "top", "alone", "precise_to"))
        group = next((number for number, group in enumerate(groups) if i in group), 0)
        arms.append({"arm": arm, "score": score, **counts, **unknown, "group": group})
    if len(groups) == 1 and enough(tally.raters, tally.effective):
        ranks = places_of_sets(tally, theta, known, resamples=resamples, seed=seed)
        draws, full = ranks["draws"], ranks["covariance"]
        centring = np.eye(len(known)) - 1 / len(known)
        independent = np.sqrt(np.diag(centring @ full @ centring))
        half = student(tally.effective) * np.maximum(deviation(draws @ centring, tally.raters), independent)
        for k, i in enumerate(known.tolist()):
            width = POINTS * float(half[k])
            arms[i].update(
                low=arms[i]["score"] - width if losses[i] < times[i] else None,  # it was preferred to another
                high=arms[i]["score"] + width if wins[i] < times[i] else None,
                best_rank=int(ranks["best"][k]),
                worst_rank=int(ranks["worst"][k]),
                top=bool(ranks["best"][k] == 1),
                alone=k == ranks["alone"],
                precise_to=width,
            )
    return sorted(arms, key=lambda arm: (arm["score"] is None, arm["group"], -(arm["score"] or 0)))


def places_of_sets(tally: SetVotes, theta: Array, known: Array, *, resamples: int, seed: int) -> dict[str, Any]:
    """Return the ranks of the arms that were shown, numbers `known`, with the covariance of their strengths."""
    everything = tally.net.sum(axis=0)[None], tally.faced.sum(axis=0)[None], tally.choices
    times = np.random.default_rng(seed).multinomial(
        tally.raters, np.full(tally.raters, 1 / tally.raters), size=resamples
    )
    draws = fit_sets(times @ tally.net, times @ tally.faced, tally.choices, theta)[:, known]
    full, halfway = (
        np.linalg.inv(derivatives_of_sets(theta[None] * part, *everything)[1][0])[np.ix_(known, known)]
        for part in (1.0, 0.5)
    )
    effect = float((deviation(draws, tally.raters) ** 2).mean() / np.diag(full).mean())
    ranks = places(theta[known], draws, [full, halfway], effect, raters=tally.raters, effective_raters=tally.effective)
    return {**ranks, "covariance": full}


def comparison_of_sets(
    votes: list[Row], arms: list[str], *, wanted: float, resamples: int, seed: int
) -> dict[str, Any]:
    """Return what the answers about four pictures show; nothing without such an answer."""
    tally = count_sets(votes, arms)
    if not tally.answers:
        return {}
    ranked = ranking_of_sets(tally, resamples=resamples, seed=seed)
    widths = [arm["precise_to"] for arm in ranked if None not in (arm["low"], arm["high"])]
    needed = None
    if widths:
        needed = votes_needed(
            max(widths), wanted=wanted, votes=len(tally.answers), raters=tally.effective, arms=len(widths)
        )
    won: Counter[tuple[int, int]] = Counter()
    for _, (best, *between, worst) in tally.answers:
        won.update([(best, arm) for arm in (*between, worst)] + [(arm, worst) for arm in between])
    pairs = []
    for i, j in combinations(range(len(arms)), 2):
        judged = won[i, j] + won[j, i]
        rate = won[i, j] / judged if judged else None
        pairs.append({"first": arms[i], "second": arms[j], "votes": judged, "win_rate": rate})
    return {
        "model": "best_worst",
        "ranking": ranked,
        "groups": [[arms[i] for i in group] for group in tally.groups()],
        "top_set": [arm["arm"] for arm in ranked if arm["top"]],
        "alone": next((arm["arm"] for arm in ranked if arm["alone"]), None),
        "votes": len(tally.answers),
        "raters": tally.raters,
        "effective_raters": tally.effective,
        "pairs": pairs,
        "half_width": max(widths, default=None),
        "votes_needed": needed,
    }


# --- Real or fake -----------------------------------------------------------------------------------------------------


def hype_infinity(
    votes: list[Row], arms: list[str], real: list[str], *, resamples: int, seed: int
) -> list[dict[str, Any]]:
    """Return HYPE∞ (Zhou et al., 2019): errors on the arm's fakes and on real pictures, half and half; best first."""
    wrong, answers = errors_by_rater(votes, arms, real)
    is_real = np.array([arm in real for arm in arms])
    errors, answered = wrong.sum(axis=0), answers.sum(axis=0)
    draws = None
    if len(answers) >= 2:
        sums = resampled(np.hstack([wrong, answers]), resamples=resamples, seed=seed)
        draws = errors_of(sums[:, : len(arms)], sums[:, len(arms) :], is_real)
    estimates, of_real = errors_of(errors[None], answered[None], is_real)[0], answered[is_real].sum()
    scores = []
    for i, arm in enumerate(arms):
        each = answers[:, i][answers[:, i] > 0]
        low = high = None
        if not is_real[i] and draws is not None and enough(len(each), effective(each)):
            low, high = share_interval(
                float(estimates[i]),
                float(deviation(draws[:, i], len(each))),
                votes=4 / (1 / answered[i] + 1 / of_real) if of_real else answered[i],
                raters=len(each),
                quantile=student(effective(each)),
            )
        if not is_real[i]:
            scores.append(
                {
                    "arm": arm,
                    "score": float(estimates[i]) if answered[i] else None,
                    "low": low,
                    "high": high,
                    "fake_errors": float(errors[i] / answered[i]) if answered[i] else None,
                    "real_errors": float(errors[is_real].sum() / of_real) if of_real else None,
                    "votes": int(answered[i]),
                    "raters": len(each),
                }
            )
    return best_first(scores)


def errors_by_rater(votes: list[Row], arms: list[str], real: list[str]) -> tuple[Array, Array]:
    """Return how often each rater was wrong about each arm, and how often each rater judged it."""
    judged = [vote for vote in votes if vote["choice"] in CALLED_REAL and vote["left"] in arms]
    row = {rater: k for k, rater in enumerate(dict.fromkeys(vote["rater"] for vote in judged))}
    wrong, answers = np.zeros((len(row), len(arms))), np.zeros((len(row), len(arms)))
    for vote in judged:
        cell, called_real = (row[vote["rater"]], arms.index(vote["left"])), CALLED_REAL[vote["choice"]]
        wrong[cell] += 1 - called_real if vote["left"] in real else called_real
        answers[cell] += 1
    return wrong, answers


def errors_of(errors: Array, answers: Array, is_real: Array) -> Array:
    """Return HYPE∞ of every arm; a draw without answers counts as a guess."""
    fakes = np.divide(errors, answers, out=np.full_like(errors, 0.5), where=answers > 0)
    if not answers[:, is_real].sum():
        return fakes
    reals, answered = errors[:, is_real].sum(axis=1), answers[:, is_real].sum(axis=1)
    real_errors = np.divide(reals, answered, out=np.full_like(reals, 0.5), where=answered > 0)
    return np.asarray((fakes + real_errors[:, None]) / 2)


def hype_time(votes: list[Row], arms: list[str], real: list[str], *, resamples: int, seed: int) -> list[dict[str, Any]]:
    """Return HYPE-time (Zhou et al., 2019): the exposure that a rater's staircase visits most, averaged over raters."""
    judged = [vote for vote in votes if vote["choice"] in CALLED_REAL and vote["left"] in arms]
    on_real = [1 - CALLED_REAL[vote["choice"]] for vote in judged if vote["left"] in real]
    scores = []
    for arm in (arm for arm in arms if arm not in real):
        own = [vote for vote in judged if vote["left"] == arm and vote["exposure_ms"]]
        visits: defaultdict[str, Counter[float]] = defaultdict(Counter)
        for vote in own:
            visits[vote["rater"]][float(vote["exposure_ms"])] += 1
        modal = np.array(
            [np.mean([ms for ms, n in of.items() if n == max(of.values())]) for _, of in sorted(visits.items())]
        )
        low = high = None
        if enough(len(modal), len(modal)):
            sums = resampled(modal[:, None], resamples=resamples, seed=seed)[:, 0]
            # a staircase with steps of 10 ms rounds to 10 / √12 ms
            half = student(len(modal)) * max(
                float(deviation(sums / len(modal), len(modal))), 10 / sqrt(12) / sqrt(len(modal))
            )
            low, high = max(0.0, float(modal.mean() - half)), float(modal.mean() + half)
        errors = [CALLED_REAL[vote["choice"]] for vote in own]
        scores.append(
            {
                "arm": arm,
                "score": float(modal.mean()) if len(modal) else None,
                "low": low,
                "high": high,
                "fake_errors": float(np.mean(errors)) if errors else None,
                "real_errors": float(np.mean(on_real)) if on_real else None,
                "votes": len(own),
                "raters": len(modal),
            }
        )
    return best_first(scores)


def best_first(scores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort arms by their score; those without one come last."""
    return sorted(scores, key=lambda arm: float("inf") if arm["score"] is None else -arm["score"])


# --- Agreement and times ----------------------------------------------------------------------------------------------


def agreement(votes: list[Row], *, resamples: int, seed: int) -> dict[str, Any]:
    """Return Krippendorff's alpha (nominal) over the questions that two raters or more answered.

    A question is an item with an unordered pair of arms (or one arm). A pair is coded by whether its first or its
    second arm won, and the expected disagreement counts each answer with its mirror image, so that the names of the
    arms do not count. The interval is from draws of questions.
    """
    units: dict[tuple[str, ...], dict[str, str]] = {}
    for vote in votes:
        left, right, choice = vote["left"], vote["right"], vote["choice"]
        if choice not in (*OUTCOMES, *CALLED_REAL) or (right and choice == "not_sure"):
            continue
        value = "tie" if choice in ("tie", "both_bad") else choice
        if right and value in ("left", "right"):
            value = "first" if (value == "left") == (left <= right) else "second"
        unit = (vote["item"], *sorted((left, right))) if right else (vote["item"], left, "")
        units.setdefault(unit, {}).setdefault(vote["rater"], value)  # a rater's first answer counts
    answered = [Counter(answers.values()) for answers in units.values() if len(answers) > 1]
    values = sorted({value for answers in answered for value in answers})
    if {"first", "second"} & set(values):
        values = sorted({*values, "first", "second"})
    table = np.array([[answers[value] for value in values] for answers in answered], dtype=float)
    result: dict[str, Any] = {
        "alpha": None,
        "low": None,
        "high": None,
        "units": len(answered),
        "judgements": int(table.sum()),
    }
    if len(values) < 2:
        return result
    swap = {"first": "second", "second": "first"}
    mirror = [values.index(swap.get(value, value)) for value in values]
    each = table.sum(axis=1)
    unequal = (each**2 - (table**2).sum(axis=1)) / (each - 1)

    def alpha(totals: Array, disagreement: Array) -> Array:
        answers = totals.sum(axis=1)
        shares = (totals + totals[:, mirror]) / (2 * answers[:, None])
        expected = (1 - (shares**2).sum(axis=1)) * answers / (answers - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(1 - disagreement / answers / expected)

    result["alpha"] = float(alpha(table.sum(axis=0)[None], unequal.sum(keepdims=True))[0])
    if len(answered) > 1:
        draws = resampled(np.hstack([table, unequal[:, None]]), resamples=resamples, seed=seed)
        ends = np.nanquantile(alpha(draws[:, :-1], draws[:, -1]), [0.025, 0.975])
        result["low"], result["high"] = map(float, ends)
    return result


def response_times(votes: list[Row]) -> dict[str, Any]:
    """Return median, quartiles, and the 5th and 95th percentile, in ms."""
    times = [float(vote["response_ms"]) for vote in votes if vote["response_ms"]]
    if not times:
        return {"measured": 0, "median": None, "quartiles": None, "extremes": None}
    five, first, median, third, last = (float(x) for x in np.percentile(times, [5, 25, 50, 75, 95]))
    return {"measured": len(times), "median": median, "quartiles": [first, third], "extremes": [five, last]}


# --- Items and raters -------------------------------------------------------------------------------------------------


def item_shares(votes: list[Row], arms: list[str]) -> list[dict[str, Any]]:
    """Return how often each arm won on each item that two raters or more judged, the items with most votes first."""
    given: defaultdict[tuple[str, str], dict[str, list[float]]] = defaultdict(dict)
    named: dict[str, Counter[tuple[str, str]]] = {"best": Counter(), "worst": Counter()}
    of_four = set()
    for vote in votes:
        if not vote["item"]:
            continue
        if vote["right"] and vote["choice"] in OUTCOMES:
            of_left = {LEFT: 1.0, TIE: 0.5, RIGHT: 0.0}[OUTCOMES[vote["choice"]]]
            pictures = [(vote["left"], of_left), (vote["right"], 1 - of_left)]
        elif not vote["right"] and vote["choice"] in CALLED_REAL:
            pictures = [(vote["left"], CALLED_REAL[vote["choice"]])]
        elif vote["choice"].startswith("best_"):
            _, best, _, worst = vote["choice"].split("_")
            quartet = [vote[place] for place in ("left", "right", "third", "fourth")]
            for name, place in (("best", best), ("worst", worst)):
                named[name][vote["item"], quartet[int(place) - 1]] += 1
            pictures = [(arm, {best: 1.0, worst: 0.0}.get(str(k), 0.5)) for k, arm in enumerate(quartet, 1)]
            of_four |= {(vote["item"], arm) for arm in quartet}
        else:
            continue
        for arm, worth in pictures:
            if arm in arms:
                given[vote["item"], arm].setdefault(vote["rater"], []).append(worth)
    voted: Counter[str] = Counter()
    raters: defaultdict[str, set[str]] = defaultdict(set)
    for (item, _), by_rater in given.items():
        voted[item] += sum(map(len, by_rater.values()))
        raters[item] |= set(by_rater)
    shares = []
    for (item, arm), by_rater in given.items():
        if len(raters[item]) < 2:
            continue
        won, each = (np.array([f(values) for values in by_rater.values()], dtype=float) for f in (sum, len))
        whole, low, high = float(each.sum()), None, None
        share = float(won.sum() / whole)
        if enough(len(each), effective(each)):
            spread = sqrt(len(each) / (len(each) - 1) * ((won - share * each) ** 2).sum()) / whole
            quantile = student(effective(each))
            low, high = share_interval(share, spread, votes=whole, raters=len(each), quantile=quantile)
        shares.append(
            {
                "item": item,
                "arm": arm,
                "share": share,
                "low": low,
                "high": high,
                "votes": int(whole),
                "raters": len(each),
                **{name: often[item, arm] if (item, arm) in of_four else None for name, often in named.items()},
            }
        )
    return sorted(shares, key=lambda cell: (-voted[cell["item"]], cell["item"], arms.index(cell["arm"])))


def rater_model(votes: list[Row], arms: list[str]) -> dict[str, Any] | None:
    """Fit skill, lean and lapses of each rater (Crowd-BT; Chen et al., 2013; ITU-T P.910, Annex E).

    Rater r answers a pair after Davidson with the lead `s_r (θ_left - θ_right) + δ + δ_r` and the readiness to tie ν_r,
    and with the probability λ_r left or right by chance. A single picture is called real with the lead
    `s_r θ_arm + δ + δ_r`. Priors: `s_r ~ N(1, 0.5²)`, `δ_r ~ N(0, 1)`, `log ν_r ~ N(log ν, 1)`, and
    `logit λ_r ~ N(logit 0.05, 1.5²)`. The estimate is the most likely value of all parameters.
    """
    pairs = any(vote["right"] for vote in votes)
    number, outcomes = {arm: k for k, arm in enumerate(arms)}, OUTCOMES if pairs else {"real": LEFT, "fake": RIGHT}
    cells: Counter[tuple[int, int, int, int]] = Counter()
    row: dict[str, int] = {}
    for vote in votes:
        first, second = number.get(vote["left"], -1), number.get(vote["right"], -1)
        outcome = outcomes.get(vote["choice"], -1)
        arms_fit = first >= 0 and (not pairs or (second >= 0 and first != second))
        if bool(vote["right"]) is pairs and arms_fit and outcome >= 0:
            cells[row.setdefault(vote["rater"], len(row)), first, second, outcome] += 1
    if len(row) < 3:
        return None
    n, raters, keys = len(arms), len(row), sorted(cells)
    rater, first, second, outcome = np.array(keys).T
    often = np.array([cells[key] for key in keys], dtype=float)
    shares = fit_raters(rater, first, second, outcome, often, n=n, raters=raters)
    theta, lean, skill, leans, lapses = shares
    lean_chance = expit(leans + (lean if pairs else 0.0))
    known = np.isin(np.arange(n), np.concatenate([first, second]))
    middle = float(average(theta[None, known])[0]) if pairs else 0.0
    answers = np.bincount(rater, weights=often)
    return {
        "raters": [
            {
                "rater": name,
                "votes": int(answers[r]),
                "skill": float(skill[r]),
                "lean": float(lean_chance[r]),
                "lapses": float(expit(lapses[r])),
            }
            for name, r in row.items()
        ],
        "strengths": {arm: float(theta[i] - middle) for i, arm in enumerate(arms) if known[i]},
    }


def fit_raters(
    rater: Array, first: Array, second: Array, outcome: Array, often: Array, *, n: int, raters: int
) -> tuple[Array, float, Array, Array, Array]:
    """Return θ, δ, s_r, δ_r and logit λ_r, by L-BFGS."""
    pairs, ties = second >= 0, bool((outcome == TIE).any())
    spreads = np.repeat([0.5, 1.0, 1.0, 1.5], raters)
    voted = np.bincount(first, weights=often, minlength=n)
    voted += np.bincount(second[pairs], weights=often[pairs], minlength=n)
    errors = 1 / np.sqrt(1 + np.append(voted, [often.sum()] * 2) / 4)  # in these units the search takes fewer steps
    side, by_lapse, tie = np.array([0.5, -0.5, 0.0]), np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.0, 1.0])

    def unpacked(packed: Array) -> tuple[Array, Array]:
        own = (packed[n + 2 :] * spreads).reshape(4, raters)
        return packed[: n + 2] * errors, np.stack([1 + own[0], own[1], own[2], logit(0.05) + own[3]])

    def loss(packed: Array) -> tuple[float, Array]:
        shared, (skill, leans, more_ties, lapses) = unpacked(packed)
        difference = shared[first] - np.where(pairs, shared[second], 0.0)
        lead = skill[rater] * difference + shared[n] + leans[rater]
        tying = shared[n + 1] + more_ties[rater] if ties else np.full(len(rater), -np.inf)
        weights = np.stack([lead / 2, -lead / 2, tying], axis=1)
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        chances = weights / weights.sum(axis=1, keepdims=True)
        looked, lapse = chances[np.arange(len(rater)), outcome], expit(lapses[rater])
        chance = np.maximum((1 - lapse) * looked + lapse * by_lapse[outcome], 1e-300)
        slope = often / chance * (1 - lapse) * looked
        to_lead, to_ties = slope * (side[outcome] - chances @ side), slope * (tie[outcome] - chances @ tie)
        to_lapses = often / chance * (by_lapse[outcome] - looked) * lapse * (1 - lapse)
        per_theta = to_lead * skill[rater]
        theta = np.bincount(first, weights=per_theta, minlength=n)
        theta = theta - np.bincount(second[pairs], weights=per_theta[pairs], minlength=n)
        by_rater = [
            np.bincount(rater, weights=values, minlength=raters)
            for values in (to_lead * difference, to_lead, to_ties, to_lapses)
        ]
        own = packed[n + 2 :]
        value = often @ np.log(chance) + (log_expit(shared) + log_expit(-shared)).sum() - (own**2).sum() / 2
        on_shared = (np.append(theta, [to_lead.sum(), to_ties.sum()]) + 1 - 2 * expit(shared)) * errors
        return -float(value), -np.concatenate([on_shared, np.concatenate(by_rater) * spreads - own])

    options: Any = {"maxiter": 300, "maxcor": 20}
    start = np.zeros(n + 2 + 4 * raters)
    best = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    shared, (skill, leans, _, lapses) = unpacked(best.x)
    return shared[:n], float(shared[n]), skill, leans, lapses


def beyond(person: dict[str, Any], thresholds: dict[str, float | None]) -> list[str]:
    """Return by which thresholds a rater's votes do not count."""
    skill, lean, lapses = (thresholds[name] for name in ("least_skill", "most_lean", "most_lapses"))
    rules = (
        ("low_skill", skill is not None and person["skill"] < skill),
        ("one_sided", lean is not None and max(person["lean"], 1 - person["lean"]) > lean),
        ("lapses", lapses is not None and person["lapses"] > lapses),
    )
    return [name for name, holds in rules if holds]


def check_raters(votes: list[Row], arms: list[str], thresholds: dict[str, float | None]) -> dict[str, Any] | None:
    """Hold raters against thresholds, and rank without those beyond one; `votes` are those that no rule excludes."""
    model = rater_model(votes, arms)
    if model is None:
        return None
    for person in model["raters"]:
        person["beyond"] = beyond(person, thresholds)
    gone = {person["rater"] for person in model["raters"] if person["beyond"]}
    without = None
    if gone and any(vote["right"] for vote in votes):
        kept = [vote for vote in votes if vote["right"] and vote["rater"] not in gone]
        tally = count(kept, arms)
        theta, judged = strengths(tally.total), tally.total.sum(axis=(1, 2)) + tally.total.sum(axis=(0, 2))
        without = {arm: 1000 + POINTS * float(theta[i]) if judged[i] else None for i, arm in enumerate(arms)}
    return {**model, "without": without}


# --- Numbers against eyes ---------------------------------------------------------------------------------------------


METRICS = {  # by key, whether more is better
    "inception_score": True,
    "fid": False,
    "perceptual_distance": False,
    "classes_found": True,
    "modes_found": True,
    "kl_to_uniform": False,
    "closeness": True,
    "gam": False,
}


def numbers_vs_eyes(folder: Path, result: dict[str, Any], counted: list[Row], real: list[str]) -> dict[str, Any] | None:
    """Return how far each metric of `metrics.csv` puts the arms in the order in which people put them.

    Args:
        folder: of the release.
        result: the scores by people.
        counted: the votes that they rest on.
        real: ids of the arms that show real pictures.
    """
    metrics = {
        row["arm"]: {key: float(row[key]) for key in METRICS if row[key]} for row in read(folder / "metrics.csv")
    }
    draws = {name: result["settings"][name] for name in ("resamples", "seed")}
    arms, compared, judged = result["settings"]["arms"], result["comparison"], result["hype"]
    names: list[str] = []
    scores: dict[str, float] = {}
    scale, raters, view = "score", 0, None
    if compared is not None and compared["groups"]:
        largest, raters = compared["groups"][0], compared["raters"]
        scores = {arm["arm"]: arm["score"] for arm in compared["ranking"] if arm["arm"] in largest}
        pairs = [vote for vote in counted if vote["right"]]
        of_four = compared["model"] == "best_worst"
        names, view = eyes_of_sets(pairs, arms, **draws) if of_four else eyes_of_pairs(pairs, arms, **draws)
    elif judged is not None:
        scale = "hype" if judged["infinite"] else "hype_time"
        hypes = judged["infinite"] or judged["timed"]
        scores = {arm["arm"]: arm["score"] for arm in hypes if arm["score"] is not None}
        raters = max(arm["raters"] for arm in hypes)
        if judged["infinite"]:
            untimed = [vote for vote in counted if not vote["right"] and not vote["exposure_ms"]]
            names, view = eyes_of_fakes(untimed, arms, real, **draws)
    having = sorted((arm for arm in arms if arm in scores and arm in metrics), key=lambda arm: -scores[arm])
    if raters < 2 or len(having) < 2:
        return None
    leads = {}
    if view is not None:
        pairs_settled = zip(combinations(names, 2), view["leads"].tolist(), strict=True)
        leads = {pair: lead for pair, lead in pairs_settled if lead and set(pair) <= set(having)}
    correlations = []
    for key in METRICS:
        some = [arm for arm in having if key in metrics[arm]]
        if len(some) >= 2:
            values = turned(key, np.array([metrics[arm][key] for arm in some]))
            drawn = None if view is None else view["draws"][:, [names.index(arm) for arm in some]]
            correlations.append(correlation(key, some, np.array([scores[arm] for arm in some]), values, drawn, leads))
    return {"scale": scale, "raters": raters, "settled_pairs": len(leads), "correlations": correlations}


def turned(key: str, values: Array) -> Array:
    """Return a metric so that more is better; of the closeness to training pictures 1 is best."""
    return -np.abs(np.log(values)) if key == "closeness" else values if METRICS[key] else -values


def eyes_of_pairs(votes: list[Row], arms: list[str], *, resamples: int, seed: int) -> tuple[list[str], Any]:
    """Return the arms of the largest group that met, with draws of their strengths and the leads that are settled."""
    tally = count(votes, arms)
    inside = tally.within(tally.groups()[0])
    if not enough(inside.raters, inside.effective):
        return inside.arms, None
    theta = strengths(inside.total)
    pooled = design_effects(inside, theta)[2]
    return inside.arms, compare_all(inside, theta, pooled, resamples=resamples, seed=seed)


def eyes_of_sets(votes: list[Row], arms: list[str], *, resamples: int, seed: int) -> tuple[list[str], Any]:
    """Return the same of answers about four pictures, where all arms met."""
    tally = count_sets(votes, arms)
    if [len(group) for group in tally.groups()] != [len(arms)] or not enough(tally.raters, tally.effective):
        return arms, None
    everything = tally.net.sum(axis=0)[None], tally.faced.sum(axis=0)[None], tally.choices
    theta = fit_sets(*everything, np.zeros(len(arms)))[0]
    return arms, places_of_sets(tally, theta, np.arange(len(arms)), resamples=resamples, seed=seed)


def eyes_of_fakes(
    votes: list[Row], arms: list[str], real: list[str], *, resamples: int, seed: int
) -> tuple[list[str], Any]:
    """Return the same of HYPE∞, of the arms that are not real."""
    wrong, answers = errors_by_rater(votes, arms, real)
    each, is_real = answers.sum(axis=1), np.array([arm in real for arm in arms])
    fakes = [arm for arm in arms if arm not in real]
    if not enough(len(each), effective(each)):
        return fakes, None
    sums = resampled(np.hstack([wrong, answers]), resamples=resamples, seed=seed)
    draws = errors_of(sums[:, : len(arms)], sums[:, len(arms) :], is_real)[:, ~is_real]
    theta = errors_of(wrong.sum(axis=0)[None], answers.sum(axis=0)[None], is_real)[0, ~is_real]
    return fakes, places(theta, draws, None, 1.0, raters=len(each), effective_raters=effective(each))


def correlation(
    key: str,
    names: list[str],
    scores: Array,
    values: Array,
    draws: Array | None,
    leads: dict[tuple[str, str], float],
) -> dict[str, Any]:
    """Return Kendall's tau-b and Spearman's rho of a metric with people's scores, with their intervals over raters."""
    agreeing = [
        lead * np.sign(values[names.index(first)] - values[names.index(second)])
        for (first, second), lead in leads.items()
        if first in names and second in names
    ]
    unknown = dict.fromkeys(f"{name}{end}" for name in ("kendall", "spearman") for end in ("", "_low", "_high"))
    result: dict[str, Any] = {
        "metric": key,
        "arms": len(names),
        **unknown,
        "by_chance": None,
        "settled": sum(bool(side) for side in agreeing),
        "alike": sum(bool(side > 0) for side in agreeing),
    }
    if len(names) < 3 or np.ptp(values) == 0 or np.ptp(scores.round(6)) == 0:
        return result
    for name, measure in (("kendall", kendall), ("spearman", spearman)):
        result[name] = float(measure(scores[None], values)[0])
        if draws is not None:
            drawn = measure(draws, values)
            low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            bias = result[name] - float(drawn.mean())  # the draws are noisier than the votes, and so closer to 0
            low, high = low + 2 * min(bias, 0.0), high + 2 * max(bias, 0.0)
            result[f"{name}_low"] = max(-1.0, float(min(low, result[name])))
            result[f"{name}_high"] = min(1.0, float(max(high, result[name])))
    result["by_chance"] = by_chance(scores, values)
    return result


def kendall(orders: Array, values: Array) -> Array:
    """Return tau-b of each row with the values; 0 where a row is all ties."""
    first, second = np.triu_indices(len(values), k=1)
    orders = orders.round(6)
    rows = np.sign(orders[:, first] - orders[:, second])
    column = np.sign(values[first] - values[second])
    untied = np.sqrt(np.abs(rows).sum(axis=1) * np.abs(column).sum())
    return np.asarray(np.where(untied > 0, rows @ column / np.maximum(untied, TINY), 0.0))


def spearman(orders: Array, values: Array) -> Array:
    """Return rho of each row with the values; 0 where a row is all ties."""
    rows = scipy.stats.rankdata(orders.round(6), axis=1) - (len(values) + 1) / 2
    column = scipy.stats.rankdata(values) - (len(values) + 1) / 2
    size = np.sqrt((rows**2).sum(axis=1) * (column**2).sum())
    return np.asarray(np.where(size > 0, rows @ column / np.maximum(size, TINY), 0.0))


def by_chance(scores: Array, values: Array) -> float:
    """Return the share of all orders of the scores with at least their tau; of more than seven, 10,000 are drawn."""
    observed = kendall(scores[None], values)[0] - TINY
    if len(values) <= 7:
        orders = scores[np.array(list(permutations(range(len(values)))))]
        return float((kendall(orders, values) >= observed).mean())
    orders = np.random.default_rng(0).permuted(np.tile(scores, (10_000, 1)), axis=1)
    return float(((kendall(orders, values) >= observed).sum() + 1) / 10_001)


# --- All numbers, and the comparison with the published ones ----------------------------------------------------------


def recompute(folder: Path) -> dict[str, Any]:
    """Return every number of `published.json`, from the votes."""
    settings = json.loads((folder / "published.json").read_text(encoding="utf-8"))["settings"]
    votes, arms, real = read(folder / "votes.csv"), settings["arms"], settings["real"]
    draws = {"resamples": settings["resamples"], "seed": settings["seed"]}
    reasons = flags(votes, read(folder / "participants.csv"), settings["limits"])
    thresholds = settings["thresholds"] or dict.fromkeys(("least_skill", "most_lean", "most_lapses"))
    others = [
        vote
        for vote, flagged in zip(votes, reasons, strict=True)
        if vote["purpose"] == "rating" and not excludes(flagged)
    ]
    raters = check_raters(others, arms, thresholds)
    if settings["thresholds_declared"] and raters is not None:
        rules = {person["rater"]: set(person["beyond"]) for person in raters["raters"]}
        reasons = [flagged | rules.get(vote["rater"], set()) for vote, flagged in zip(votes, reasons, strict=True)]
    rating = [(vote, flagged) for vote, flagged in zip(votes, reasons, strict=True) if vote["purpose"] == "rating"]
    every = [vote for vote, _ in rating]
    counted = [vote for vote, flagged in rating if settings["flagged_included"] or not excludes(flagged)]
    pairs, single = ([vote for vote in counted if bool(vote["right"]) is pair] for pair in (True, False))
    excluded = len(every) - len(counted)
    result: dict[str, Any] = {
        "flags": dict(Counter(reason for flagged in reasons for reason in flagged)),
        "votes": len(counted),
        "raters": len({vote["rater"] for vote in counted}),
        "choices": dict(Counter(vote["choice"] for vote in counted)),
        "unanswered": sum(
            vote["choice"] == "skip" or (bool(vote["right"]) and vote["choice"] == "not_sure") for vote in counted
        ),
        "excluded": excluded,
        "excluded_by_reason": dict(Counter(reason for _, flagged in rating for reason in flagged - INFORMING)),
        "checks": dict(Counter(vote["purpose"] for vote in votes if vote["purpose"] != "rating")),
        "comparison": None,
        "ranking_with_flagged": None,
        "hype": hype(single, arms, real, draws),
        "hype_with_flagged": None,
        "agreement": agreement(counted, **draws),
        "rater_check": raters,
        "items": item_shares(counted, arms),
        "response_times": response_times(counted),
        "flow": {
            "voted": len({vote["rater"] for vote in votes}),
            "excluded": len({vote["rater"] for vote in every}) - len({vote["rater"] for vote in counted}),
            "first": min((vote["cast_at"] for vote in votes), default=None),
            "last": max((vote["cast_at"] for vote in votes), default=None),
        },
    }
    of_four: dict[str, Any] = {}
    if pairs:
        result["comparison"] = comparison(pairs, arms, wanted=settings["wanted_half_width"], **draws)
        of_both = {"resamples": settings["two_way_resamples"], "seed": settings["seed"]}
        result["comparison"]["two_way"] = two_way(pairs, arms, **of_both)
        of_four = comparison_of_sets(pairs, arms, wanted=settings["wanted_half_width"], **draws)
        result["comparison"].update(of_four)
    if excluded and pairs:
        flagged_too = [vote for vote in every if vote["right"]]
        result["ranking_with_flagged"] = (
            ranking_of_sets(count_sets(flagged_too, arms), **draws)
            if of_four
            else ranking(count(flagged_too, arms), **draws)
        )
    if excluded and single:
        result["hype_with_flagged"] = hype([vote for vote in every if not vote["right"]], arms, real, draws)
    result["numbers_vs_eyes"] = numbers_vs_eyes(folder, {**result, "settings": settings}, counted, real)
    return result


def hype(votes: list[Row], arms: list[str], real: list[str], draws: dict[str, int]) -> dict[str, Any] | None:
    """Return HYPE∞ of the votes without a time limit, and HYPE-time of those with one."""
    if not votes:
        return None
    untimed, timed = ([vote for vote in votes if bool(vote["exposure_ms"]) is limit] for limit in (False, True))
    return {
        "infinite": hype_infinity(untimed, arms, real, **draws) if untimed else [],
        "timed": hype_time(timed, arms, real, **draws) if timed else [],
    }


def differences(published: Any, computed: Any, where: str = "") -> Iterator[str]:
    """Yield each number that differs by more than a millionth part; a search for raters ends within a thousandth."""
    if isinstance(published, dict) and isinstance(computed, dict):
        for key in sorted({*published, *computed}):
            yield from differences(published.get(key, "missing"), computed.get(key, "missing"), f"{where}/{key}")
    elif isinstance(published, list) and isinstance(computed, list) and len(published) == len(computed):
        for i, (before, after) in enumerate(zip(published, computed, strict=True)):
            name = before.get("arm", i) if isinstance(before, dict) else i
            yield from differences(before, after, f"{where}/{name}")
    elif isinstance(published, float) and isinstance(computed, float):
        near = 1e-3 if where.startswith("/rater_check") else 1e-6
        if not abs(published - computed) <= near * max(1.0, abs(published)):
            yield f"{where}: published {published!r}, computed {computed!r}"
    elif published != computed:
        yield f"{where}: published {published!r}, computed {computed!r}"


def leaves(value: Any) -> int:
    """Return how many numbers and words a value holds."""
    if isinstance(value, dict | list):
        return sum(leaves(part) for part in (value.values() if isinstance(value, dict) else value))
    return 1


def main() -> int:
    """Recompute, print, compare; return 0 if all numbers agree."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    published = json.loads((folder / "published.json").read_text(encoding="utf-8"))["numbers"]
    computed = recompute(folder)
    print(f"{computed['votes']} votes by {computed['raters']} raters; {computed['excluded']} excluded")
    for arm in (computed["comparison"] or {"ranking": []})["ranking"]:
        print(f"{arm['arm']:32}{written(arm['score']):>7}   {written(arm['low']):>6} to {written(arm['high']):>6}")
    for kind, unit, scale in (("infinite", "%", 100), ("timed", "ms", 1)):
        for arm in (computed["hype"] or {kind: []})[kind]:
            low, high = (written(arm[end], scale) for end in ("low", "high"))
            print(f"{arm['arm']:32}{written(arm['score'], scale):>7} {unit} {low:>6} to {high:>6}")
    print(f"Krippendorff's alpha {written(computed['agreement']['alpha'], digits=3)}")
    unequal = list(differences(published, computed))
    print(*unequal[:50], sep="\n")
    print(f"{leaves(published)} published values, {len(unequal)} differ")
    return 1 if unequal else 0


def written(value: float | None, scale: float = 1, *, digits: int = 1) -> str:
    """Write a number, or a dash where there is none."""
    return "-" if value is None else f"{scale * value:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
