"""An engine in another process: every call goes over a pipe, whatever it is called.

The proof that `serving.engine.Engine` is complete: nothing of the other process is reachable but what can be pickled,
and an answer that holds a type of torch's is refused.
"""

from __future__ import annotations

import io
import itertools
import multiprocessing
import pickle
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any


class PipeEngine:
    """Forwards every attribute to a `LocalEngine` in a process of its own.

    Methods are called there, and generators run there one item at a time; closing one here closes it there. Errors are
    raised here. Use it in a `with` statement.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._lock = threading.Lock()
        self._process = context.Process(target=serve, args=(there,), daemon=True)
        self._process.start()
        there.close()

    def __enter__(self) -> PipeEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(30)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(30)

    def __getattr__(self, name: str) -> Any:
        kind, value = self._ask("get", name)
        if kind == "value":
            return value

        def call(*args: Any, **options: Any) -> Any:
            kind, value = self._ask("call", name, args, options)
            return self._items(value) if kind == "generator" else value

        return call

    def _items(self, number: int) -> Iterator[Any]:
        try:
            while True:
                kind, value = self._ask("next", number)
                if kind == "end":
                    return
                yield value
        finally:
            self._ask("close", number)

    def running(self) -> int:
        """How many generators the other process holds."""
        return self._ask("running")[1]

    def _ask(self, *request: Any) -> tuple[str, Any]:
        with self._lock:
            self._pipe.send_bytes(pickle.dumps(request))
            kind, value = _Plain(io.BytesIO(self._pipe.recv_bytes())).load()
        if kind == "error":
            raise value
        return kind, value


class _Plain(pickle.Unpickler):
    """Reads what holds no type of torch's, and none of the engine that answers."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "torch" or module.startswith("serving.local"):
            raise pickle.UnpicklingError(f"{module}.{name} crossed the pipe")
        return super().find_class(module, name)


def serve(pipe: Connection) -> None:
    """Answer requests until the other end closes the pipe."""
    from serving.local import LocalEngine

    engine = LocalEngine()
    generators: dict[int, Iterator[Any]] = {}
    numbers = itertools.count()

    def answer(kind: str, *request: Any) -> tuple[str, Any]:
        if kind == "get":
            value = getattr(engine, request[0])
            return ("method", None) if callable(value) else ("value", value)
        if kind == "call":
            name, args, options = request
            value = getattr(engine, name)(*args, **options)
            if not isinstance(value, Iterator):
                return "value", value
            generators[number := next(numbers)] = value
            return "generator", number
        if kind == "running":
            return "value", len(generators)
        if kind == "next":
            try:
                return "item", next(generators[request[0]])
            except StopIteration:
                return "end", None
        generators.pop(request[0]).close()  # type: ignore[attr-defined]
        return "value", None

    while True:
        try:
            request = pickle.loads(pipe.recv_bytes())
        except EOFError:
            return
        try:
            reply = pickle.dumps(answer(*request))
        except Exception as error:
            reply = pickle.dumps(("error", error))
        pipe.send_bytes(reply)
