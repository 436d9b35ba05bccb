"""Watch a painting by optimisation (Gatys et al., 2016): `python examples/paint_slowly.py PHOTO PAINTING`."""

import base64
import os
import sys
from pathlib import Path

from gradio_client import Client, handle_file

photo, painting = sys.argv[1:3]
client = Client(os.environ.get("JUST_LOOK_URL", "http://127.0.0.1:7860"), verbose=False)
picture = ""
for frame in client.submit(
    content=handle_file(photo), style=handle_file(painting), ratio=4, side=192, steps=10, api_name="/paint"
):
    print(f"step {frame['step']} of {frame['steps']}: loss {frame['total']:.3f}")
    picture = frame["picture"]  # a data URL
head, _, content = picture.partition(",")
target = Path("painting").with_suffix(".jpg" if "jpeg" in head else ".webp" if "webp" in head else ".png")
target.write_bytes(base64.b64decode(content))
print(target)
