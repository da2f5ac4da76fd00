"""The search over atoms against z3, which is told the semantics in its own words and knows nothing of atoms."""

import fnmatch
import re

import pytest
import z3
from atoms_policies import ACCOUNT, ASKED, CALLERS, KEY, POLICIES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.proof.evaluation.request import Caller
from keywright._internal.proof.search.access import Access, Query
from keywright._internal.proof.search.request_space import RequestSpace, masked
from keywright._internal.proof.search.witnesses import ask

OPERATIONS = ("Decrypt", "Encrypt", "DescribeKey", "Sign")


def letters(first: str, last: str) -> z3.ReRef:
    return z3.Range(first, last)


ALNUM = z3.Union(letters("a", "z"), letters("A", "Z"), letters("0", "9"))
LOWER = z3.Union(letters("a", "z"), letters("0", "9"), z3.Re("-"))
DOMAINS = {
    "kms:viaservice": z3.Concat(z3.Plus(LOWER), z3.Re("."), z3.Plus(LOWER), z3.Re(".amazonaws.com")),
    "aws:principalorgid": z3.Concat(z3.Re("o-"), z3.Plus(ALNUM)),
    "aws:sourceaccount": z3.Loop(letters("0", "9"), 12, 12),
    "kms:encryptioncontext:team": z3.Plus(letters(" ", "~")),
}
FLAGS = ("aws:multifactorauthpresent", "kms:grantisforawsresource")


class Oracle:
    """One caller's request with unknown context, as formulas."""

    def __init__(self, caller: Caller, action: str) -> None:
        self.caller, self.action = caller, action
        self.present = {key: z3.Bool(f"has {key}") for key in (*DOMAINS, *FLAGS)}
        self.text = {key: z3.String(key) for key in DOMAINS}
        self.flag = {key: z3.Bool(f"is {key}") for key in FLAGS}
        self.holds = [z3.Bool(f"lists {name}") for name in OPERATIONS]

    def possible(self) -> list[z3.BoolRef]:
        """What a real request is like."""
        facts = [z3.Implies(self.present[key], z3.InRe(self.text[key], DOMAINS[key])) for key in DOMAINS]
        service = self.caller.kind == "service"
        absent = (
            ["kms:viaservice", "aws:principalorgid", "aws:multifactorauthpresent"] if service else ["aws:sourceaccount"]
        )
        if self.action != "kms:CreateGrant":
            absent.append("kms:grantisforawsresource")
            facts += [z3.Not(item) for item in self.holds]
        if self.action not in {"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt"}:
            absent.append("kms:encryptioncontext:team")
        return facts + [z3.Not(self.present[key]) for key in absent]

    def matches(self, statement: Statement) -> z3.BoolRef:
        named = any(self.is_named(item) for item in statement.principals or ())
        listed = statement.actions if statement.actions is not None else statement.not_actions or ()
        covered = any(fnmatch.fnmatchcase(self.action.lower(), pattern.lower()) for pattern in listed)
        if not named or covered != (statement.actions is not None):
            return z3.BoolVal(False)
        return z3.And([self.condition(item) for item in statement.conditions])

    def is_named(self, principal: Principal) -> bool:
        value, caller = principal.value, self.caller
        if principal.type == "Service" or caller.kind == "service":
            return value in {caller.arn, "*"}
        role = re.sub(r":(assumed-)?role/(.*/)?", ":role/", value)
        if caller.session and ":assumed-role/" in value:
            return value == caller.arn
        if caller.kind == "role" and ":role/" in value:
            return role.endswith(f"::{caller.account}:role/{caller.name}")
        return value in {"*", caller.account, caller.arn} or value == f"arn:aws:iam::{caller.account}:root"

    def condition(self, condition: Condition) -> z3.BoolRef:
        quantifier, _, rest = condition.operator.rpartition(":")
        key, operator = condition.key.lower(), rest.removesuffix("IfExists")
        lenient = rest.endswith("IfExists")
        if key == "kms:grantoperations":
            return self.of_operations(quantifier, operator, condition.values)
        has, fits = self.value(key, operator, condition.values)
        if operator == "Null":
            return z3.Not(has) if condition.values == ("true",) else has
        negated = "Not" in operator
        found = z3.Not(fits) if negated else fits
        return z3.If(has, found, z3.BoolVal(lenient or negated))

    def value(self, key: str, operator: str, values: tuple[str, ...]) -> tuple[z3.BoolRef, z3.BoolRef]:
        """Whether the key is there, and whether some value of the policy fits it."""
        if key in FLAGS:
            return self.present[key], self.flag[key] == (values == ("true",))
        if key == "aws:viaawsservice":
            return z3.BoolVal(True), self.present["kms:viaservice"] == (values == ("true",))
        if key in DOMAINS:
            return self.present[key], z3.Or([z3.InRe(self.text[key], pattern(operator, value)) for value in values])
        return self.of_caller(key, operator, values)

    def of_caller(self, key: str, operator: str, values: tuple[str, ...]) -> tuple[z3.BoolRef, z3.BoolRef]:
        caller = self.caller
        service = caller.kind == "service"
        if key == "aws:principalisawsservice":
            return z3.BoolVal(True), z3.BoolVal(service == (values == ("true",)))
        path = {"App": "/", "Admin": "/team/"}.get(caller.name, "/")
        arn = f"arn:aws:iam::{caller.account}:role{path}{caller.name}" if caller.kind == "role" else caller.arn
        given = arn if key == "aws:principalarn" else caller.account or ""
        assert operator.removesuffix("IfExists").startswith(("Arn", "String"))
        return z3.BoolVal(not service), z3.BoolVal(any(fnmatch.fnmatchcase(given, value) for value in values))

    def of_operations(self, quantifier: str, operator: str, values: tuple[str, ...]) -> z3.BoolRef:
        fitting = [(name in values) != ("Not" in operator) for name in OPERATIONS]
        pairs = list(zip(self.holds, fitting, strict=True))
        if quantifier == "ForAllValues":
            return z3.And([z3.Or(z3.Not(held), fits) for held, fits in pairs])
        return z3.Or([z3.And(held, fits) for held, fits in pairs])

    def is_allowed(self, policy: PolicyDocument) -> bool:
        solver = z3.Solver()
        solver.set("timeout", 20_000)
        solver.add(self.possible())
        solver.add(z3.Or([self.matches(item) for item in policy.statements if item.effect == "Allow"]))
        solver.add([z3.Not(self.matches(item)) for item in policy.statements if item.effect == "Deny"])
        answer = solver.check()
        assert answer != z3.unknown
        return answer == z3.sat


