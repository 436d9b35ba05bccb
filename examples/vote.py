"""Answer one ballot and print the ranking: `python examples/vote.py`."""

import base64
import os
from pathlib import Path

from gradio_client import Client

client = Client(os.environ.get("JUST_LOOK_URL", "http://127.0.0.1:7860"), verbose=False)
ballot = client.predict(rater="", api_name="/next_ballot")
for side in ("left", "right"):
    Path(f"{side}.png").write_bytes(base64.b64decode(ballot[side].partition(",")[2]))
print(ballot["question"], "- look at left.png and right.png; the answers are", ", ".join(ballot["choices"]))
vote = client.predict(ballot=ballot["ballot"], choice="left", rater=ballot["rater"], api_name="/cast_vote")
print("left was", vote["left"], "and right was", vote["right"])
for row in client.predict(api_name="/ranking"):
    print(f"{row['title']}: score {row['score']}, 95 % interval {row['low']} to {row['high']}, votes: {row['votes']}")
