"""What a rater reads: the panel's parts, and a page for each stage of a session. Nothing here knows an arm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from evaluation.qualitative.ballot import Choice
from evaluation.qualitative.session.stages import Completion, Stage, StageName
from evaluation.qualitative.study.schema import Study

# Label, key and place of each answer. The main ones stand in one row, those of one protocol alike in size and colour.
ANSWERS: Mapping[Choice, tuple[str, str, str]] = {
    Choice.LEFT: ("Left", "1", "main"),
    Choice.TIE: ("Tie", "0", "main"),
    Choice.RIGHT: ("Right", "2", "main"),
    Choice.REAL: ("Real", "1", "main"),
    Choice.FAKE: ("Fake", "2", "main"),
    Choice.BOTH_BAD: ("Both bad", "b", "other"),
    Choice.NOT_SURE: ("Not sure", "n", "other"),
    Choice.SKIP: ("Skip", "s", "other"),
}

WRAPPED = re.compile(r"\n(?!\s*(?:[-*•]|\d+[.)])\s)")  # the end of a line that the next one goes on from
PRIVACY = (
    "What is kept: your answers, how long each took, and the id of your link. No name, no account. Your network "
    "address is used only as a salted hash that changes, to notice one person taking part many times."
)


def panel(study: str) -> str:
    """The empty panel that the page's script fills; a visitor without a link votes in `study`."""
    return f"""
<section class="rating" data-study="{study}" data-ballot="loading" aria-label="Rating">
  <label class="casual-head only-casual" hidden>Study <select data-part="picker"></select></label>
  <div data-part="page" hidden></div>
  <div data-part="board">
    <div data-part="progress" hidden><span></span>
      <div role="progressbar" aria-label="Answered" aria-valuemin="0"><i></i></div></div>
    <p data-part="kicker"></p>
    <h2 data-part="question" id="question"></h2>
    <div class="pair" data-part="pair" id="ballot"></div>
    <div data-part="main" id="answers" role="group" aria-label="Answers"></div>
    <div class="beside">
    <div data-part="other" role="group" aria-label="Other answers"></div>
    <details data-part="reason-line" hidden><summary>Say why</summary>
      <input data-part="reason" type="text" maxlength="500" placeholder="Optional"
        aria-label="Why, in your words (optional)">
    </details>
    </div>
    <p data-part="message" role="status"></p>
    <div data-part="told" id="reveal" role="status">{invitation()}</div>
    <div class="way-out only-session">
      <button type="button" class="quiet" data-act="pause">Pause</button>
      <button type="button" class="quiet" data-act="withdraw">Withdraw</button>
    </div>
  </div>
  <template data-part="paused">{_paused()}</template>
  <dialog data-part="withdraw" aria-label="Withdraw">
    <form method="dialog"><h2>Withdraw from the study?</h2>
      <p>All your answers are deleted, here and now. It can’t be undone.</p>
      <div class="actions"><button value="stay">Stay</button>
        <button value="leave" data-act="withdrawn">Delete my answers</button></div></form>
  </dialog>
  <div class="only-casual"><h2 class="section">Ranking so far</h2><div data-part="ranking" id="ranking"></div>
    <details class="more"><summary>All figures, and downloads</summary><div class="results"></div></details></div>
</section>
<section class="rating results only-results" aria-label="Results"></section>"""  # noqa: S608 - a <select> of HTML


def invitation() -> str:
    """What stands under the pictures before the first vote of a casual visitor."""
    return (
        '<p class="note only-casual">Vote, and you are told what the two pictures were. '
        'A click on a picture<span class="keys">, or <kbd>Z</kbd>,</span> enlarges both.</p>'
    )


def stage(study: Study, stage: Stage) -> str:
    """The page for a stage without a ballot, but the end."""
    match stage.name:
        case StageName.CONSENT:
            return _consent(study, stage)
        case StageName.INSTRUCTIONS:
            return _instructions(study, stage)
        case StageName.WITHDRAWN:
            return _plain("You have withdrawn", "Nothing of you is kept. Thank you for your time.")
        case StageName.FULL:
            return _plain("This study is full", "Enough people have taken part. Thank you for coming.")
        case StageName.NOT_OPEN:
            return _plain("This study has not opened yet", stage.text or "Come back with the same link later.")
        case _:
            return _plain("This study is closed", stage.text or "It takes no more answers. Thank you for coming.")


