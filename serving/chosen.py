"""Which engine the app runs: in its own process, or on a cluster (`JUST_LOOK_ENGINE`)."""

from __future__ import annotations

import os
from typing import cast

from serving.engine import Engine


def chosen_engine() -> Engine:
    """Start the engine that the setting names: `local` (the default) or `cluster`.

    Raises:
        ValueError: the setting names another.
    """
    name = os.environ.get("JUST_LOOK_ENGINE", "local")
    if name == "cluster":
        from serving.cluster.engine import ClusterEngine  # needs ray, which is an extra

        return cast(Engine, ClusterEngine())
    if name == "local":
        from serving.local import LocalEngine  # needs torch, which the page of a cluster lives without

        return LocalEngine()
    raise ValueError(f"JUST_LOOK_ENGINE: {name!r} is neither local nor cluster.")
