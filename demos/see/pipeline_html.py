"""The preprocessing pipeline as HTML: its steps with their controls, the picture after each, a classifier's guesses.

`page/pipeline.js` reads the controls, moves the steps and fills in the link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PIL import Image

from assets.samples import Sample
from demos.parts import html
from media import images
from serving.engine.preprocessing import PreprocessedStep
from serving.engine.vision import Guess

# Pixels of the longer side: of a sample to choose, of a picture in the strip, of the result.
BUTTON, THUMBNAIL, LARGE = 104, 176, 560


@dataclass(frozen=True)
class Slider:
    """A number of a step; `unit` follows it, and `name` is that of the setting, or of the side that a crop cuts off."""

    name: str
    title: str
    low: float
    high: float
    step: float
    first: float
    unit: str = ""


@dataclass(frozen=True)
class StepControl:
    """A step of the pipeline; `settings` are those of `media.preprocessing.Preparation`."""

    name: str
    title: str
    about: str
    settings: tuple[str, ...]
    sliders: tuple[Slider, ...] = ()
    on: bool = False


STEPS = (  # in the lecture's order; those that are on make the first sight
    StepControl(
        "crop",
        "Crop",
        "Cuts off the edges.",
        ("crop",),
        tuple(
            Slider(side, f"{side.title()}", 0, 45, 1, first, "\u202f%")
            for side, first in (("left", 8), ("right", 4), ("top", 0), ("bottom", 10))
        ),
        on=True,
    ),
    StepControl(
        "rotate",
        "Rotate",
        "Turns the picture; the corners become white.",
        ("rotate",),
        (Slider("rotate", "Angle", -180, 180, 1, 12, "°"),),
        on=True,
    ),
    StepControl(
        "scale",
        "Scale",
        "Makes it smaller.",
        ("scale",),
        (Slider("scale", "Size", 5, 100, 5, 50, "\u202f%"),),
        on=True,
    ),
    StepControl(
        "background", "Remove the background", "U²-Netp finds the subject; the rest becomes white.", ("cut_out",)
    ),
    StepControl("greyscale", "Greyscale", "Keeps how light each pixel is, and no colour.", ("greyscale",), on=True),
    StepControl(
        "light",
        "Light",
        "Brightness multiplies every level, contrast moves them away from the mean, gamma lifts the middle tones.",
        ("brightness", "contrast", "gamma"),
        (
            Slider("brightness", "Brightness", 0.2, 2, 0.05, 0.6),
            Slider("contrast", "Contrast", 0.2, 2, 0.05, 1),
            Slider("gamma", "Gamma", 0.2, 3, 0.05, 1),
        ),
    ),
)
TITLES = {setting: step.title for step in STEPS for setting in step.settings}


def photo_strip(photos: Sequence[Sample], *, chosen: str) -> str:
    """Buttons for the sample photos, and one for the visitor's own."""
    buttons = (
        f'<button type="button" data-photo="{photo.name}" aria-pressed="{str(photo.name == chosen).lower()}">'
        f'<img src="{_file_url(photo.thumbnail)}" alt="{escape(photo.title)}"></button>'
        for photo in photos
    )
    own = '<button type="button" data-photo="" aria-pressed="false">Your photo</button>'
    return f'<div role="group" aria-label="Photo" class="pipeline-photos">{"".join(buttons)}{own}</div>'


def controls() -> str:
    """The steps as a list that can be reordered, each with its switch and its sliders."""
    rows = "".join(_row(number, step) for number, step in enumerate(STEPS))
    return (
        '<div class="pipeline"><h3>Steps</h3><p class="note">They run from top to bottom. Switch them on and off, '
        f'move them up and down: the order matters.</p><ol>{rows}</ol><div class="pipeline-row">'
        '<button type="button" data-reset>As at first</button></div><p class="note" role="status"></p>'
        '<p class="spoken" role="status"></p></div>'
    )


def take_away(script: str) -> str:
    """The download, the link and the script; the page fills them in anew after each change."""
    return (
        '<div class="pipeline-row"><button type="button" data-save>Download PNG</button></div>'
        '<details class="again" id="pipeline-again"><summary>Link and Python</summary>'
        '<label>Link <input type="text" readonly data-text="{address of the app}?tab=see&amp;way=preprocess"></label>'
        '<button type="button" data-copy="input">Copy: the link</button>'
        '<p class="note" data-left-out hidden>The link restores the steps. Your own photo is not in it: it stays '
        "private.</p>"
        '<p class="note">The same pixels without this app: needs <code>pip install torchvision</code>'
        "<span data-checkout hidden>, and a checkout of this app’s code, whose network finds the subject</span>.</p>"
        '<pre tabindex="0" role="group" aria-label="Python, torchvision" '
        f'data-text="{escape(script)}"></pre><button type="button" data-copy="pre">Copy as Python</button>'
        '<p class="note" role="status"></p></details>'
    )


