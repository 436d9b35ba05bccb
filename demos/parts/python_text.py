"""Scripts that bring the picture on the page back, with `gradio_client` and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ORIGIN = "{address of the app}"  # the browser knows it, and puts it in: see brought_back.py
STREAMED = {"paint": "painted.png", "project": "nearest.png"}  # endpoints that stream, and a file for the last picture


def script(
    action: str, arguments: Mapping[str, Any], *, pictures: Mapping[str, str | None] | None = None, answer: str
) -> str:
    """Write the script.

    Args:
        action: name of the endpoint.
        arguments: those that differ from the defaults.
        pictures: arguments that are pictures: a sample's address relative to the app, or None for a file that the
            visitor brought.
        answer: the names that the answer is assigned to; for one that streams, the name of a frame.
    """
    pictures = pictures or {}
    streams, downloads = action in STREAMED, any(pictures.values())
    lines = ["import base64"] if streams else []
    lines += ["from urllib.request import urlretrieve"] if downloads else []
    lines += [""] if lines else []
    lines += [f"from gradio_client import Client{', handle_file' if pictures else ''}", ""]
    lines += [f'app = "{ORIGIN}"']
    lines += ["client = Client(app, verbose=False)"]
    call = [f"    {name}={_picture(name, path)}" for name, path in pictures.items()]
    call += [f"    {name}={value!r}," for name, value in arguments.items()]
    call += [f'    api_name="/{action}",', ")"]
    if streams:
        lines += [f"for {answer} in client.submit(", *call[:-1], "):"]
        lines += [f'    print({answer}["step"], "of", {answer}["steps"])']
        lines += [f'with open("{STREAMED[action]}", "wb") as file:']
        lines += [f'    file.write(base64.b64decode({answer}["picture"].partition(",")[2]))']
    else:
        lines += [f"{answer} = client.predict(", *call, f"print({answer.split(', ')[-1]})"]
    return "\n".join(lines) + "\n"


def _picture(name: str, path: str | None) -> str:
    if path is None:
        return f'handle_file("{name}.jpg"),  # your own picture: put the name of its file here'
    return f'handle_file(urlretrieve(app + "{path}")[0]),'
