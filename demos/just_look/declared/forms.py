"""The owner's forms on the results page of a study, as HTML; the page's script `results.js` sends them."""

from __future__ import annotations

from html import escape

from demos.just_look.results_words import heading
from evaluation.qualitative.planning.preregistration import Registration
from evaluation.qualitative.store.declarations import Declared
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.wording import counted

_INVITED = (
    "Only you know how many people you asked to take part. The number stands in the methods paragraph and in the "
    "release; without it they say that it is not known."
)
_REGISTER = (
    "The file that “python -m studies preregister” has written. Its digest is checked here and quoted in the methods "
    "paragraph, with the day of the upload. Until the first vote another upload replaces it; after that nothing does."
)
_FREE = (
    "The id of a platform begins one session, in the first browser that comes with it. If that was somebody else, or "
    "the participant has lost that browser, free the id: the link can be opened again and begins anew. The answers "
    "given before stay, and the methods paragraph counts them."
)


def section(study: Study, declared: Declared, registration: Registration | None, *, voted: bool) -> str:
    """The three forms, each folded.

    Args:
        study: the study.
        declared: what its owner declared so far.
        registration: the study's preregistration, if it has one.
        voted: whether somebody has voted, so that a preregistration stays as it is.
    """
    people = "" if declared.invited is None else declared.invited
    invited = (
        f'<label>People invited <input type="text" name="people" maxlength="12" inputmode="numeric" autocomplete="off" '
        f'value="{people}"></label><button>Save</button>'
    )
    if registration is not None and (registration.uploaded is None or voted):
        register = f"<p>Its sha256 is <code>{escape(registration.digest)}</code>. It stays as it is.</p>"
    else:
        register = (
            '<label>Preregistration (.json) <input type="file" name="file" accept=".json" required></label>'
            "<button>Upload</button>"
        )
    freed = f"<p>{counted(len(declared.freed), 'id')} freed so far.</p>" if declared.freed else ""
    free = (
        f'{freed}<label>Participant’s id <input type="text" name="id" maxlength="100" autocomplete="off" required>'
        "</label><button>Free the id</button>"
    )
    return heading("For the owner") + "".join(
        (
            _folded(study, "invited", "How many people were invited?", _INVITED, invited),
            _folded(study, "register", "Preregistration", _REGISTER, register),
            _folded(study, "free", "A participant’s id that somebody else used first", _FREE, free),
        )
    )


def _folded(study: Study, kind: str, title: str, text: str, fields: str) -> str:
    return (
        f'<details><summary>{title}</summary><p class="note">{text}</p>'
        f'<form data-form="{kind}" data-study="{study.name}">{fields}<p data-part="reply" role="status"></p></form>'
        "</details>"
    )
