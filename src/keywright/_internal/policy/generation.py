"""The key policy Keywright writes for a key: one statement a purpose, least privilege, nothing implied.

A pure function of the declared key and where it lives: who runs the tool never gets into the policy.
The purposes follow AWS's default key policy for administrators, users and grants:
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.key_rules import FieldPath
from keywright._internal.model.pattern_use import occurrences
from keywright._internal.model.policy_statement import PolicyStatement, StatementPrincipal
from keywright._internal.model.principal import Durable, PermissionSet, Pinned, parse_principal
from keywright._internal.policy import catalogue
from keywright._internal.policy.catalogue_types import UNKNOWN_SERVICE
from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement

SUFFIX_OF_PERMISSION_SET_ROLE = "?" * 16
"""IAM Identity Center ends a role's name in 16 characters of its own; `?` stands for each of them, so that a
permission set whose name merely begins the same does not match."""


def key_policy(key: Key, location: KeyLocation) -> PolicyDocument:
    """The generated policy of a key that lives in `location`; `key.policy` plays no part here."""
    moved = key if key.replica_primary_key_arn is None else key_in_region(key, location.region)
    return PolicyDocument(tuple(statement for _, statement in sourced_statements(moved, location)))


def replica_policy(key: Key, location: KeyLocation, replica_region: str) -> PolicyDocument:
    """The policy of a replica: the primary's, with each Region-bound service principal its Region's."""
    return key_policy(key_in_region(key, replica_region), replace(location, region=replica_region))


def key_in_region(key: Key, region: str) -> Key:
    """The key as its replica in a Region serves it: each Region-bound service principal is that Region's."""
    services = tuple(_in_region(principal, region) for principal in key.key_service_users)
    statements = tuple(_statement_in_region(statement, region) for statement in key.statements)
    return key.model_copy(update={"key_service_users": services, "statements": statements})


def own_statements(key: Key) -> tuple[Statement, ...]:
    """The statements of one's own, as the policy has them."""
    return tuple(
        Statement(
            item.effect,
            _principals(item.principals),
            item.actions,
            item.resources,
            tuple(Condition(condition.test, condition.variable, condition.values) for condition in item.conditions),
            item.sid,
            _principals(item.not_principals),
            item.not_actions,
        )
        for item in key.statements
    )


def _principals(items: tuple[StatementPrincipal, ...] | None) -> tuple[Principal, ...] | None:
    if items is None:
        return None
    return tuple(
        Principal("AWS" if item.type == "*" else item.type, name) for item in items for name in item.identifiers
    )


def usage_of(key: Key) -> str:
    """The key's usage as the catalogue names it: encrypting keys are told apart by whether they are symmetric."""
    if key.key_usage != "ENCRYPT_DECRYPT":
        return key.key_usage
    symmetric = key.customer_master_key_spec == "SYMMETRIC_DEFAULT"
    return f"ENCRYPT_DECRYPT/{'symmetric' if symmetric else 'asymmetric'}"


def sourced_statements(key: Key, location: KeyLocation) -> Iterator[tuple[FieldPath, Statement]]:
    """The statements of a key's generated policy, each with the field of the key that it comes from."""
    book = catalogue.load()
    usage = usage_of(key)
    administrators: FieldPath = ("key_administrator_arns",)
    users: FieldPath = ("key_user_arns",)
    if key.enable_default_root_policy:
        root = Principal("AWS", f"arn:{location.partition}:iam::{location.account}:root")
        yield ("enable_default_root_policy",), Statement("Allow", (root,), ("kms:*",), sid="AccountRoot")
    actions = _administrator_actions(key, book)
    for statement in _for_principals("KeyAdministrators", key.key_administrator_arns, actions, (), location):
        yield administrators, statement
    for statement in _for_principals("KeyUsers", key.key_user_arns, book.users[usage], (), location):
        yield users, statement
    if usage in book.grant_usages:
        for_aws = (Condition("Bool", "kms:GrantIsForAWSResource", ("true",)),)
        for statement in _for_principals("KeyUsersGrants", key.key_user_arns, book.grants, for_aws, location):
            yield users, statement
    yield from _beyond_people(key, usage, book, location)


