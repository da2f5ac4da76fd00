"""The data files of the Terraform module, written from what the Python side reads.

`catalogue.json` and `patterns.json` are the parts of the catalogue that the module's expressions use: no sources,
notes or cases. The patterns are apart because most keys use none and reading them takes the longest.
`facts.json` is what AWS offers: Regions, specs, usages and what grants allow. Run as
`python -m keywright._internal.policy.module_data FOLDER` to write them, and with `--check` to compare them only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from keywright._internal.facts.offerings import (
    GRANT_OPERATIONS_BY_USAGE,
    GRANT_OPERATIONS_OF_ANY_KEY,
    offered_specs,
    partition_of_region,
    usages_of,
)

_OF_A_SERVICE = ("usages", "actions", "grant_actions", "pins")
_OF_A_PATTERN = ("key", "parameters", "statements")


def module_files() -> dict[str, str]:
    """The text of each data file of the module, by its name."""
    file = resources.files("keywright._internal.policy").joinpath("catalogue.json")
    whole = json.loads(file.read_text(encoding="utf-8"))
    catalogue = {
        "roles": whole["roles"],
        "service_principal": whole["service_principal"],
        "services": _parts(whole["services"], _OF_A_SERVICE),
    }
    patterns = {"patterns": _parts(whole["patterns"], _OF_A_PATTERN)}
    facts = {
        "partition_of_region": dict(sorted(partition_of_region().items())),
        "grant_operations": {
            usage: sorted((*GRANT_OPERATIONS_OF_ANY_KEY, *operations))
            for usage, operations in GRANT_OPERATIONS_BY_USAGE.items()
        },
        "usages_by_spec": {spec: list(usages_of(spec)) for spec in offered_specs()},
    }
    return {"catalogue.json": _text(catalogue), "patterns.json": _text(patterns), "facts.json": _text(facts)}


def _parts(entries: Mapping[str, Mapping[str, Any]], wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {name: {part: entry[part] for part in wanted} for name, entry in entries.items()}


def _text(value: Mapping[str, Any]) -> str:
    """JSON in which an entry of a mapping has a line, so that a change of one is one line's change."""
    lines = []
    for name, member in value.items():
        if isinstance(member, dict):
            entries = (f"    {json.dumps(key)}: {_line(entry)}" for key, entry in member.items())
            lines.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(entries) + "\n  }")
        else:
            lines.append(f"  {json.dumps(name)}: {_line(member)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def main(arguments: Sequence[str]) -> int:
    """Write the files, or say which are not current; 1 where any is not."""
    check = "--check" in arguments
    folders = [Path(item) for item in arguments if item != "--check"]
    if len(folders) != 1:
        sys.stderr.write("usage: python -m keywright._internal.policy.module_data [--check] FOLDER\n")
        return 2
    stale = 0
    for name, text in module_files().items():
        path = folders[0] / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        sys.stderr.write(f"{path} {'is not current' if check else 'written'}\n")
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
