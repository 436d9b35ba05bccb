"""The page's styles, written so that Gradio leaves them as they are.

Gradio puts a prefix before each selector and splits at every comma, also inside of `:is(…)`. The prefix then counts
in the weight of that `:is(…)`, and a plain rule wins over a later, more specific one: `.rating :is(button, a.button)`
over `.rating button.primary`. So a choice is written out as several selectors before Gradio reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SELECTORS = re.compile(r"(?<=[{};])[^{};@]+(?=\{)|^[^{};@]+(?=\{)")


def of(files: Sequence[Path]) -> str:
    """The styles of these files, without comments, each choice written out."""
    return "".join(written_out(path.read_text()) for path in files)


def written_out(styles: str) -> str:
    """The same styles without a comma inside of brackets in a selector, as far as `:is(…)` makes it."""
    return SELECTORS.sub(lambda rule: ", ".join(_choices(rule[0].strip())) + " ", COMMENT.sub("", styles))


def _choices(selectors: str) -> list[str]:
    return [written for selector in _split(selectors) for written in _expanded(selector)]


def _expanded(selector: str) -> list[str]:
    """The selectors that one with `:is(…)` stands for."""
    start = selector.find(":is(")
    if start < 0:
        return [selector]
    end = _closing(selector, start + 3)
    inside = _split(selector[start + 4 : end])
    return [done for part in inside for done in _expanded(_joined(selector[:start], part, selector[end + 1 :]))]


def _joined(before: str, part: str, after: str) -> str:
    """A name comes before what else is said of an element: `.a:is(p)` is `p.a`."""
    if re.match(r"[a-z*]", part) and before and re.search(r"[\w\])-]$", before):
        head, compound = re.fullmatch(r"(.*?)([^\s>~+(]*)", before, re.DOTALL).groups()  # type: ignore[union-attr]
        return f"{head}{part}{compound}{after}"
    return before + part + after


def _split(selectors: str) -> list[str]:
    """Parts between the commas that stand outside of brackets."""
    parts, depth = [""], 0
    for sign in selectors:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` is closed."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place
    raise ValueError(f"a bracket is not closed in {text!r:.80}")
