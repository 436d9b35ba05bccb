"""Which cluster runs the replicas, and what each gets (`JUST_LOOK_CLUSTER`, `JUST_LOOK_REPLICA_CPUS`, …)."""

from __future__ import annotations

import os
from dataclasses import dataclass

from serving.engine.workers import replicas


@dataclass(frozen=True)
class ClusterSettings:
    """What a deployment asks of the cluster.

    Attributes:
        address: of the cluster: "local" starts one in this process, "auto" finds that of this machine.
        fewest: replicas at least.
        most: replicas at most; with more than `fewest` the cluster adds some under load, and takes them away.
        cpus: cores, and threads, of each replica.
        gpus: share of a GPU that each replica gets.
        stuck_s: seconds after which a replica whose call has not come back is started anew.
    """

    address: str
    fewest: int
    most: int
    cpus: float
    gpus: float
    stuck_s: float = 300.0


def settings() -> ClusterSettings:
    """Read the settings.

    Raises:
        ValueError: one of them has another form.
    """
    fewest, most = replicas()
    numbers = {}
    for name, default in (
        ("JUST_LOOK_REPLICA_CPUS", "1"),
        ("JUST_LOOK_REPLICA_GPUS", "0"),
        ("JUST_LOOK_STUCK_SECONDS", str(ClusterSettings.stuck_s)),
    ):
        try:
            numbers[name] = float(os.environ.get(name) or default)
        except ValueError:
            raise ValueError(f"{name}: {os.environ[name]!r} is no number such as 0.5.") from None
    return ClusterSettings(
        address=os.environ.get("JUST_LOOK_CLUSTER", "local"),
        fewest=fewest,
        most=most,
        cpus=numbers["JUST_LOOK_REPLICA_CPUS"],
        gpus=numbers["JUST_LOOK_REPLICA_GPUS"],
        stuck_s=numbers["JUST_LOOK_STUCK_SECONDS"],
    )
