"""By which statements of a key policy each line of its access table has access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from keywright._internal.policy.document import PolicyDocument
from keywright._internal.proof.difference.access_table import AccessLine, access_table

if TYPE_CHECKING:
    from keywright._internal.proof.search.attributes import Values


def statements_behind(
    document: PolicyDocument,
    table: Sequence[AccessLine],
    account: str,
    *,
    partition: str = "aws",
    region: str | None = None,
    fixed: Mapping[str, Values] | None = None,
) -> tuple[tuple[int, ...], ...]:
    """For each line of the table the statements, counted from 1, that would give it access if they stood alone.

    Decided as the table itself is, with one Allow statement at a time. What a Deny takes away shows in the table.
    """
    named = tuple({item for statement in document.statements for item in statement.principals or ()})
    behind: list[list[int]] = [[] for _ in table]
    for number, statement in enumerate(document.statements, 1):
        if statement.effect != "Allow":
            continue
        alone = PolicyDocument((statement,), document.version)
        lines = access_table(alone, account, partition=partition, region=region, principals=named, fixed=fixed)
        reached = {_name(line) for line in lines if any(level != "no" for level in line.levels)}
        known = {_name(line) for line in lines}
        for at, line in enumerate(table):
            name = _name(line)
            if name in reached or (name not in known and _everybody(account) & reached):
                behind[at].append(number)
    return tuple(map(tuple, behind))


def _name(line: AccessLine) -> str:
    return line.principal.replace("any other", "any")


def _everybody(account: str) -> set[str]:
    """The line that holds whoever has none of its own."""
    return {f"any identity of account {account}", "any identity"}
