"""Which accounts the targets of a file choose: asked of AWS Organizations, where the file doesn't list them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright._internal.aws import AwsError, Cloud, MemberAccount
from keywright._internal.aws.accounts import AccountReading
from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.keysfile.targets import Targets
from keywright._internal.model.account_targets import AccountSelection, Deployment
from keywright.errors import InputError, InvalidKeysFile, UsageError

if TYPE_CHECKING:
    from keywright.errors import Problem

_ACTIVE = "ACTIVE"
_NO_SUCH_UNIT = frozenset({"ParentNotFoundException", "OrganizationalUnitNotFoundException"})


@dataclass(frozen=True, slots=True)
class Skipped:
    """An account that a target chooses, and that nobody can enter."""

    account: str
    name: str
    reason: str


@dataclass
class Discovered:
    """The accounts of a file's targets, in the targets' order.

    Args:
        deployments: the keys in each.
        skipped: accounts that are closed or about to be.
        notes: what is worth knowing.
    """

    deployments: list[Deployment] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def discover(cloud: Cloud, targets: Targets, only: Collection[str] = ()) -> Discovered:
    """Find the accounts; AWS Organizations is asked only where a target doesn't list its own.

    Args:
        cloud: AWS.
        targets: those of the file.
        only: accounts to keep, in place of all.

    Raises:
        InvalidKeysFile: two targets choose the same account, or an organizational unit doesn't exist.
        UsageError: an account of `only` is not among them.
        InputError: there is no account at all.
        AwsError: the caller or the organization can't be read.
    """
    caller = cloud.caller(region=_some_region(targets))
    members = _Members(cloud.account(region=_some_region(targets)))
    found = Discovered()
    chosen_by: dict[str, int] = {}
    problems: list[Problem] = []
    for index, entry in enumerate(targets.entries):
        try:
            chosen = list(members.of(entry.accounts))
        except AwsError as error:
            if error.code not in _NO_SUCH_UNIT:
                raise
            problems.append(targets.problem(index, f"names {entry.accounts}, which AWS doesn't know", "correct it"))
            continue
        kept = 0
        for member in chosen:
            if member.account in entry.exclude:
                continue
            if member.state != _ACTIVE:
                reason = f"the account is {member.state or 'in an unknown state'}"
                found.skipped.append(Skipped(member.account, member.name, reason))
                continue
            kept += 1
            first = chosen_by.setdefault(member.account, index)
            if first != index:
                message = f"chooses {member.account}, which targets[{first}] chooses too"
                problems.append(targets.problem(index, message, "write it under `exclude:` of one of them"))
                continue
            own = member.account == caller.account
            found.deployments.append(
                targets.deployment(index, member.account, caller.partition, own=own, name=member.name)
            )
        if not kept:
            found.notes.append(f"targets[{index}] chooses no account: {entry.accounts} has no active ones")
    if problems:
        raise InvalidKeysFile(f"the targets of `{targets.source.file}` can't be used", problems=tuple(problems))
    return _only(found, targets, only)


def _only(found: Discovered, targets: Targets, only: Collection[str]) -> Discovered:
    missing = sorted(set(only) - {item.account for item in found.deployments})
    if missing:
        skipped = {item.account: item.reason for item in found.skipped}
        why = f": {skipped[missing[0]]}" if missing[0] in skipped else ""
        raise UsageError(f"{missing[0]} is no account of the targets{why}", "name one that is")
    if not found.deployments:
        raise InputError(f"the targets of `{targets.source.file}` choose no account", " ".join(found.notes))
    if only:
        found.deployments = [item for item in found.deployments if item.account in only]
        found.skipped, found.notes = [], []
    return found


class _Members:
    """Accounts by the ways in which a target chooses them. The organization is read once, and only if it has to be."""

    def __init__(self, reading: AccountReading) -> None:
        self._reading = reading
        self._all: tuple[MemberAccount, ...] | None = None

    def of(self, selection: AccountSelection) -> Iterator[MemberAccount]:
        if selection.listed:
            yield from (MemberAccount(account, "", _ACTIVE) for account in selection.listed)
        elif selection.units:
            once = {item.account: item for unit in selection.units for item in self._reading.unit_accounts(unit)}
            yield from (once[account] for account in sorted(once))
        elif selection.organization:
            yield from self._everybody()
        else:
            wanted = set(selection.tags)
            for member in self._everybody():
                if wanted <= self._reading.account_tags(member.account).items():
                    yield member

    def _everybody(self) -> tuple[MemberAccount, ...]:
        if self._all is None:
            self._all = self._reading.organization_accounts()
        return self._all


def _some_region(targets: Targets) -> str:
    """A Region to ask about what belongs to whole accounts, where no default is set."""
    named = (entry.region for entry in targets.entries if entry.region)
    region = next(named, None) or targets.source.value.get("region")
    return region if region in partition_of_region() else "us-east-1"
