"""KW303: a list with nothing in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.finding import Severity
    from keywright._internal.proof.findings.subject import PolicyView


class EmptyList(Check):
    """An element that lists nothing."""

    id = "KW303"
    name = "empty-list"
    title = "A list is empty"
    severity = "medium"
    why = (
        "An empty list matches nothing: an Allow for it gives nothing and a Deny protects nothing. In a negated "
        "condition it is the other way round: the condition is always true. Mostly a variable was empty when the "
        "policy was rendered."
    )
    remedy = "fill the list, or remove the statement"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": []}, "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every element, and every condition, without a value."""
        if not policy.statements:
            yield Hit(("Statement",), "the policy has no statement, so nobody is allowed anything", severity="high")
        for statement in policy.statements:
            body = statement.statement
            for name, values in (
                ("Principal", body.principals),
                ("Action", body.actions),
                ("Resource", body.resources),
            ):
                if values == ():
                    message = f"`{name}` is empty, so the statement {statement.does} nothing"
                    severity: Severity | None = None if statement.allows else "high"
                    yield Hit((*statement.path, name), message, statement, severity=severity)
            for name, excepted in (
                ("NotPrincipal", body.not_principals),
                ("NotAction", body.not_actions),
                ("NotResource", body.not_resources),
            ):
                if excepted == ():
                    message = f"`{name}` is empty, so the statement {statement.does} without exception"
                    yield Hit((*statement.path, name), message, statement)
            for condition in statement.conditions:
                if not condition.values and condition.operator is not None:
                    result = "always true" if condition.operator.negated else "never true"
                    message = f"the condition on `{condition.name}` lists no value, so it is {result}"
                    yield Hit(condition.path, message, statement)
