"""Preregistration: what a study will do, written to a file before the first vote, with a digest to quote.

The file lies beside the study file, as `NAME.preregistration.json`. It holds the whole study file, and in words the
arms, the number of raters, the stopping rule, the exclusions and the analysis. Whoever has published the digest (in a
commit, an e-mail, a registry) can prove later that nothing was changed; the app says where the study file differs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation.qualitative.planning.design import PlanError
from evaluation.qualitative.ranking.bootstrap import RESAMPLES
from evaluation.qualitative.ranking.intervals import LEVEL
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.store.flags import LIMITS, REASONS
from evaluation.qualitative.study import reading
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.schema import Study

SUFFIX = ".preregistration.json"
FORMAT = "just-look preregistration 1"
MOST_CHANGES = 8  # named in a sentence
MAX_BYTES = 2**20
_TEXTS = ("hypothesis", "stopping")


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A preregistration, held against the study as it is now.

    Attributes:
        digest: sha256 of its content, 64 hexadecimal digits.
        at: when it was written, UTC.
        intact: whether its content still has its digest.
        changed: keys of the study file that have another value now, such as `session.ballots_per_rater`.
        uploaded: when its owner uploaded it to the app, UTC; None for a file that lies beside the study file.
    """

    digest: str
    at: datetime
    intact: bool
    changed: tuple[str, ...]
    uploaded: datetime | None = None

    def sentence(self, first_vote: datetime | None) -> str:
        """Return what a reader has to know, for the methods paragraph.

        Args:
            first_vote: when the first vote was cast; None without votes.
        """
        if not self.intact:
            return (
                f"A preregistration names the digest {self.digest[:16]}, but its file was changed after it was written."
            )
        text = f"The study was preregistered on {self.at:%Y-%m-%d} (sha256 {self.digest})"
        if self.uploaded is not None:
            text += f" and the file was uploaded on {self.uploaded:%Y-%m-%d}"
        if first_vote is not None and first_vote < (self.uploaded or self.at):
            text += ", after the first vote had been cast"
        if not self.changed:
            return f"{text}; the study file has not been changed since."
        named = ", ".join(self.changed[:MOST_CHANGES])
        more = len(self.changed) - MOST_CHANGES
        return f"{text}; the study file was changed afterwards: {named}{f' and {more} more' if more > 0 else ''}."


