"""Write the page that maps the lecture to the code: `python -m lecture > docs/lecture.md`."""

from __future__ import annotations

import sys

from lecture.page import document
from lecture.path import lecture

if __name__ == "__main__":
    sys.stdout.write(document(lecture()))
