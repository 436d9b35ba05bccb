"""HTML for owners: signing in, the list of studies, adding and closing a study."""

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
    """A study and the counts of its answers.

    Attributes:
        study: the study.
        answers: number of stored answers.
        raters: number of raters who gave them.
        excluded: number of answers that do not count: flagged ones, checks and practice.
    """

    study: Study
    answers: int
    raters: int
    excluded: int


def sign_in(why: str, *, target: str, name: str | None) -> str:
    """The page for viewers who are not signed in, or not as the owner.

    Args:
        why: what the viewer may not see, in a sentence.
        target: name of the study whose results were asked for; "" for the list of studies.
        name: the viewer's name on Hugging Face; None if not signed in.
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
        # In a new tab: a Space is shown in a frame, and Hugging Face does not allow its sign-in page in frames.
        with_account = (
            f'<p><a class="button" href="{_route("login/huggingface", target)}" target="_blank">'
            "Sign in with Hugging Face</a></p>"
        )
    nothing = (
        ""
        if with_token or with_account
        else '<p class="note">Nobody can sign in yet: set JUST_LOOK_OWNER_TOKEN, or hf_oauth on a Space.</p>'
    )
    return (
        f'<h2>Results</h2><p>{escape(why)}</p>{with_account}{with_token}{nothing}<p data-part="message" '
        'role="status"></p>'
    )


def back(name: str | None, study: str) -> str:
    """The links from a study to the list of studies and to signing out."""
    return f'<p class="note"><a href="?results=">All studies</a>{_signed_in(name, study)}</p>'


def ways(study: Study) -> str:
    """The links from a study's results to voting in it, while it is open, and to the rest of the app."""
    vote = f'<a href="?study={study.name}">Vote in this study</a> ' if study.state() == "open" else ""
    return f'<p class="note ways">{vote}<a href="?tab=just-look">All studies that are open</a></p>'


def page(lines: Sequence[Line], *, name: str | None, form: str, copies: str) -> str:
    """The list of an owner's studies.

    Args:
        lines: the studies.
        name: the owner's name on Hugging Face; None if not signed in there.
        form: HTML of the form for a new study; "" for owners who may not add studies.
        copies: where else answers are stored, in one or two sentences.
    """
    rows = "".join(_row(line) for line in lines)
    upload = (
        f"""<h3>Write a study</h3>{form}<h3>Add a study from its file</h3><form data-form="upload">
<label>Study file (.toml) <input type="file" name="study" accept=".toml" required></label>
<label>Pictures (.zip, if the study names any) <input type="file" name="pictures" accept=".zip"></label>
<button>Upload</button></form>"""
        if form
        else ""
    )
    return (
        '<h2>Your studies</h2><p data-part="message" role="status"></p>'
        '<div class="scroll" tabindex="0" role="group" aria-label="Studies"><table><thead><tr><th>Study</th><th>State'
        "</th><th>Raters</th><th>Answers</th><th>Not counted</th><th>Links</th><th></th></tr></thead>"
        f'<tbody>{rows}</tbody></table></div><p class="note">{escape(copies)}{_signed_in(name, "")}</p>{upload}'
    )


def _row(line: Line) -> str:
    study = line.study
    state = study.state()
    close = f'<button type="button" class="quiet" data-close="{study.name}">Close</button>' if state != "closed" else ""
    return (
        f"<tr><td>{escape(study.title)}</td><td>{STATES[state]}</td><td>{line.raters:,}</td><td>{line.answers:,}</td>"
        f'<td>{line.excluded:,}</td><td><a href="?study={study.name}">take part</a> · '
        f'<a href="?results={study.name}">results</a></td><td class="action">{close}</td></tr>'
    )


def _signed_in(name: str | None, target: str) -> str:
    return "" if name is None else f" · Signed in as {escape(name)}. {_sign_out(target)}"


def _sign_out(target: str) -> str:
    return f'<a href="{_route("logout", target)}">Sign out</a>'


def _route(route: str, target: str) -> str:
    """The address of a route that Gradio adds on a Space; it leads back to the results page of `target`."""
    return f"{route}?_target_url={quote(f'/?results={target}', safe='')}"


def _oauth() -> bool:
    return bool(os.environ.get("OAUTH_CLIENT_ID"))
