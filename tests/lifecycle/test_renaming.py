"""A key or a stack gets another name: its identity tags move, and nothing else."""

from __future__ import annotations

import pytest

from aws_directly import Aws
from command_line import Keywright

KEYS = (
    "stack: s\nregion: us-east-1\nkeys:\n  old: {aliases: [a], multi_region: true, replica_regions: {eu-west-1: {}}}\n"
)


@pytest.fixture
def file(keywright: Keywright) -> str:
    (keywright.directory / "keys.yaml").write_text(KEYS)
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    return "keys.yaml"


def test_a_key_renamed_in_the_file_is_found_by_its_alias_and_renamed_on_aws(
    file: str, keywright: Keywright, aws: Aws
) -> None:
    before = aws.aliases()
    (keywright.directory / file).write_text(KEYS.replace("old:", "new:"))
    plan = keywright.run("plan", file)
    assert plan.code == 1
    assert "run `keywright rename s/old s/new`" in plan.out
    keywright.run("rename", "s/old", "s/new", "--yes").succeeded()
    keywright.run("plan", file, "--detailed-exitcode").succeeded()
    assert aws.aliases() == before


def test_a_stack_is_renamed_with_all_its_keys_and_once_is_as_good_as_twice(file: str, keywright: Keywright) -> None:
    keywright.run("rename", "s", "t", "--yes").succeeded()
    (keywright.directory / file).write_text(KEYS.replace("stack: s", "stack: t"))
    keywright.run("verify", file).succeeded()
    again = keywright.run("rename", "s", "t", "--yes").succeeded()
    assert "0 renamed" in again.out


def test_a_name_that_another_key_has_is_refused(file: str, keywright: Keywright, aws: Aws) -> None:
    other = KEYS.replace("old:", "other:").replace("[a]", "[b]")
    (keywright.directory / "other.yaml").write_text(other)
    keywright.run("apply", "other.yaml", "--yes").succeeded()
    refused = keywright.run("rename", "s/old", "s/other", "--yes")
    assert refused.code == 2
    assert "the new name is taken" in refused.err
    assert file
    assert aws.tags(aws.aliases()["alias/a"])["keywright:key"] == "old"


@pytest.mark.parametrize("names", [("s", "s/a"), ("a b", "c"), ("nothing/here", "nothing/there"), ("s", "s")])
def test_names_that_name_nothing_are_errors(names: tuple[str, str], keywright: Keywright) -> None:
    assert keywright.run("rename", *names, "--yes").code == 2
