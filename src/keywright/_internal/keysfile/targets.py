"""The accounts that a keys file is for, and the values of its parameters in each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.keysfile.problems import head_problems
from keywright._internal.keysfile.references import References
from keywright._internal.keysfile.source import Path_, Source, count_of
from keywright._internal.model.account_targets import AccountTarget, Deployment
from keywright._internal.model.spelling import did_you_mean
from keywright.errors import InvalidKeysFile, Problem, UsageError

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
ANY_ACCOUNT: Final = "111122223333"
"""Stands for an account that only AWS could name, where a file is checked without AWS."""


@dataclass(frozen=True)
class Targets:
    """The targets of a file, in its order.

    Args:
        source: the file.
        entries: its targets.
        defaults: the parameters that have a value for all.
    """

    source: Source
    entries: tuple[AccountTarget, ...]
    defaults: Mapping[str, Any]

    def deployment(
        self, index: int, account: str, partition: str | None = None, *, own: bool = False, name: str = ""
    ) -> Deployment:
        """The keys in one account of a target.

        Args:
            index: which target.
            account: the account.
            partition: AWS's partition; that of the Region where nobody has asked AWS.
            own: whether it is the caller's own account, which is entered without a role.
            name: the account's name.
        """
        entry = self.entries[index]
        region = entry.region or self.source.value.get("region")
        partition = partition or partition_of_region().get(str(region), "aws")
        role = None if own else f"arn:{partition}:iam::{account}:role/{entry.role}"
        known = built_in_references(account, partition, region)
        parameters = References(known).resolved({**self.defaults, **entry.parameters})
        return Deployment(account, partition, role, entry.region, parameters, name)

    def listed(self) -> dict[str, int]:
        """The accounts that the file itself names, with the target of each."""
        return {
            account: index
            for index, entry in enumerate(self.entries)
            for account in entry.accounts.listed
            if account not in entry.exclude
        }

    def problem(self, index: int, message: str, remedy: str) -> Problem:
        """A problem with the accounts of a target, at its line."""
        path = ("targets", index, "accounts")
        return self.source.problem(path, path, message, remedy)

    def offline(self, account: str | None = None) -> tuple[Deployment, ...]:
        """The keys in each account that the file names, or in the one that is given.

        Raises:
            UsageError: no account is named, or the given one is of no target or of any of several.
        """
        listed = self.listed()
        if account is None:
            if not listed:
                raise UsageError(
                    f"which accounts `{self.source.file}` is for, only AWS knows", "name one of them with --account"
                )
            return tuple(self.deployment(index, number) for number, index in listed.items())
        if account in listed:
            return (self.deployment(listed[account], account),)
        open_ = [
            index
            for index, entry in enumerate(self.entries)
            if not entry.accounts.listed and account not in entry.exclude
        ]
        if len(open_) != 1:
            several = "several targets may hold" if open_ else "no target holds"
            raise UsageError(f"{several} the account {account}", "name an account that a target lists")
        return (self.deployment(open_[0], account),)

    def samples(self) -> tuple[Deployment, ...]:
        """One account of each target: what is wrong with a file shows in these."""
        return tuple(
            self.deployment(index, next(iter(entry.accounts.listed), ANY_ACCOUNT))
            for index, entry in enumerate(self.entries)
        )


def has_targets(source: Source) -> bool:
    """Whether a file says which accounts it is for."""
    return isinstance(source.value, dict) and source.value.get("targets") is not None


def targets_of(source: Source) -> Targets:
    """The targets of a file that has some.

    Raises:
        InvalidKeysFile: with every problem of its targets and parameters.
    """
    entries: list[AccountTarget] = []
    problems: list[Problem] = []
    given = source.value["targets"]
    if not isinstance(given, list) or not given:
        path = ("targets",)
        problems.append(source.problem(path, path, "is not a list of targets", "begin each one with `- accounts:`"))
        given = []
    declared = source.value.get("parameters")
    declared = declared if isinstance(declared, dict) else {}
    for index, item in enumerate(given):
        try:
            entry = AccountTarget.model_validate(item)
        except ValidationError as error:
            problems.extend(head_problems(source, AccountTarget, error, ("targets", index)))
        else:
            entries.append(entry)
            problems.extend(_parameter_problems(source, index, entry, declared))
    if not problems:
        problems.extend(_accounts_twice(source, entries))
        problems.extend(_reference_problems(source, entries, declared))
    problems.extend(_name_problems(source, declared))
    if problems:
        raise InvalidKeysFile(f"`{source.file}` has {count_of(len(problems))}", problems=tuple(problems))
    defaults = {name: value for name, value in declared.items() if value is not None}
    return Targets(source, tuple(entries), defaults)


def built_in_references(account: str, partition: str, region: str | None) -> dict[str, str]:
    """What every file may refer to, beside its parameters."""
    return {"account_id": account, "partition": partition, **({"region": region} if region else {})}


def _name_problems(source: Source, declared: Iterable[str]) -> Iterator[Problem]:
    for name in declared:
        if not _NAME.fullmatch(name):
            path = ("parameters", name)
            yield source.problem(
                path, path, "is not a name for a parameter", "use letters, digits and `_`", name, of_name=True
            )


def _parameter_problems(
    source: Source, index: int, entry: AccountTarget, declared: Mapping[str, Any]
) -> Iterator[Problem]:
    root = ("targets", index)
    for name in entry.parameters:
        if name not in declared:
            where = (*root, "parameters", name)
            remedy = did_you_mean(name, declared) or f"declare it under `parameters:`, `{name}:` alone for no default"
            yield source.problem(where, where, "is not a parameter of this file", remedy, of_name=True)
    for name, default in declared.items():
        if default is None and entry.parameters.get(name) is None:
            path = (*root, "parameters")
            remedy = f"write `parameters: {{{name}: …}}` in this target, or a default under `parameters:` of the file"
            yield source.problem(path, path, f"gives no value for `{name}`", remedy)


def _reference_problems(
    source: Source, entries: Iterable[AccountTarget], declared: Mapping[str, Any]
) -> Iterator[Problem]:
    """The values of parameters that refer to anything but what each file may refer to."""
    found: dict[Path_, Problem] = {}
    for index, entry in enumerate(entries):
        region = entry.region or source.value.get("region")
        references = References(built_in_references(ANY_ACCOUNT, "aws", region))
        for name, value in {**declared, **entry.parameters}.items():
            root = ("targets", index) if name in entry.parameters else ()
            references.resolved(value, (*root, "parameters", name))
        found |= {problem.path: problem for problem in references.problems}
    for path, problem in found.items():
        yield source.problem(path, path, problem.message, problem.remedy)


def _accounts_twice(source: Source, entries: Iterable[AccountTarget]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        for account in entry.accounts.listed:
            if account in entry.exclude:
                continue
            if first.setdefault(account, index) != index:
                path = ("targets", index, "accounts")
                message = f"names {account}, which is in targets[{first[account]}] too"
                yield source.problem(path, path, message, "keep it in one of them, or write it under `exclude:`")
