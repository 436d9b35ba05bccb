"""The name of a repository on the Hub, `organisation/name`."""

from __future__ import annotations

from huggingface_hub.utils import HFValidationError, validate_repo_id


def check_name(repo_id: str, *, kind: str = "repository") -> None:
    """Check a name before the Hub is asked.

    Args:
        repo_id: the name.
        kind: what it should name, for the sentence: data set, Space.

    Raises:
        ValueError: the Hub would refuse it, or it has no owner; the message says what to write.
    """
    try:
        validate_repo_id(repo_id)
    except HFValidationError as error:
        raise ValueError(f"{repo_id!r:.100} names no {kind} on the Hub: {error}") from error
    if "/" not in repo_id:
        raise ValueError(
            f"{repo_id!r:.100} names no {kind} on the Hub, because it names no owner: write organisation/{repo_id:.80}"
        )
