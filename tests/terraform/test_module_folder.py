"""The module's folder by itself: formatted, valid, tested by its own tests, documented from its own code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from engine_runs import EXAMPLES, MODULE

from keywright._internal.facts.offerings import offered_specs
from keywright._internal.model.key import Key
from keywright._internal.model.key_fields import DEFAULT_DESCRIPTION
from keywright._internal.terraform.documentation import main
from keywright._internal.terraform.engine import Engine

_NO_TESTS = ("-test-directory=none",)
_OWN_FIELDS_OF_A_FILE = {"region", "account", "assume_role_arn", "claims", "waive", "patterns", "statements"}
_TO_COME = {"grants"}


def test_the_module_is_formatted(engine: Engine, module: Path) -> None:
    shown = engine.run("fmt", "-check", "-recursive", cwd=module)
    assert shown.exit_code == 0, shown.output


def test_the_module_is_valid_where_it_lies(engine: Engine, module: Path, settings: dict[str, str]) -> None:
    without_tests = () if engine.mocks_providers else _NO_TESTS
    for command in ("init", "validate"):
        shown = engine.run(command, "-no-color", *without_tests, cwd=module, env=settings)
        assert shown.exit_code == 0, shown.output


def test_the_modules_own_tests_pass(engine: Engine, module: Path, settings: dict[str, str]) -> None:
    if not engine.mocks_providers:
        pytest.skip(f"{engine} knows no mocked providers, which the module's tests need: OpenTofu 1.8, Terraform 1.7")
    assert engine.run("init", "-no-color", cwd=module, env=settings).exit_code == 0
    shown = engine.run("test", "-no-color", cwd=module, env=settings)
    assert shown.exit_code == 0, shown.output
    assert re.search(r"Success! \d\d passed, 0 failed", shown.output)


def test_every_validation_is_shown_to_fire() -> None:
    runs = (MODULE / "tests" / "validation.tftest.hcl").read_text()
    fired = Counter(re.findall(r"^    var\.(\w+),$", runs, re.MULTILINE))
    text = (MODULE / "variables.tf").read_text()
    for block in re.split(r"^variable ", text, flags=re.MULTILINE)[1:]:
        name = block.split('"')[1]
        assert fired[name] >= block.count("validation {"), f"`{name}` has a validation that no test fires"


def test_the_inputs_are_the_fields_of_a_key() -> None:
    inputs = set(re.findall(r'^variable "(\w+)"', (MODULE / "variables.tf").read_text(), re.MULTILINE))
    assert inputs == set(Key.model_fields) - _OWN_FIELDS_OF_A_FILE - _TO_COME | {"policy_patterns"}


def test_the_specs_and_the_default_description_are_the_models() -> None:
    text = (MODULE / "variables.tf").read_text()
    assert re.findall(r'^      "([A-Z0-9_]+)",$', text, re.MULTILINE) == list(offered_specs())
    assert f'"{DEFAULT_DESCRIPTION}"' in text


def test_the_readmes_tables_are_those_of_the_code() -> None:
    assert main(["--check", str(MODULE)]) == 0, (
        "write them with `python -m keywright._internal.terraform.documentation`"
    )


def test_the_readme_names_every_example() -> None:
    text = (MODULE / "README.md").read_text()
    assert [name for name in EXAMPLES if f"(examples/{name})" not in text] == []
