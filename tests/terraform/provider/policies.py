"""When two policies are the same to the provider: order of statements and lists, and one-element lists, don't count."""

from __future__ import annotations

import json
from typing import Any


def equivalent(one: str, other: str) -> bool:
    """Whether two policy documents mean the same by structure."""
    if one == other:
        return True
    try:
        return _normal(json.loads(one)) == _normal(json.loads(other))
    except ValueError:
        return False


def _normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _normal(item) for name, item in value.items()}
    if isinstance(value, list):
        items = sorted((_normal(item) for item in value), key=repr)
        return items[0] if len(items) == 1 else items
    return value
