"""Writing a study file from the answers to a short form: what is asked, what is compared, how a session goes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit

from evaluation.qualitative.study import check, reading
from evaluation.qualitative.study.arms import StudyError

MAX_SOURCES = 12
REAL_SOURCES = {"mnist-digits": "Real digits (MNIST)", "fashion-clothes": "Real clothes (Fashion-MNIST)"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source of pictures that the form offers.

    Attributes:
        data: name of real pictures that the app ships; "" for a generator.
        model: name of a bundled generator; "" for real pictures.
        step: its snapshot.
        title: what raters read afterwards.
    """

    data: str = ""
    model: str = ""
    step: int = 0
    title: str


def compose(
    *,
    title: str,
    question: str,
    sources: Sequence[Source],
    ballots: int | None = None,
    consent: str = "",
    reveal: str = "after_vote",
) -> tuple[str, str]:
    """Return the name and the text of a study file, checked like any other.

    Args:
        title: shown to raters.
        question: what each pair asks.
        sources: two or more, each once.
        ballots: pairs per rater; None lets visitors go on without end.
        consent: the text that raters agree to first; "" for none.
        reveal: `after_vote`, `after_session` or `never`.

    Raises:
        StudyError: something is missing or makes no valid study.
    """
    if len(sources) > MAX_SOURCES:
        raise StudyError(f"a study of this form compares up to {MAX_SOURCES} sources")
    if len(set(sources)) < len(sources):
        raise StudyError("one source is chosen twice: choose another one")
    name = slug(title)
    if not name:
        raise StudyError("the title needs letters or digits: raters read it first")
    document = tomlkit.document()
    document.update({"title": title.strip(), "question": question.strip(), "reveal": reveal})
    if consent.strip():
        document["consent"] = consent.strip()
    if ballots is not None:
        document["session"] = {"ballots_per_rater": ballots}
    arms = tomlkit.aot()
    for arm_id, source in zip(_ids(sources), sources, strict=True):
        arms.append(tomlkit.item(_arm(arm_id, source)))
    document["arms"] = arms
    text = tomlkit.dumps(document)
    check.check(reading.parse(text, name))
    return name, text


def slug(title: str) -> str:
    """Return a title as the name of a study: small letters, digits and hyphens, up to 64; "" without any of them."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")


def _ids(sources: Sequence[Source]) -> list[str]:
    return [source.data or f"{source.model[:50]}-{source.step}" for source in sources]


def _arm(arm_id: str, source: Source) -> dict[str, Any]:
    if source.data:
        return {"id": arm_id, "title": source.title, "kind": "real", "data": source.data}
    return {"id": arm_id, "title": source.title, "kind": "generator", "model": source.model, "step": source.step}
