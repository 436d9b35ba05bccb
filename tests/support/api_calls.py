"""Calls of the app's queue over plain HTTP, whose streams a test reads as they come."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client

from assets import samples

SECONDS = 300  # for one answer on a loaded machine
PHOTO, PAINTING = (Path(sample.path) for sample in (samples.photos()[0], samples.paintings()[0]))


def usual_values(client: Client, name: str, **changes: Any) -> list[Any]:
    """The values of a call: its defaults, and what differs from them; None where there is no default."""
    parameters = client.view_api(return_format="dict", print_info=False)["named_endpoints"][f"/{name}"]["parameters"]
    values = {parameter["parameter_name"]: parameter.get("parameter_default") for parameter in parameters}
    assert changes.keys() <= values.keys()
    return list((values | changes).values())


def with_pictures(http: httpx.Client, client: Client, name: str, **changes: Any) -> list[Any]:
    """The values of a call of the tab Paint, with the app's own pictures."""
    content, style = (
        http.post("/gradio_api/upload", files={"files": path.open("rb")}).json()[0] for path in (PHOTO, PAINTING)
    )
    pictures = {"content": picture(Path(content)), "style": picture(Path(style))}
    return usual_values(client, name, **pictures, **{"side": 384, **changes})


def picture(path: Path) -> dict[str, object]:
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}}


def begin(http: httpx.Client, name: str, data: object) -> str:
    """Post a call, and return the address of its stream."""
    reply = http.post(f"/gradio_api/call/{name}", json={"data": data})
    assert reply.status_code == 200, reply.text
    return f"/gradio_api/call/{name}/{reply.json()['event_id']}"


def events(http: httpx.Client, address: str) -> Iterator[tuple[str, Any]]:
    """The events of a stream as they come: their kind, and their data."""
    with http.stream("GET", address) as stream:
        kind = ""
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)


def rating(http: httpx.Client, action: str, data: list[Any]) -> dict[str, Any]:
    """What an action of the rating panel answers."""
    reply = http.post(f"/gradio_api/run/rating_{action}", json={"data": data})
    assert reply.status_code == 200, reply.text
    return reply.json()["data"][0]