def done(completion: Completion, told: Sequence[Sequence[str]]) -> str:
    """The page at the end: every answer is stored.

    Args:
        completion: code and address to go back to, where the study has them.
        told: titles of the arms of each pair, left before right, where the study tells them after the session.
    """
    code = (
        f'<p>Your completion code:</p><p class="code" id="completion-code">{escape(completion.code)}</p>'
        if completion.code
        else ""
    )
    back = (
        f'<div class="actions"><a class="button primary" id="completion-link" href="{escape(completion.redirect)}">'
        "Finish and go back</a></div>"
        if completion.redirect
        else ""
    )
    answers = f"{completion.votes} {'answer is' if completion.votes == 1 else 'answers are'} stored."
    shown = "".join(f"<li>{escape(' / '.join(titles))}</li>" for titles in told)
    reveal = f"<details><summary>What you saw, left / right</summary><ol>{shown}</ol></details>" if told else ""
    return f'<h2 tabindex="-1">Thank you, that was all</h2><p>{answers}</p>{code}{back}{reveal}'


def declined() -> str:
    """The page for somebody who does not consent: nothing was stored."""
    return _plain(
        "You have not taken part",
        "Nothing was stored. You may close this page, or go back if you change your mind.",
        '<button type="button" data-act="resume">Back</button>',
    )


def withdrawn(deleted: int) -> str:
    """The page after a withdrawal."""
    answers = f"{deleted} {'answer is' if deleted == 1 else 'answers are'} deleted"
    return _plain("You have withdrawn", f"{answers}; nothing of you is kept. Thank you for your time.")


def feedback(right: bool | None, sentence: str) -> str:
    """What follows a training trial."""
    verdict = {True: "Right.", False: "Not quite.", None: ""}[right]
    return (
        f'<div class="told"><p><strong>{verdict}</strong> {escape(sentence)}</p>'
        '<button type="button" class="primary" data-go>Continue</button></div>'
    )


def revealed(choice: Choice, titles: Sequence[str]) -> str:
    """What the pictures were, after the vote."""
    words = {
        Choice.LEFT: "You chose the left one.",
        Choice.RIGHT: "You chose the right one.",
        Choice.TIE: "You called it a tie.",
        Choice.BOTH_BAD: "You found both bad.",
        Choice.NOT_SURE: "You were not sure.",
        Choice.SKIP: "You skipped this one.",
        Choice.REAL: "You called it real.",
        Choice.FAKE: "You called it fake.",
    }
    sides = ("Left", "Right") if len(titles) > 1 else ("It was",)
    told = "".join(
        f"<p>{side}: <strong>{escape(title)}</strong></p>" for side, title in zip(sides, titles, strict=True)
    )
    return f'<div class="told"><p>{words[choice]}</p>{told}</div>'


def prose(text: str) -> str:
    """A study's own text as paragraphs, which blank lines part; points of a list keep their lines; no markup."""
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    joined = (WRAPPED.sub(" ", part) for part in paragraphs)
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in joined)


def _consent(study: Study, stage: Stage) -> str:
    return f"""<h2 tabindex="-1">{escape(study.title)}</h2>
{prose(stage.text)}
<details><summary>What is kept</summary>{prose(study.privacy or PRIVACY)}</details>
<p class="note">About {study.expected_minutes:.0f} min. You may stop at any time; <em>Withdraw</em> deletes your
answers.</p>
<div class="actions"><button type="button" class="primary" data-act="consent">I agree, take part</button>
<button type="button" data-act="decline">I do not agree</button></div>"""


def _instructions(study: Study, stage: Stage) -> str:
    trials = len(study.session.training)
    some = "one practice trial comes first" if trials == 1 else f"{trials} practice trials come first"
    practice = f"<p>{some.capitalize()}; you are told whether you were right.</p>" if trials else ""
    keys = "".join(
        f"<li><kbd>{key.upper()}</kbd> {label}</li>"
        for label, key in (ANSWERS[Choice(one)][:2] for one in study.choices)
    )
    zoom = "" if study.session.exposure_ms else "<li><kbd>Z</kbd>, or a click on a picture: look closer</li>"
    exposure = (
        "<p>Each picture is shown for a moment only: look at the dot in the middle, then answer.</p>"
        if study.session.exposure_ms
        else ""
    )
    return f"""<h2 tabindex="-1">How it works</h2>
{prose(stage.text)}{exposure}{practice}
<details open class="keys"><summary>Keys</summary><ul>{keys}{zoom}</ul></details>
<div class="actions"><button type="button" class="primary" data-act="instructed">Begin</button></div>"""


def _paused() -> str:
    return (
        '<h2 tabindex="-1">Paused</h2><p>Your answers are stored. Go on whenever you like, today or another day: '
        "the same link in this browser brings you back to this place.</p>"
        '<div class="actions"><button type="button" class="primary" data-act="resume">Go on</button></div>'
    )


def _plain(title: str, text: str, action: str = "") -> str:
    actions = f'<div class="actions">{action}</div>' if action else ""
    return f'<h2 tabindex="-1">{escape(title)}</h2>{prose(text)}{actions}'
