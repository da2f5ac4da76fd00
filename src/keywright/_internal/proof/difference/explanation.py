"""Explaining a key policy: each statement in a sentence, and who can administer, use, grant and delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from keywright._internal.proof.claims.declared import declared_principals, fixed_by_key
from keywright._internal.proof.claims.trust import key_account, key_partition
from keywright._internal.proof.difference.access_table import AccessLine, access_table
from keywright._internal.proof.difference.attribution import statements_behind
from keywright._internal.proof.difference.wording import sentence

if TYPE_CHECKING:
    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.policy.stack_policies import DeclaredPolicy


@dataclass(frozen=True, slots=True)
class Explanation:
    """A policy in words."""

    statements: tuple[str, ...]
    """One sentence each, in the policy's order."""
    table: tuple[AccessLine, ...]
    """Whoever the policy names, and then everybody else."""
    behind: Callable[[], tuple[tuple[int, ...], ...]] = field(default=tuple, compare=False, repr=False)
    """Decides, when asked, by which statements, counted from 1, each line of the table has access."""

    def as_document(self) -> dict[str, Any]:
        """The explanation as `--json` shows it."""
        return {"statements": list(self.statements), "table": [line.as_document() for line in self.table]}


def explain(document: PolicyDocument, *, account: str | None = None, region: str | None = None) -> Explanation:
    """A bare key policy in words. Grants, which no policy shows, aren't counted.

    Args:
        document: the policy.
        account: the key's; where left out, the one that the policy says. There is no table where it says none.
        region: the key's, where known.
    """
    home = account or key_account(document)
    sentences = tuple(sentence(statement, home) for statement in document.statements)
    if home is None:
        return Explanation(sentences, ())
    partition = key_partition(document, home) or "aws"
    table = access_table(document, home, partition=partition, region=region)
    behind = partial(statements_behind, document, table, home, partition=partition, region=region)
    return Explanation(sentences, table, behind)


def explain_declared(policy: DeclaredPolicy) -> Explanation:
    """One policy of a stack in words: about the same requests that its claims are decided for."""
    key, location = policy.key, policy.location
    table = access_table(
        policy.document,
        location.account,
        partition=location.partition,
        region=location.region,
        principals=declared_principals(key, location),
        fixed=fixed_by_key(key),
    )
    behind = partial(
        statements_behind,
        policy.document,
        table,
        location.account,
        partition=location.partition,
        region=location.region,
        fixed=fixed_by_key(key),
    )
    return Explanation(tuple(sentence(item, location.account) for item in policy.document.statements), table, behind)