def content(
    study: Study,
    *,
    raters: int | None = None,
    stopping: str | None = None,
    hypothesis: str | None = None,
    software: str | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Return a preregistration, with its digest.

    Args:
        study: the study.
        raters: how many are planned; by default as many as the study file admits, or requires.
        stopping: when no more answers are taken, in a sentence; by default from the study file.
        hypothesis: what is expected, in a sentence.
        software: version and commit.
        now: UTC; the current time by default.

    Raises:
        PlanError: neither the call nor the study file says how many raters there will be.
    """
    planned = raters or study.maximum_raters or (study.minimum_raters if study.minimum_raters > 1 else None)
    if planned is None:
        raise PlanError(
            f"nothing says how many raters {study.name} will have: give --raters, or write maximum_raters in the file"
        )
    if planned < 1:
        raise PlanError(f"the number of raters should be 1 or more, got {planned}")
    for name, text in zip(_TEXTS, (hypothesis, stopping), strict=True):
        if text is not None and not 0 < len(text) <= 2_000:
            raise PlanError(f"the {name} should have 1 to 2,000 characters")
    fields: dict[str, Any] = {
        "format": FORMAT,
        "study": study.name,
        "written_at": (now or datetime.now(UTC)).isoformat(),
        "software": software,
        "question": study.question,
        "hypothesis": hypothesis,
        "protocol": study.protocol,
        "answers": list(study.choices),
        "arms": [{"id": arm.id, "title": arm.title, "competes": arm.competes} for arm in study.arms],
        "sample": {
            "raters": planned,
            "ballots_per_rater": study.session.ballots_per_rater,
            "votes": planned * study.session.ballots_per_rater,
        },
        "stopping": stopping or _stopping(study, planned),
        "exclusions": _exclusions(study),
        "analysis": _analysis(study),
        "study_file": study.origin.text,
    }
    return {**fields, "sha256": digest(fields)}


def write(path: Path, study: Study, fields: dict[str, Any]) -> Path:
    """Write a preregistration beside a study file; an earlier one is never replaced.

    Raises:
        PlanError: there is one, or the file can't be written.
    """
    target = path.with_name(f"{study.name}{SUFFIX}")
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(json.dumps(fields, indent=2, ensure_ascii=False) + "\n")
    except FileExistsError as error:
        raise PlanError(
            f"{target.name} is there already: a preregistration is written once; move it away to begin anew"
        ) from error
    except OSError as error:
        raise PlanError(f"{target.name} can't be written: {error.strerror}") from error
    return target


def digest(fields: dict[str, Any]) -> str:
    """Return the sha256 of a preregistration: of its JSON with sorted keys and without spaces, without `sha256`."""
    rest = {key: value for key, value in fields.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def raw(study: Study) -> bytes | None:
    """Return the file of a study's preregistration; None where there is none."""
    if study.origin.assets is None:
        return None
    path = study.origin.assets / f"{study.name}{SUFFIX}"
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None


def find(study: Study) -> Registration | None:
    """Read the preregistration beside a study file, and compare the study with it; None where there is none.

    Raises:
        StudyError: the file is no preregistration.
    """
    encoded = raw(study)
    return None if encoded is None else against(study, parsed(encoded, f"{study.name}{SUFFIX}"))


def parsed(encoded: bytes, where: str) -> dict[str, Any]:
    """Return the content of a preregistration's file.

    Args:
        encoded: the file.
        where: its name in errors.

    Raises:
        StudyError: it is no preregistration.
    """
    try:
        fields = json.loads(encoded)
        at, text = datetime.fromisoformat(fields["written_at"]), fields["study_file"]
        texts = (text, fields["study"], fields["sha256"])
        if fields["format"] != FORMAT or at.tzinfo is None or not all(isinstance(value, str) for value in texts):
            raise ValueError(f"it is not of the format {FORMAT!r}")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StudyError(f"{where} is no preregistration: {error!s:.200}") from error
    return fields


def against(study: Study, fields: dict[str, Any], *, uploaded: datetime | None = None) -> Registration:
    """Return a preregistration, held against the study as it is now.

    Args:
        study: the study.
        fields: from `parsed`.
        uploaded: when its owner uploaded it, UTC; None for a file beside the study file.
    """
    text = fields["study_file"]
    return Registration(
        digest=fields["sha256"],
        at=datetime.fromisoformat(fields["written_at"]),
        intact=digest(fields) == fields["sha256"] and fields["study"] == study.name,
        changed=() if text == study.origin.text else _changed(text, study),
        uploaded=uploaded,
    )


def _changed(text: str, study: Study) -> tuple[str, ...]:
    """Return the keys in which a study differs from an earlier text; comments and layout do not count."""
    try:
        earlier, now = (reading.parse(source, study.name, study.origin.assets) for source in (text, study.origin.text))
    except StudyError:
        return ("files that it named are gone",)
    return tuple(_unequal(earlier.model_dump(mode="json"), now.model_dump(mode="json"), ""))


def _unequal(before: Any, after: Any, key: str) -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted({*before, *after})
        return [
            path for name in names for path in _unequal(before.get(name), after.get(name), f"{key}.{name}".strip("."))
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            path
            for number, (earlier, later) in enumerate(zip(before, after, strict=True), start=1)
            for path in _unequal(earlier, later, f"{key} {number}")
        ]
    return [] if before == after else [key]


def _stopping(study: Study, raters: int) -> str:
    closes = "" if study.closes is None else f", or at {study.closes.isoformat()} if that is earlier"
    earlier = "Nobody stops it earlier for its results."
    if study.stop_early:
        earlier = (
            f"From {study.minimum_raters:,} raters on it may stop as soon as one arm stands alone, a claim that holds "
            "however often somebody looks."
        )
    return f"The study stops when {raters:,} raters have finished{closes}. {earlier}"


def _exclusions(study: Study) -> dict[str, Any]:
    return {
        "rules": REASONS,
        "thresholds": {
            "fast_ms": LIMITS.fast_ms,
            "failed_checks": LIMITS.failed_checks,
            "raters_per_address": LIMITS.raters_per_address,
        },
        "rater_model": None if study.exclusion is None else study.exclusion.model_dump(exclude_none=True),
        "else": "No other vote is excluded. The ranking with the excluded votes is reported beside.",
    }


def _analysis(study: Study) -> dict[str, Any]:
    common = {"level": LEVEL, "resamples": RESAMPLES, "seed": 0, "unit_of_resampling": "whole raters"}
    if study.protocol == "best_worst":
        return {
            "model": "sequential best-worst choice (Marley & Louviere, 2005); one imagined win and loss per arm",
            "sets": "of four arms, those that the rater has seen least; chance decides between equals",
            "intervals": "standard deviation over draws of raters, with Student's t",
            **common,
        }
    if not study.pairwise:
        return {"score": "HYPE∞ or HYPE-time (Zhou et al., 2019)", **common}
    return {
        "model": "Bradley-Terry (1952); a tie, or both bad, is half a win for each; one imagined win and loss per arm",
        "pairs": "all pairs are equally likely"
        if study.session.pairs == "even"
        else f"top-two sampling (Russo, 2020); a share of {FLOOR:g} of the ballots is spread evenly over all pairs",
        "intervals": "score intervals with the design effect over raters and Student's t",
        "claim": "an arm is the best if it alone can hold rank 1, at 95 % for all ranks at once (Mogstad et al., 2024)",
        "preliminary_below": study.preliminary_below,
        "minimum_raters": study.minimum_raters,
        **common,
    }
