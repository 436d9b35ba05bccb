"""One meaning for each name: no two public classes of the project are called the same."""

import ast
from collections import defaultdict

from tests.support.modules import MODULES

SHARED = {  # a name, and why several modules may use it
    "Generator": "the same half of two GANs, models.gan.dcgan and models.gan.sagan",
    "Discriminator": "the other half of the same two",
}


def modules_by_class() -> dict[str, list[str]]:
    """Each public class outside of the tests, and the modules that define one of that name."""
    modules = defaultdict(list)
    for module, path in MODULES.items():
        if not module.startswith("tests"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    modules[node.name].append(module)
    return modules


def test_a_public_class_shares_its_name_with_no_other():
    repeated = {name: modules for name, modules in modules_by_class().items() if len(modules) > 1}

    assert {name: modules for name, modules in repeated.items() if name not in SHARED} == {}


def test_no_exception_is_left_that_nothing_needs():
    modules = modules_by_class()

    assert [name for name in SHARED if len(modules[name]) < 2] == []
