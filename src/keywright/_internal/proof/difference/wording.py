"""Statements in English: who may do what, under which circumstances, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import spelled
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.conditions import parse_operator
from keywright._internal.proof.search.callers import DERIVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright._internal.policy.document import Condition, Principal, Statement
    from keywright._internal.proof.evaluation.conditions import Operator

_COMPARED: Final = {
    "StringEquals": "is",
    "StringEqualsIgnoreCase": "is, whatever its case,",
    "StringLike": "fits",
    "ArnEquals": "fits",
    "ArnLike": "fits",
    "NumericEquals": "is",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is not after",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is not before",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "is in",
}
_NEGATED: Final = {"is": "is not", "is, whatever its case,": "is not, whatever its case,", "fits": "does not fit"}
_NEGATED["is in"] = "is not in"


def sentence(statement: Statement, account: str | None) -> str:
    """What a statement says.

    Args:
        statement: the statement.
        account: the key's, which is called `this account`; None where it isn't known.
    """
    who = _who(statement, account)
    circumstances = [_condition(condition) for condition in statement.conditions]
    joining = "if" if statement.effect == "Allow" else "where"
    when = f", {joining} {_joined(circumstances, 'and')}" if circumstances else ""
    return f"{who[:1].upper()}{who[1:]} {_may(statement)}{_where(statement)}{when}{_effect(statement)}."


def circumstances(statement: Statement) -> str:
    """What a statement asks of a request beside who calls; empty where it asks nothing else."""
    return all_of(item for item in statement.conditions if fold(item.key) not in DERIVED)


def all_of(conditions: Iterable[Condition]) -> str:
    """What conditions ask for together."""
    return _joined([_condition(item) for item in conditions], "and")


def _principal(principal: Principal, account: str | None, *, allows: bool) -> str:
    """A principal as one speaks of it. An Allow for an account only delegates; a Deny hits all its identities."""
    value = principal.value
    if principal.type == "Service":
        return f"the service {value}"
    if value == "*":
        return "everybody"
    owner = account_of(value)
    if owner is None or principal.type != "AWS":
        return f"`{value}`, which is nobody,"
    of = "this account" if owner == account else f"account {owner}"
    if value == owner or value.endswith(":root"):
        return f"{of}, as far as its IAM policies allow it," if allows else f"every identity of {of}"
    kind, _, name = value.split(":", 5)[5].partition("/")
    names = {"assumed-role": "the session", "federated-user": "the federated user", "role": "role", "user": "user"}
    label = f"{names.get(kind, kind)} `{name}`"
    return label if owner == account else f"{label} of {of}"


def _who(statement: Statement, account: str | None) -> str:
    allows = statement.effect == "Allow"
    if statement.principals is not None:
        named = [_principal(item, account, allows=allows) for item in statement.principals]
        return _joined(named, "and") or "nobody"
    excepted = [_principal(item, account, allows=False) for item in statement.not_principals or ()]
    return f"everybody but {_joined(excepted, 'and')}" if excepted else "everybody"


def _may(statement: Statement) -> str:
    allows = statement.effect == "Allow"
    if statement.not_actions is not None:
        return f"may do {'everything' if allows else 'nothing'} but {_joined(_names(statement.not_actions), 'and')}"
    if any(fold(action) in {"*", "kms:*"} for action in statement.actions or ()):
        return f"may do {'everything' if allows else 'nothing'} with the key"
    if not statement.actions:
        return "may do nothing" if allows else "is denied nothing"
    return f"{'may' if allows else 'may not'} call {_joined(_names(statement.actions), 'and' if allows else 'or')}"


def _names(actions: Iterable[str]) -> list[str]:
    return [action[4:] if fold(action).startswith("kms:") else action for action in actions]


def _where(statement: Statement) -> str:
    if statement.not_resources is not None:
        return f" on what is not {_joined([f'`{item}`' for item in statement.not_resources], 'nor')}"
    if statement.resources and "*" not in statement.resources:
        return f" on {_joined([f'`{item}`' for item in statement.resources], 'or')}"
    return ""


def _effect(statement: Statement) -> str:
    missing = [
        name
        for name, found in (
            ("Resource", (statement.resources, statement.not_resources)),
            ("Action", (statement.actions, statement.not_actions)),
        )
        if found == (None, None)
    ]
    return f" (no effect: it has no {_joined(missing, 'and no')})" if missing else ""


def _condition(condition: Condition) -> str:
    operator = parse_operator(condition.operator)
    if operator is None:
        return f"`{condition.operator}`, which is no operator, holds"
    if operator.name == "Null":
        absent = {fold(value) for value in condition.values} == {"true"}
        return f"the request {'carries no' if absent else 'carries'} `{spelled(condition.key)}`"
    said = _in_words(condition, operator)
    return f"{said} (`{spelled(condition.key)}`)" if said else _compared(condition, operator)


def _in_words(condition: Condition, operator: Operator) -> str | None:  # noqa: PLR0911 - one return a key
    """The keys that everybody meets, in the words that one says them in."""
    if operator.negated or operator.if_exists or operator.quantifier:
        return None
    key, values = fold(condition.key), [f"`{value}`" for value in condition.values]
    match key:
        case "kms:viaservice":
            return f"the call comes through {_joined(values, 'or')}"
        case "aws:sourceaccount":
            return f"the service works for account {_joined(values, 'or')}"
        case "aws:sourcearn":
            return f"the service works for {_joined(values, 'or')}"
        case "kms:calleraccount" | "aws:principalaccount":
            return f"the caller is of account {_joined(values, 'or')}"
        case "aws:principalorgid":
            return f"the caller is of organization {_joined(values, 'or')}"
        case "aws:principalarn":
            return f"the caller is {_joined(values, 'or')}"
        case "kms:grantisforawsresource" if fold(condition.values[0] if condition.values else "") == "true":
            return "an AWS service makes the grant for its own resource"
        case "aws:multifactorauthpresent" if fold(condition.values[0] if condition.values else "") == "true":
            return "the caller used MFA"
    return None


def _compared(condition: Condition, operator: Operator) -> str:
    words = _COMPARED[operator.positive]
    if operator.negated:
        words = _NEGATED[words]
    values = _joined([f"`{value}`" for value in condition.values], "nor" if operator.negated else "or") or "no value"
    key = spelled(condition.key)
    subject = {
        "": f"`{key}`",
        "ForAllValues": f"every value of `{key}`",
        "ForAnyValue": f"some value of `{key}`",
    }[operator.quantifier]
    absent = operator.if_exists or operator.quantifier == "ForAllValues"
    return f"{subject} {words} {values}{' or is absent' if absent or _met_when_absent(operator) else ''}"


def _met_when_absent(operator: Operator) -> bool:
    return operator.negated and operator.quantifier != "ForAnyValue"


def _joined(items: Sequence[str], last: str) -> str:
    if len(items) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"
