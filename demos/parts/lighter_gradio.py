"""Work that Gradio 6.31 does and nobody uses, left out: at the start of the app, for each session and each request.

**Apps that never serve.** Each `gr.Blocks` makes a FastAPI app with all routes when it begins, when it ends and when
its queue is set; `launch` makes one more, the only one that serves. Here the others are made if somebody reads them.

**A configuration for each session.** Each session, and each request without one, describes every component of the page
anew, 300 of them; only what events change and what a deep link copies is ever read. Here a component is described when
that is read, for all sessions at once.

**A thread for each value.** A request goes through another thread for every value that it brings: 28 times before a
photo is restyled, each time as soon as a core and the interpreter are free. Here numbers, choices and texts stay where
they are; pictures and files still go.

**A thread to see who has signed in.** Each request goes through another thread for that, before any other work. With a
thousand visitors three hundred waited there, and votes among them for two seconds.

Another version of Gradio stays as it is: look at it before `VERSION` is raised.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import wraps
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import anyio.to_thread
import gradio as gr
from fastapi import Depends
from gradio import blocks as gradio_blocks
from gradio import routes as gradio_routes
from gradio.blocks import Blocks, BlocksConfig
from gradio.components.api_component import Api
from gradio.routes import App
from gradio.state_holder import SessionState

VERSION = "6.31.0"
LATER = object()  # stands for an app that nobody has read yet
ONLY = {"mcp_server": False}  # the options of the calls whose app never serves
QUICK = {  # components that only look at a value
    *(Api, gr.Checkbox, gr.CheckboxGroup, gr.Dropdown, gr.HTML),
    *(gr.JSON, gr.Number, gr.Radio, gr.Slider, gr.State, gr.Textbox),
}

Key = TypeVar("Key")


def lighten() -> bool:
    """Leave out all of it; whether this is the version of Gradio that it is for. A second call changes nothing."""
    if gr.__version__ != VERSION:
        return False
    if not isinstance(vars(Blocks).get("app"), property):
        _make_apps_when_read()
        SessionState.__init__ = _begin_session  # type: ignore[assignment]
        gradio_routes.Depends = _depends
        gradio_blocks.anyio = SimpleNamespace(to_thread=SimpleNamespace(run_sync=_run_sync))  # type: ignore[assignment]
    return True


def _make_apps_when_read() -> None:
    make: Callable[..., App] = App.create_app

    def create_app(blocks: Blocks, *others: Any, **options: Any) -> Any:
        return LATER if not others and options == ONLY else make(blocks, *others, **options)

    def read(blocks: Blocks) -> App:
        made = vars(blocks).get("app")
        if made is None:
            raise AttributeError("This page has no app yet.")
        if made is LATER:
            made = vars(blocks)["app"] = make(blocks, **ONLY)
        return made

    def write(blocks: Blocks, app: Any) -> None:
        vars(blocks)["app"] = app

    App.create_app = staticmethod(create_app)  # type: ignore[method-assign]
    Blocks.app = property(read, write)  # type: ignore[assignment]


def _depends(dependency: Callable[..., Any] | None = None, **options: Any) -> Any:
    """What FastAPI's `Depends` does, without another thread for the check whether a visitor has signed in."""
    if getattr(dependency, "__name__", "") != "login_check":
        return Depends(dependency, **options)
    check = cast(Callable[..., Any], dependency)

    @wraps(check)
    async def login_check(**visitor: Any) -> Any:
        return check(**visitor)

    return Depends(login_check, **options)


async def _run_sync(function: Callable[..., Any], *values: Any, **options: Any) -> Any:
    """What `anyio.to_thread.run_sync` does, without another thread for a quick component's `preprocess`."""
    if getattr(function, "__name__", "") == "preprocess" and type(getattr(function, "__self__", None)) in QUICK:
        return function(*values)
    return await anyio.to_thread.run_sync(function, *values, **options)


def _begin_session(session: SessionState, blocks: Blocks) -> None:
    session.blocks_config = own = copy(blocks.default_config)
    # 1,300 entries that a session hardly ever changes: what it changes is kept in front of them
    own.blocks = ChainMap({}, blocks.default_config.blocks)  # type: ignore[assignment]
    own.fns = ChainMap({}, blocks.default_config.fns)  # type: ignore[assignment]
    known = vars(blocks).setdefault("described_once", {})
    session.config_values = Descriptions(session.blocks_config, blocks.blocks, known)
    session.state_data = {}
    session._state_ttl = {}
    session.is_closed = False
    session.STATE_TTL_WHEN_CLOSED = 3600


class Descriptions(dict[int, Any]):
    """The components of a session as its page gets them, by their number; each is described when it is read.

    Args:
        config: the session's own.
        described: the components of the page, by number; those that `gr.render` adds later are not among them.
        known: descriptions that all sessions begin with, filled by the first that reads one.
    """

    def __init__(self, config: BlocksConfig, described: Mapping[int, Any], known: dict[int, Any]) -> None:
        super().__init__()
        self._config, self._described, self._known = config, described, known

    def __missing__(self, key: int) -> Any:
        """Describe a component."""
        if key not in self:
            raise KeyError(key)
        description = self._own(key) if self._config.blocks[key] is self._described[key] else self._new(key)
        super().__setitem__(key, description)
        return description

    def _new(self, key: int) -> Any:
        return self._config.config_for_block(key, [], self._config.blocks[key])

    def _own(self, key: int) -> Any:
        """The description that all sessions begin with, for one that may change its value."""
        if key not in self._known:
            self._known[key] = self._new(key)
        known = self._known[key]
        return {**known, "props": {**known["props"]}} if "props" in known else {**known}

    def __contains__(self, key: object) -> bool:
        """Whether it is described, or can be."""
        return super().__contains__(key) or (key in self._described and key in self._config.blocks)

    def _complete(self) -> None:
        for key in self._config.blocks:
            if key in self._described:
                self[key]

    def items(self) -> Any:
        """All of them, with their numbers."""
        self._complete()
        return super().items()

    def values(self) -> Any:
        """All of them."""
        self._complete()
        return super().values()

    def keys(self) -> Any:
        """The numbers of all."""
        self._complete()
        return super().keys()

    def __iter__(self) -> Iterator[int]:
        """The numbers of all."""
        self._complete()
        return super().__iter__()

    def __len__(self) -> int:
        """How many there are."""
        self._complete()
        return super().__len__()
