"""The lecture in the code, as a document: `python -m lecture > docs/lecture.md`."""

from __future__ import annotations

from collections.abc import Iterable

from lecture.path import Lecture

HEAD = """# The lecture in the code

`python -m lecture > docs/lecture.md` writes this page from `lecture/path.toml`. The same file makes the page
`/lecture` of the app, in the lecture's order, and the steps of a [class](teaching.md).

| slide | opens in the app | paper |
|---|---|---|
"""
STATEMENTS = """
## Every statement, its code and its test

| the lecture says | opens | code | test |
|---|---|---|---|
"""


def document(lecture: Lecture) -> str:
    """Return the page in Markdown: the steps with their links, then each statement with its files and its test."""
    steps = [
        f"| {step.slide} | `/{step.open}` | [{step.paper.authors}, {step.paper.year}]({step.paper.url}) |"
        for step in lecture.steps
    ]
    statements = [
        f"| {statement.says} | `/{step.open}` | {_quoted(statement.files)} | `{statement.test}` |"
        for step in lecture.steps
        for statement in step.statements
    ]
    return HEAD + "\n".join(steps) + "\n" + STATEMENTS + "\n".join(statements) + "\n"


def _quoted(files: Iterable[str]) -> str:
    return ", ".join(f"`{file}`" for file in files)
