"""The engine as the page's process sees it: each call goes to a replica on the cluster. Imports no torch."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from inspect import signature
from pathlib import Path
from typing import Any

import ray
from ray import serve
from ray.exceptions import RayActorError, RayError
from ray.serve.config import RequestRouterConfig
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError
from ray.serve.handle import DeploymentHandle

from serving.cluster.calls import METHODS, PROPERTIES, STREAMS, Begun, Call, File, Refusal
from serving.cluster.replicas import Replica, kept_states
from serving.cluster.routing import FewestCalls
from serving.cluster.settings import ClusterSettings, settings
from serving.engine import Engine
from serving.engine.errors import UnavailableError

ROOT = Path(__file__).parents[2]
NAMESPACE = "just-look"
MANY, ONE = "just-look", "just-look-live"  # Serve's applications: any replica, and the one that trains live
AT_ONCE = 16  # calls that a replica works at
WAITING = 256  # calls that wait for a replica; more are refused at once
TRIES = 3  # of a call whose replica was lost
ANSWER_S = 600
CONSTANT = {"generators", "welcomes_guests", "judged", "remembered", "translators"}  # asked for with every request
RESUMED = {"paint", "reconstruct"}  # go on from their last frame when their replica is lost
LOST = "The machine that worked on this was lost. Start it again."
BUSY = "All machines are busy just now. Try again in a moment."
GONE = (RayActorError, DeploymentUnavailableError)


class ClusterEngine:
    """Keeps `serving.engine.Engine`: every attribute of the contract is answered by a replica.

    Replicas that run already are used as they are; `python -m serving.cluster deploy` puts today's code there.
    A call whose replica is lost is made again elsewhere. A painting goes on from its last frame; any other stream ends
    with a sentence. Closing a stream stops its work on the replica.

    Args:
        chosen: the cluster, and how much of it to use; the settings of the environment by default.
    """

    def __init__(self, chosen: ClusterSettings | None = None) -> None:
        chosen = chosen or settings()
        connect(chosen)
        self._own = chosen.address == "local"
        if not {MANY, ONE} <= serve.status().applications.keys():
            deploy(chosen)
        self._handles = {name: serve.get_app_handle(name) for name in (MANY, ONE)}
        self._constant = cache(lambda name: self._ask(Call(name)))

    def __getattr__(self, name: str) -> Any:
        if name in PROPERTIES:
            return self._constant(name) if name in CONSTANT else self._ask(Call(name))
        if name in CONSTANT:
            return partial(self._constant, name)
        if name in STREAMS:
            return partial(self._stream, name)
        if name in METHODS:
            return partial(self._method, name)
        raise AttributeError(f"the engine has no {name!r}")

    def close(self) -> None:
        """See `Engine.close`: a cluster that this process started ends, with its replicas; any other goes on."""
        if self._own:
            shut_down()
        else:
            ray.shutdown()

    def _method(self, name: str, /, *arguments: Any, **options: Any) -> Any:
        return self._ask(_call(name, arguments, options))

    def _stream(self, name: str, /, *arguments: Any, **options: Any) -> Iterator[Any]:
        call = _call(name, arguments, options)
        steps, begun = self._begin(call)
        return self._steps(call, steps, begun)

    def _handle(self, call: Call) -> DeploymentHandle:
        return self._handles[ONE if call.stays else MANY]

    def _ask(self, call: Call) -> Any:
        handle = self._handle(call)
        method = handle.sample if call.name == "sample" else handle.answer
        answer = _again(lambda: method.remote(call).result(timeout_s=ANSWER_S), tries=1 if call.stays else TRIES)
        if isinstance(answer, Refusal):
            raise answer.error()
        return answer

    def _begin(self, call: Call) -> tuple[Any, Any]:
        """Start a stream, and wait for its first answer: what can't be done is refused at once."""

        def begin() -> tuple[Any, Any]:
            steps: Any = self._handle(call).options(stream=True).stream.remote(call)
            return steps, next(iter(steps))

        steps, first = _again(begin, tries=1 if call.stays else TRIES)
        if isinstance(first, Refusal):
            raise first.error()
        return steps, first

    def _steps(self, call: Call, steps: Any, begun: Any) -> Iterator[Any]:
        assert isinstance(begun, Begun)
        last = None
        for left in reversed(range(TRIES)):
            try:
                for step in steps:
                    if isinstance(step, Refusal):
                        raise step.error()
                    if isinstance(step, File):
                        call.options["target"].write_bytes(step.content)
                    else:
                        last = step
                        yield step
                return
            except GONE as error:
                if call.name not in RESUMED or not left:
                    raise UnavailableError(LOST) from error
            finally:
                steps.cancel()
            if last is not None:
                call = replace(call, options={**call.options, "resume": last.resume})
            steps, _ = self._begin(call)


