"""Which replica answers a call: of some of them, the one that has the fewest to answer.

Ray's own router asks a replica with each call how many it has, and believes the answer although it has chosen it for
others since: of eight restyles that came at the same moment, one of two replicas got six.
"""

from __future__ import annotations

import random
from collections import defaultdict, deque
from time import monotonic
from typing import Any

from ray.serve.request_router import FIFOMixin, PendingRequest, ReplicaID, RequestRouter, RunningReplica

COMPARED = 8  # replicas for a call
UNHEARD_S = 2.0  # after which a call counts no more that was not sent, or not confirmed


class FewestCalls(FIFOMixin, RequestRouter):
    """Counts the calls for which it has chosen a replica since the one with which the replica last said its number."""

    def initialize_state(self, **_: Any) -> None:
        """Begin with no call."""
        self._chosen: defaultdict[ReplicaID, deque[float]] = defaultdict(deque)  # and not yet sent
        self._sent: defaultdict[ReplicaID, deque[float]] = defaultdict(deque)  # and not yet confirmed

    async def choose_replicas(
        self,
        candidate_replicas: list[RunningReplica],
        pending_request: PendingRequest | None = None,  # noqa: ARG002
    ) -> list[list[RunningReplica]]:
        """Choose a replica for a call."""
        if not candidate_replicas:
            return []
        compared = random.sample(candidate_replicas, min(COMPARED, len(candidate_replicas)))
        fewest = min(compared, key=lambda replica: self._calls(replica.replica_id))
        self._chosen[fewest.replica_id].append(monotonic())
        return [[fewest]]

    def _calls(self, replica: ReplicaID) -> int:
        return (self.replica_queue_len_cache.get(replica) or 0) + _recent(self._chosen[replica])

    def on_send_request(self, replica_id: ReplicaID) -> None:
        """Count a call that is sent."""
        if chosen := self._chosen[replica_id]:
            chosen.popleft()
        self._sent[replica_id].append(monotonic())
        super().on_send_request(replica_id)

    def on_new_queue_len_info(self, replica_id: ReplicaID, num_ongoing_requests: int) -> None:
        """Learn with a call how many the replica has, and add those that were sent after it."""
        if sent := self._sent[replica_id]:
            sent.popleft()
        super().on_new_queue_len_info(replica_id, num_ongoing_requests + _recent(self._sent[replica_id]))

    def update_replicas(self, replicas: list[RunningReplica]) -> None:
        """Learn which replicas there are, and forget the others."""
        there = {replica.replica_id for replica in replicas}
        for times in (self._chosen, self._sent):
            for gone in times.keys() - there:
                del times[gone]
        super().update_replicas(replicas)


def _recent(times: deque[float]) -> int:
    while times and times[0] < monotonic() - UNHEARD_S:
        times.popleft()
    return len(times)
