"""What changing one policy into another means: who gains and who loses access; nothing, where both mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import PolicyDocument, Statement
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.difference.access_difference import access_difference
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
    def words(self) -> str:
        """For people."""
        who = " or ".join(f"`{arn}`" for arn in self.candidates) if self.candidates else "a role or user"
        return (
            f"{who} was deleted: the policy on AWS names only its old id {self.unique_id}, "
            "which matches nobody, not even one made again under that name"
        )


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A difference in meaning, or one that could not be ruled out. `gained` and `lost` are whole sentences."""

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    undecided: str = ""
    statements: tuple[str, ...] = ()
    """By statement, where the difference in access isn't decided."""

    def lines(self) -> tuple[str, ...]:
        """For a reviewer, a line each."""
        return (
            *(item.words for item in self.orphans),
            *self.gained,
            *self.lost,
            *((f"who gains and loses isn't decided: {self.undecided}",) if self.undecided else ()),
            *self.statements,
        )


def policy_change(live: str, wanted: str, location: KeyLocation) -> PolicyChange | None:
    """How the access changes from the live policy to the wanted one; None where both mean the same.

    Other text of the same meaning is no change. Where the meaning isn't decided, other statements are one.
    """
    if live == wanted:
        return None
    before, after = canonical_statements(live), canonical_statements(wanted)
    if before == after:
        return None
    wanted_document = parse_policy(wanted).document
    try:
        live_document = parse_policy(live).document
    except InputError as error:
        return PolicyChange(undecided=f"the policy on AWS can't be read: {error.message}", statements=_names(wanted))
    orphans = orphans_of(live_document, wanted_document)
    difference = access_difference(
        live_document,
        wanted_document,
        account=location.account,
        partition=location.partition,
        region=location.region,
    )
    if difference.equivalent and not orphans:
        return None
    if difference.equivalent is None:
        changes = (
            *(f"statement goes: {text}" for text in sorted((before - after).elements())),
            *(f"statement comes: {text}" for text in sorted((after - before).elements())),
        )
        return PolicyChange(orphans=orphans, undecided=difference.reason, statements=changes)
    return PolicyChange(
        gained=tuple(item.sentence for item in difference.gained),
        lost=tuple(item.sentence for item in difference.lost),
        orphans=orphans,
    )


def orphans_of(live: PolicyDocument, wanted: PolicyDocument) -> tuple[Orphan, ...]:
    """The deleted principals of a live policy, each with the names that the same statement of the file has.

    Statements are matched by Sid; within one, what the file names and AWS no longer does is what was deleted.
    """
    by_sid = {item.sid: item for item in wanted.statements if item.sid is not None}
    found: dict[str, tuple[str, ...]] = {}
    for statement in live.statements:
        shown = set(_aws_principals(statement))
        dead = sorted(item for item in shown if UNIQUE_ID.match(item))
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


def _names(text: str) -> tuple[str, ...]:
    return tuple(f"statement comes: {item}" for item in sorted(canonical_statements(text)))
