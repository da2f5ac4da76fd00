"""KW304: a statement twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.policy.document import Statement
    from keywright._internal.proof.findings.subject import PolicyView


class DuplicateStatement(Check):
    """Two statements that say the same."""

    id = "KW304"
    name = "duplicate-statement"
    title = "A statement stands twice"
    severity = "low"
    persona = "pedantic"
    why = "The second changes nothing, takes room, and stays behind when the first is removed."
    remedy = "remove one of them"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html"
    bad = """{"Version": "2012-10-17", "Statement": [
 {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
 {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}"""
    good = """{"Version": "2012-10-17", "Statement": [
 {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement that says what an earlier one says."""
        seen: dict[Statement, str] = {}
        for statement in policy.statements:
            meaning = _sorted(statement.statement)
            if meaning in seen:
                message = f"it says what {seen[meaning]} says"
                yield Hit(statement.path, message, statement)
            seen.setdefault(meaning, statement.label)


def _sorted(statement: Statement) -> Statement:
    def ordered(values: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if values is None else tuple(sorted(set(values)))

    conditions = sorted(
        (replace(item, key=item.key.lower(), values=tuple(sorted(set(item.values)))) for item in statement.conditions),
        key=lambda item: (item.operator, item.key),
    )
    return replace(
        statement,
        sid=None,
        principals=statement.principals and tuple(sorted(statement.principals, key=lambda it: (it.type, it.value))),
        actions=ordered(statement.actions),
        not_actions=ordered(statement.not_actions),
        resources=ordered(statement.resources),
        conditions=tuple(conditions),
    )
