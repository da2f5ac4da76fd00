"""Examining every policy of a keys file, with each finding placed where a person can see it in that file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright._internal.keysfile.stack import stack_of
from keywright._internal.policy.stack_policies import stack_policies
from keywright._internal.proof.declared_policies import examine_all
from keywright.errors import Location

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from keywright._internal.keysfile.source import Path_, Source
    from keywright._internal.model.account_targets import Deployment
    from keywright._internal.policy.stack_policies import DeclaredPolicy
    from keywright._internal.proof.examination import Examination
    from keywright._internal.proof.findings.finding import Finding
    from keywright._internal.proof.memory import Memory


def examine_file(
    source: Source,
    *,
    account: str | None = None,
    keys: Collection[str] = (),
    deployment: Deployment | None = None,
    memory: Memory | None = None,
) -> tuple[Examination, ...]:
    """Every key of a file, and every replica.

    Args:
        source: the file as read.
        account: where the keys live, for those that don't say.
        deployment: of a file with targets, the account that is looked at.
        keys: the names of the keys to look at; all where left out.
        memory: where results of earlier runs are.

    Raises:
        InputError: the file has problems or not all of the keys, or nothing says a key's account or Region.
    """
    policies = declared_in(source, account=account, keys=keys, deployment=deployment)
    return tuple(item for _, item in in_file(source, examine_all(policies, file=source.file, memory=memory)))


def declared_in(
    source: Source, *, account: str | None = None, keys: Collection[str] = (), deployment: Deployment | None = None
) -> Iterator[DeclaredPolicy]:
    """The policies of a file that `examine_file` looks at; its arguments and errors are the same."""
    stack = stack_of(source, deployment)
    return stack_policies(stack.only(keys) if keys else stack, account=account)


def in_file(
    source: Source, examined: Iterable[tuple[DeclaredPolicy, Examination]]
) -> Iterator[tuple[DeclaredPolicy, Examination]]:
    """The examinations of policies of a file, each finding at its place in the file."""
    for policy, examination in examined:
        findings = tuple(_in_file(source, policy, item) for item in examination.findings)
        yield policy, replace(examination, findings=findings)


def _in_file(source: Source, policy: DeclaredPolicy, finding: Finding) -> Finding:
    """The finding at its place in the keys file: within a policy written there line by line, else at its field."""
    at = _field_of(source, policy, finding)
    field = source.problem(at, at, "").location
    inside = finding.location
    if field is None or inside is None or policy.written is None:
        return replace(finding, location=field)
    written = policy.written.splitlines()
    for first in range(field.line - 1, len(source.lines)):
        block = source.lines[first : first + len(written)]
        if len(block) == len(written) > 1 and all(
            line.strip() == its.strip() for line, its in zip(block, written, strict=True)
        ):
            line = block[inside.line - 1]
            indent = len(line) - len(written[inside.line - 1])
            return replace(finding, location=Location(source.file, first + inside.line, inside.column + max(indent, 0)))
    return replace(finding, location=field)


def _field_of(source: Source, policy: DeclaredPolicy, finding: Finding) -> Path_:
    """The field that a finding's statement comes from; the key where the finding is about the whole policy."""
    root: Path_ = ("keys", policy.name)
    if policy.written_at is not None:
        at = (*root, *policy.written_at)
        file = (*at[:-1], "policy_file")
        return file if file in source.places and at not in source.places else at
    match finding.path:
        case ("Statement", int(number), *_):
            return (*root, *policy.sources[number])
    return root
