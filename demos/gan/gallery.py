"""A section of the GAN tab: the generators as cards to choose from, each with samples, its scores and a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import gradio as gr

from demos import previews
from demos.gan.selection import Selection
from demos.parts import events
from evaluation.quantitative import scores
from evaluation.quantitative.scores import ModelScores
from serving.engine.sampling import GeneratorInfo

STACKED_KINDS = 1000
# Arrow keys move through the cards as through all radio buttons, and a card that is reached is chosen.
SELECT = """element.addEventListener("change", (event) => {
  const card = event.target.closest("[data-generator]");
  if (card) trigger("select", { index: Number(card.dataset.generator), value: card.value });
});"""
# A link or another section may choose too; the card then comes into sight, and the page itself does not scroll.
FOLLOW = """(name) => {
  const card = document.querySelector(`#generators [value="${CSS.escape(name)}"]`);
  if (!card) return [];
  card.checked = true;
  const strip = card.closest(".generators"), box = card.closest("label");
  if (box.offsetLeft < strip.scrollLeft || box.offsetLeft + box.offsetWidth > strip.scrollLeft + strip.clientWidth)
    strip.scrollTo({ left: box.offsetLeft - 12 });
  return [];
}"""


def build(selection: Selection) -> None:
    """Lay out the cards, and let the selection follow them and they the selection."""
    infos = varied(selection.generators.values())
    gr.HTML("<h2 class='section'>Choose a generator</h2>", visible=len(infos) > 1, padding=False)
    cards = gr.HTML(
        html(infos, chosen=selection.first.name),
        visible=len(infos) > 1,
        padding=False,
        js_on_load=SELECT,
        elem_id="generators",
    )
    selection.model.render()

    def choose(event: gr.SelectData) -> str:
        return infos[event.index].name

    cards.select(choose, None, selection.model, **events.AT_ONCE)
    selection.model.change(None, selection.model, None, js=FOLLOW, **events.QUIET)


def varied(infos: Iterable[GeneratorInfo]) -> list[GeneratorInfo]:
    """The order of the cards: first one generator of each kind of picture, then the others; the first stays first.

    A generator's name begins with what it draws, as in `mnist-dcgan`.
    """
    ordered = list(infos)
    firsts = {info.name.partition("-")[0]: info for info in reversed(ordered)}.values()
    return sorted(ordered, key=lambda info: info not in firsts)


def html(infos: Iterable[GeneratorInfo], *, chosen: str) -> str:
    """The cards: radio buttons in a strip that scrolls sideways."""
    cards = "".join(_card(number, info, chosen=info.name == chosen) for number, info in enumerate(infos))
    return f'<div class="generators" role="radiogroup" aria-label="Generators">{cards}</div>'


def _card(number: int, info: GeneratorInfo, *, chosen: bool) -> str:
    address = previews.thumbnail(info.name)
    picture = f'<img src="{escape(address)}" alt="" width="134" height="134" loading="lazy">' if address else "<i></i>"
    figures = "".join(f"<span>{escape(figure)}</span>" for figure in facts(info.name))
    return (
        f'<label><input type="radio" name="generator" value="{escape(info.name)}" data-generator="{number}"'
        f"{' checked' if chosen else ''}>{picture}<span><b>{escape(info.title)}</b>"
        f'<span class="figures">{figures}</span></span><small>{escape(info.shows)}</small></label>'
    )


def facts(name: str) -> list[str]:
    """A generator's scores in a few words each; none where it was not scored."""
    try:
        scored = scores.read(name)
    except scores.ScoresError:
        return []
    return [*_quality(scored), *_kinds(scored)]


def _quality(scored: ModelScores) -> list[str]:
    final = scored.final
    words = []
    if final.inception_score is not None:
        words.append(f"Inception Score {final.inception_score:.1f}")
    if final.fid is not None:
        words.append(f"Fréchet distance {final.fid:.2g}" if final.fid < 10 else f"Fréchet distance {final.fid:.0f}")
    return words


def _kinds(scored: ModelScores) -> list[str]:
    final, real = scored.final, scored.real
    if final.modes_found is not None:
        return [f"{final.modes_found:,} of {STACKED_KINDS:,} kinds"]
    if final.classes_found is None or real.classes_found is None:
        return []
    return [f"{final.classes_found} of {real.classes_found} kinds"]