def _beyond_people(
    key: Key, usage: str, book: catalogue.Catalogue, location: KeyLocation
) -> Iterator[tuple[FieldPath, Statement]]:
    """The statements for services, of patterns, and of one's own."""
    for principal in sorted(set(key.key_service_users)):
        at: FieldPath = ("key_service_users", key.key_service_users.index(principal))
        for statement in _for_service(principal, _service(principal, usage, book), key.key_service_pins, location):
            yield at, statement
    for number, (use, occurrence) in enumerate(occurrences(key.patterns)):
        for statement in catalogue.expand(use.name, use.parameters, location, occurrence=occurrence):
            yield ("patterns", number), statement
    for number, statement in enumerate(own_statements(key)):
        yield ("statements", number), statement


def _service(principal: str, usage: str, book: catalogue.Catalogue) -> catalogue.Service:
    """What a service gets; on a key of a usage that the catalogue does not know it for, what any user gets."""
    service = book.service(principal)
    if usage in service.usages:
        return service
    return replace(book.services[UNKNOWN_SERVICE], actions=book.users[usage], grant_actions=())


def _administrator_actions(key: Key, book: catalogue.Catalogue) -> tuple[str, ...]:
    groups = ["always"]
    if key.customer_master_key_spec == "SYMMETRIC_DEFAULT":
        groups.append("symmetric_rotation")
    elif key.key_usage != "GENERATE_VERIFY_MAC":
        groups.append("public_key")
    if key.multi_region or key.replica_primary_key_arn:
        groups.append("multi_region")
    return tuple(action for group in groups for action in book.administrators[group])


def _for_principals(
    sid: str,
    texts: Iterable[str],
    actions: tuple[str, ...],
    conditions: tuple[Condition, ...],
    location: KeyLocation,
) -> Iterator[Statement]:
    pinned: list[Principal] = []
    by_name: dict[tuple[str, str, str], set[str]] = {}
    for principal in map(parse_principal, texts):
        match principal:
            case Pinned():
                pinned.append(Principal("AWS", principal.arn))
            case Durable():
                group = (principal.partition, principal.account, "ArnEquals")
                by_name.setdefault(group, set()).add(principal.arn)
            case PermissionSet():
                account = principal.account or location.account
                group = (location.partition, account, "ArnLike")
                by_name.setdefault(group, set()).update(_roles_of(principal, location.partition, account))
    if pinned:
        yield Statement("Allow", tuple(pinned), actions, conditions=conditions, sid=sid)
    for (partition, account, operator), arns in sorted(by_name.items()):
        form = "Durable" if operator == "ArnEquals" else "PermissionSets"
        yield Statement(
            "Allow",
            (Principal("AWS", f"arn:{partition}:iam::{account}:root"),),
            actions,
            conditions=(*conditions, Condition(operator, "aws:PrincipalArn", tuple(sorted(arns)))),
            sid=f"{sid}{form}{account}",
        )


def _roles_of(principal: PermissionSet, partition: str, account: str) -> tuple[str, str]:
    path = f"arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com"
    role = f"AWSReservedSSO_{principal.name}_{SUFFIX_OF_PERMISSION_SET_ROLE}"
    return f"{path}/{role}", f"{path}/*/{role}"


def _for_service(
    principal: str,
    service: catalogue.Service,
    pins: Iterable[str],
    location: KeyLocation,
) -> Iterator[Statement]:
    name = "".join(part.capitalize() for part in re.split(r"[^a-z0-9]+", principal.partition(".amazonaws")[0]))
    for pin in sorted(set(pins)):
        conditions = tuple(
            replace(item, values=tuple(catalogue.fill(value, location) for value in item.values))
            for item in service.pins[pin]
        )
        sid = f"Service{name}{pin.partition(':')[2]}"
        who = (Principal("Service", principal),)
        yield Statement("Allow", who, service.actions, conditions=conditions, sid=sid)
        if service.grant_actions:
            for_aws = Condition("Bool", "kms:GrantIsForAWSResource", ("true",))
            yield Statement("Allow", who, service.grant_actions, conditions=(*conditions, for_aws), sid=f"{sid}Grants")


def _statement_in_region(statement: PolicyStatement, region: str) -> PolicyStatement:
    moved = {
        field: tuple(
            item.model_copy(update={"identifiers": tuple(_in_region(name, region) for name in item.identifiers)})
            if item.type == "Service"
            else item
            for item in items
        )
        for field in ("principals", "not_principals")
        if (items := getattr(statement, field)) is not None
    }
    return statement.model_copy(update=moved)


def _in_region(principal: str, region: str) -> str:
    label, own_region, suffix = catalogue.split_service(principal)
    return principal if own_region is None else f"{label}.{region}{suffix}"