def answer(
    picture: Image.Image, guesses: Sequence[Guess], untouched: Guess, *, number: int, script: str, png: str = ""
) -> str:
    """The result beside the classifier's guesses.

    Args:
        picture: after the last step.
        guesses: the likeliest first.
        untouched: the likeliest of the photo as it was.
        number: of the request, by which the page tells answers apart.
        script: for `take_away`.
        png: the result as a data URL, where it was asked for.
    """
    rows = "".join(
        f'<li data-label="{escape(guess.label)}" style="--share: {guess.probability:.4f}">'
        f"<span>{escape(guess.label)}</span><b>{_percent(guess.probability)}</b><i></i></li>"
        for guess in guesses
    )
    summary = f"The classifier says: {guesses[0].label}, {_percent(guesses[0].probability)}."
    large = images.fit(picture, LARGE)
    url = html.data_url(large, kind="JPEG", quality=88)
    return (
        f'<div class="pipeline-answer" data-number="{number}" data-script="{escape(script)}" '
        f'data-summary="{escape(summary)}"'
        f"{f' data-png={png!r}' if png else ''}>"
        f'<figure><img src="{url}" alt="The photo after the last step" width="{large.width}" height="{large.height}">'
        f"<figcaption>{_size(picture)}</figcaption></figure>"
        f'<div><h3>What a classifier says</h3><ol class="guesses">{rows}</ol>'
        f'<p class="note">Of the untouched photo it says <b>{escape(untouched.label)}</b>, '
        f"{_percent(untouched.probability)}.</p></div>"
        '<p class="note about">EfficientNet-Lite0 chooses among 1,000 kinds of things. It sees the middle square of '
        "the picture, scaled to 224 × 224 pixels, and was trained on upright colour photos.</p></div>"
    )


def strip(photo: Image.Image, titles: Sequence[str], steps: Sequence[PreprocessedStep]) -> str:
    """The photo and the picture after each step, with their sizes."""
    figures = [_figure("The photo", photo)]
    figures += [
        _figure(f"{number}. {title}", step.picture, step.problem)
        for number, (title, step) in enumerate(zip(titles, steps, strict=True), 1)
    ]
    about = 'role="group" tabindex="0" aria-label="The picture after each step"'  # a phone scrolls it, and so do keys
    return f'<div class="pipeline-strip" {about}>{"".join(figures)}</div>'


def _figure(title: str, picture: Image.Image, problem: str = "") -> str:
    small = images.fit(picture, THUMBNAIL)
    url = html.data_url(small, kind="JPEG", quality=82)
    missing = f"<br><em>{escape(problem)}</em>" if problem else ""
    return (
        f'<figure><span><img src="{url}" alt="{escape(title)}" width="{small.width}" height="{small.height}"></span>'
        f"<figcaption><b>{escape(title)}</b><br>{_size(picture)}{missing}</figcaption></figure>"
    )


def _row(number: int, step: StepControl) -> str:
    checked = " checked" if step.on else ""
    moves = "".join(
        f'<button type="button" data-move="{by}" aria-label="Move {escape(step.title)} {word}"'
        f"{' aria-disabled=true' if stuck else ''}>{_arrow(by)}</button>"
        for by, word, stuck in ((-1, "up", number == 0), (1, "down", number == len(STEPS) - 1))
    )
    sliders = "".join(_slider(step, slider) for slider in step.sliders)
    return (
        f'<li data-step="{step.name}"><div class="pipeline-step"><label><input type="checkbox"{checked}> '
        f"<span>{escape(step.title)}</span></label>{moves}</div>"
        f'<div class="pipeline-settings"><p class="note">{escape(step.about)}</p>{sliders}</div></li>'
    )


def _slider(step: StepControl, slider: Slider) -> str:
    name = slider.title if len(step.sliders) == 1 else f"{step.title}: {slider.title.lower()}"
    return (
        f'<label class="pipeline-slider"><span>{slider.title}</span>'
        f'<input type="range" data-setting="{slider.name}" min="{slider.low:g}" max="{slider.high:g}" '
        f'step="{slider.step:g}" value="{slider.first:g}" data-first="{slider.first:g}" data-unit="{slider.unit}" '
        f'aria-label="{name}"><output>{slider.first:g}{slider.unit}</output></label>'
    )


def _arrow(by: int) -> str:
    path = "M12 19V5m-6 6 6-6 6 6" if by < 0 else "M12 5v14m-6-6 6 6 6-6"
    return (
        '<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="{path}"/></svg>'
    )


def _percent(probability: float) -> str:
    return "under 1\u202f%" if probability < 0.01 else f"{100 * probability:.0f}\u202f%"


def _size(picture: Image.Image) -> str:
    return f"{picture.width} × {picture.height}"


def _file_url(path: str) -> str:
    with Image.open(path) as thumbnail:
        return html.data_url(images.fit(thumbnail.convert("RGB"), BUTTON), kind="WEBP", quality=75)
