"""The matrix of battles and a battle's result, as HTML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape

from evaluation.quantitative.scores import BattleScores, ModelScores

Pair = tuple[str, str]


def matrix(models: Sequence[ModelScores], titles: Mapping[str, str], *, revealed: Collection[Pair] | None) -> str:
    """Every model against every other: a button for each battle, and the other scores at the end of the row.

    Args:
        models: those that have battles.
        titles: what people call them, by name.
        revealed: pairs whose numbers are known already, in either order; None reveals all.
    """
    names = [scored.name for scored in models]
    heads = "".join(f'<th scope="col">{number}</th>' for number in range(1, len(names) + 1))
    body = "".join(_row(number, scored, names, titles, revealed) for number, scored in enumerate(models))
    return (
        '<p class="note only-phone" aria-hidden="true">Swipe the table sideways to see all of it.</p>'
        '<div class="sideways" tabindex="0" role="region" aria-label="Battles, each model against each other">'
        f'<table class="battles"><thead><tr><th scope="col">Model</th>{heads}<th scope="col">Inception Score</th>'
        '<th scope="col">Fréchet distance</th><th scope="col">Kinds</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(
    number: int,
    scored: ModelScores,
    names: Sequence[str],
    titles: Mapping[str, str],
    revealed: Collection[Pair] | None,
) -> str:
    cells = "".join(_cell(number, other, scored, names, titles, revealed) for other in range(len(names)))
    final, real = scored.final, scored.real
    figures = (
        f"{final.inception_score:.2f}" if final.inception_score is not None else "–",
        f"{final.fid:.2f}" if final.fid is not None else "–",
        f"{final.classes_found} of {real.classes_found}" if final.classes_found is not None else "–",
    )
    ends = "".join(f'<td class="number">{figure}</td>' for figure in figures)
    return f'<tr><th scope="row"><i>{number + 1}</i> {escape(titles[scored.name])}</th>{cells}{ends}</tr>'


def _cell(
    row: int,
    column: int,
    scored: ModelScores,
    names: Sequence[str],
    titles: Mapping[str, str],
    revealed: Collection[Pair] | None,
) -> str:
    battle = scored.battles.get(names[column])
    if battle is None:
        return "<td></td>"
    pair = f"{titles[scored.name]} against {titles[battle.opponent]}"
    if revealed is not None and not known(scored.name, battle.opponent, revealed):
        content, spoken, kind = "?", f"{pair}: vote", "hidden"
    else:
        kind = {scored.name: "won", battle.opponent: "lost"}.get(battle.winner, "tie")
        content = f"{short(battle.r_samples)}<small>{short(battle.r_test)}</small>"
        spoken = f"{pair}: {kind}, r_samples {ratio(battle.r_samples)}, r_test {ratio(battle.r_test)}"
    index = row * len(names) + column
    button = f'<button type="button" class="{kind}" data-battle="{index}" aria-label="{escape(spoken)}">'
    return f"<td>{button}{content}</button></td>"


def known(first: str, second: str, revealed: Collection[Pair]) -> bool:
    """Whether a battle's numbers were shown, in either order."""
    return (first, second) in revealed or (second, first) in revealed


def result(name: str, battle: BattleScores, titles: Mapping[str, str], *, sheets: Sequence[str], voted: str) -> str:
    """What the numbers say, after the vote.

    Args:
        name: of the first model.
        battle: its scores against the other.
        titles: of both, by name.
        sheets: the names of the models, as their sheets stood from left to right.
        voted: the name of the model that the visitor preferred; empty for neither.
    """
    left, right = (escape(titles[sheet]) for sheet in sheets)
    lines = [f"<b>Left: {left}. Right: {right}.</b>"]
    if battle.winner == "tie":
        verdict = f"GAM calls it a tie{_because(battle)}."
    else:
        agrees = {battle.winner: "You agree", "": "You saw no difference"}.get(voted, "You disagree")
        verdict = f"GAM says that {escape(titles[battle.winner])} wins. {agrees}."
    lines.append(verdict)
    interval = battle.r_samples_interval
    ends = f" (95 %: {ratio(interval[0])} to {ratio(interval[1])})" if interval else ""
    lines.append(
        f"r_samples = {ratio(battle.r_samples)}{ends} and r_test = {ratio(battle.r_test)}, for "
        f"{escape(titles[name])} against {escape(titles[battle.opponent])}."
    )
    if battle.zero_errors:
        lines.append("A discriminator made no error at all, which counts as half an error.")
    if battle.calibrated:
        critics = " and ".join(escape(titles[critic]) for critic in battle.calibrated)
        lines.append(f"The threshold of {critics} was fitted: its discriminator gives scores, not probabilities.")
    return f'<div role="status">{"".join(f"<p>{line}</p>" for line in lines)}</div>'


def _because(battle: BattleScores) -> str:
    interval = battle.r_samples_interval
    if interval and interval[0] <= 1 <= interval[1]:
        return ": r_samples can't be told from 1"
    return ": r_test is too far from 1, so one discriminator is simply the better judge"


def ratio(value: float) -> str:
    """A ratio with three digits."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def short(value: float) -> str:
    """A ratio for a cell of the table: a very large or very small one as a bound."""
    if value >= 1000:
        return "&gt;999"
    return "&lt;0.01" if value < 0.01 else f"{value:.2f}" if value < 10 else f"{value:.0f}"
