"""The module's folder by itself: formatted, valid, tested by its own tests, documented from its own code."""

from __future__ import annotations

import re
from pathlib import Path

from engine_runs import EXAMPLES, MODULE

from keywright._internal.model.key import Key
from keywright._internal.terraform.documentation import main
from keywright._internal.terraform.engine import Engine
from keywright._internal.terraform.module_variables import NAMES, NOT_INPUTS, variables

_NO_TESTS = ("-test-directory=none",)


def test_the_module_is_formatted(engine: Engine, module: Path) -> None:
    shown = engine.run("fmt", "-check", "-recursive", cwd=module)
    assert shown.exit_code == 0, shown.output


def test_the_module_is_valid_where_it_lies(engine: Engine, module: Path, settings: dict[str, str]) -> None:
    without_tests = () if engine.mocks_providers else _NO_TESTS
    for command in ("init", "validate"):
        shown = engine.run(command, "-no-color", *without_tests, cwd=module, env=settings)
        assert shown.exit_code == 0, shown.output


def test_the_modules_own_tests_pass(terraform: Engine, module: Path, settings: dict[str, str]) -> None:
    """On one engine: `make conform` runs them on each that mocks providers, and they take half a minute."""
    assert terraform.run("init", "-no-color", cwd=module, env=settings).exit_code == 0
    shown = terraform.run("test", "-no-color", cwd=module, env=settings)
    assert shown.exit_code == 0, shown.output
    assert re.search(r"Success! \d\d passed, 0 failed", shown.output)


def test_the_inputs_are_the_fields_of_a_key() -> None:
    inputs = set(re.findall(r'^variable "(\w+)"', (MODULE / "variables.tf").read_text(), re.MULTILINE))
    assert inputs == {NAMES.get(name, name) for name in Key.model_fields} - NOT_INPUTS


def test_the_variables_are_those_of_the_model() -> None:
    assert (MODULE / "variables.tf").read_text() == variables(), "write them with `make docs`"


def test_the_readmes_tables_are_those_of_the_code() -> None:
    assert main(["--check", str(MODULE)]) == 0, (
        "write them with `python -m keywright._internal.terraform.documentation`"
    )


def test_the_readme_names_every_example() -> None:
    text = (MODULE / "README.md").read_text()
    assert [name for name in EXAMPLES if f"(examples/{name})" not in text] == []
