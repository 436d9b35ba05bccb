"""The checker: what a file claims about itself. It never says that a picture is genuine, for no file can prove that."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assets import wall
from demos.parts import events, html
from demos.parts.inputs import explained, refuse
from media import attacks, claims, credentials, images, provenance
from media.attacks import PictureFile
from media.claims import Claims
from media.credentials import Credentials
from media.images import PictureError

PHOTO, PAINTING = "pagoda", "wheat-field"  # of the examples
EXAMPLES = (
    ("ours", "Made by this app"),
    ("forged", "The same, relabelled"),
    ("photo", "A photo without a note"),
)
EVENTS: events.Options = {"concurrency_id": "check-file", "concurrency_limit": 2}
HELP = (
    "Send a picture as a file, not a screenshot of it. You see what the file says about itself, and whether the "
    "signature fits. It is read here, and not kept."
)
NOTHING = (
    "A file that says nothing can come from anywhere: most cameras sign nothing, and every screenshot drops all notes. "
    "So this proves neither that a person made the picture nor that a machine did."
)
NEVER = (
    "A valid signature says who vouches for the file and that nobody changed it since. It does not say that it is true."
)
ACTIONS = {
    "c2pa.created": "created",
    "c2pa.opened": "opened",
    "c2pa.edited": "edited",
    "c2pa.converted": "saved in another format",
    "c2pa.published": "published",
}
SOURCES = {
    "compositeWithTrainedAlgorithmicMedia": "partly by a trained model",
    "trainedAlgorithmicMedia": "by a trained model",
    "algorithmicMedia": "by a program",
    "digitalCapture": "by a camera",
    "humanEdits": "by a person",
    "digitalCreation": "by a person with a program",
}
NAMES = {provenance.SETTINGS_KEY: "Settings of this app", "DigitalSourceType": "Made", "CreatorTool": "Program"}


@dataclass(frozen=True)
class Verdict:
    """What to say about one layer.

    Attributes:
        layer: note, signature or watermark.
        title: the layer's name on the page.
        kind: kept, lost or lies: a class of the page's styles.
        sentence: what is there, and what that means.
    """

    layer: str
    title: str
    kind: str
    sentence: str


def build() -> None:
    """Add the section: a button for a file, three examples, and what the file says."""
    gr.HTML('<h2 class="section">What does a file say about itself?</h2>', padding=False)
    gr.Markdown(HELP, elem_classes="note")
    with gr.Row(elem_classes="actions"):
        own = gr.UploadButton("Your file", file_types=["image"], variant="primary", elem_id="check-own")
        choice = gr.HTML(_examples_html(), padding=False, js_on_load=html.numbered("example"), elem_id="check-examples")
    board = gr.HTML(example(EXAMPLES[0][0]), padding=False, elem_id="check-result", js_on_load=None)
    file = gr.File(visible=False, label="File")
    answer = gr.JSON(visible=False)

    def check(path: str) -> str:
        with explained(PictureError):
            return board_html(claims.of_stranger(path), title=Path(path).name)

    def show(event: gr.SelectData) -> str:
        return example(EXAMPLES[event.index % len(EXAMPLES)][0])

    def check_file(file: str) -> dict[str, Any]:
        """Read what a picture's file claims about itself: plain note, Content Credentials (C2PA), this app's watermark.

        Args:
            file: a picture, up to 20 MB.

        Returns:
            The digital source type and other plain notes; the credentials' state (none, valid, mismatch, broken,
            elsewhere), signer and actions; whether the watermark is there, and its score, which counts from 5 on; and
            a sentence for each. Nothing here ever says 'genuine': a missing mark proves nothing.
        """
        if not file:
            raise refuse("Send a file.")
        with explained(PictureError):
            return as_dict(claims.of_stranger(file))

    own.upload(check, own, board, show_progress_on=board, **events.PRIVATE, **EVENTS)
    choice.select(show, None, board, **events.AT_ONCE)
    gr.on([], check_file, file, answer, api_name="check_file", **EVENTS)


@functools.cache
def example(name: str) -> str:
    """What is said about one of the example files."""
    restyled = images.read(wall.pictures()[PHOTO][PAINTING].path)
    ours = PictureFile(provenance.png(restyled, {"strength": 1.0, "painting": PAINTING}))
    files = {
        "ours": lambda: ours,
        "forged": lambda: attacks.relabelled(ours),
        "photo": lambda: attacks.jpeg(attacks.resaved(images.read(wall.photos()[PHOTO].path))),
    }
    return board_html(claims.of_ours(files[name]()), title=dict(EXAMPLES)[name])


def as_dict(read: Claims) -> dict[str, Any]:
    """What a file says, for the API."""
    return {
        "source_type": read.source,
        "notes": read.notes,
        "credentials": {
            "state": read.credentials.state,
            "signed_by_this_app": read.credentials.ours,
            "signer": read.credentials.signer,
            "generator": read.credentials.generator,
            "actions": [{"action": action, "source_type": source} for action, source in read.credentials.actions],
            "failures": list(read.credentials.failures),
        },
        "watermark": read.mark.present,
        "watermark_score": round(read.mark.score, 1),
        "sentences": [verdict.sentence for verdict in verdicts(read)] + [closing(read)],
    }


def verdicts(read: Claims) -> list[Verdict]:
    """A sentence for each layer."""
    return [
        Verdict("note", "Note", *_note(read)),
        Verdict("signature", "Signed note", *_signature(read.credentials)),
        Verdict("watermark", "Invisible mark", *_mark(read)),
    ]


def closing(read: Claims) -> str:
    """What to conclude, and what not."""
    silent = read.source is None and read.credentials.state == "none" and not read.mark.present
    return NOTHING if silent else NEVER


def board_html(read: Claims, *, title: str) -> str:
    """What a file says, as HTML."""
    rows = "".join(
        f'<li data-layer="{verdict.layer}" class="{verdict.kind}"><b>{verdict.title}</b>'
        f"<p>{escape(verdict.sentence)}</p></li>"
        for verdict in verdicts(read)
    )
    notes = "".join(
        f"<div><dt>{escape(NAMES.get(name, name))}</dt><dd>{escape(_plain(value))}</dd></div>"
        for name, value in read.notes.items()
    )
    folded = f"<details><summary>The note, word by word</summary><dl>{notes}</dl></details>" if notes else ""
    return (
        f'<div class="fakes claims" role="status"><h3>{escape(title[:80])}</h3><ul>{rows}</ul>{folded}'
        f'<p class="note">{closing(read)}</p></div>'
    )


def _note(read: Claims) -> tuple[str, str]:
    if read.source is not None:
        return "kept", f"Says that it was made {_plain(read.source)}. Anybody can write such a note, and change it."
    if read.notes:
        return "kept", f"Names {_list(read.notes)}, and not whether a machine made it. Anybody can write such notes."
    return "lost", "There is none."


def _signature(read: Credentials) -> tuple[str, str]:
    if read.state == "none":
        return "lost", "There is none."
    if read.state == "elsewhere":
        return "lost", "The file only names an address where its credentials lie; this app fetches nothing from there."
    if read.state == "broken":
        return "lies", "The signed note can't be read: it is cut off or damaged. It counts as none."
    if read.state == "mismatch":
        who = f" in the name of {read.signer}" if read.signer else ""
        return "lies", f"The signature does not match: the file was changed after it was signed{who}, or it is forged."
    done = _done(read)
    if read.ours:
        whose = "with this server's own certificate" if credentials.identity().own else "not by a recognised issuer"
        return "kept", f"The signature is valid: signed by this demo, {whose}. It says: {done}."
    signer = read.signer or "somebody without a name"
    return "kept", f"The signature is valid: signed by {signer}, whom this app does not know. It says: {done}."


def _mark(read: Claims) -> tuple[str, str]:
    score = f"{read.mark.score:.1f} standard deviations above chance"
    if read.mark.present:
        return "kept", f"Found, {score}: the picture went through this app, or somebody put its mark there."
    return "lost", "Not found. A cut or a turn removes it, a repainting may. Other programs' marks are not looked for."


def _done(read: Credentials) -> str:
    words = [
        f"{ACTIONS.get(action, action)} {_plain(source)}".strip() if source else ACTIONS.get(action, action)
        for action, source in read.actions
    ]
    return "; ".join(words) or "nothing about how it was made"


def _plain(source: str) -> str:
    """A digital source type in words; anything else as it is."""
    return SOURCES.get(source.rpartition("/")[2], source)


def _list(notes: dict[str, str]) -> str:
    return ", ".join(f"{NAMES.get(name, name)}: {value[:60]}" for name, value in list(notes.items())[:3])


def _examples_html() -> str:
    buttons = "".join(
        f'<button type="button" data-example="{number}">{escape(title)}</button>'
        for number, (_, title) in enumerate(EXAMPLES)
    )
    return f'<div class="fakes examples" role="group" aria-label="Example files">{buttons}</div>'
