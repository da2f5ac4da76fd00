"""Conditions: whether a Condition block holds in a request's context (section 5 of the semantics).

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import is_multivalued
from keywright._internal.facts.condition_operators import NEGATED, OPERATORS
from keywright._internal.proof.evaluation.comparisons import COMPARISONS, Readable
from keywright._internal.proof.evaluation.matching import literal_text, matches_arn, matches_text
from keywright._internal.proof.evaluation.variables import expand, has_variables
from keywright.errors import InputError, Problem

if TYPE_CHECKING:
    from keywright._internal.policy.document import Condition, PolicyDocument
    from keywright._internal.proof.evaluation.variables import Pattern

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]

_FOLDED: Final = {fold(name): name for name in OPERATORS}
_QUANTIFIERS: Final[dict[str, Quantifier]] = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_IF_EXISTS: Final = "ifexists"


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator taken apart: `ForAnyValue:StringNotLikeIfExists` and its like."""

    name: str
    """The operator alone, in its documented case: `StringNotLike`."""
    quantifier: Quantifier = ""
    if_exists: bool = False

    @property
    def negated(self) -> bool:
        """Whether it holds when no listed value matches."""
        return self.name in NEGATED

    @property
    def positive(self) -> str:
        """The operator it negates, or itself."""
        return NEGATED.get(self.name, self.name)

    @property
    def takes_variables(self) -> bool:
        """Whether `${…}` in its values is looked up: string and ARN operators (section 5.5, VARS)."""
        return self.name.startswith(("String", "Arn"))


@lru_cache(maxsize=1024)
def parse_operator(text: str) -> Operator | None:
    """Take an operator apart; None for an unknown one. Case doesn't count; Null takes no IfExists (5.2)."""
    quantifier, colon, rest = fold(text).rpartition(":")
    if bool(colon) != bool(quantifier) or (colon and quantifier not in _QUANTIFIERS):
        return None
    if_exists = rest.endswith(_IF_EXISTS)
    name = _FOLDED.get(rest.removesuffix(_IF_EXISTS))
    if name is None or (name == "Null" and if_exists):
        return None
    return Operator(name, _QUANTIFIERS.get(quantifier, ""), if_exists)


Test = Callable[[Mapping[str, Sequence[str]]], bool]
"""Whether a condition holds in a context, whose keys are folded; a key without values is absent (section 9)."""


def condition_holds(condition: Condition, context: Mapping[str, Sequence[str]], *, variables: bool) -> bool:
    """Whether one operator on one key holds; the conditions of a statement are joined by AND (5.1).

    Args:
        condition: the operator, key and values.
        context: the request's context, its keys folded.
        variables: whether the policy's Version gives `${…}` a meaning.
    """
    return compile_condition(condition, variables=variables)(context)


@lru_cache(maxsize=16384)
def compile_condition(condition: Condition, *, variables: bool) -> Test:
    """A condition as a function of the context; what it says of a value is remembered, unless it looks others up."""
    operator = parse_operator(condition.operator)
    if operator is None:
        return lambda _: False  # section 5.1: the statement doesn't match
    key = fold(condition.key)
    if operator.name == "Null":  # a set operator before it changes nothing (5.2)
        wanted = {fold(value) for value in condition.values}
        return lambda context: ("false" if context.get(key) else "true") in wanted
    absent = holds_when_absent(operator)
    listed_key = is_multivalued(condition.key)
    looks_up = variables and operator.takes_variables and any(map(has_variables, condition.values))
    remembered = lru_cache(_REMEMBERED)(_fits(operator, condition, {}, variables=variables))

    def fits(context: Mapping[str, Sequence[str]]) -> Callable[[str], bool]:
        return _fits(operator, condition, context, variables=variables) if looks_up else remembered

    def single(context: Mapping[str, Sequence[str]]) -> bool:
        values = context.get(key)
        if not values:
            return absent
        # section 5.4: without a set operator a key with several values never matches, negated or not
        return len(values) == 1 and not listed_key and fits(context)(values[0])

    def each(context: Mapping[str, Sequence[str]]) -> bool:
        values = context.get(key)
        return all(map(fits(context), values)) if values else absent

    def some(context: Mapping[str, Sequence[str]]) -> bool:
        values = context.get(key)
        return any(map(fits(context), values)) if values else absent

    return {"": single, "ForAllValues": each, "ForAnyValue": some}[operator.quantifier]


_REMEMBERED: Final = 1024
"""How many values of its key a condition remembers."""


def holds_when_absent(operator: Operator) -> bool:
    """The outcome where the key is absent or has no values (5.2).

    `ForAnyValue:…IfExists` follows the documented IfExists rule; a widely read simulator says false. A policy
    shouldn't hang on it.
    """
    if operator.if_exists or operator.quantifier == "ForAllValues":
        return True
    return operator.negated and operator.quantifier != "ForAnyValue"


def _fits(
    operator: Operator, condition: Condition, context: Mapping[str, Sequence[str]], *, variables: bool
) -> Callable[[str], bool]:
    """Whether one value of the request fits the listed values: any, or none for a negated operator (5.1, 5.4).

    What they mean in the context is found once for all values; an unresolved variable matches nothing, so that a
    negated operator holds (5.5).
    """
    if operator.takes_variables:
        wildcards = operator.positive in {"StringLike", "ArnLike", "ArnEquals"}
        expanded = (expand(item, context, variables=variables, wildcards=wildcards) for item in condition.values)
        among = _among(operator, [pattern for pattern in expanded if pattern is not None])
        return lambda value: among(value) != operator.negated
    compare = COMPARISONS[operator.positive]

    def compared(value: str) -> bool:
        verdicts = [compare(wanted, value) for wanted in condition.values]
        if operator.negated and Readable.NO in verdicts:
            return False  # section 5.3: what can't be read as the operator's type is false, negated or not
        return (Readable.EQUAL in verdicts) != operator.negated

    return compared


def _among(operator: Operator, patterns: Sequence[Pattern]) -> Callable[[str], bool]:
    """Whether a value is one of several, as a string or ARN operator compares."""
    match operator.positive:
        case "StringEquals":
            return frozenset(map(literal_text, patterns)).__contains__
        case "StringEqualsIgnoreCase":
            folded = frozenset(fold(literal_text(pattern)) for pattern in patterns)
            return lambda value: fold(value) in folded
        case "StringLike":
            return lambda value: any(matches_text(pattern, value) for pattern in patterns)
        case _:
            return lambda value: any(matches_arn(pattern, value) for pattern in patterns)


def check_operators(document: PolicyDocument, file: str) -> None:
    """Refuse a policy with a condition operator that doesn't exist: what AWS would make of it isn't known.

    Raises:
        InputError: with every such operator.
    """
    problems = tuple(
        Problem(
            ("Statement", index, "Condition", condition.operator), f"`{condition.operator}` is no condition operator"
        )
        for index, statement in enumerate(document.statements)
        for condition in statement.conditions
        if parse_operator(condition.operator) is None
    )
    if problems:
        remedy = "see the list of condition operators in the IAM user guide"
        raise InputError(f"`{file}`: {problems[0].field}: {problems[0].message}", remedy, problems)
