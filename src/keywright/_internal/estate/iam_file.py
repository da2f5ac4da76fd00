"""The tables of a snapshot's file that say who there is: written whole for an account, read back at once."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.estate import encoding
from keywright._internal.estate.iam import (
    IamPrincipal,
    IamSnapshot,
    NamedPolicy,
    Organization,
    OrganizationAccount,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.estate.estate_reading import EstateReading

ABOUT_KMS: Final = 1
ABOUT_IAM: Final = 2


def put_iam(estate: EstateFile, account: str, principals: Iterable[IamPrincipal]) -> None:
    """The roles and users of an account, in place of those that the file has of it."""
    with estate.transaction() as connection:
        _create(connection)
        connection.execute("DELETE FROM iam_principal WHERE account = ?", (account,))
        connection.executemany(
            "INSERT OR REPLACE INTO iam_principal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    item.arn,
                    item.account,
                    item.kind,
                    item.unique_id,
                    json.dumps([_kept(connection, policy) for policy in item.policies]),
                    None if item.boundary is None else json.dumps(_kept(connection, item.boundary)),
                    json.dumps(dict(item.tags)),
                    item.trust,
                    item.last_used,
                    item.missing,
                )
                for item in principals
            ],
        )
        connection.execute("INSERT OR REPLACE INTO iam_account VALUES (?, ?)", (account, _now()))


def put_organization(estate: EstateFile, organization: Organization | None) -> None:
    """The organization, in place of the one that the file has; None where the accounts belong to none."""
    with estate.transaction() as connection:
        _create(connection)
        connection.execute("DELETE FROM organization")
        connection.execute("DELETE FROM organization_account")
        named = ("", "") if organization is None else (organization.id, organization.management_account)
        connection.execute("INSERT INTO organization VALUES (?, ?, ?)", (*named, _now()))
        connection.executemany(
            "INSERT INTO organization_account VALUES (?, ?, ?, ?, ?)",
            [
                (
                    item.account,
                    item.name,
                    item.path,
                    json.dumps([[_kept(connection, policy) for policy in level] for level in item.service_control]),
                    json.dumps([_kept(connection, policy) for policy in item.resource_control]),
                )
                for item in (organization.accounts.values() if organization is not None else ())
            ],
        )


def read_iam(estate: EstateReading, *, about: int = ABOUT_KMS) -> IamSnapshot:
    """Everything that the file says of IAM and Organizations.

    Args:
        estate: the file.
        about: which identity policies matter: the others are left out, because they say nothing on these services.
    """
    if not estate.query("SELECT 1 FROM sqlite_master WHERE name = 'iam_principal'"):
        return IamSnapshot()
    texts = dict(estate.query("SELECT sha256, text FROM iam_policy WHERE about & ?", about))
    limits = _limits(estate)
    principals = tuple(
        IamPrincipal(
            arn,
            kind,
            account,
            unique_id,
            tuple(NamedPolicy(name, texts[sha], *arn) for name, sha, *arn in json.loads(policies) if sha in texts),
            None if boundary is None else limits.named(json.loads(boundary)),
            json.loads(tags) if tags != "{}" else {},
            trust,
            last_used,
            missing,
        )
        for arn, account, kind, unique_id, policies, boundary, tags, trust, last_used, missing in estate.query(
            "SELECT * FROM iam_principal ORDER BY arn"
        )
    )
    accounts = frozenset(account for (account,) in estate.query("SELECT account FROM iam_account"))
    found = estate.query("SELECT id, management_account FROM organization")
    organization = None
    if found and found[0][0]:
        rows = estate.query("SELECT * FROM organization_account ORDER BY account")
        (name, management) = found[0]
        organization = Organization(name, management, {row[0]: _account(row, limits) for row in rows})
    return IamSnapshot(principals, accounts, organization, organization_read=bool(found))


class _Limits:
    """Policies that limit, of which each counts, whatever its actions."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def named(self, reference: list[str]) -> NamedPolicy:
        name, sha, *_ = reference
        return NamedPolicy(name, self._texts[sha])


def _limits(estate: EstateReading) -> _Limits:
    used: set[str] = set()
    for (boundary,) in estate.query("SELECT DISTINCT boundary_json FROM iam_principal WHERE boundary_json NOT NULL"):
        used.add(json.loads(boundary)[1])
    for levels, resources in estate.query(
        "SELECT service_control_json, resource_control_json FROM organization_account"
    ):
        used.update(sha for level in json.loads(levels) for _, sha, *_ in level)
        used.update(sha for _, sha, *_ in json.loads(resources))
    rows = (estate.query("SELECT sha256, text FROM iam_policy WHERE sha256 = ?", sha) for sha in used)
    return _Limits({sha: text for found in rows for sha, text in found})


def _account(row: Any, limits: _Limits) -> OrganizationAccount:
    account, name, path, levels, resources = row
    return OrganizationAccount(
        account,
        name,
        path,
        tuple(tuple(limits.named(item) for item in level) for level in json.loads(levels)),
        tuple(limits.named(item) for item in json.loads(resources)),
    )


def _create(connection: sqlite3.Connection) -> None:
    text = files("keywright._internal.estate").joinpath("iam_schema.sql").read_text("utf-8")
    for statement in re.sub("--.*", "", text).split(";"):  # `executescript` would end the transaction
        connection.execute(statement)


def _kept(connection: sqlite3.Connection, policy: NamedPolicy) -> list[str]:
    sha = hashlib.sha256(policy.text.encode()).hexdigest()
    connection.execute(
        "INSERT INTO iam_policy VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (sha, policy.text, _about(policy.text))
    )
    return [policy.name, sha, *([policy.arn] if policy.arn else [])]


def _about(text: str) -> int:
    """What a policy's actions can match; a policy that isn't understood may be about anything."""
    try:
        statements = json.loads(text)["Statement"]
        actions = [
            action
            for item in (statements if isinstance(statements, list) else [statements])
            for action in (["*"] if "Action" not in item else _listed(item["Action"]))
        ]
        services = {action.partition(":")[0].lower() for action in actions}
    except (ValueError, KeyError, TypeError, AttributeError):
        return ABOUT_KMS | ABOUT_IAM
    every = "*" in services
    return (ABOUT_KMS if every or "kms" in services else 0) | (ABOUT_IAM if every or services & {"iam", "sts"} else 0)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _now() -> str:
    return encoding.moment(datetime.now(UTC))
