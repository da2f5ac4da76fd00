"""The rules that join several fields of a key.

Each rule names the fields it reads. It is checked where those are right by themselves, so that a key with mistakes
of both kinds has them reported in one run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from keywright._internal.facts.offerings import grant_operations_of, partition_of_region, usages_of
from keywright._internal.model.arn import Arn
from keywright._internal.model.principal import PermissionSet, parse_principal

if TYPE_CHECKING:
    from keywright._internal.model.key_fields import KeyFields

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Fields that do not go together: the one to change first, what is wrong, and what to write instead."""

    path: FieldPath
    message: str
    remedy: str
    value: object
    fields: tuple[str, ...]
    """All fields that the rule reads."""


@dataclass(frozen=True, slots=True)
class _Rule:
    fields: tuple[str, ...]
    check: Callable[[KeyFields], Iterator[tuple[FieldPath, str, str]]]


def conflicts(key: KeyFields, *, without: Collection[str] = ()) -> Iterator[Conflict]:
    """What does not go together in a key.

    Args:
        key: the key.
        without: fields that are wrong by themselves; rules that read them are left out.
    """
    for rule in _RULES:
        if not any(name in without for name in rule.fields):
            for path, message, remedy in rule.check(key):
                yield Conflict(path, message, remedy, _value(key, path), rule.fields)


def _value(key: KeyFields, path: FieldPath) -> object:
    value: Any = key
    for part in path:
        value = getattr(value, part) if isinstance(value, BaseModel) and isinstance(part, str) else value[part]
    return value if isinstance(value, str | int) else None


