"""The house as `docs/architecture.md` draws it: imports run one way, between packages and between files."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INTERNAL = ROOT / "src" / "keywright" / "_internal"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_]+)/` \|[^|]*\|([^|]*)\|$", PAGE, re.MULTILINE))
TABLE = PAGE.split("\n## Where to look\n")[1].split("\n## ")[0].split("|---|---|")[1]
SHARED = {"counting", "extras", "input_file"}
"""Single modules beside the packages, which any of them may use."""


def module_of(file: Path) -> str:
    parts = file.relative_to(INTERNAL).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(file): file for file in INTERNAL.rglob("*.py")}


@cache
def imports_of(module: str) -> frozenset[str]:
    """The modules of ours that a module names in an import, wherever in it: late ones and those for types, too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        names = [item.name for item in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{name}" for name in names]
        for name in names:
            inside = name.removeprefix("keywright._internal.")
            if inside != name:
                found.add(inside if inside in MODULES else inside.rpartition(".")[0])
    return frozenset(found - {module, ""})


def packages() -> set[str]:
    return {folder.name for folder in INTERNAL.iterdir() if (folder / "__init__.py").exists()}


def test_the_page_has_a_row_for_each_package_and_no_other() -> None:
    assert set(ROWS) == packages()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w./]+(?:\.\w+|/))`", TABLE))))
def test_what_the_page_points_at_is_there(path: str) -> None:
    assert (INTERNAL / path).exists()


@pytest.mark.parametrize("package", sorted(packages()))
def test_a_package_imports_what_its_row_says_and_nothing_else(package: str) -> None:
    allowed = set(re.findall(r"`([a-z_]+)`", ROWS[package]))
    used = {
        name.partition(".")[0]
        for module in MODULES
        if module.partition(".")[0] == package
        for name in imports_of(module)
    }
    assert used - SHARED - {package} <= allowed


def test_no_packages_and_no_files_import_each_other_in_a_circle() -> None:
    between = {name: set(re.findall(r"`([a-z_]+)`", row)) for name, row in ROWS.items()}
    assert list(TopologicalSorter(between).static_order())
    assert list(TopologicalSorter({module: imports_of(module) for module in MODULES}).static_order())


def test_no_two_test_files_of_different_folders_share_a_name() -> None:
    # pytest imports a test file by its name alone: each would pass when run by itself, and the whole suite would not.
    names = [file.name for file in (ROOT / "tests").rglob("*.py") if file.name not in {"__init__.py", "conftest.py"}]
    assert sorted(names) == sorted(set(names))