def connect(chosen: ClusterSettings) -> None:
    """Join the cluster, or start one on this machine; once for a process.

    Raises:
        ConnectionError: no cluster answers at the address.
    """
    if ray.is_initialized():
        return
    environment = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.5",  # Ray's own 0.1 takes 3 % of a core while nobody asks
    }
    own = chosen.address == "local"
    ray.init(
        None if own else chosen.address,
        num_cpus=max(os.cpu_count() or 1, math.ceil(chosen.most * chosen.cpus)) if own else None,  # or some would wait
        namespace=NAMESPACE,
        runtime_env={"env_vars": environment},
        include_dashboard=False if own else None,
        log_to_driver=False,
        configure_logging=False,
    )


def deploy(chosen: ClusterSettings) -> None:
    """Run the replicas; where some run already, these take their place one by one, without a break."""
    serve.start(http_options={"location": "NoServer"})  # the page is served by Gradio
    kept_states()
    threads = max(1, round(chosen.cpus))
    environment = {"PYTHONPATH": str(ROOT), **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))}
    resources = {"num_cpus": chosen.cpus, "num_gpus": chosen.gpus, "runtime_env": {"env_vars": environment}}
    number: dict[str, Any] = {"num_replicas": chosen.fewest}
    if chosen.most > chosen.fewest:
        number = {
            "autoscaling_config": {
                "min_replicas": chosen.fewest,
                "max_replicas": chosen.most,
                "target_ongoing_requests": 2,
                "upscale_delay_s": 10,  # Ray's own 30 is long for somebody who waits
            }
        }
    router: Any = f"{FewestCalls.__module__}:{FewestCalls.__name__}"
    common: dict[str, Any] = {
        "max_ongoing_requests": AT_ONCE,
        "max_queued_requests": WAITING,
        "health_check_period_s": 10,
        "health_check_timeout_s": 60,  # a painting may keep every core for a while
        "graceful_shutdown_timeout_s": 20,
        "request_router_config": RequestRouterConfig(request_router_class=router),
    }
    deployment: Any = serve.deployment(Replica)  # ray types it as a decorator
    many = deployment.options(name="replica", ray_actor_options=resources, **number, **common)
    live = deployment.options(name="live", num_replicas=1, ray_actor_options={**resources, "num_cpus": 0}, **common)
    serve.run_many(
        [
            serve.RunTarget(
                many.bind(threads=threads, warm=True, stuck_s=chosen.stuck_s), name=MANY, route_prefix=None
            ),
            serve.RunTarget(  # as many threads as calls, for it waits for frames
                live.bind(threads=AT_ONCE, warm=False, stuck_s=chosen.stuck_s), name=ONE, route_prefix=None
            ),
        ]
    )


def _call(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Call:
    """A call with all arguments by name; a `source`, which is a file on this machine, comes along."""
    bound = dict(signature(getattr(Engine, name)).bind(None, *arguments, **options).arguments)
    bound.pop("self")
    source = bound.get("source")
    if source is None:
        return Call(name, bound)
    named = isinstance(source, str | Path)
    content = Path(source).read_bytes() if named else source.read()
    return Call(name, {**bound, "source": None}, File(content, Path(source).suffix if named else ""))


def _again(act: Callable[[], Any], *, tries: int) -> Any:
    """Do something again while its replica is lost."""
    for left in reversed(range(tries)):
        try:
            return act()
        except BackPressureError as error:
            raise UnavailableError(BUSY) from error
        except GONE as error:
            if not left:
                raise UnavailableError(LOST) from error
        except TimeoutError as error:
            raise UnavailableError(BUSY) from error
    raise AssertionError("the last try returns or raises")


def shut_down() -> None:
    """End the replicas, and the cluster where this process started it."""
    if ray.is_initialized():
        with contextlib.suppress(RayError):
            serve.shutdown()
        ray.shutdown()
