"""Restyle a photo with a painting: `python examples/restyle_a_photo.py PHOTO PAINTING`."""

import os
import shutil
import sys

from gradio_client import Client, handle_file

photo, painting = sys.argv[1:3]
client = Client(os.environ.get("JUST_LOOK_URL", "http://127.0.0.1:7860"), verbose=False)
before, after = client.predict(
    content=handle_file(photo), style=handle_file(painting), strength=0.8, side=384, api_name="/restyle"
)
shutil.copy(after, "restyled.png")
print("restyled.png")
