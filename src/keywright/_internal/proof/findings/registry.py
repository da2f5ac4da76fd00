"""All checks, in the order of their ids: every module in `checks/` holds one, and is found because it is there."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from keywright._internal.proof.findings import checks
from keywright._internal.proof.findings.check import Check

if TYPE_CHECKING:
    from collections.abc import Mapping


def _check(module: str) -> Check:
    """The one check of a module; its class is the one that is written there."""
    home = import_module(f"{checks.__name__}.{module}")
    (found,) = (
        item
        for item in vars(home).values()
        if isinstance(item, type) and issubclass(item, Check) and item.__module__ == home.__name__
    )
    return found()


CHECKS: Final[tuple[Check, ...]] = tuple(
    sorted((_check(module.name) for module in iter_modules(checks.__path__)), key=lambda check: check.id)
)
BY_ID: Final[Mapping[str, Check]] = {check.id: check for check in CHECKS}
