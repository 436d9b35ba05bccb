"""The crowdsourcing platform of a study: the parameters of its links, and how a participant goes back to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from evaluation.qualitative.study.arms import Table

Parameter = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Kind = Literal["prolific", "mturk", "sona", "connect", "other"]

# Each platform's names of the participant, the study and the submission, from its manual for researchers.
NAMES: Mapping[str, tuple[str | None, str | None, str | None]] = {
    "prolific": ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID"),
    "mturk": ("workerId", "hitId", "assignmentId"),
    "sona": ("survey_code", None, None),
    "connect": ("participantId", "projectId", "assignmentId"),
    "other": (None, None, None),
}
RESERVED = ("study", "results", "tab", "kept", "fresh")  # parameters of the app's own links and page
PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"  # Mechanical Turk's assignmentId before a worker accepts the task
SUBMIT_TO = "turkSubmitTo"

_ID = re.compile(r"[\x21-\x7e]{1,100}")
_UNFILLED = re.compile(r"|\{.*\}|\$\{.*\}|\[.*\]|<.*>|%.*%|undefined|null|none|nan", re.IGNORECASE)
_MECHANICAL_TURK = re.compile(r"https://(www|workersandbox)\.mturk\.com/?")


class LinkError(ValueError):
    """A parameter of a participant's link does not look like an id of the platform."""


class Platform(Table):
    """The platform that sends the participants. Its id of a participant names the participant, and opens nothing.

    Attributes:
        kind: decides the names of the parameters, and the way back.
        participant: name of the parameter with the participant's id.
        study: name of the parameter with the platform's id of the study.
        session: name of the parameter with the platform's id of this submission.
        required: take part only by a link of the platform.
    """

    kind: Kind = "prolific"
    participant: Parameter | None = Field(default_factory=lambda data: _names(data)[0])
    study: Parameter | None = Field(default_factory=lambda data: _names(data)[1])
    session: Parameter | None = Field(default_factory=lambda data: _names(data)[2])
    required: bool = False

    @property
    def names(self) -> dict[str, str]:
        """The name of the parameter for each of `participant`, `study` and `session` that the platform has."""
        given = {"participant": self.participant, "study": self.study, "session": self.session}
        return {role: name for role, name in given.items() if name is not None}

    @property
    def placeholders(self) -> list[str]:
        """What a redirect may hold in braces: the parameters by their role or by their name, and the code."""
        return [*("PARTICIPANT", "STUDY", "SESSION"), *self.names.values(), "CODE"]

    def read(self, query: Mapping[str, Any]) -> dict[str, str]:
        """Return the ids in a participant's link by their role, and where Mechanical Turk wants the form.

        Without a participant's id the others mean nothing and are left out, or a link with another submission would
        mark whoever opens it as a duplicate. A placeholder that the platform did not fill in is the same for everybody,
        so all its raters would be one.

        Args:
            query: parameters of the link; others than the platform's are ignored.

        Raises:
            LinkError: a parameter is such a placeholder, longer than 100 characters, or not printable ASCII without
                spaces; or the link only previews the task, or its form would go elsewhere than to Mechanical Turk.
        """
        ids = {role: query[name] for role, name in self.names.items() if name in query}
        if self.kind == "mturk" and ids.get("session") == PREVIEW:
            raise LinkError("This is a preview of the task: accept it on Mechanical Turk, then it begins here.")
        for role, value in ids.items():
            _check(self.names[role], value)
        if self.kind == "mturk" and (address := query.get(SUBMIT_TO)) is not None:
            if not isinstance(address, str) or not _MECHANICAL_TURK.fullmatch(address):
                raise LinkError(
                    f"{SUBMIT_TO} in your link is not an address of Mechanical Turk: open it as you got it."
                )
            ids["submit_to"] = address.rstrip("/")
        return ids if "participant" in ids else {}

    def values(self, ids: Mapping[str, str], *, code: str) -> dict[str, str]:
        """Return the value of each of `placeholders`, "" where the link had none; `ids` is from `read`."""
        by_role = {role: ids.get(role, "") for role in ("participant", "study", "session")}
        by_name = {name: by_role[role] for role, name in self.names.items()}
        return {**{role.upper(): value for role, value in by_role.items()}, **by_name, "CODE": code}

    @model_validator(mode="after")
    def _parameters_fit(self) -> Self:
        names = list(self.names.values())
        if self.participant is None:
            raise ValueError('needs the name of the parameter with the participant\'s id, as in participant = "id"')
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{twice[0]} can't be two parameters at once")
        if own := [name for name in names if name in RESERVED or name == SUBMIT_TO]:
            raise ValueError(f"{own[0]} is a parameter of the app's own links: choose another name")
        return self


def _names(data: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    return NAMES[data.get("kind", "prolific")]


def check_id(name: str, value: Any) -> str:
    """Return an id that is as a platform writes it, without surrounding spaces.

    Args:
        name: what to call it in errors.
        value: from a link or a form.

    Raises:
        LinkError: it is a placeholder, longer than 100 characters, or not printable ASCII without spaces.
    """
    given = value.strip() if isinstance(value, str) else ""
    if not _ID.fullmatch(given) or _UNFILLED.fullmatch(given):
        raise LinkError(f"{name} is not an id of the platform: copy it as the platform shows it.")
    return given


def _check(name: str, value: Any) -> None:
    if value is None or (isinstance(value, str) and _UNFILLED.fullmatch(value.strip())):
        raise LinkError(
            f"The platform has not filled in {name} in this link: its researcher must write the placeholder as the "
            "platform spells it."
        )
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise LinkError(f"{name} in your link is not an id of the platform: open the link as you got it.")
