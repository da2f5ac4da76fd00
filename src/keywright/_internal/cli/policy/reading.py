"""Reading the files that the policy commands are given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright._internal.input_file import read_text
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.policy.parsing import ParsedPolicy


def key_policy(path: Path) -> ParsedPolicy:
    """A key policy, or another policy whose statements name principals."""
    from keywright._internal.policy.parsing import parse_policy

    return parse_policy(read_text(path), file=str(path))


def is_key_policy(path: Path) -> bool:
    """Whether what is named where a keys file may stand is a key policy, or a folder of them.

    A keys file has no `Statement`; one that holds policies has them as text, or below `keys`.
    """
    if path.is_dir():
        return True
    text = read_text(path).lstrip()
    return text.startswith("{") and _STATEMENT.search(text) is not None and _KEYS.search(text) is None


_STATEMENT = re.compile(r'"Statement"\s*:')
_KEYS = re.compile(r'"keys"\s*:')


def resource_policy(path: Path) -> PolicyDocument:
    """A policy whose statements name principals, and whose condition operators all exist."""
    return _checked(key_policy(path))


def identity_policy(path: Path) -> PolicyDocument:
    """A policy whose statements name no principal, and whose condition operators all exist."""
    from keywright._internal.policy.parsing import parse_identity_policy

    return _checked(parse_identity_policy(read_text(path), file=str(path)))


def policy_files(paths: Iterable[Path]) -> list[Path]:
    """Each path itself, and for a folder every `.json` file in it, at any depth, sorted.

    Raises:
        InputError: for a folder without one.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(item for item in path.rglob("*.json") if item.is_file())
        if not inside:
            raise InputError(f"`{path}` holds no policy", "name a folder with `.json` files in it")
        found += inside
    return found


def _checked(parsed: ParsedPolicy) -> PolicyDocument:
    from keywright._internal.proof.evaluation.conditions import check_operators

    check_operators(parsed.document, parsed.file)
    return parsed.document
