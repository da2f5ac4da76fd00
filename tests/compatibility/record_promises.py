"""Writes `VERSION/promises.json`: what a release promises to those after it. Run it once, before the release.

PYTHONPATH=tests python tests/compatibility/record_promises.py v0.2
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keywright
import keywright.errors
from command_line import CommandLine
from keywright._internal.cli.errors import error_meanings
from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG
from keywright._internal.proof.findings.registry import CHECKS

HERE = Path(__file__).parent
COMMANDS = HERE / "commands"

_DOCUMENTS = (
    "validate keys.yaml --json",
    "validate wrong.yaml --json",
    "policy check keys.yaml --json",
    "policy check --policy public.json --json",
    "policy check --policy wrong.yaml --json",
    "policy explain keys.yaml --json",
    "policy diff narrow.json public.json --json",
    "policy simulate --policy public.json --request request.json --json",
    "policy simulate --policy narrow.json --request request.json --json",
    "policy findings --json",
    "policy patterns --json",
    "errors --json",
    "plan --json",
)
_EXIT_CODES = (
    "validate keys.yaml",
    "validate wrong.yaml",
    "validate",
    "nope",
    "policy check keys.yaml",
    "policy check --policy public.json",
    "policy check --policy public.json --sarif",
    "policy diff narrow.json narrow.json",
    "policy diff narrow.json public.json",
    "policy simulate --policy public.json --request request.json",
    "policy simulate --policy narrow.json --request request.json",
    "errors none",
)


def members_of(value: Any, path: str = "") -> Iterator[str]:
    """The path of every member of a document, with `[]` for any item of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            inside = f"{path}.{name}" if path else name
            yield inside
            yield from members_of(inner, inside)
    elif isinstance(value, list):
        for inner in value:
            yield from members_of(inner, f"{path}[]")


def promises() -> dict[str, Any]:
    """What this version's documents hold, its exit codes, ids and names."""
    with CommandLine() as command:
        documents = {line: command.run(*line.split(), directory=COMMANDS).document for line in _DOCUMENTS}
        codes = {line: command.run(*line.split(), directory=COMMANDS).code for line in _EXIT_CODES}
    return {
        "documents": {line: sorted(set(members_of(document))) for line, document in documents.items()},
        "exit_codes": codes,
        "errors": sorted(error_meanings()),
        "findings": sorted(check.id for check in CHECKS),
        "python": sorted(keywright.__all__),
        "python_errors": sorted(
            name
            for name, value in vars(keywright.errors).items()
            if inspect.isclass(value) and value.__module__ == "keywright.errors"
        ),
        "tags": {"stack": STACK_TAG, "key": KEY_TAG},
    }


if __name__ == "__main__":
    (HERE / sys.argv[1] / "promises.json").write_text(json.dumps(promises(), indent=1) + "\n")
