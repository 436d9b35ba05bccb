"""Publishing a release as a data set on the Hub."""

from __future__ import annotations

from collections.abc import Mapping

from huggingface_hub import CommitOperationAdd, HfApi

from models.hub import http_errors, repository


class PushError(RuntimeError):
    """The Hub did not take the release; the message says why and what to do."""


def push(
    files: Mapping[str, bytes], repo_id: str, *, title: str, private: bool = False, api: HfApi | None = None
) -> str:
    """Publish the files in one commit, and return its address.

    A data set that exists gets a new commit; files of an earlier release that this one lacks stay in it.

    Args:
        files: content by path.
        repo_id: `organisation/name` of the data set, which is made if it is not there.
        title: of the commit.
        private: whether a new data set is visible to its owners alone.
        api: the Hub; by default the one of huggingface_hub's settings, with its token.

    Raises:
        PushError: the name is malformed, or the Hub refuses or can't be reached.
    """
    try:
        repository.check_name(repo_id, kind="data set")
    except ValueError as error:
        raise PushError(str(error)) from error
    api = api or HfApi()
    try:
        api.create_repo(repo_id, repo_type="dataset", private=private, exist_ok=True)
        done = api.create_commit(
            repo_id=repo_id,
            repo_type="dataset",
            operations=[CommitOperationAdd(path, content) for path, content in sorted(files.items())],
            commit_message=title,
        )
    except Exception as error:  # the client's own and those of its HTTP library, which changes between versions
        raise PushError(f"{api.endpoint} did not take {repo_id}: {http_errors.first_line(error)}") from error
    return str(done.commit_url)
