"""Work that Gradio 6.31 does and nobody uses, left out: at the start of the app, and for each new session.

**Apps that never serve.** Each `gr.Blocks` makes a FastAPI app with all routes when it begins, when it ends and when
its queue is set; `launch` makes one more, the only one that serves. Here the others are made if somebody reads them.

**A configuration for each session.** Each session, and each request without one, describes every component of the page
anew, 300 of them; only what events change and what a deep link copies is ever read. Here a component is described when
that is read.

Another version of Gradio stays as it is: look at it before `VERSION` is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import Blocks, BlocksConfig
from gradio.routes import App
from gradio.state_holder import SessionState

VERSION = "6.31.0"
LATER = object()  # stands for an app that nobody has read yet
ONLY = {"mcp_server": False}  # the options of the calls whose app never serves

Key = TypeVar("Key")


def lighten() -> bool:
    """Leave out both; whether this is the version of Gradio that it is written for. A second call changes nothing."""
    if gr.__version__ != VERSION:
        return False
    if not isinstance(vars(Blocks).get("app"), property):
        _make_apps_when_read()
        SessionState.__init__ = _begin_session  # type: ignore[assignment]
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


def _begin_session(session: SessionState, blocks: Blocks) -> None:
    session.blocks_config = copy(blocks.default_config)
    session.config_values = Descriptions(session.blocks_config, blocks.blocks)
    session.state_data = {}
    session._state_ttl = {}
    session.is_closed = False
    session.STATE_TTL_WHEN_CLOSED = 3600


class Descriptions(dict[int, Any]):
    """The components of a session as its page gets them, by their number; each is described when it is read.

    Args:
        config: the session's own.
        described: the components of the page, by number; those that `gr.render` adds later are not among them.
    """

    def __init__(self, config: BlocksConfig, described: Mapping[int, Any]) -> None:
        super().__init__()
        self._config, self._left = config, dict.fromkeys(key for key in config.blocks if key in described)

    def __missing__(self, key: int) -> Any:
        """Describe a component."""
        if key not in self._left:
            raise KeyError(key)
        del self._left[key]
        description = self._config.config_for_block(key, [], self._config.blocks[key])
        super().__setitem__(key, description)
        return description

    def __contains__(self, key: object) -> bool:
        """Whether it is described, or can be."""
        return key in self._left or super().__contains__(key)

    def __setitem__(self, key: int, description: Any) -> None:
        """Describe a component as an event has changed it."""
        self._left.pop(key, None)
        super().__setitem__(key, description)

    def _complete(self) -> None:
        for key in list(self._left):
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
        return super().__len__() + len(self._left)
