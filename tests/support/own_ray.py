"""A place for the sessions of a Ray cluster that an app starts, which leaves nothing when the app is killed."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator

import psutil


@contextlib.contextmanager
def own_ray() -> Iterator[dict[str, str]]:
    """Yield environment variables for the app; then end what its cluster left, and remove its files.

    Two of Ray's processes outlive a killed app by minutes.
    """
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as sessions:  # short: names of sockets
        try:
            yield {"RAY_TMPDIR": sessions}
        finally:
            left = [process for process in psutil.process_iter() if _writes_into(process, sessions)]
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(left)


def _writes_into(process: psutil.Process, folder: str) -> bool:
    try:
        return any(file.path.startswith(folder) for file in process.open_files())
    except psutil.Error:
        return False
