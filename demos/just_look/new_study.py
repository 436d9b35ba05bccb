"""Run a session of your own: a form that writes a study file, and the link and QR code for those who take part."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape

import segno

from demos.just_look.rating import Payload
from demos.parts import explanation
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.writing import REAL_SOURCES, Source, compose
from evaluation.qualitative.wording import counted
from serving.engine import Engine
from serving.engine.sampling import GeneratorInfo

INVITING = (
    "Everybody who opens the link votes in this study, on a phone or a computer, without an account. Show the QR code "
    "on a screen, and a whole class can vote at once. The results page counts the votes while they come in."
)
WRITING = (
    "A study is a text file that says what is asked and what is compared. The form writes it for you. The sources are "
    "shown in pairs, in random order and without their names (a blinded paired comparison)."
)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[\w./~%-]*)?")  # of this page, without its query


class NewStudyActions:
    """Writes study files and draws QR codes. Safe to share between threads."""

    def __init__(self, library: StudyLibrary, engine: Engine) -> None:
        """Take the studies, and the engine whose generators can be compared."""
        self._library = library
        self._engine = engine

    def invitation(self, study: str, address: str) -> Payload:
        """The link to a study with its QR code.

        Args:
            study: name of the study.
            address: of this page, as the visitor's browser reached it.

        Raises:
            StudyError: there is no such study, or the address is not one of a page.
        """
        invited = self._library.read(study)
        if not isinstance(address, str) or len(address) > 500 or not _ADDRESS.fullmatch(address):
            raise StudyError("the address of this page is not known: copy it from your browser")
        link = f"{address}?study={invited.name}"
        drawn = io.BytesIO()
        segno.make(link, error="m", micro=False).save(drawn, kind="svg", light="#fff", xmldecl=False, omitsize=True)
        return {"html": _invitation(link, invited.name, drawn.getvalue().decode())}

    def compose(
        self, title: str, question: str, sources: Sequence[str], ballots: int | None, consent: str, reveal: str
    ) -> Payload:
        """The study file that the form's answers amount to.

        Raises:
            StudyError: an answer is missing or makes no valid study.
        """
        texts = (title, question, consent, reveal)
        if not all(isinstance(text, str) for text in texts) or not isinstance(sources, list):
            raise StudyError("the form did not arrive completely: reload the page")
        known = {_key(source): source for source in self._sources()}
        if unknown := [key for key in sources if not isinstance(key, str) or key not in known]:
            raise StudyError(f"there is no source {str(unknown[0])!r:.40}: reload the page")
        name, text = compose(
            title=title,
            question=question,
            sources=[known[key] for key in sources],
            ballots=ballots,
            consent=consent,
            reveal=reveal,
        )
        return {"name": f"{name}.toml", "study": name, "text": text}

    def form(self, *, owner: bool) -> str:
        """The form, as HTML; an owner can add the study to this app at once."""
        return _form(self._engine.generators(), owner=owner)

    def _sources(self) -> list[Source]:
        generators = [source for info in self._engine.generators() for source in _snapshots(info)]
        return [*(Source(data=data, title=title) for data, title in REAL_SOURCES.items()), *generators]


def _snapshots(info: GeneratorInfo) -> list[Source]:
    return [
        Source(
            model=info.name,
            step=step,
            title=f"{info.title}, {counted(step, 'training step')}" if step else f"{info.title}, before its first step",
        )
        for step in info.steps
    ]


def _key(source: Source) -> str:
    return source.data or f"{source.model}@{source.step}"


def _invitation(link: str, study: str, code: str) -> str:
    return f"""<div class="invitation">
<div class="qr" role="img" aria-label="QR code of the link">{code}</div>
<div><label>Link for everybody who takes part <input type="text" readonly value="{escape(link)}"></label>
<div class="actions"><button type="button" data-copy="{escape(link)}">Copy the link</button>
<button type="button" data-save-code="{escape(study)}">Download the QR code</button>
<a class="button" href="?results={escape(study)}">Results</a></div><p data-part="said" role="status"></p></div></div>"""


def _form(generators: Sequence[GeneratorInfo], *, owner: bool) -> str:
    real = "".join(f'<option value="{data}">{escape(title)}</option>' for data, title in REAL_SOURCES.items())
    groups = "".join(
        f'<optgroup label="{escape(info.title)}">'
        + "".join(f'<option value="{_key(source)}">{escape(source.title)}</option>' for source in _snapshots(info))
        + "</optgroup>"
        for info in generators
    )
    options = f'<option value="">Choose …</option><optgroup label="Real pictures">{real}</optgroup>{groups}'
    place = "owner" if owner else "visitor"
    return f"""<form class="compose" data-place="{place}" novalidate>
<div class="explained"><p>Compare what you like, ask what you like.</p>
{explanation.html(f"A session of your own ({place})", WRITING)}</div>
<label>Title, which everybody sees first <input type="text" name="title" maxlength="200" required
 placeholder="Handwriting, class 9b"></label>
<label>Question <input type="text" name="question" maxlength="200" required
 value="Which sheet looks more like real handwriting?"></label>
<fieldset><legend>Compare</legend><div data-part="sources"></div>
<button type="button" class="quiet" data-more>Add a source</button></fieldset>
<template data-part="source"><label class="source"><span class="hidden-text">Source of pictures</span>
<select name="source">{options}</select></label></template>
<label>Pairs for each person <input type="number" name="ballots" min="1" max="1000" value="20"></label>
<label>When people learn what the pictures were <select name="reveal">
<option value="after_vote">after each answer</option><option value="after_session">at the end</option>
<option value="never">never</option></select></label>
<label>Consent to ask for first, if you need it <textarea name="consent" rows="3" maxlength="10000"
 placeholder="You take part of your own free will. Do you agree?"></textarea></label>
<div class="actions"><button class="primary">Write the study</button></div>
<p data-part="said" role="status"></p><div data-part="written"></div></form>
<template data-part="file"><h3>Your study</h3><pre tabindex="0" aria-label="The study file"></pre>
<div class="actions"><button type="button" data-copy>Copy the text</button>
<button type="button" data-save>Download the file</button>
<button type="button" data-start>Start it in this app</button></div>
<p class="note">Whoever runs this app can start it: on the <a href="?results=">owner’s page</a>, which then shows the
link and the QR code. In an app of your own the file goes into the folder <code>studies</code>.</p></template>"""


def section(actions: NewStudyActions) -> str:
    """The two folded sections under the ranking, as HTML."""
    return f"""<details class="more" data-part="invite"><summary>Vote together: link and QR code</summary>
<div class="explained"><p>Let others vote in this study.</p>{explanation.html("Voting together", INVITING)}</div>
<div data-part="invitation-to"></div></details>
<details class="more" data-part="compose"><summary>Run a session of your own</summary>
<template>{actions.form(owner=False)}</template></details>"""
