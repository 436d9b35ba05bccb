"""Drawing ballots: the pair, the item and the sides, by a stated rule with known probabilities.

The pair: drawn with the probabilities of the study's rule, among the pairs that this rater has seen least and whose
sides can be balanced. The item: any that the rater has seen least with this pair. The sides: for each rater every arm
goes through blocks of two, left and right in random order, so left and right never differ by more than one.

Four pictures: the arms that this rater has seen least, chance decides between equals, in random places.

Single pictures: half of each ten are real, in random order (HYPE: Zhou et al., NeurIPS 2019), and the arms of one kind
never differ by more than one picture.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from evaluation.qualitative.ballot import Ballot, Choice, Purpose, check_rater
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.session_rules import Attention, Trial
from models.gan.seeds import MAX_SEED

Pair = tuple[str, str]  # of arms, in the study's order

FOUR = 4  # pictures of a `best_worst` ballot
BLOCK = 10  # single pictures: each block of ten, and the rest at the end of a session, is half real


def digest(study: Study) -> str:
    """Return the sha256 of a study's content; it ignores comments and layout and changes with every edit."""
    return hashlib.sha256(json.dumps(study.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def pairs(study: Study) -> list[Pair]:
    """Return all unordered pairs of the competing arms."""
    return list(combinations([arm.id for arm in study.competing], 2))


def draw(
    study: Study,
    *,
    rater: str,
    past: Sequence[Ballot] = (),
    probabilities: Mapping[Pair, float] | None = None,
    rng: random.Random | None = None,
    **stored: Any,
) -> Ballot:
    """Draw a ballot that counts in the ranking: a pair or a single picture, by the study's protocol.

    Args:
        study: the study.
        rater: id of the rater.
        past: all ballots that the rater was given before, oldest first.
        probabilities: probability of each pair, all equal by default; not used for single pictures.
        rng: a random generator that can be repeated; by default the operating system's, which nobody can predict.
        stored: further fields of the ballot, such as `position`, `expires_at` and `address`; also its `study_digest`
            if it was computed before.

    Returns:
        A ballot that is not stored yet. Its id is unpredictable, whatever `rng` is.

    Raises:
        InvalidRaterError: the rater id is malformed.
    """
    check_rater(rater)
    rng = rng or secrets.SystemRandom()
    rated = [ballot for ballot in past if ballot.purpose == Purpose.RATING]
    arms: tuple[str, ...]
    if study.protocol == "best_worst":
        arms, probability = _four(study, rated, rng)
        return _ballot(study, rater, arms, rated, rng, pair_probability=probability, **stored)
    if study.pairwise:
        pair, probability = _pair(study, rated, probabilities, rng)
        arms = _sides(pair, rated if study.session.counterbalance else [], rng)
    else:
        arm, probability = _single(study, rated, rng)
        arms = (arm,)
    return _ballot(study, rater, arms, rated, rng, pair_probability=probability, **stored)


def draw_trial(
    study: Study, trial: Trial, *, rater: str, purpose: Purpose, rng: random.Random | None = None, **stored: Any
) -> Ballot:
    """Draw a ballot whose right answer is known, a training trial or a gold check, with random sides."""
    check_rater(rater)
    rng = rng or secrets.SystemRandom()
    arms = rng.sample(trial.arms, len(trial.arms))
    if study.pairwise:
        expected = Choice.LEFT if arms[0] == trial.better else Choice.RIGHT
    else:
        expected = Choice.REAL if study.arm(arms[0]).real else Choice.FAKE
    return _ballot(
        study, rater, arms, [], rng, item=trial.item, pair_probability=1.0, purpose=purpose, expected=expected, **stored
    )


def draw_attention(
    study: Study,
    check: Attention,
    *,
    rater: str,
    past: Sequence[Ballot] = (),
    rng: random.Random | None = None,
    **stored: Any,
) -> Ballot:
    """Draw a ballot that looks like any other but says what to answer."""
    drawn = draw(study, rater=rater, past=past, rng=rng, **stored)
    return replace(drawn, purpose=Purpose.ATTENTION, expected=Choice(check.answer), instruction=check.instruction)


def imbalance(rated: Sequence[Ballot]) -> Counter[str]:
    """Return how many times more each arm was on the left than on the right."""
    balance: Counter[str] = Counter(ballot.left for ballot in rated)
    balance.subtract(ballot.right for ballot in rated)
    return balance


def _pair(
    study: Study, rated: Sequence[Ballot], probabilities: Mapping[Pair, float] | None, rng: random.Random
) -> tuple[Pair, float]:
    """Draw a pair, and return it with the probability that it had."""
    known = pairs(study)
    counts: dict[frozenset[str], Counter[str]] = {frozenset(pair): Counter() for pair in known}
    for ballot in rated:
        if (both := frozenset(ballot.arms)) in counts:
            counts[both][ballot.item] += 1
    items = study.items.ids if _shared(study) else None
    rounds = {pair: _least(counts[frozenset(pair)], items)[0] for pair in known}
    open_pairs = [pair for pair in known if rounds[pair] == min(rounds.values())]
    if study.session.counterbalance:
        balance = imbalance(rated)
        # Two arms that both need the same side can't meet now, unless all pairs that are left in the round are so.
        open_pairs = [pair for pair in open_pairs if balance[pair[0]] * balance[pair[1]] <= 0] or open_pairs
    weights = [probabilities[pair] if probabilities else 1.0 for pair in open_pairs]
    index = rng.choices(range(len(open_pairs)), weights)[0]
    return open_pairs[index], weights[index] / sum(weights)


def _sides(pair: Pair, rated: Sequence[Ballot], rng: random.Random) -> Pair:
    """Assign the sides: the arm that was more often on the left goes right; chance decides between equals."""
    first, second = rng.sample(pair, 2)
    balance = imbalance(rated)
    return (second, first) if balance[first] > balance[second] else (first, second)


def _single(study: Study, rated: Sequence[Ballot], rng: random.Random) -> tuple[str, float]:
    """Draw an arm for a single picture, and return it with its probability.

    Half of each block is real, in random order; of either kind an arm is drawn that the rater has seen least.
    """
    real = [arm.id for arm in study.competing if arm.real]
    fake = [arm.id for arm in study.competing if not arm.real]
    start = len(rated) // BLOCK * BLOCK
    block = rated[start:]
    size = BLOCK if study.casual else min(BLOCK, max(study.session.ballots_per_rater - start, len(block) + 1))
    reals_left = size / 2 - sum(ballot.left in real for ballot in block)
    chance = min(max(reals_left / (size - len(block)), 0.0), 1.0)
    kind, share = (real, chance) if rng.random() < chance else (fake, 1 - chance)
    least = _least(Counter(ballot.left for ballot in rated), kind)[1]
    return rng.choice(least), share / len(least)


def _four(study: Study, rated: Sequence[Ballot], rng: random.Random) -> tuple[tuple[str, ...], float]:
    """Draw four arms in random places, and return them with the probability of this set.

    Every arm is shown about equally often to each rater: first come all arms seen less often than the fourth in order,
    and the places that are left go to those seen as often as it.
    """
    ids = [arm.id for arm in study.competing]
    times = Counter(arm for ballot in rated for arm in ballot.arms)
    fourth = sorted(times[arm] for arm in ids)[FOUR - 1]
    certain = [arm for arm in ids if times[arm] < fourth]
    equal = [arm for arm in ids if times[arm] == fourth]
    drawn = rng.sample(equal, FOUR - len(certain))
    return tuple(rng.sample([*certain, *drawn], FOUR)), 1 / math.comb(len(equal), len(drawn))


def _ballot(
    study: Study,
    rater: str,
    arms: Sequence[str],
    rated: Sequence[Ballot],
    rng: random.Random,
    *,
    item: str | None = None,
    **stored: Any,
) -> Ballot:
    """Complete a ballot: draw an item, or a seed for each picture, for the arms."""
    ids = study.items.ids
    if item is None and _shared(study):
        item = _fresh(rated, arms, ids, rng)
    items = [_fresh_seed(rated, arm, ids, rng) for arm in arms] if item is None else [item] * len(arms)
    if "study_digest" not in stored:
        stored["study_digest"] = digest(study)
    seeds = [int(seed) if study.items.kind == "seeds" else 0 for seed in items]
    return Ballot(
        **{
            "id": secrets.token_urlsafe(16),
            "study": study.name,
            "rater": rater,
            "left": arms[0],
            "right": arms[1] if len(arms) > 1 else "",
            "left_seed": seeds[0],
            "right_seed": seeds[1] if len(arms) > 1 else 0,
            **dict(zip(("third", "fourth"), arms[2:], strict=False)),
            **dict(zip(("third_seed", "fourth_seed"), seeds[2:], strict=False)),
            "item": item or "",
            "exposure_ms": study.session.exposure_ms,
            "issued_at": datetime.now(UTC),
            **stored,
        }
    )


def _shared(study: Study) -> bool:
    """Whether all pictures of a ballot show one item."""
    return study.items.kind != "seeds" or study.items.paired


def _fresh(rated: Sequence[Ballot], arms: Sequence[str], ids: list[str] | None, rng: random.Random) -> str:
    """Draw an item that the rater has seen least with these arms."""
    if ids is None:
        return str(rng.randint(0, MAX_SEED))
    counts = Counter(ballot.item for ballot in rated if set(ballot.arms) == set(arms))
    return rng.choice(_least(counts, ids)[1])


def _fresh_seed(rated: Sequence[Ballot], arm: str, ids: list[str] | None, rng: random.Random) -> str:
    """Draw a seed that the rater has seen least from this arm."""
    if ids is None:
        return str(rng.randint(0, MAX_SEED))
    pictures = (picture for ballot in rated for picture in zip(ballot.arms, ballot.items, strict=True))
    counts = Counter(seed for other, seed in pictures if other == arm)
    return rng.choice(_least(counts, ids)[1])


def _least(counts: Counter[str], ids: list[str] | None) -> tuple[int, list[str]]:
    """Return the smallest count and the ids that have it; `ids` is None where new items never run out."""
    if ids is None:
        return 0, []
    least = min(counts[item] for item in ids)
    return least, [item for item in ids if counts[item] == least]
