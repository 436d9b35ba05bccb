"""HTML for raters: the rating panel and a page for each stage of a session. It never names an arm before the vote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from demos.just_look import questionnaire_html
from demos.parts import explanation
from evaluation.qualitative.ballot import Choice
from evaluation.qualitative.session.other_votes import Concurrence
from evaluation.qualitative.session.stages import SessionEnd, Stage, StageName
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.wording import counted

# Label, key and place of each answer. The main answers are in one row and have the same size and colour.
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

VOTING = (
    "The two pictures come from different sources, for example real handwriting and a program that learned to draw "
    "digits (a generator). Their names stay hidden until you answer, so that only your eyes decide (a blinded test). "
    "No formula knows better than people which picture looks real: so researchers ask many people to just look "
    "(human evaluation)."
)
RANKING = (
    "Every vote is like a match between two sources, and a tie is half a win for each. All matches together give each "
    "source a score, as for chess players: 1000 is average, and a source with 400 points more than another wins ten "
    "of eleven matches against it. The numbers in brackets are the range in which the score lies if we asked other "
    "people; it is right for 95 of 100 such studies (95 % confidence interval)."
)
PICTURES = {  # what a screen reader calls the pictures of a ballot, by their number
    1: ("The picture",),
    2: ("Left picture", "Right picture"),
    4: ("Picture 1", "Picture 2", "Picture 3", "Picture 4"),
}
GIVEN = ("The photo", "The painting")  # which a study may show beside what was made of them
ENOUGH_FOR_A_SHARE = 10  # other votes; of fewer the page says the number, not a percentage
WRAPPED = re.compile(r"\n(?!\s*(?:[-*•]|\d+[.)])\s)")  # a line break inside a paragraph
REMAINS = "Only a code and the time of your withdrawal stay, so that your link stays closed."
PRIVACY = (
    "Stored: your answers, how long each took, and the id in your link. No name and no account. Of your network "
    "address only a salted hash is stored, which changes every day; it shows whether one person takes part many times."
)


def panel(study: Study, *, below: str = "") -> str:
    """The panel before the first ballot, as large as with it; the page's script fills it.

    Args:
        study: that a visitor without a link votes in.
        below: further sections for such a visitor, as HTML.
    """
    return f"""
<section class="rating" data-study="{study.name}" data-ballot="loading" aria-label="Rating">
  <div class="casual-head only-casual"><label>Compare
    <select data-part="picker"><option>{escape(study.title)}</option></select></label>
    {explanation.html("Voting", VOTING)}</div>
  <div data-part="page" hidden></div>
  <div data-part="board">
    <div data-part="progress" hidden><span></span>
      <div role="progressbar" aria-label="Answered" aria-valuemin="0"><i></i></div></div>
    <p data-part="kicker"></p>
    <h2 data-part="question" id="question">{escape(study.question)}</h2>
    <div class="given" data-part="given"{"" if study.items.show_inputs else " hidden"}></div>
    <div class="pair" data-part="pair" id="ballot"></div>
    <div data-part="reveal" id="reveal" role="status"></div>
    <div data-part="main" id="answers" role="group" aria-label="Answers"></div>
    <div class="beside">
    <div data-part="other" role="group" aria-label="Other answers"></div>
    <details data-part="reason-line" hidden><summary>Say why</summary>
      <input data-part="reason" type="text" maxlength="500" placeholder="Optional"
        aria-label="Why, in your words (optional)">
    </details>
    <button type="button" class="quiet" data-part="change" data-act="change" data-key="c" aria-keyshortcuts="c" hidden>
      Change my last answer<kbd aria-hidden="true">C</kbd></button>
    <button type="button" class="quiet" data-part="keep" data-act="keep" hidden>Keep my answer</button>
    </div>
    <p data-part="message" role="status"></p>
    {invitation()}
    <div class="way-out only-session">
      <button type="button" class="quiet" data-act="pause">Pause</button>
      <button type="button" class="quiet" data-act="link">My link</button>
      <button type="button" class="quiet" data-act="withdraw">Withdraw</button>
      <a class="button quiet" data-part="to-results" hidden>Results so far</a>
    </div>
  </div>
  <template data-part="paused">{_paused()}</template>
  <dialog data-part="link" aria-label="My link">
    <form method="dialog"><h2>Continue on another device</h2>{_own_link()}
      <div class="actions"><button>Close</button></div></form>
  </dialog>
  <dialog data-part="withdraw" aria-label="Withdraw">
    <form method="dialog"><h2>Withdraw from the study?</h2>
      <p>All your answers are deleted at once. This can’t be undone.</p>
      <div class="actions"><button value="stay">Stay</button>
        <button value="leave" data-act="withdrawn">Delete my answers</button></div></form>
  </dialog>
  <div class="only-casual">{explanation.heading("Ranking so far", RANKING, level=2)}
    <div data-part="ranking" id="ranking"></div>
    <details class="more"><summary>All figures and downloads</summary><div class="results"></div></details>
    {below}</div>
