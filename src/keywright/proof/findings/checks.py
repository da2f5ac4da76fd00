"""All checks, in the order of their ids."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from keywright.proof.findings.check import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES = (
    "action_of_another_service",
    "action_of_another_usage",
    "action_without_a_key",
    "allow_all_actions_but",
    "allow_all_but",
    "allow_that_a_deny_cancels",
    "always_true_condition",
    "contradiction",
    "dead_statement",
    "deny_all_but",
    "deprecated_key",
    "duplicate_sid",
    "duplicate_statement",
    "empty_list",
    "everybody_administers",
    "everything_for_one",
    "for_all_values",
    "for_any_value_if_exists",
    "foreign_administration",
    "foreign_character",
    "foreign_source",
    "grants_for_anybody",
    "identity_policy_key",
    "impossible_value",
    "mfa_deny",
    "missing_element",
    "missing_set_operator",
    "nobody_changes_the_policy",
    "not_an_identity",
    "old_version",
    "orphaned_principal",
    "other_partition",
    "partly_dead_statement",
    "pinned_by_caller_account",
    "policy_locked_for_all",
    "public_principal",
    "resource_is_not_this_key",
    "service_without_pin",
    "too_large",
    "unknown_action",
    "unknown_condition_key",
    "unknown_operator",
    "variable_in_old_version",
    "uses_and_administers",
    "wildcard_in_principal",
)


def _check(module: str) -> Check:
    """The one check of a module; its class is the one that is written there."""
    home = import_module(f"keywright.proof.findings.{module}")
    (found,) = (
        item
        for item in vars(home).values()
        if isinstance(item, type) and issubclass(item, Check) and item.__module__ == home.__name__
    )
    return found()


CHECKS: Final[tuple[Check, ...]] = tuple(sorted(map(_check, _MODULES), key=lambda check: check.id))
BY_ID: Final[Mapping[str, Check]] = {check.id: check for check in CHECKS}