def _usage_fits_spec(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    fitting = usages_of(key.customer_master_key_spec)
    if key.key_usage not in fitting:
        yield (
            ("key_usage",),
            f"does not fit the spec {key.customer_master_key_spec}",
            f"write {_either(f'`key_usage: {usage}`' for usage in fitting)}",
        )


def _spec_is_in_its_partition(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    partitions = {partition for _, partition in _partitions(key)}
    if key.customer_master_key_spec == "SM2" and partitions and "aws-cn" not in partitions:
        yield (
            ("customer_master_key_spec",),
            "is a spec that only the Regions of China have",
            "write `ECC_NIST_P256` to sign or agree on keys, or `RSA_4096` to encrypt",
        )


def _period_needs_rotation(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    if key.rotation_period_in_days is None or key.rotates:
        return
    path: FieldPath = ("rotation_period_in_days",)
    if key.replica_primary_key_arn is not None:
        yield path, "is set on a replica, which rotates with its primary", "set it on the primary"
    elif key.rotates is None:
        yield (
            path,
            f"is set, but a key of spec {key.customer_master_key_spec} does not rotate",
            "remove it, or write `rotation_period_in_days: null` where it comes from `defaults`",
        )
    else:
        yield path, "is set, but the key does not rotate", "remove it, or write `enable_key_rotation: true`"


def _replicas_need_a_primary(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    if key.replica_regions and not key.multi_region and key.replica_primary_key_arn is None:
        yield (
            ("replica_regions",),
            "needs a multi-Region key",
            "write `multi_region: true`, or `replica_primary_key_arn` to replicate another key",
        )


def _replicas_are_elsewhere(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    primary = _arn(key.replica_primary_key_arn)
    for region in key.replica_regions:
        if region == key.region and primary is None:
            yield ("replica_regions", region), "is the key's own Region", "remove it from `replica_regions`"
        elif primary is not None and region == primary.region:
            yield ("replica_regions", region), "is the Region of the primary", "remove it from `replica_regions`"


def _replica_is_not_beside_its_primary(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    primary = _arn(key.replica_primary_key_arn)
    if primary is None:
        return
    path: FieldPath = ("replica_primary_key_arn",)
    if key.region == primary.region:
        yield path, f"is a key of {primary.region}, where the replica would be", "give the key another `region`"
    if key.account is not None and key.account != primary.account:
        yield (
            path,
            f"is a key of account {primary.account}; a replica is in its primary's account",
            f'write `account: "{primary.account}"`',
        )


def _role_is_of_the_account(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    role = _arn(key.assume_role_arn)
    if role is not None and key.account is not None and role.account != key.account:
        yield (
            ("assume_role_arn",),
            f"is a role of account {role.account}, and the key's account is {key.account}",
            "name a role of the key's account, or correct `account`",
        )


def _one_partition(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    named = list(_partitions(key))
    if not named:
        return
    home = named[0][1]
    for path, partition in named:
        if partition != home:
            yield (
                path,
                f"is of the partition `{partition}`, and the key of `{home}`; a key lives in one",
                f"write one of the partition `{home}`",
            )


def _partitions(key: KeyFields) -> Iterator[tuple[FieldPath, str]]:
    """Every field that tells a partition; the first one tells the key's."""
    of_region = partition_of_region()
    if key.region is not None:
        yield ("region",), of_region[key.region]
    for field in ("replica_primary_key_arn", "assume_role_arn"):
        arn = _arn(getattr(key, field))
        if arn is not None:
            yield (field,), arn.partition
    for region in key.replica_regions:
        yield ("replica_regions", region), of_region[region]
    yield from _partitions_of_principals(key)
    for index, text in enumerate(key.key_service_users):
        region = text.removesuffix(".cn").removesuffix(".amazonaws.com").rpartition(".")[2]
        if region in of_region:
            yield ("key_service_users", index), of_region[region]
        elif text.endswith(".cn"):
            yield ("key_service_users", index), "aws-cn"


def _partitions_of_principals(key: KeyFields) -> Iterator[tuple[FieldPath, str]]:
    for field in ("key_administrator_arns", "key_user_arns"):
        for index, text in enumerate(getattr(key, field)):
            principal = parse_principal(text)
            if not isinstance(principal, PermissionSet):
                yield (field, index), principal.partition
    for index, grant in enumerate(key.grants):
        for field in ("grantee_principal", "retiring_principal"):
            arn = _arn(getattr(grant, field))
            if arn is not None:
                yield ("grants", index, field), arn.partition


def _somebody_can_change_the_policy(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    if (
        not key.enable_default_root_policy
        and key.policy is None
        and not key.key_administrator_arns
        and not any(statement.may_allow("kms:PutKeyPolicy") for statement in key.statements)
    ):
        yield (
            ("enable_default_root_policy",),
            "is false and there is no administrator, so nobody could ever change the key's policy",
            "name `key_administrator_arns`, or remove it",
        )


def _patterns_have_a_policy_to_be_in(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    if key.policy is not None and key.patterns:
        yield (
            ("patterns",),
            "would say nothing: `policy` replaces the generated policy, patterns and all",
            "remove `policy`, or write what the patterns say into it and `patterns: null` here",
        )


def _statements_have_a_policy_to_be_in(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    if key.policy is not None and key.statements:
        yield (
            ("statements",),
            "would say nothing: `policy` replaces the generated policy, statements and all",
            "remove `policy`, or write the statements into it and `statements: null` here",
        )


def _grants_fit_the_key(key: KeyFields) -> Iterator[tuple[FieldPath, str, str]]:
    fitting = grant_operations_of(key.key_usage, key.customer_master_key_spec)
    for index, grant in enumerate(key.grants):
        for number, operation in enumerate(grant.operations):
            if operation not in fitting:
                yield (
                    ("grants", index, "operations", number),
                    f"is no operation of a key for {key.key_usage} of spec {key.customer_master_key_spec}",
                    f"its grants take {', '.join(fitting)}",
                )
        if grant.constraints is not None and key.customer_master_key_spec != "SYMMETRIC_DEFAULT":
            yield (
                ("grants", index, "constraints"),
                f"is set, but a key of spec {key.customer_master_key_spec} takes no encryption context",
                "remove it",
            )


def _arn(text: str | None) -> Arn | None:
    return Arn.parse(text) if text is not None else None


def _either(choices: Iterator[str]) -> str:
    return " or ".join(choices)


_PRINCIPALS = ("key_administrator_arns", "key_user_arns")
_PARTITIONED = ("region", "replica_regions", "replica_primary_key_arn", "assume_role_arn", "grants", *_PRINCIPALS)
_ROTATION = ("rotation_period_in_days", "enable_key_rotation", "customer_master_key_spec", "replica_primary_key_arn")

_RULES = (
    _Rule(("key_usage", "customer_master_key_spec"), _usage_fits_spec),
    _Rule(("customer_master_key_spec", *_PARTITIONED, "key_service_users"), _spec_is_in_its_partition),
    _Rule(_ROTATION, _period_needs_rotation),
    _Rule(("replica_regions", "multi_region", "replica_primary_key_arn"), _replicas_need_a_primary),
    _Rule(("replica_regions", "region", "replica_primary_key_arn"), _replicas_are_elsewhere),
    _Rule(("replica_primary_key_arn", "region", "account"), _replica_is_not_beside_its_primary),
    _Rule(("assume_role_arn", "account"), _role_is_of_the_account),
    _Rule((*_PARTITIONED, "key_service_users"), _one_partition),
    _Rule(
        ("enable_default_root_policy", "policy", "key_administrator_arns", "statements"),
        _somebody_can_change_the_policy,
    ),
    _Rule(("policy", "patterns"), _patterns_have_a_policy_to_be_in),
    _Rule(("policy", "statements"), _statements_have_a_policy_to_be_in),
    _Rule(("grants", "key_usage", "customer_master_key_spec"), _grants_fit_the_key),
)
