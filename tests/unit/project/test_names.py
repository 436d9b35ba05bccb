"""Names: no two public classes of the project share one, and no variable has one that says nothing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.folders import ROOT
from tests.support.modules import MODULES, tree

SHARED = {  # a name, and why several modules may use it
    "Generator": "the same half of two GANs, models.gan.dcgan and models.gan.sagan",
    "Discriminator": "the other half of the same two",
}
FILLERS = {"one", "found", "told", "shown", "seen", "said"}
KEPT = {  # a file, and a name in it that others rely on
    ("evaluation/quantitative/coverage.py", "found"): "the field becomes classes_found and modes_found in metrics.json",
}


class Names(NamedTuple):
    """What a module names: its public classes, and wherever a name is a filler, its line and the name."""

    classes: tuple[str, ...]
    fillers: tuple[tuple[int, str], ...]


@pytest.fixture(scope="module")
def names() -> dict[str, Names]:
    """Of each module, read once: all of them take seconds."""
    return {module: named(tree(module)) for module in MODULES}


def named(module: ast.Module) -> Names:
    classes = tuple(node.name for node in module.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")
    return Names(classes, tuple((line, name) for line, name in names_given(module) if name in FILLERS))


def modules_by_class(names: dict[str, Names]) -> dict[str, list[str]]:
    """Each public class outside of the tests, and the modules that define one of that name."""
    modules = defaultdict(list)
    for module, inside in names.items():
        if not module.startswith("tests"):
            for name in inside.classes:
                modules[name].append(module)
    return modules


def test_a_public_class_shares_its_name_with_no_other(names: dict[str, Names]):
    repeated = {name: modules for name, modules in modules_by_class(names).items() if len(modules) > 1}

    assert {name: modules for name, modules in repeated.items() if name not in SHARED} == {}


def test_no_exception_is_left_that_nothing_needs(names: dict[str, Names]):
    modules = modules_by_class(names)

    assert [name for name in SHARED if len(modules[name]) < 2] == []


def names_given(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each name that a module gives, with its line: to a variable, argument, loop target, function or import."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.alias(asname=str(name)):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield node.lineno, name


def fillers(names: dict[str, Names]) -> list[tuple[str, int, str]]:
    """The file, the line and the name, wherever a name is a filler."""
    return [
        (str(MODULES[module].relative_to(ROOT)), line, name)
        for module, inside in names.items()
        for line, name in inside.fillers
    ]


def test_a_name_says_what_the_thing_is(names: dict[str, Names]):
    places = [f"{file}:{line} {name}" for file, line, name in fillers(names) if (file, name) not in KEPT]

    assert not places, "Name these for what they are, such as arm, row, frame or reply:\n" + "\n".join(places)


def test_no_filler_is_kept_that_is_gone(names: dict[str, Names]):
    given = {(file, name) for file, _, name in fillers(names)}

    assert [place for place in KEPT if place not in given] == []


@pytest.mark.parametrize(
    "code",
    [
        "found = 1",
        "found: int",
        "x, (*found, y) = 1, (2, 3)",
        "x = [found for found in y]",
        "for x, found in y: pass",
        "with x as found: pass",
        "if found := x: pass",
        "x = lambda found: 1",
        "def x(*, found=1): pass",
        "def x(*found): pass",
        "def x(**found): pass",
        "async def found(): pass",
        "import x as found",
        "from x import y as found",
        "try: pass\nexcept ValueError as found: pass",
        "match x:\n    case [1, *found]: pass",
        "match x:\n    case {'y': 1, **found}: pass",
        "match x:\n    case int() as found: pass",
    ],
)
def test_every_way_to_give_a_name_counts(code: str):
    assert "found" in [name for _, name in names_given(ast.parse(code))]


def test_a_name_that_is_only_read_is_its_owners_choice():
    assert list(names_given(ast.parse("print(found, x.found, y(found=1), 'found')"))) == []
