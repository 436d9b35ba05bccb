"""The answers of the section "Tasks" as HTML; page/applications.js answers clicks and the threshold."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PIL import Image

from demos.parts import explanation, html
from media import images
from serving.engine.sight import Sight
from serving.engine.vision import Box, Explanation, Guess, Segment

SIDE = 640  # pixels of the picture as it is sent back
THRESHOLD = 30  # percent, at first
LEAST, MOST = 5, 95
SMALLEST = 0.001  # share of a class that the legend names
SUBJECT_SIDE, SHADE = 320, 190  # pixels of the mask as it is sent; 0 … 255: how dark the background becomes
NOTHING = '<p class="note" role="status">Choose a picture, or take one: the networks will look at it.</p>'

CLASSIFICATION = (
    "EfficientNet-Lite0 knows the 1,000 kinds of ImageNet, 120 of them breeds of dog, none of them people. It looks at "
    "the bright square only. The map is a class activation map (Zhou et al., 2016): what each of 7 × 7 places adds to "
    "the class that is pressed."
)
DETECTION = (
    "EfficientDet-Lite0 knows the 80 kinds of COCO. It rates each box by how sure it is. A low threshold shows more "
    "things and more mistakes, a high one misses some: precision against recall."
)
SEGMENTATION = (
    "DeepLab v3 gives each of 257 × 257 pixels one of PASCAL VOC's 20 classes, or the background. U²-Netp does not "
    "name anything: it rates what stands out, and so cuts the subject off its background."
)


def answers(picture: Image.Image, sight: Sight, *, address: str | None = None) -> str:
    """The three cards.

    Args:
        picture: RGB, as it was looked at.
        sight: what was said about it.
        address: of the picture, where the app serves it; else it is sent along.
    """
    small = images.fit(picture, SIDE)
    url = address or html.data_url(small, kind="JPEG", quality=85)
    cards = "".join((_classification(sight), _detection(sight), _segmentation(sight)))
    shape = f"--ratio: {small.width} / {small.height}; --wide: {small.width / small.height:.4f}"
    return f'<div class="applications" style="--photo: url(\'{url}\'); {shape}">{cards}</div>'


def _classification(sight: Sight) -> str:
    heats = "".join(_heat(why, number) for number, why in enumerate(sight.explanations))
    bars = "".join(_bar(guess, number) for number, guess in enumerate(sight.guesses))
    best = sight.guesses[0]
    spoken = f"The picture, with the places that spoke for {best.label} in warm colours"
    return _card(
        "What is it?",
        "Classification",
        CLASSIFICATION,
        f'<div class="photo" role="img" aria-label="{escape(spoken)}">{heats}</div>'
        f'<ul class="guesses" aria-label="Five likeliest classes">{bars}</ul>',
        _time("EfficientNet-Lite0", sight.seconds, "classify"),
    )


def _bar(guess: Guess, number: int) -> str:
    pressed = "true" if number == 0 else "false"
    return (
        f'<li><button type="button" data-guess="{number}" aria-pressed="{pressed}" '
        f'style="--share: {guess.probability:.4f}"><span>{escape(guess.label)}</span>'
        f"<span>{_percent(guess.probability)}</span></button></li>"
    )


def _heat(why: Explanation, number: int) -> str:
    hidden = "" if number == 0 else " hidden"
    place, url = _place(*why.box), html.data_url(why.heat)
    return f'<img class="heat" data-heat="{number}" alt="" src="{url}" style="{place}"{hidden}>'


def _detection(sight: Sight) -> str:
    by_size = sorted(enumerate(sight.boxes), key=lambda pair: -_area(pair[1]))  # a small box lies over a large one
    boxes = "".join(_box(box, number) for number, box in by_size)
    things = "".join(_thing(box, number) for number, box in enumerate(sight.boxes))
    shown_count = sum(_shows(box) for box in sight.boxes)
    return _card(
        "What is where?",
        "Detection",
        DETECTION,
        f'<div class="photo" role="group" aria-label="The picture, with a box around each thing">{boxes}</div>'
        f'<label class="threshold"><span>Show from <output>{THRESHOLD} %</output></span>'
        f'<input type="range" min="{LEAST}" max="{MOST}" step="1" value="{THRESHOLD}" '
        f'aria-label="Threshold: how sure the detector must be, in percent"></label>'
        f'<p class="note count" role="status">{count(shown_count)}</p>'
        f'<ul class="things" aria-label="Things in the picture">{things}</ul>',
        _time("EfficientDet-Lite0", sight.seconds, "detect"),
    )


def count(things: int) -> str:
    """How many things are shown, in words; page/applications.js says the same."""
    if not things:
        return "Nothing that sure. Lower the threshold."
    return "1 thing" if things == 1 else f"{things} things"


def _box(box: Box, number: int) -> str:
    spoken = f"{box.label}, {_percent(box.probability)}"
    return (
        f'<button type="button" class="box" data-thing="{number}" data-percent="{_whole(box)}" aria-pressed="false" '
        f'aria-label="{escape(spoken)}" style="{_place(box.left, box.top, box.right, box.bottom)}"{_hidden(box)}>'
        f'<span aria-hidden="true">{escape(box.label)}</span></button>'
    )


def _thing(box: Box, number: int) -> str:
    return (
        f'<li data-percent="{_whole(box)}"{_hidden(box)}><button type="button" data-thing="{number}" '
        f'aria-pressed="false" style="--share: {box.probability:.4f}"><span>{escape(box.label)}</span>'
        f"<span>{_percent(box.probability)}</span></button></li>"
    )


def _segmentation(sight: Sight) -> str:
    named = [segment for segment in sight.segments.classes if segment.share >= SMALLEST]
    shares = ", ".join(f"{segment.label} {_percent(segment.share)}" for segment in named) or "background only"
    by_class = f"The picture, coloured by class: {shares}"
    of_subject = f"The picture, {'darkened around its subject' if sight.subject else 'in which nothing stands out'}"
    legend = "".join(_legend(segment) for segment in named)
    rest = "" if named else html.note("None of the 20 classes: all of it is background.", spoken=False)
    choice = "".join(
        f'<button type="button" data-view="{view}" data-spoken="{escape(spoken)}" aria-pressed="{pressed}">'
        f"{words}</button>"
        for view, words, pressed, spoken in (
            ("classes", "Classes", "true", by_class),
            ("subject", "Subject", "false", of_subject),
        )
    )
    return _card(
        "Which pixels?",
        "Segmentation",
        SEGMENTATION,
        f'<div class="photo" role="img" aria-label="{escape(by_class)}">'
        f'<img class="whole" data-layer="classes" alt="" src="{html.data_url(sight.segments.overlay)}">'
        f"{_subject(sight.subject)}</div>"
        f'<div class="views" role="group" aria-label="What is coloured">{choice}</div>'
        f'<div data-layer="classes"><ul class="legend">{legend}</ul>{rest}</div>'
        f'<div data-layer="subject" hidden>{_about_subject(sight)}</div>',
        _time("DeepLab v3", sight.seconds, "segment"),
        _time("U²-Netp", sight.seconds, "subject"),
    )


def _subject(mask: Image.Image | None) -> str:
    if mask is None:
        return ""
    small = images.fit(mask.convert("L"), SUBJECT_SIDE)
    shade = Image.new("RGBA", small.size, (0, 0, 0, 0))
    shade.putalpha(small.point(lambda level: SHADE * (255 - level) // 255))
    return f'<img class="whole" data-layer="subject" alt="" src="{html.data_url(shade)}" hidden>'


def _about_subject(sight: Sight) -> str:
    if sight.subject is None:
        return html.note("Nothing stands out in this picture. Choose one with a subject.", spoken=False)
    levels = sight.subject.convert("L").resize((64, 64)).histogram()
    share = sum(levels[128:]) / sum(levels)
    return html.note(f"The subject covers {_percent(share)} of the picture; the rest is darkened.", spoken=False)


def _legend(segment: Segment) -> str:
    return (
        f'<li><span class="swatch" style="background: {segment.colour}"></span>{escape(segment.label)}'
        f"<span>{_percent(segment.share)}</span></li>"
    )


def _card(title: str, task: str, about: str, content: str, *times: str) -> str:
    heading = f'<div class="explained"><h3>{title} <small>{task}</small></h3>{explanation.html(task, about)}</div>'
    return (
        f'<section class="card" aria-label="{task}">{heading}{content}<p class="note">{", ".join(times)}</p></section>'
    )


def _time(network: str, seconds: Mapping[str, float], task: str) -> str:
    return f"{network}: {max(1, round(1000 * seconds[task])):,} ms" if task in seconds else network


def _place(left: float, top: float, right: float, bottom: float) -> str:
    sides = {"left": left, "top": top, "width": right - left, "height": bottom - top}
    return "; ".join(f"{side}: {100 * fraction:.2f}%" for side, fraction in sides.items())


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _whole(box: Box) -> int:
    return round(100 * box.probability)


def _shows(box: Box) -> bool:
    return _whole(box) >= THRESHOLD


def _hidden(box: Box) -> str:
    return "" if _shows(box) else " hidden"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1f} %"
