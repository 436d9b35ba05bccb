"""Draw sixteen digits, then change two latent numbers of one: `python examples/sample_a_generator.py [SEED]`."""

import os
import shutil
import sys

from gradio_client import Client

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 42
client = Client(os.environ.get("JUST_LOOK_URL", "http://127.0.0.1:7860"), verbose=False)
sheet = client.predict(seed=seed, snapshot=6, held=1, api_name="/sample")
moved = client.predict(
    seed=seed, snapshot=6, held=1, indices=[3, 17], z_1=2.5, z_2=-1, z_3=0, z_4=0, api_name="/move_z"
)
shutil.copy(sheet, "sheet.png")
shutil.copy(moved, "moved.png")
print("sheet.png", "moved.png")
