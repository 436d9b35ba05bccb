"""Who may see a study's results, decided on the server for the page and the API alike.

An owner shows the token of `JUST_LOOK_OWNER_TOKEN`, or is signed in with Hugging Face under a name that the study
lists in `owners` or that `JUST_LOOK_OWNERS` lists for all studies (on a Space, its author by default).
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass

from evaluation.qualitative.study.schema import Study


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Somebody who asks.

    Attributes:
        name: on Hugging Face, as its sign-in told the server; None for anybody else.
        trusted: showed the owner's token.
    """

    name: str | None = None
    trusted: bool = False

    @property
    def owns_all(self) -> bool:
        """Whether every study is theirs."""
        return self.trusted or (self.name is not None and self.name in _site_owners())

    def owns(self, study: Study) -> bool:
        """Whether a study is theirs."""
        return self.owns_all or (self.name is not None and self.name in study.owners)

    def may_see(self, study: Study) -> bool:
        """Whether a study's results are for their eyes.

        A session that still runs is never public unless its file says so in as many words: what the arms are, and
        which is ahead, would reach those who are still rating.
        """
        if self.owns(study):
            return True
        if study.casual or study.state() == "closed":
            return study.results != "owner"
        return study.results == "public" and "results" in study.model_fields_set


def viewer(token: str | None, name: str | None = None) -> Viewer:
    """Tell who asks, from what they show.

    Args:
        token: typed in or sent by a script; compared in constant time.
        name: from `gr.OAuthProfile`, never from the caller.
    """
    secret = os.environ.get("JUST_LOOK_OWNER_TOKEN", "")
    shown = token if isinstance(token, str) else ""
    trusted = bool(secret) and hmac.compare_digest(shown.encode("utf-8", "replace"), secret.encode())
    return Viewer(name=name, trusted=trusted)


def _site_owners() -> set[str]:
    listed = os.environ.get("JUST_LOOK_OWNERS") or os.environ.get("SPACE_AUTHOR_NAME", "")
    return {name.strip() for name in listed.split(",") if name.strip()}
