"""Which conditions keep strangers out: whether what stands beside a wildcard principal says who may come.

A condition counts where it must hold, can't be met by leaving its key out, and lists only values that belong
to somebody in particular.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import fold
from keywright._internal.facts.key_groups import CALLERS_ACCOUNT, CALLERS_ORGANIZATION, OWNER, SOURCE
from keywright._internal.proof.evaluation.comparisons import boolean, network
from keywright._internal.proof.evaluation.conditions import holds_when_absent
from keywright._internal.proof.evaluation.variables import has_variables, variable_keys
from keywright._internal.proof.findings.value_forms import takes_wildcards

if TYPE_CHECKING:
    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_OF_SOMETHING_ELSE = frozenset({*OWNER, "kms:grantconstraintsourcearn"})
"""Keys that tell of the key itself, or of a grant, and not of who comes."""

_LEAST_PREFIX = {4: 8, 6: 20}
"""Wider ranges than these belong to no one network."""


def keeps_strangers_out(statement: StatementView) -> bool:
    """Whether some condition of an Allow lets in only callers of named accounts, organizations or networks."""
    return any(_narrows(condition) for condition in statement.conditions)


def shuts_strangers_out(policy: PolicyView, allow: StatementView) -> bool:
    """Whether a Deny for everybody spares only callers of named accounts or organizations from the Allow's actions."""
    return any(
        deny.is_for_everybody and allow.covered <= deny.covered and _denies_strangers(deny) for deny in policy.denies
    )


def _denies_strangers(deny: StatementView) -> bool:
    names_somebody = False
    for condition in deny.conditions:
        operator = condition.operator
        if operator is None:
            return False
        if operator.negated and not operator.quantifier and _is_particular(condition):
            names_somebody = True
        elif not (condition.key == "aws:principalisawsservice" and _values(condition) == {False}):
            return False
    return names_somebody


def _narrows(condition: ConditionView) -> bool:
    operator, facts = condition.operator, condition.facts
    if operator is None or facts is None or operator.negated or operator.name == "Null":
        return False
    if holds_when_absent(operator) and facts.people != "always":
        return False
    return _is_particular(condition)


def _is_particular(condition: ConditionView) -> bool:
    return bool(condition.values) and all(names_somebody(condition, value) for value in condition.values)


def names_somebody(condition: ConditionView, value: str) -> bool:  # noqa: PLR0911 - one return a rule
    """Whether a listed value belongs to a particular account, organization, network or identity."""
    key = condition.key
    if has_variables(value):
        return _ties_to_the_key(key, value)
    wild = condition.operator is not None and takes_wildcards(condition.operator)
    fixed = re.split(r"[*?]", value)[0] if wild else value
    if key == "aws:userid":
        return bool(re.match(r"(A[A-Z]{3}[A-Z0-9]{8,}|\d{12})", fixed))
    if key == "aws:sourceip":
        found = network(value)
        return found is not None and found.prefixlen >= _LEAST_PREFIX[found.version]
    if condition.facts is None or key in _OF_SOMETHING_ELSE:
        return False
    match condition.facts.shape:
        case "account" | "vpc" | "vpc endpoint":
            return fixed == value and bool(value)
        case "organization" | "organization path":
            whole = fixed == value
            return (whole and value.startswith("o-")) or bool(re.match(r"o-[A-Za-z0-9]+/", fixed))
        case "arn":
            return _is_of_somebody(value, fixed)
    return False


def _is_of_somebody(value: str, fixed: str) -> bool:
    parts = value.split(":", 5)
    if len(parts) == 6 and re.fullmatch(r"\d{12}", parts[4]):  # noqa: PLR2004 - an ARN has six parts
        return True
    return fixed == value or (len(parts) == 6 and not parts[4] and bool(re.match(r"[\w.-]+", parts[5])))  # noqa: PLR2004


def _ties_to_the_key(key: str, value: str) -> bool:
    """Whether a variable compares the caller's account or organization with the key's."""
    others = {fold(name) for name in variable_keys(value)}
    callers = {*CALLERS_ACCOUNT, *CALLERS_ORGANIZATION}
    if key in OWNER:
        return bool(others) and others <= callers
    return key in callers | {*SOURCE} and bool(others) and others <= {*OWNER}


def _values(condition: ConditionView) -> set[bool | None]:
    return {boolean(value) for value in condition.values}
