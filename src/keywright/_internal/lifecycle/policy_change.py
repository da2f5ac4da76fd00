"""What changing one policy into another means: who gains and who loses access, or why nobody does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import PolicyDocument, Statement
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.difference.access_difference import AccessChange, access_difference
from keywright.errors import InputError

UNIQUE_ID = re.compile(r"^A(?:ROA|IDA)[A-Z0-9]{12,124}$")
"""What KMS shows in place of a role (AROA) or user (AIDA) that has been deleted."""


@dataclass(frozen=True, slots=True)
class Orphan:
    """A principal that has been deleted: its statement is dead for it, also when one of that name is made again.

    Args:
        unique_id: what the live policy shows.
        candidates: the ARNs that the file gives in its place, where that can be told.
    """

    unique_id: str
    candidates: tuple[str, ...]

    @property
    def summary(self) -> str:
        """For people."""
        who = " or ".join(f"`{arn}`" for arn in self.candidates) if self.candidates else "a role or user"
        return (
            f"{who} was deleted: the policy on AWS names only its old id {self.unique_id}, "
            "which matches nobody, not even one made again under that name"
        )


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What changing one policy into another means.

    Args:
        gained: the access that somebody has only afterwards.
        lost: the access that somebody has only before.
        unchanged: why nobody's access changes though the statements do; empty where somebody's does.
        orphans: deleted principals that the policy before still names.
        undecided: why it isn't decided who gains and loses; empty where it is.
        statements: the statements that come and go, where it isn't decided.
    """

    gained: tuple[AccessChange, ...] = ()
    lost: tuple[AccessChange, ...] = ()
    unchanged: str = ""
    orphans: tuple[Orphan, ...] = ()
    undecided: str = ""
    statements: tuple[str, ...] = ()

    def lines(self, *, unfolded: bool = False) -> tuple[str, ...]:
        """For a reviewer, a line each; `unfolded` names every action."""
        return (
            *(item.summary for item in self.orphans),
            *(
                f"{item.sentence}: {', '.join(item.actions)}" if unfolded and item.is_folded else item.sentence
                for item in (*self.gained, *self.lost)
            ),
            *((f"access unchanged: {self.unchanged}",) if self.unchanged else ()),
            *((f"it isn't decided who gains and loses access: {self.undecided}",) if self.undecided else ()),
            *self.statements,
        )

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "gained": [item.as_document() for item in self.gained],
            "lost": [item.as_document() for item in self.lost],
            "unchanged": self.unchanged or None,
            "undecided": self.undecided or None,
        }


def policy_change(before: str, after: str, location: KeyLocation) -> PolicyChange:
    """How the access changes from one policy to another whose statements differ."""
    wanted = parse_policy(after).document
    try:
        live = parse_policy(before).document
    except InputError as error:
        added = tuple(f"added statement: {text}" for text in sorted(canonical_statements(after)))
        return PolicyChange(undecided=f"the policy on AWS can't be read: {error.message}", statements=added)
    orphans = orphans_of(live, wanted)
    difference = access_difference(
        live, wanted, account=location.account, partition=location.partition, region=location.region
    )
    if difference.equivalent:
        return PolicyChange(unchanged=_why_unchanged(live, wanted, location), orphans=orphans)
    if difference.equivalent is None:
        old, new = canonical_statements(before), canonical_statements(after)
        changes = (
            *(f"removed statement: {text}" for text in sorted((old - new).elements())),
            *(f"added statement: {text}" for text in sorted((new - old).elements())),
        )
        return PolicyChange(orphans=orphans, undecided=difference.reason, statements=changes)
    return PolicyChange(difference.gained, difference.lost, orphans=orphans)


def _why_unchanged(live: PolicyDocument, wanted: PolicyDocument, location: KeyLocation) -> str:
    """The statement that allows what the added and removed ones do, where there is a single one."""
    kept = [item for item in wanted.statements if item in live.statements and item.effect == "Allow"]
    changed = [item for item in (*live.statements, *wanted.statements) if item not in kept and item.effect == "Allow"]
    where = {"account": location.account, "partition": location.partition, "region": location.region}
    for one in kept:
        alone, together = PolicyDocument((one,)), PolicyDocument((one, *changed))
        if changed and access_difference(alone, together, **where).equivalent:
            name = f"`{one.sid}`" if one.sid else "another statement"
            return f"{name} already allows it"
    return "the other statements come to the same"


def orphans_of(live: PolicyDocument, wanted: PolicyDocument) -> tuple[Orphan, ...]:
    """The deleted principals of a live policy, each with the names that the same statement of the file has.

    One that the file names by its id is as declared: an adopted policy is kept as it was.

    Statements are matched by Sid; within one, what the file names and AWS no longer does is what was deleted.
    """
    by_sid = {item.sid: item for item in wanted.statements if item.sid is not None}
    declared = {item for statement in wanted.statements for item in _aws_principals(statement)}
    found: dict[str, tuple[str, ...]] = {}
    for statement in live.statements:
        shown = set(_aws_principals(statement))
        dead = sorted(item for item in shown - declared if UNIQUE_ID.match(item))
        if not dead:
            continue
        twin = by_sid.get(statement.sid) if statement.sid is not None else None
        names = tuple(sorted(set(_aws_principals(twin)) - shown)) if twin else ()
        for unique_id in dead:
            fitting = tuple(arn for arn in names if (":role/" in arn) == unique_id.startswith("AROA"))
            found.setdefault(unique_id, fitting)
    return tuple(Orphan(unique_id, names) for unique_id, names in sorted(found.items()))


def _aws_principals(statement: Statement) -> Iterator[str]:
    for item in (*(statement.principals or ()), *(statement.not_principals or ())):
        if item.type == "AWS":
            yield item.value
