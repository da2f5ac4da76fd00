"""What older versions wrote and promised is read and kept: see docs/stability.md. The files here are never edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from record_promises import members_of

import keywright
import keywright.errors
from command_line import CommandLine
from keywright._internal.cli.errors import error_meanings
from keywright._internal.conformance.results import from_text
from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG
from keywright._internal.proof.findings.registry import CHECKS

HERE = Path(__file__).parent
VERSIONS = sorted(path for path in HERE.glob("v*") if path.is_dir())
PROMISES = [json.loads((version / "promises.json").read_text()) for version in VERSIONS]


@pytest.fixture(params=VERSIONS, ids=lambda path: path.name)
def version(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_a_keys_file_is_valid_and_its_policies_allow_what_they_allowed(version: Path, offline: CommandLine) -> None:
    offline.run("validate", version / "keys.yaml").succeeded()
    now = offline.run("policy", "render", version / "keys.yaml").succeeded().document
    then = json.loads((version / "policies.json").read_text())
    assert set(now) == set(then)
    for name in then:
        assert keywright.diff(then[name], now[name]).equivalent is True, name


def test_a_batch_is_answered_as_it_was(version: Path, offline: CommandLine) -> None:
    answers = offline.run("policy", "simulate", "--batch", version / "cases.jsonl").succeeded().out.splitlines()
    before = (version / "answers.jsonl").read_text().splitlines()
    for then, now in zip(map(json.loads, before), map(json.loads, answers), strict=True):
        assert then.items() <= now.items()


def test_a_verification_is_read(version: Path) -> None:
    assert from_text((version / "verification.json").read_text()).verdict


@pytest.mark.parametrize(
    ("line", "members"),
    [item for promised in PROMISES for item in promised["documents"].items()],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_keeps_itsmembers_of(line: str, members: list[str], offline: CommandLine) -> None:
    document = offline.run(*line.split(), directory=HERE / "commands").document
    assert set(members) - set(members_of(document)) == set()
    assert document["format_version"] == 1


@pytest.mark.parametrize("promised", PROMISES, ids=[path.name for path in VERSIONS])
def test_names_and_ids_stay(promised: dict[str, Any]) -> None:
    assert set(promised["errors"]) <= set(error_meanings())
    assert set(promised["findings"]) <= {check.id for check in CHECKS}
    assert set(promised["python"]) <= set(keywright.__all__)
    assert set(promised["python_errors"]) <= set(dir(keywright.errors))
    assert promised["tags"] == {"stack": STACK_TAG, "key": KEY_TAG}


@pytest.mark.parametrize("promised", PROMISES, ids=[path.name for path in VERSIONS])
def test_exit_codes_stay(promised: dict[str, Any], offline: CommandLine) -> None:
    found = {line: offline.run(*line.split(), directory=HERE / "commands").code for line in promised["exit_codes"]}
    assert found == promised["exit_codes"]
