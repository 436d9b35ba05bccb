"""Tables and foldable parts of the results page, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are plain text; it scrolls by itself where the page is narrow."""
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return framed(caption, head, body)


def framed(caption: str, head: Sequence[str], body: str) -> str:
    """Return a table around rows of HTML."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption)}"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: str, content: str) -> str:
    """Return a part that opens with a click."""
    return f"<details><summary>{summary}</summary>{content}</details>"
