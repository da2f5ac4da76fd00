"""Which accounts a scan reads, as the options say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright._internal.estate.scan import AccountToScan
from keywright._internal.estate.snapshot import NotRead
from keywright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from keywright._internal.aws import CallerIdentity, Cloud

_ROLE = re.compile(r"[\w+=,.@/-]{1,512}")
_ACTIVE = "ACTIVE"


def check_accounts(accounts: Sequence[str], role: str | None, *, organization: bool) -> None:
    """Whether the options say together which accounts are read, and how they are entered.

    Raises:
        UsageError: they don't.
    """
    for account in accounts:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise UsageError(f"`{account}` is not an account", "write its twelve digits")
    if organization and accounts:
        raise UsageError("`--org` and `--account` exclude each other", "leave out one of them")
    if (organization or accounts) and role is None:
        raise UsageError("nothing says which role to assume in the accounts", "name it with --account-role")
    if role is not None and not (organization or accounts):
        raise UsageError("`--account-role` needs accounts", "name them with --account, or pass --org")
    if role is not None and not _ROLE.fullmatch(role):
        raise UsageError(f"`{role}` is not the name of a role", "write its name, with its path if it has one")


def accounts_to_scan(
    cloud: Cloud, caller: CallerIdentity, accounts: Sequence[str], role: str | None, *, organization: bool
) -> tuple[list[AccountToScan], list[NotRead]]:
    """The accounts, and those of the organization that can't be entered.

    Raises:
        AwsError: the organization's accounts can't be listed.
    """
    if not organization:
        if not accounts:
            return [AccountToScan(caller.account, caller.partition)], []
        return [_entered(caller, account, role, "") for account in dict.fromkeys(accounts)], []
    members = cloud.account().organization_accounts()
    active = [_entered(caller, item.account, role, item.name) for item in members if item.state == _ACTIVE]
    closed = [
        NotRead(item.account, "", "", "AssumeRole", f"the account is {item.state or 'in an unknown state'}")
        for item in members
        if item.state != _ACTIVE
    ]
    return active, closed


def targeted_accounts(file: Path, cloud: Cloud) -> tuple[list[AccountToScan], list[str]]:
    """The accounts of a keys file's targets, and what is worth knowing of them.

    Raises:
        UsageError: the file has no targets.
        KeywrightError: the file is wrong, or AWS doesn't tell the accounts.
    """
    from keywright._internal.fleet.discovery import discover
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.targets import has_targets, targets_of

    source = read_source(file)
    if not has_targets(source):
        raise UsageError(f"`{file}` has no targets", "write `targets:` in it, or leave --targets out")
    found = discover(cloud, targets_of(source))
    notes = [*found.notes, *(f"skipped {item.account} {item.name}: {item.reason}" for item in found.skipped)]
    return [AccountToScan(item.account, item.partition, item.role_arn, item.name) for item in found.deployments], notes


def _entered(caller: CallerIdentity, account: str, role: str | None, name: str) -> AccountToScan:
    """An account by the role of that name; our own needs none."""
    arn = None if account == caller.account else f"arn:{caller.partition}:iam::{account}:role/{role}"
    return AccountToScan(account, caller.partition, arn, name)