def pattern(operator: str, value: str) -> z3.ReRef:
    parts = []
    for char in value:
        if "Like" in operator and char in "*?":
            anything = letters(" ", "~")
            parts.append(z3.Star(anything) if char == "*" else anything)
        elif "IgnoreCase" in operator and char.isalpha():
            parts.append(z3.Union(z3.Re(char.lower()), z3.Re(char.upper())))
        else:
            parts.append(z3.Re(char))
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]


def asks_for_a_wildcard(statement: Statement) -> bool:
    return any(
        item.key.lower() in DOMAINS and "Like" not in item.operator and re.search("[*?]", "".join(item.values))
        for item in statement.conditions
    )


CROSS_ACCOUNT = {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "kms:DescribeKey"}


@pytest.mark.parametrize("action", ASKED)
@given(POLICIES, st.sampled_from(CALLERS))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_atoms_agree_with_z3_on_whether_there_is_an_allowed_request(
    action: str, policy: PolicyDocument, caller: Caller
) -> None:
    named = [Principal("Service" if item.kind == "service" else "AWS", item.arn) for item in CALLERS]
    access = Access(RequestSpace([policy], KEY, principals=named), policy)
    who = next(item for item in access.space.callers if item.caller == caller)
    answer = ask(access, who, Query(access.space.of_actions(masked(frozenset({action})))))
    foreign = caller.account not in {None, ACCOUNT}
    expected = Oracle(caller, action).is_allowed(policy) and not (foreign and action not in CROSS_ACCOUNT)
    if answer.undecided:
        # Whether an Allow for everybody is for services isn't documented, and a wildcard is no value of these keys.
        assert caller.kind == "service" or any(map(asks_for_a_wildcard, policy.statements))
    else:
        assert (answer.witness is not None) == expected
