"""Every file in examples/ is applied, planned again, verified with real use, and destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.sandbox import DEFAULT_ACCOUNT

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.fixture
def account() -> str:
    """The account that the examples' principals are in; each example is a stack of its own."""
    return DEFAULT_ACCOUNT


def test_there_are_six_examples_at_least() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_is_applied_then_nothing_is_left_to_do_and_it_can_be_taken_back(
    example: Path, keywright: Keywright, aws: Aws
) -> None:
    keywright.run("apply", example, "--yes").succeeded()
    keywright.run("plan", example, "--detailed-exitcode").succeeded()
    keys = keywright.run("verify", example, "--json").succeeded().document["keys"]
    assert {trial["result"] for key in keys.values() for trial in key["use"]} == {"worked"}
    keywright.run("destroy", example, "--yes").succeeded()
    declared = {key["KeyId"] for key in aws.live() if "keywright:key" in aws.tags(key["KeyId"])}
    assert not declared
