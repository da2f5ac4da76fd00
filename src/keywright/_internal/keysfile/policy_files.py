"""Policies that a keys file names by `policy_file`: JSON files beside it, read in place of `policy`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keywright._internal.model.value_error import Fault
from keywright.errors import Problem

MAX_BYTES = 1_000_000
"""More than thirty times what KMS takes: a file of this size is no policy, whatever it holds."""

Path_ = tuple[str | int, ...]


@dataclass(slots=True)
class PolicyFiles:
    """The fields of a key with the policies of its files in them.

    The paths of the problems start at the key, as do those of `files`, which say from where each `policy` was read.
    """

    fields: Any
    files: dict[Path_, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def with_policy_files(fields: Any, folder: Path) -> PolicyFiles:
    """Read what a key and its replicas name by `policy_file`.

    Args:
        fields: the key's fields as they were written.
        folder: where the keys file is; relative paths start there.
    """
    read = PolicyFiles(fields)
    if not isinstance(fields, Mapping):
        return read
    read.fields = _replaced(fields, (), folder, read)
    replicas = fields.get("replica_regions")
    if isinstance(replicas, Mapping):
        read.fields["replica_regions"] = {
            region: _replaced(replica, ("replica_regions", region), folder, read)
            for region, replica in replicas.items()
        }
    return read


def _replaced(fields: Any, path: Path_, folder: Path, read: PolicyFiles) -> Any:
    if not isinstance(fields, Mapping):
        return fields
    rest = {name: value for name, value in fields.items() if name != "policy_file"}
    given = fields.get("policy_file")
    if given is None:
        return rest
    try:
        rest["policy"] = _text_of(given, folder, rest.get("policy"))
    except Fault as fault:
        read.problems.append(Problem((*path, "policy_file"), fault.message, fault.remedy, given))
    else:
        read.files[*path, "policy"] = str(folder / given)
    return rest


def _text_of(name: Any, folder: Path, beside: Any) -> str:
    if beside is not None:
        raise Fault("is set beside `policy`", "keep one of them; `policy: null` takes a default back")
    if not isinstance(name, str):
        raise Fault("is not text", "write the path of a JSON file, relative to this file")
    try:
        with (folder / name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Fault(f"can't be read: {reason.lower()}", "write the path of a file, relative to this file") from error
    if len(data) > MAX_BYTES:
        raise Fault(f"has more than {MAX_BYTES:,} bytes", "name a file that holds a policy")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault("is not UTF-8 text", "save it as UTF-8") from error
