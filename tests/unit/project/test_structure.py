"""The shape of the house: no import circles, only the arrows of docs/architecture.md, no crowded folders."""

import ast
import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.folders import ROOT
from tests.support.modules import MODULES, tree

MOST_MODULES = 20  # of one folder's own level
FORBIDDEN = {  # a folder, and the libraries that nothing in it may import
    "serving/engine": {"torch", "torchvision", "spaces"},
    "media": {"torch", "torchvision"},
    "models": {"gradio", "sqlalchemy", "ray"},
    "demos": {"torch", "torchvision", "sqlalchemy"},
    "evaluation": {"gradio"},
    "evaluation/qualitative": {"torch", "torchvision"},
}


class Source(NamedTuple):
    """What these tests ask of a module.

    Attributes:
        docstring: of the module.
        imports: every name that it imports, wherever the statement stands.
        taken: of these, modules and what `from … import` takes from them.
        definitions: names of its functions, classes and variables.
    """

    docstring: str
    imports: tuple[str, ...]
    taken: tuple[tuple[str, str], ...]
    definitions: frozenset[str]


@functools.cache
def source(module: str) -> Source:
    """Read a module, once: all of them take seconds."""
    parsed = tree(module)
    imports, taken, definitions = list[str](), list[tuple[str, str]](), set[str]()
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            taken += [(node.module, alias.name) for alias in node.names]
            imports += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            definitions.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            definitions.add(node.id)
    return Source(ast.get_docstring(parsed) or "", tuple(imports), tuple(taken), frozenset(definitions))


def ours(name: str) -> str | None:
    """The module of this project that an imported name belongs to."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or None


@functools.cache
def graph() -> dict[str, set[str]]:
    """Each module, and the modules of this project that it imports."""
    return {
        module: {other for name in source(module).imports if (other := ours(name))} - {module} for module in MODULES
    }


def place(module: str, level: int) -> str:
    """The folder of a module at a level, or the module itself where it lies there; tests/support counts by itself."""
    parts = module.split(".")
    return "tests.support" if parts[:2] == ["tests", "support"] and level == 1 else ".".join(parts[:level])


def arrows(level: int) -> dict[str, set[str]]:
    """Which folders of a level import which, among those that lie in the same folder."""
    drawn: defaultdict[str, set[str]] = defaultdict(set)
    for module, needed in graph().items():
        for other in needed:
            start, end = place(module, level), place(other, level)
            if start != end and (level == 1 or start.rpartition(".")[0] == end.rpartition(".")[0]):
                drawn[start].add(end)
    return drawn


@functools.cache
def documented() -> dict[str, list[str]]:
    """Rooms and what each may import, as docs/architecture.md writes them down: `room -> target, target`."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```arrows\n(.*?)^```", text, re.M | re.S)
    lines = [line.partition("->") for line in block.splitlines() if line.strip()]
    return {
        room.strip(): [target.strip() for target in targets.split(",") if target.strip()] for room, _, targets in lines
    }


def path_of(module: str) -> str:
    return str(MODULES[module].relative_to(ROOT))


def within(path: str, room: str) -> bool:
    return path == room or path.startswith(f"{room}/")


def room_of(path: str) -> str | None:
    """The innermost documented room that a file lies in."""
    return max((room for room in documented() if within(path, room)), key=len, default=None)


def crossings() -> Iterator[tuple[str, str, str, str]]:
    """Every import from one room into another: both rooms, both files."""
    rooms = {module: room_of(path_of(module)) for module in graph()}
    for module, needed in graph().items():
        for other in needed:
            start, end = rooms[module], rooms[other]
            if start is not None and start != end:  # tests and examples are no rooms: they may look everywhere
                yield start, end or path_of(other), path_of(module), path_of(other)


def test_no_module_imports_itself_round_a_circle():
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_no_two_folders_need_each_other(level: int):
    try:
        TopologicalSorter(arrows(level)).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_room_imports_what_the_architecture_page_allows_and_no_more():
    allowed = documented()
    extra = {
        (file, other)
        for room, _, file, other in crossings()
        if not any(within(other, target) for target in allowed[room])
    }
    assert extra == set()


def test_the_architecture_page_allows_no_arrow_that_nothing_needs():
    used = {
        (room, target) for room, _, _, other in crossings() for target in documented()[room] if within(other, target)
    }
    assert {(room, target) for room, targets in documented().items() for target in targets} - used == set()


def test_the_rooms_that_the_architecture_page_names_are_there():
    assert [room for room in documented() if not (ROOT / room).exists()] == []


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_a_folder_keeps_its_libraries_out(folder: str):
    prefix = folder.replace("/", ".")
    inside = [module for module in MODULES if module == prefix or module.startswith(f"{prefix}.")]
    violations = {
        (module, name)
        for module in inside
        for name in source(module).imports
        if name.split(".")[0] in FORBIDDEN[folder]
    }
    assert len(inside) > 1
    assert violations == set()


def test_evaluation_knows_the_contract_and_not_the_engine_of_this_process():
    reached = {(module, other) for module in graph() if module.startswith("evaluation.") for other in graph()[module]}
    assert {pair for pair in reached if pair[1].startswith(("serving.local", "demos", "training"))} == set()


def test_no_folder_of_code_is_crowded():
    count = Counter(path.parent.relative_to(ROOT) for path in MODULES.values() if path.name != "__init__.py")
    crowded = {str(folder): number for folder, number in count.items() if number > MOST_MODULES}
    assert crowded == {}


@pytest.mark.parametrize("module", sorted(module for module in MODULES if not module.startswith("tests")))
def test_a_module_says_in_its_first_line_what_is_in_it(module: str):
    assert source(module).docstring.split("\n\n")[0].strip(), f"{Path(*module.split('.'))} has no docstring"


def test_a_name_is_imported_from_where_it_is_defined():
    wrong = {
        (module, f"{origin}.{name}")
        for module in MODULES
        for origin, name in source(module).taken
        if origin in MODULES and name not in {"*", *source(origin).definitions} and f"{origin}.{name}" not in MODULES
    }
    assert wrong == set()
