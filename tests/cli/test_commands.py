"""The commands as a user meets them: what they print and how they exit."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import jsonschema
import pytest
import yaml

from command_line import Keywright
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.policy.rendering import rendered_policies

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
MAIN = (sys.executable, "-c", "from keywright._internal.cli.app import main; main()")
"""For what is about the process itself."""


def test_init_writes_a_file_that_is_valid_and_never_overwrites(keywright: Keywright) -> None:
    assert keywright.run("init").code == 0
    assert keywright.run("validate", "keys.yaml").code == 0
    again = keywright.run("init")
    assert again.code == 2
    assert "exists" in again.err


def test_init_gives_an_editor_the_schema_that_its_first_line_names(keywright: Keywright, tmp_path: Path) -> None:
    assert keywright.run("init", "infra.keywright.yaml").code == 0
    text = (tmp_path / "infra.keywright.yaml").read_text()
    line = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert line is not None
    jsonschema.Draft202012Validator(json.loads((tmp_path / line[1]).read_text())).validate(yaml.safe_load(text))
    (tmp_path / line[1]).write_text("{}")
    assert keywright.run("init", "second.keywright.yaml").code == 0
    assert (tmp_path / line[1]).read_text() == "{}"


def test_bad_input_ends_in_exit_2_with_the_line_and_no_traceback(keywright: Keywright, tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text("stack: s\nregion: us-east-1\nkeys:\n  app:\n    aliasses: [x]\n")
    result = keywright.run("validate", "keys.yaml")
    assert result.code == 2
    assert "keys.yaml:5:" in result.err
    assert "did you mean `aliases`?" in result.err
    assert "Traceback" not in result.err


def test_json_errors_are_one_document(keywright: Keywright) -> None:
    result = keywright.run("validate", "none.yaml", "--json")
    assert result.code == 2
    assert "cannot read" in json.loads(result.out)["error"]["message"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_key_of_every_example_renders_to_a_policy(example: Path) -> None:
    stack = load_stack(example)
    policies = rendered_policies(stack, None, "111122223333")
    assert set(policies) == set(stack.keys)
    assert all(parse_policy(text).document.version == "2012-10-17" for text in policies.values())


def test_render_gives_the_same_bytes_on_each_run() -> None:
    example = next(file for file in EXAMPLES if file.stem == "application")
    command = [*MAIN, "policy", "render", str(example), "--account", "111122223333"]
    first, second = (
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    )
    assert first
    assert first == second


def test_schema_prints_one_that_the_examples_fit(keywright: Keywright) -> None:
    check = jsonschema.Draft202012Validator(json.loads(keywright.run("schema").out))
    for example in EXAMPLES:
        check.validate(yaml.safe_load(example.read_text()))


def test_render_without_an_account_says_where_to_write_it(keywright: Keywright) -> None:
    keywright.run("init")
    result = keywright.run("policy", "render", "keys.yaml", "app-data")
    assert result.code == 2
    assert "--account" in result.err


def test_bad_usage_with_json_is_one_document_too(keywright: Keywright) -> None:
    for arguments in (("plan", "--json"), ("plan", "keys.yaml", "--nope", "--json"), ("nope", "--json")):
        result = keywright.run(*arguments)
        assert result.code == 2
        assert json.loads(result.out)["error"]["message"]


def test_the_version_is_the_packages(keywright: Keywright) -> None:
    assert keywright.run("--version").out == f"keywright {version('keywright')}\n"


def test_one_key_is_spoken_of_in_the_singular(keywright: Keywright) -> None:
    keywright.run("init")
    assert keywright.run("validate", "keys.yaml").out == "keys.yaml: 1 key, no problems\n"


def test_the_mark_stands_below_the_fault_in_a_line_too_long_to_show_whole(keywright: Keywright, tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text(f"stack: s\nkeys: {{app: {{description: {'d' * 300}, aliasses: [x]}}}}\n")
    lines = keywright.run("validate", "keys.yaml").err.splitlines()
    mark = next(number for number, line in enumerate(lines) if line.strip() == "^")
    assert lines[mark - 1][lines[mark].index("^") :].startswith("aliasses")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only some systems have a device that is always full")
def test_an_output_that_cannot_be_written_ends_in_a_message(keywright: Keywright, tmp_path: Path) -> None:
    keywright.run("init")
    command = [*MAIN, "validate", "keys.yaml"]
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert "the output can't be written" in result.stderr
    assert "Traceback" not in result.stderr


def test_claims_that_are_not_understood_are_reported_with_their_line(keywright: Keywright, tmp_path: Path) -> None:
    text = "stack: s\nclaims: [nobody may decrypt]\nkeys:\n  app:\n    claims:\n      - foo bar\n"
    (tmp_path / "keys.yaml").write_text(text)
    said = keywright.run("validate", "keys.yaml").err
    assert "keys.yaml:2:10: claims[0] `nobody may decrypt`" in said
    assert "keys.yaml:6:9: keys.app.claims[0] `foo bar`" in said
