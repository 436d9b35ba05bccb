"""Download the votes of a study and count the answers: `python examples/export_votes.py STUDY`.

While a rating session runs, only its owner may read the results: give the token in JUST_LOOK_OWNER_TOKEN.
"""

import collections
import csv
import io
import os
import sys
from pathlib import Path

from gradio_client import Client

client = Client(os.environ.get("JUST_LOOK_URL", "http://127.0.0.1:7860"), verbose=False)
token = os.environ.get("JUST_LOOK_OWNER_TOKEN", "")
export = client.predict(study=sys.argv[1], kind="csv", token=token, api_name="/export")
Path(export["name"]).write_text(export["text"])
votes = list(csv.DictReader(io.StringIO(export["text"])))
print(export["name"], f"holds {len(votes)} votes")
for choice, count in collections.Counter(row["choice"] for row in votes).most_common():
    print(f"{choice}: {count}")