</section>
<section class="rating results only-results" aria-label="Results"></section>"""  # noqa: S608 - a <select> of HTML


def invitation() -> str:
    """The note under the pictures before the first vote of a casual visitor."""
    return (
        '<p class="note only-casual" data-part="invitation">After your vote you see where the pictures come from. '
        'A click on a picture<span class="keys">, or <kbd>Z</kbd>,</span> enlarges both.</p>'
    )


def stage(study: Study, stage: Stage) -> str:
    """The page for a stage without a ballot, except the end."""
    match stage.name:
        case StageName.CONSENT:
            return _consent(study, stage)
        case StageName.INSTRUCTIONS:
            return _instructions(study, stage)
        case StageName.QUESTIONS_BEFORE:
            return questionnaire_html.page("Before you begin", study.before)
        case StageName.COMPREHENSION:
            return questionnaire_html.comprehension(study, stage, prose(stage.text))
        case StageName.QUESTIONS_AFTER:
            return questionnaire_html.page("Almost done", study.asked_after)
        case StageName.NOT_UNDERSTOOD:
            return _plain("Thank you for your interest", stage.text)
        case StageName.WITHDRAWN:
            return _plain("You have withdrawn", f"Your answers are deleted. {REMAINS} Thank you for your time.")
        case StageName.FULL:
            return _plain("This study is full", "Enough people have taken part. Thank you for coming.")
        case StageName.NOT_OPEN:
            return _plain("This study has not opened yet", stage.text or "Come back with the same link later.")
        case _:
            return _plain("This study is closed", stage.text or "It takes no more answers. Thank you for coming.")


def done(end: SessionEnd, revealed: Sequence[Sequence[str]]) -> str:
    """The page at the end of a session.

    Args:
        end: number of stored answers, with the code and the address to go back to, if the study has them.
        revealed: titles of the arms of each ballot, left before right, if the study reveals them after the session.
    """
    code = (
        f'<p>Your completion code:</p><p class="code" id="completion-code">{escape(end.code)}</p>' if end.code else ""
    )
    back = (
        f'<div class="actions"><a class="button primary" id="completion-link" href="{escape(end.redirect)}">'
        "Finish and go back</a></div>"
        if end.redirect
        else ""
    )
    if end.form is not None:
        fields = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in end.form.fields.items()
        )
        back = (
            f'<form class="actions" id="completion-form" method="post" action="{escape(end.form.address)}">{fields}'
            '<button class="primary">Submit the task</button></form>'
        )
    answers = f"{counted(end.votes, 'answer is', 'answers are')} stored."
    titles = "".join(f"<li>{escape(' / '.join(of_ballot))}</li>" for of_ballot in revealed)
    reveal = f"<details><summary>What you saw (left / right)</summary><ol>{titles}</ol></details>" if revealed else ""
    return f'<h2 tabindex="-1">Thank you, that was all</h2><p>{answers}</p>{code}{back}{reveal}'


def no_study(error: str, others: Sequence[Study], *, to: str = "study") -> str:
    """The page for a link to a study that does not exist or can't be read.

    Args:
        error: why, as the library says it.
        others: studies to offer instead.
        to: `study` or `results`: which page of theirs the links open.
    """
    links = "".join(f'<li><a href="?{to}={study.name}">{escape(study.title)}</a></li>' for study in others)
    instead = f"<p>Open one of these instead:</p><ul>{links}</ul>" if links else ""
    return _plain("This study can’t be shown", f"{error[:1].upper()}{error[1:]}.") + instead


def no_session(sentence: str) -> str:
    """The page for a link that opens no session in this browser."""
    return _plain("This link opens no session here", sentence)


def declined() -> str:
    """The page for somebody without consent to take part; no answer was stored."""
    return _plain(
        "You have not taken part",
        "No answer was stored. You may close this page, or go back if you change your mind.",
        '<button type="button" data-act="resume">Back</button>',
    )


def withdrawn(deleted: int) -> str:
    """The page after a withdrawal."""
    answers = f"{counted(deleted, 'answer is', 'answers are')} deleted"
    return _plain("You have withdrawn", f"{answers}. {REMAINS} Thank you for your time.")


def feedback(right: bool | None, sentence: str) -> str:
    """The verdict and the feedback after a practice trial."""
    verdict = {True: "Right.", False: "Not quite.", None: ""}[right]
    return f"<p><strong>{verdict}</strong> {escape(sentence)}</p>{_go('Continue')}"


def chosen(choice: Choice) -> int | None:
    """The place of the picture that an answer prefers, from 0; None where it prefers none."""
    if (places := choice.best_and_worst) is not None:
        return places[0]
    return {Choice.LEFT: 0, Choice.RIGHT: 1}.get(choice)


def revealed(choice: Choice, titles: Sequence[str], agreement: Concurrence | None, *, real: bool | None = None) -> str:
    """What the rater chose and how many others agree, after the vote; the titles of the arms lie on the pictures.

    Args:
        choice: the answer, a judgement: the others reveal nothing.
        titles: of the arms, left before right; read out to those who do not see them on the pictures.
        agreement: the votes of others; None where the answer judges nothing, or its results are not public.
        real: of a single picture, whether it is real.
    """
    sentences = {
        Choice.LEFT: "You chose the left one.",
        Choice.RIGHT: "You chose the right one.",
        Choice.TIE: "You called it a tie.",
        Choice.BOTH_BAD: "You found both bad.",
        Choice.REAL: f"You called it real, {'and it is' if real else 'but it is not'}.",
        Choice.FAKE: f"You called it fake, {'but it is real' if real else 'and it is'}.",
    }
    if (places := choice.best_and_worst) is not None:
        sentence = f"You chose picture {places[0] + 1} as the best and picture {places[1] + 1} as the worst."
    else:
        sentence = sentences[choice]
    sides = {1: ("It was",), 2: ("Left", "Right")}.get(len(titles), PICTURES[4])
    spoken = " ".join(f"{side}: {escape(title)}." for side, title in zip(sides, titles, strict=True))
    following = {1: "Next picture", 2: "Next pair"}.get(len(titles), "Next four")
    pace = (
        '<label class="pace"><input type="checkbox" data-part="pace"> Go on by itself'
        '<span class="hidden-text"> after three seconds</span></label>'
    )
    return f'<p>{sentence} {_agreement(agreement)}<span class="hidden-text">{spoken}</span></p>{_go(following)}{pace}'


def _agreement(agreement: Concurrence | None) -> str:
    """How many others judge as the rater does: a share, where there are enough for one."""
    if agreement is None:
        return ""
    if agreement.votes == 0:
        return "Nobody else has judged these yet. "
    if agreement.votes < ENOUGH_FOR_A_SHARE:
        verb = "agrees" if agreement.agreeing == 1 else "agree"
        return f"{agreement.agreeing} of {counted(agreement.votes, 'other vote')} {verb}. "
    share = f"<strong>{100 * agreement.agreeing / agreement.votes:.0f} %</strong>"
    return f"{share} of {counted(agreement.votes, 'other vote')} agree. "


def _go(label: str) -> str:
    return (
        f'<button type="button" class="primary" data-go>{label}<kbd aria-hidden="true">Enter</kbd>'
        '<i class="clock" aria-hidden="true"></i></button>'
    )


def prose(text: str) -> str:
    """A study's own text as HTML: blank lines separate paragraphs, lists keep their lines, markup is escaped."""
    paragraphs = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    joined = (WRAPPED.sub(" ", part) for part in paragraphs)
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in joined)


