"""The requests of one visitor, made as the page's script and Gradio's clients make them, and what came back."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.app_http import last_event
from benchmarks.serve.log import TRACEBACK

BUSY = httpx.codes.SERVICE_UNAVAILABLE


@dataclass
class Replies:
    """What all visitors got.

    Attributes:
        seconds: by kind of request, of each that was answered as it should be.
        busy: seconds until each refusal because the app is busy (503 with a sentence, or the panel's own value).
        failed: by kind and reason: 5xx that are no refusal, errors without a sentence, connections that broke.
        refused: by sentence: what the app says about a visitor's own values.
        tracebacks: answers with a traceback.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    busy: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tracebacks: int = 0

    @property
    def answered(self) -> int:
        """How many requests were answered as they should be."""
        return sum(len(seconds) for seconds in self.seconds.values())


class NoAnswerError(RuntimeError):
    """A request got no answer at the moment; it is counted in the replies already."""


class FinalRefusalError(NoAnswerError):
    """The app does not take this request; sending it again would change nothing."""


class Visitor:
    """Somebody with an address of their own, behind the proxy that the app trusts.

    Args:
        client: of the app's root address.
        defaults: by action, its default values in their order (see `defaults`).
        replies: where the answers are counted.
        number: chooses the network address, 0 to 65,535.
    """

    def __init__(
        self, client: httpx.AsyncClient, defaults: Mapping[str, dict[str, Any]], replies: Replies, number: int
    ) -> None:
        self.replies, self.number = replies, number
        self._client, self._defaults = client, defaults
        # 198.18.0.0/15 is set aside for benchmarks (RFC 2544)
        self._headers = {"X-Forwarded-For": f"198.18.{number // 256}.{number % 256}"}

    async def run(self, kind: str, action: str, *data: Any) -> Any:
        """Call an action in one request, as the page's script votes; return its first value."""
        begun = time.perf_counter()
        reply = await self._request(kind, "POST", f"/gradio_api/run/{action}", json={"data": data})
        value = reply.json()["data"][0]
        if isinstance(value, dict) and (sentence := value.get("unavailable")):
            if value.get("busy"):
                self.replies.busy.append(time.perf_counter() - begun)
                raise NoAnswerError(sentence)
            self.replies.failed[f"{kind}: unavailable: {sentence}"] += 1
            raise NoAnswerError(sentence)
        if isinstance(value, dict) and (sentence := value.get("refused")):
            self.replies.refused[f"{kind}: {sentence}"] += 1
            raise FinalRefusalError(sentence)
        self.replies.seconds[kind].append(time.perf_counter() - begun)
        return value

    async def call(self, kind: str, action: str, **changed: Any) -> list[Any]:
        """Call an action through its queue, as scripts do, wait for the result and return its values."""
        begun = time.perf_counter()
        values = list(({**self._defaults[action], **changed}).values())
        reply = await self._request(kind, "POST", f"/gradio_api/call/{action}", json={"data": values})
        stream = await self._request(kind, "GET", f"/gradio_api/call/{action}/{reply.json()['event_id']}")
        name, data = last_event(stream.text)
        if name == "complete":
            self.replies.seconds[kind].append(time.perf_counter() - begun)
            return data
        sentence = data.get("error") if isinstance(data, dict) else data
        if isinstance(sentence, str) and sentence:
            self.replies.refused[f"{kind}: {sentence}"] += 1
        else:
            self.replies.failed[f"{kind}: an error without a sentence ({name} {data!r:.80})"] += 1
        raise NoAnswerError(f"{name} {data}")

    async def get(self, kind: str, path: str) -> httpx.Response:
        """Fetch a page or a file."""
        begun = time.perf_counter()
        reply = await self._request(kind, "GET", path)
        self.replies.seconds[kind].append(time.perf_counter() - begun)
        return reply

    async def upload(self, kind: str, name: str, content: bytes) -> dict[str, Any]:
        """Send a file and return it as the value of an action."""
        begun = time.perf_counter()
        reply = await self._request(kind, "POST", "/gradio_api/upload", files={"files": (name, content)})
        self.replies.seconds[kind].append(time.perf_counter() - begun)
        return {"path": reply.json()[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    async def _request(self, kind: str, method: str, path: str, **options: Any) -> httpx.Response:
        begun = time.perf_counter()
        try:
            reply = await self._client.request(method, path, headers=self._headers, **options)
        except httpx.HTTPError as error:
            self.replies.failed[f"{kind}: {type(error).__name__}"] += 1
            raise NoAnswerError(str(error)) from error
        if TRACEBACK in reply.text:
            self.replies.tracebacks += 1
        if reply.status_code == BUSY and sentence_of(reply):
            self.replies.busy.append(time.perf_counter() - begun)
            raise NoAnswerError(sentence_of(reply))
        if reply.is_server_error:
            self.replies.failed[f"{kind}: {reply.status_code} {reply.text:.120}"] += 1
            raise NoAnswerError(reply.text)
        if reply.is_error:
            self.replies.refused[f"{kind}: {reply.status_code} {sentence_of(reply)}"] += 1
            raise FinalRefusalError(reply.text)
        return reply


async def defaults(client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """The default values of each action that the API lists, None where there is none."""
    info = (await client.get("/gradio_api/info")).raise_for_status().json()
    return {
        action.removeprefix("/"): {
            parameter["parameter_name"]: parameter.get("parameter_default") for parameter in entry["parameters"]
        }
        for action, entry in info["named_endpoints"].items()
    }


def sentence_of(reply: httpx.Response) -> str:
    """The sentence of a refusal; empty where there is none."""
    try:
        content = reply.json()
    except ValueError:
        return ""
    sentence = content.get("detail") or content.get("error") if isinstance(content, dict) else None
    return sentence if isinstance(sentence, str) else ""
