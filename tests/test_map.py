"""The ways into the code: what they say of its modules is so."""

import ast
import re

import mnist_core
from tests.conftest import ROOT

MODULES = {path.stem for path in (ROOT / "mnist_core").glob("[!_]*.py")}


def reading_order() -> list[str]:
    """The modules as the package's docstring names them."""
    _, modules, _ = (mnist_core.__doc__ or "").split("\n\n", 2)
    return [name for line in modules.splitlines() for name in re.split(r"\s{3,}", line)[0].split()]


def imported(name: str) -> set[str]:
    """The modules of the package that this one imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "mnist_core" / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "mnist_core":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mnist_core."):
            found.add((node.module or "").split(".")[1])
    return found


def test_the_reading_order_names_every_module_once() -> None:
    assert sorted(reading_order()) == sorted(MODULES)


def test_a_module_needs_only_such_as_stand_before_it() -> None:
    order = reading_order()
    for place, name in enumerate(order):
        assert imported(name) & MODULES <= set(order[:place]), name


def test_the_readme_names_every_module_and_none_that_is_gone() -> None:
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `") and "mnist_core/" in line]
    assert {name for row in rows for name in re.findall(r"`(?:mnist_core/)?(\w+)\.py`", row.split(" | ")[0])} - {"train"} == MODULES
