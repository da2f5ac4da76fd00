"""KW412: principals or actions that a statement's conditions leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import reach
from keywright._internal.proof.findings.listing import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ActionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class PartlyDeadStatement(Check):
    """A statement that works for some of its principals and actions only."""

    id = "KW412"
    name = "partly-dead-statement"
    title = "The conditions leave out some of the principals or actions"
    severity = "medium"
    why = (
        "Most condition keys come with some actions only: DescribeKey carries no encryption context, and "
        "`kms:GrantIsForAWSResource` comes with grants alone. What is listed beside isn't given. In a Deny that is "
        "worse: a `Deny` of `kms:*` under such a key forbids the few actions that carry it, and all others stay as "
        "they were. Where it only reads about the key this is a remark: AWS's own samples list Describe* under such "
        "conditions, and the services work all the same."
    )
    remedy = "give these a statement of their own, with a condition that they can meet, or none"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
    bad = """{"Sid": "OnlyForAws", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
 "Condition": {"Bool": {"kms:GrantIsForAWSResource": "false"}}}"""
    good = """{"Sid": "OnlyForAws", "Effect": "Deny", "Principal": "*", "Action": "kms:CreateGrant", "Resource": "*",
 "Condition": {"Bool": {"kms:GrantIsForAWSResource": "false"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement that leaves out principals, actions spelled out or, in a Deny, most of a pattern."""
        for statement in policy.statements:
            if not statement.conditions or not statement.reach:
                continue  # dead as a whole, which is another finding
            left_out = [item for item in statement.principals if not statement.lets_match(item)]
            alive = frozenset(action for _, action in statement.reach)
            entries = [item for item in statement.actions if _is_lost(item, statement, alive)]
            lost = frozenset(action for item in entries for action in item.decided) - alive
            if not left_out and not entries:
                continue
            told = [f"the conditions never let {listed(item.value for item in left_out)} match"] if left_out else []
            if entries:
                told.append(_of_actions(statement, entries, alive, lost))
            quiet = not left_out and lost <= READING
            yield Hit(
                (left_out or entries)[0].path,
                ", and ".join(told),
                statement,
                severity="low" if quiet else None,
                persona="pedantic" if quiet else None,
            )


def _is_lost(item: ActionView, statement: StatementView, alive: frozenset[str]) -> bool:
    """Whether nothing is left of an entry; in a Deny also whether a pattern loses more than reading."""
    lost = item.decided - alive
    return bool(lost) and (not item.decided & alive or (not statement.allows and not lost <= READING))


def _of_actions(
    statement: StatementView, entries: list[ActionView], alive: frozenset[str], lost: frozenset[str]
) -> str:
    names = [
        condition.name
        for condition in statement.conditions
        if not any(action in lost for _, action in reach((condition,), statement.callers, lost))
    ]
    why = f": requests for them don't carry {listed(names)}" if names else ""
    if not statement.allows:
        spared = "the others" if any(item.is_pattern for item in entries) else listed(item.text for item in entries)
        return f"the Deny reaches only {listed(sorted(alive))}, and not {spared}{why}"
    heavy = [item.text for item in entries if not item.decided <= READING] or [item.text for item in entries]
    return f"the conditions are never met for {listed(heavy)}{why}"
