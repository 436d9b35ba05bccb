"""The owner's page: sign in, see the studies that run, bring one, close one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from evaluation.qualitative.study.schema import Study

STATES = {"not_yet": "not open yet", "open": "open", "closed": "closed"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A study and what came in so far.

    Attributes:
        study: which study.
        answers: all that are stored; `excluded` of them bear a flag or only check or train.
        raters: who gave them.
        excluded: see `answers`.
    """

    study: Study
    answers: int
    raters: int
    excluded: int


def sign_in(why: str, *, target: str, name: str | None) -> str:
    """The page for somebody who has not shown who they are, or is not the one.

    Args:
        why: a sentence.
        target: the study whose results they came for, "" for all of an owner's.
        name: under which they are signed in with Hugging Face.
    """
    with_token = (
        '<form data-form="token"><label>Owner’s token '
        '<input type="password" name="token" autocomplete="off" required></label><button>Show</button></form>'
        if os.environ.get("JUST_LOOK_OWNER_TOKEN")
        else ""
    )
    with_account = ""
    if name is not None:
        with_account = f"<p>{escape(name)} is not among the owners. {_sign_out(target)}</p>"
    elif _oauth():
        # In a tab of its own: a Space is shown in a frame, in which Hugging Face does not show its sign-in.
        with_account = (
            f'<p><a class="button" href="{_door("login/huggingface", target)}" target="_blank">'
            "Sign in with Hugging Face</a></p>"
        )
    nothing = (
        ""
        if with_token or with_account
        else '<p class="note">The owner sets JUST_LOOK_OWNER_TOKEN, or hf_oauth on a Space.</p>'
    )
    return (
        f'<h2>Results</h2><p>{escape(why)}</p>{with_account}{with_token}{nothing}<p data-part="message" '
        'role="status"></p>'
    )


def back(name: str | None, study: str) -> str:
    """The owner's way from a study to all of them, and out."""
    return f'<p class="note"><a href="?results=">All studies</a>{_signed_in(name, study)}</p>'


def page(lines: Sequence[Line], *, name: str | None, may_upload: bool, journal: str) -> str:
    """All studies of an owner.

    Args:
        name: under which they are signed in with Hugging Face.
        lines: the studies.
        may_upload: whether new ones can be brought.
        journal: where else answers are kept, a sentence.
    """
    rows = "".join(_row(line) for line in lines)
    upload = (
        """<h3>Bring a study</h3><form data-form="upload">
<label>Study file (.toml) <input type="file" name="study" accept=".toml" required></label>
<label>Pictures (.zip, where it names any) <input type="file" name="pictures" accept=".zip"></label>
<button>Upload</button></form>"""
        if may_upload
        else ""
    )
    return (
        '<h2>Your studies</h2><p data-part="message" role="status"></p>'
        '<div class="scroll" tabindex="0" role="group" aria-label="Studies"><table><thead><tr><th>Study</th><th>State'
        "</th><th>Raters</th><th>Answers</th><th>Set aside</th><th>Links</th><th></th></tr></thead>"
        f'<tbody>{rows}</tbody></table></div><p class="note">{escape(journal)}{_signed_in(name, "")}</p>{upload}'
    )


def _row(line: Line) -> str:
    study = line.study
    state = study.state()
    close = f'<button type="button" class="quiet" data-close="{study.name}">Close</button>' if state != "closed" else ""
    return (
        f"<tr><td>{escape(study.title)}</td><td>{STATES[state]}</td><td>{line.raters:,}</td><td>{line.answers:,}</td>"
        f'<td>{line.excluded:,}</td><td><a href="?study={study.name}">take part</a> · '
        f'<a href="?results={study.name}">results</a></td><td>{close}</td></tr>'
    )


def _signed_in(name: str | None, target: str) -> str:
    return "" if name is None else f" · Signed in as {escape(name)}. {_sign_out(target)}"


def _sign_out(target: str) -> str:
    return f'<a href="{_door("logout", target)}">Sign out</a>'


def _door(route: str, target: str) -> str:
    """One of the routes that Gradio adds on a Space, which comes back to the page that it was opened from."""
    return f"{route}?_target_url={quote(f'/?results={target}', safe='')}"


def _oauth() -> bool:
    return bool(os.environ.get("OAUTH_CLIENT_ID"))
