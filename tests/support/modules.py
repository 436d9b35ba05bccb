"""The modules of the project, the file of each, and the nodes of its syntax tree."""

import ast

from tests.support.folders import ROOT

CODE = (
    "assets",
    "benchmarks",
    "demos",
    "deploy",
    "evaluation",
    "examples",
    "lecture",
    "media",
    "models",
    "serving",
    "studies",
    "training",
)
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in (*CODE, "tests")
    for path in (ROOT / folder).rglob("*.py")
} | {"app": ROOT / "app.py"}


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))