def _consent(study: Study, stage: Stage) -> str:
    return f"""<h2 tabindex="-1">{escape(study.title)}</h2>
{prose(stage.text)}
<details><summary>What is stored</summary>{prose(study.privacy or PRIVACY)}</details>
<p class="note">This takes about {_minutes(study.expected_minutes)}. You may stop at any time; the button
<em>Withdraw</em> deletes your answers.{_place(study)}</p>
<details><summary>Continue on another device</summary>{_own_link()}</details>
<div class="actions"><button type="button" class="primary" data-act="consent">I agree, take part</button>
<button type="button" data-act="decline">I do not agree</button></div>"""


def _instructions(study: Study, stage: Stage) -> str:
    trials = len(study.session.training)
    number = counted(trials, "practice question comes", "practice questions come")
    practice = f"<p>{number} first. After each you see whether you were right.</p>" if trials else ""
    keys = "".join(
        f"<li><kbd>{key.upper()}</kbd> {label}</li>"
        for label, key in (ANSWERS[Choice(choice)][:2] for choice in study.choices if choice in ANSWERS)
    )
    if study.protocol == "best_worst":
        keys = f"<li><kbd>1</kbd> to <kbd>4</kbd> the best picture, then the worst</li>{keys}"
    if study.changeable:
        keys += "<li><kbd>C</kbd> change your last answer</li>"
    zoom = "" if study.session.exposure_ms else "<li><kbd>Z</kbd>, or a click on a picture: enlarge</li>"
    exposure = (
        "<p>Each picture is shown only for a moment: look at the dot in the middle, then answer.</p>"
        if study.session.exposure_ms
        else ""
    )
    return f"""<h2 tabindex="-1">How it works</h2>
{prose(stage.text)}{exposure}{practice}
<details open class="keys"><summary>Keys</summary><ul>{keys}{zoom}</ul></details>
<div class="actions"><button type="button" class="primary" data-act="instructed">Begin</button></div>"""


def _place(study: Study) -> str:
    if study.maximum_raters is None:
        return ""
    return f" Your place is kept for {study.place_minutes} minutes without an answer; then somebody else may take it."


def _own_link() -> str:
    """The rater's own link, which the page's script fills in."""
    return (
        '<div class="own-link"><p>Open this link there. It is yours alone: whoever has it answers in your name.</p>'
        '<input type="text" readonly data-own-link aria-label="My link">'
        '<div class="actions"><button type="button" data-act="copy">Copy my link</button></div></div>'
    )


def _minutes(minutes: float) -> str:
    return counted(max(1, round(minutes)), "minute")


def _paused() -> str:
    return (
        '<h2 tabindex="-1">Paused</h2><p>Your answers are stored. Go on whenever you like, today or another day: '
        "the same link in this browser brings you back to this place, as long as the study is open and not full.</p>"
        f"<details><summary>Continue on another device</summary>{_own_link()}</details>"
        '<div class="actions"><button type="button" class="primary" data-act="resume">Go on</button></div>'
    )


def _plain(title: str, text: str, action: str = "") -> str:
    actions = f'<div class="actions">{action}</div>' if action else ""
    return f'<h2 tabindex="-1">{escape(title)}</h2>{prose(text)}{actions}'
