"""What runs on the cluster: replicas of the engine, and the states of paintings, which outlive a replica."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import tempfile
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray
from cachetools import LRUCache
from ray import serve

from serving.cluster.calls import HEAVY, Begun, Call, File, Refusal
from serving.engine.errors import EngineError
from serving.engine.sampling import Samples
from serving.engine.watched import WatchedEngine

if TYPE_CHECKING:
    from models.style.frames import State

BATCH = 16  # requests for samples that are drawn in one pass
BATCH_WAIT_S = 0.002  # for others to come
MOST_TOGETHER = 256  # pictures in one pass
STATES = "just-look-painting-states"
STATES_ROOM = 512 * 2**20  # bytes
END = object()


class Replica:
    """One engine. It answers any call of the contract, several at once; samples are drawn together.

    What takes seconds has as many threads as the replica has cores: more would take the cores of other replicas, and a
    sample would wait for them all. What takes milliseconds goes past it.

    Args:
        threads: for what takes seconds.
        warm: load the networks before the first call.
        stuck_s: seconds after which a call that has not come back counts as stuck.
    """

    def __init__(self, *, threads: int, warm: bool, stuck_s: float) -> None:
        from serving.local import LocalEngine
        from serving.local.painting_states import GONE, PaintingStates

        states = kept_states()

        class Shared(PaintingStates):
            """States that another replica can go on from."""

            def keep(self, handle: str, state: State) -> None:
                ray.get(states.keep.remote(handle, pickle.dumps(state)))

            def get(self, handle: str) -> State:
                content = ray.get(states.get.remote(handle))
                if content is None:
                    raise EngineError(GONE)
                return pickle.loads(content)  # noqa: S301 - a replica of ours wrote it

            def drop(self, handle: str) -> None:
                states.drop.remote(handle)

        self._engine = WatchedEngine(LocalEngine(states=Shared()), bound_s=stuck_s)
        self._heavy = ThreadPoolExecutor(threads, thread_name_prefix="heavy")
        if warm:
            threading.Thread(target=self._engine.warm_up, name="warm-up", daemon=True).start()

    def check_health(self) -> None:
        """Ray asks this again and again, and starts the replica anew where it raises.

        Raises:
            UnavailableError: a call has not come back for minutes.
        """
        self._engine.check()

    async def answer(self, call: Call) -> Any:
        """The value of a property or method."""
        return await self._in_thread(call, self._answer, call)

    @serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=BATCH_WAIT_S)
    async def sample(self, calls: list[Call]) -> list[Samples | Refusal]:
        """What `sample` answers to several calls, drawn in as few passes as there are snapshots."""
        return await self._in_thread(calls[0], self._samples, calls)

    async def stream(self, call: Call) -> AsyncIterator[Any]:
        """What a generator yields, after `Begun`; closing it closes the generator before its next step."""
        with contextlib.ExitStack() as folder:
            try:
                target = None
                if call.file is not None:
                    place = Path(folder.enter_context(tempfile.TemporaryDirectory()))
                    target = place / f"target{call.options['target'].suffix}"
                    source = place / f"source{call.file.suffix}"
                    await asyncio.to_thread(source.write_bytes, call.file.content)
                    call = replace(call, options={**call.options, "source": source, "target": target})
                steps = await self._in_thread(call, self._call, call)
            except EngineError as error:
                yield Refusal.of(error)
                return
            try:
                yield Begun()
                while (step := await self._in_thread(call, _next, steps)) is not END:
                    yield step
                if target is not None and target.is_file():
                    yield File(await asyncio.to_thread(target.read_bytes), target.suffix)
            except EngineError as error:
                yield Refusal.of(error)
            finally:
                await asyncio.shield(self._in_thread(call, _close, steps))

    async def _in_thread(self, call: Call, work: Callable[..., Any], *arguments: Any) -> Any:
        threads = self._heavy if call.name in HEAVY else None  # None: the loop's own, a few more than there are cores
        return await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)

    def _call(self, call: Call) -> Any:
        value = getattr(self._engine, call.name)
        return value(**call.options) if callable(value) else value

    def _answer(self, call: Call) -> Any:
        try:
            if call.file is None:
                return self._call(call)
            with tempfile.NamedTemporaryFile(suffix=call.file.suffix) as source:
                source.write(call.file.content)
                source.flush()
                return self._call(replace(call, options={**call.options, "source": source.name}))
        except EngineError as error:
            return Refusal.of(error)

    def _samples(self, calls: list[Call]) -> list[Samples | Refusal]:
        together: dict[tuple[str, int], list[int]] = defaultdict(list)
        for place, call in enumerate(calls):
            together[call.options["model"], call.options["step"]].append(place)
        answers: dict[int, Samples | Refusal] = {}
        for (model, step), places in together.items():
            for some in _passes(places, [calls[place].options["count"] for place in places]):
                draws = [(calls[place].options["seed"], calls[place].options["count"]) for place in some]
                try:
                    drawn: list[Samples] | list[Refusal] = self._engine.sample_together(model, step=step, draws=draws)
                except EngineError as error:
                    drawn = [Refusal.of(error)] * len(some)
                answers.update(zip(some, drawn, strict=True))
        return [answers[place] for place in range(len(calls))]


class KeptStates:
    """The states of all paintings as bytes; the least recently used make room."""

    def __init__(self) -> None:
        self._kept: LRUCache[str, bytes] = LRUCache(STATES_ROOM, getsizeof=lambda state: min(STATES_ROOM, len(state)))

    def keep(self, handle: str, state: bytes) -> None:
        """Keep a state under a handle."""
        self._kept[handle] = state

    def get(self, handle: str) -> bytes | None:
        """The state of a handle, if it is still kept."""
        return self._kept.get(handle)

    def drop(self, handle: str) -> None:
        """Forget a state."""
        self._kept.pop(handle, None)


def kept_states() -> Any:
    """The one actor that keeps the states; started where there is none."""
    options: dict[str, Any] = {"name": STATES, "lifetime": "detached", "num_cpus": 0, "max_restarts": -1}
    return ray.remote(KeptStates).options(get_if_exists=True, **options).remote()


def _passes(places: list[int], counts: list[int]) -> Iterator[list[int]]:
    """The places in groups of at most `MOST_TOGETHER` pictures, or of one."""
    group: list[int] = []
    pictures = 0
    for place, count in zip(places, counts, strict=True):
        if group and pictures + count > MOST_TOGETHER:
            yield group
            group, pictures = [], 0
        group.append(place)
        pictures += count
    yield group


def _next(steps: Iterator[Any]) -> Any:
    return next(steps, END)  # StopIteration can't cross from a thread into a coroutine


def _close(steps: Any) -> None:
    with contextlib.suppress(ValueError):  # a step of it still runs: its thread ends, and then it is collected
        steps.close()
