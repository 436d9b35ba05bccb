"""Results by item: how each arm did on each seed or photo, as a table and beside the pictures themselves."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import groupby

from PIL import Image

from demos.just_look.results_words import heading
from demos.just_look.tables_html import folded, framed, table
from evaluation.qualitative.ranking.items import ItemShare
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.rendering import encode
from evaluation.qualitative.study.schema import Study

MOST_ITEMS = 12  # in the table
MOST_PICTURED, MOST_ARMS = 6, 6  # in the table with pictures, which are drawn when somebody asks for them
THUMBNAIL = 128

Draw = Callable[[str, str], Image.Image]


def may_reveal(study: Study, *, owner: bool) -> bool:
    """Return whether the results page may show which arm drew which picture.

    Raters could look the pictures of their next ballots up there, so until the study is closed only the owner sees it.
    """
    return owner or (study.reveal != "never" and study.state() == "closed")


def section(analysis: Analysis, *, owner: bool) -> str:
    """Return the section; nothing where no item was judged by several raters."""
    items = _by_item(analysis.summary.items)
    if not items:
        return ""
    cells = [(item, share) for item, shares in items[:MOST_ITEMS] for share in shares]
    rows: Iterable[Sequence[str]]
    if analysis.study.protocol == "best_worst":
        columns, half = ["Best", "Worst", "Shown"], ""
        rows = ([item, analysis.title(share.arm), *_of_four(share)] for item, share in cells)
    else:
        columns = ["Won" if analysis.study.pairwise else "Called real", "95 % interval", "Votes"]
        half = "; ties count half"
        rows = (
            [item, analysis.title(share.arm), f"{100 * share.share:.0f} %", _interval(share), f"{share.votes:,}"]
            for item, share in cells
        )
    rest = f"The {MOST_ITEMS} of {len(items):,} items with the most votes. " if len(items) > MOST_ITEMS else ""
    pictures = ""
    if may_reveal(analysis.study, owner=owner):
        pictures = (
            f'<div class="actions"><button type="button" data-items="{escape(analysis.study.name)}">'
            'Show the pictures</button></div><div data-part="items" aria-live="polite"></div>'
        )
    shares_table = table("Results by item", ["Item", "Source", *columns], rows)
    note = f'<p class="note">{rest}Items that at least two raters judged{half}.</p>'
    return f"{heading('Item by item')}{note}{pictures}{folded('As a table', shares_table)}"


def pictured(analysis: Analysis, draw: Draw) -> str:
    """Return the items with the most votes with every arm's picture.

    Args:
        analysis: the study's analysis.
        draw: draws an arm's picture of an item, both given by their ids. Where it raises a `StudyError`, the numbers
            stand alone.
    """
    items = _by_item(analysis.summary.items)[:MOST_PICTURED]
    arms = [arm.id for arm in analysis.study.competing][:MOST_ARMS]
    body = "".join(
        "<tr>"
        f'<th scope="row">{escape(item)}</th>'
        + "".join(_cell(analysis, item, arm, {share.arm: share for share in shares}, draw) for arm in arms)
        + "</tr>"
        for item, shares in items
    )
    return framed("Pictures by item", ["Item", *(analysis.title(arm) for arm in arms)], body)


def _cell(analysis: Analysis, item: str, arm: str, shares: dict[str, ItemShare], draw: Draw) -> str:
    if arm not in shares:
        return "<td>–</td>"
    share = shares[arm]
    numbers = f'{100 * share.share:.0f} % <span class="half">{_interval(share)}</span>'
    if share.best is not None:
        best, worst, votes = _of_four(share)
        numbers = f'best {best}, worst {worst} <span class="half">of {votes}</span>'
    try:
        picture = draw(arm, item).convert("RGB")
    except StudyError:  # an imported vote may name an item that the study file does not have
        return f"<td>{numbers}</td>"
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    name = escape(f"{analysis.title(arm)}, item {item}")
    return (
        f'<td><img src="data:image/png;base64,{base64.b64encode(encode(picture)).decode()}" alt="{name}" '
        f'width="{picture.width}" height="{picture.height}" style="display:block">{numbers}</td>'
    )


def _by_item(shares: Sequence[ItemShare]) -> list[tuple[str, list[ItemShare]]]:
    return [(item, list(group)) for item, group in groupby(shares, key=lambda share: share.item)]


def _of_four(share: ItemShare) -> tuple[str, str, str]:
    """How often a picture of four was the best, the worst, and shown."""
    return f"{share.best or 0:,}", f"{share.worst or 0:,}", f"{share.votes:,}"


def _interval(share: ItemShare) -> str:
    if share.low is None or share.high is None:
        return "–"
    return f"{100 * share.low:.0f}–{100 * share.high:.0f} %"
