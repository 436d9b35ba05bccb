"""Calls that come at the same moment are shared out evenly, whatever a replica last said of itself."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from ray.serve._private.common import DeploymentHandleSource, DeploymentID
from ray.serve.request_router import ReplicaID

from serving.cluster import routing
from serving.cluster.routing import FewestCalls

DEPLOYMENT = DeploymentID(name="replica", app_name="just-look")


class Replicas:
    """A router with replicas, as Ray calls it for calls that are chosen, sent, confirmed and answered."""

    def __init__(self, *names: str) -> None:
        self.router = FewestCalls(DEPLOYMENT, DeploymentHandleSource.PROXY, use_replica_queue_len_cache=True)
        self.router.initialize_state()
        ids = [ReplicaID(name, deployment_id=DEPLOYMENT) for name in names]
        self.replicas: list[Any] = [SimpleNamespace(replica_id=replica) for replica in ids]

    def choose(self) -> ReplicaID:
        [[replica]] = asyncio.run(self.router.choose_replicas(self.replicas))
        return replica.replica_id


def test_calls_of_the_same_moment_are_shared_out_before_one_is_sent():
    replicas = Replicas("a", "b")
    assert set(Counter(replicas.choose() for _ in range(8)).values()) == {4}


def test_a_replica_that_confirms_the_first_of_several_calls_has_all_of_them():
    replicas = Replicas("a", "b")
    first, second = (replica.replica_id for replica in replicas.replicas)
    for _ in range(4):
        replicas.router.on_send_request(first)
    for _ in range(3):
        replicas.router.on_send_request(second)
    replicas.router.on_new_queue_len_info(first, 1)  # the first of four has come there
    assert replicas.choose() == second
    for has in (2, 3, 4):
        replicas.router.on_new_queue_len_info(first, has)
    replicas.router.decrement_queue_len_cache(first)
    replicas.router.decrement_queue_len_cache(first)  # two are answered
    assert replicas.choose() == first


def test_what_another_page_has_sent_counts_as_well():
    replicas = Replicas("a", "b")
    first, second = (replica.replica_id for replica in replicas.replicas)
    replicas.router.on_send_request(first)
    replicas.router.on_new_queue_len_info(first, 6)
    assert [replicas.choose() for _ in range(3)] == [second] * 3


def test_a_call_that_was_never_sent_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    replicas = Replicas("a", "b")
    monkeypatch.setattr(routing, "UNHEARD_S", -1.0)
    for _ in range(5):
        replicas.choose()
    replicas.router.on_send_request(replicas.replicas[0].replica_id)
    assert replicas.choose() == replicas.replicas[1].replica_id


def test_without_a_replica_none_is_chosen_and_one_that_is_gone_leaves_nothing():
    replicas = Replicas("a")
    replicas.choose()
    replicas.router.on_send_request(replicas.replicas[0].replica_id)
    replicas.choose()
    assert replicas.router._sent
    assert replicas.router._chosen

    async def scale_down() -> None:
        replicas.router.update_replicas([])

    asyncio.run(scale_down())
    assert not replicas.router._sent
    assert not replicas.router._chosen
    assert asyncio.run(replicas.router.choose_replicas([])) == []
