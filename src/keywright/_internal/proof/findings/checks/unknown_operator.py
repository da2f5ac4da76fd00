"""KW406: an operator that IAM doesn't have."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_operators import OPERATORS
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class UnknownOperator(Check):
    """A condition operator that doesn't exist, or isn't written as AWS writes it."""

    id = "KW406"
    name = "unknown-operator"
    title = "IAM has no such condition operator"
    severity = "medium"
    why = (
        "A policy with an unknown operator is refused when it is written, or its statement never matches. IAM "
        "documents each operator in one spelling; whether another case of its letters is understood isn't documented."
    )
    remedy = "write the operator as IAM's list has it"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEqual": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every operator that isn't one, or not in this spelling."""
        for statement in policy.statements:
            for condition in statement.conditions:
                written = condition.condition.operator
                operator = condition.operator
                path = condition.path[:-1]
                if operator is None:
                    yield Hit(path, f"`{written}` is no condition operator", statement, _remedy(written))
                    continue
                spelled = f"{operator.quantifier}:" if operator.quantifier else ""
                spelled += operator.name + ("IfExists" if operator.if_exists else "")
                if spelled != written:
                    message = f"`{written}` isn't how IAM writes `{spelled}`"
                    yield Hit(path, message, statement, f"write `{spelled}`", confidence="low")


def _remedy(written: str) -> str | None:
    name = fold(written.rpartition(":")[2]).removesuffix("ifexists")
    known = {fold(operator): operator for operator in OPERATORS}
    set_operator = next((item for item in ("ForAllValues", "ForAnyValue") if name.startswith(fold(item))), None)
    if set_operator is not None and name.removeprefix(fold(set_operator)) in known:
        return f"write `{set_operator}:{known[name.removeprefix(fold(set_operator))]}`"
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    if name == "null":
        return "write `Null`, which takes no `IfExists`"
    return f"write `{known[close[0]]}`, if that is meant" if close else None
