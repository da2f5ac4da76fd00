"""What a person reads about the patterns, on the page and in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from keywright._internal.cli.policy.patterns import patterns
from keywright._internal.model.key import Key
from keywright._internal.policy import catalogue
from keywright._internal.policy.pattern_pages import EXAMPLE_SETTING, example_use, main, page, pattern_text
from keywright.errors import InputError

PAGE = Path(__file__).parents[2] / "docs" / "patterns.md"
WRITTEN = page()
NAMES = sorted(catalogue.load().patterns)


def app() -> typer.Typer:
    alone = typer.Typer()
    alone.command()(patterns)
    return alone


def test_the_page_is_current(tmp_path: Path) -> None:
    assert PAGE.read_text(encoding="utf-8") == WRITTEN, (
        "python -m keywright._internal.policy.pattern_pages docs/patterns.md"
    )
    assert main(["--check", str(PAGE)]) == 0
    assert main(["--check", str(tmp_path / "none.md")]) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_pattern_is_a_use_of_it(name: str) -> None:
    found = catalogue.pattern(name)
    key = Key.model_validate(yaml.safe_load(example_use(found)))
    (use,) = key.patterns
    assert use.name == name
    assert use.parameters == catalogue.example(found, EXAMPLE_SETTING)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_every_pattern_with_its_parameters_and_cases(name: str) -> None:
    section = WRITTEN.split(f"\n### {name}\n")[1].split("\n### ")[0]
    found = catalogue.pattern(name)
    wanted = [*(item.name for item in found.parameters), *(item.name for item in (*found.allowed, *found.denied))]
    assert all(text in section for text in (*wanted, *(item.url for item in found.sources)))


def test_the_command_lists_all_patterns_by_kind() -> None:
    result = CliRunner().invoke(app(), [])
    assert result.exit_code == 0
    assert all(f"  {name} " in result.stdout for name in NAMES)


def test_the_command_explains_one() -> None:
    result = CliRunner().invoke(app(), ["deletion-mfa"])
    assert result.stdout.strip() == pattern_text(catalogue.pattern("deletion-mfa")).strip()


def test_the_commands_documents_have_the_same_form_for_one_and_for_all() -> None:
    every = json.loads(CliRunner().invoke(app(), ["--json"]).stdout)["patterns"]
    one = json.loads(CliRunner().invoke(app(), ["cloudtrail", "--json"]).stdout)["patterns"]
    assert [item for item in every if item["name"] == "cloudtrail"] == one
    assert {item["name"] for item in every} == set(NAMES)


def test_a_pattern_that_is_not_there_is_an_error_of_ours() -> None:
    assert isinstance(CliRunner().invoke(app(), ["nope"]).exception, InputError)
