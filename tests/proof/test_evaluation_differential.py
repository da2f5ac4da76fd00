"""Two evaluators, one answer: Keywright's and a naive one that shares no code with it, on generated cases."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from keywright import evaluate
from keywright._internal.proof.evaluation.batch import answer_all
from keywright._internal.proof.evaluation.decision import Outcome

sys.path.insert(0, str(Path(__file__).parent))
import naive_evaluator

OWN, OTHER = "111122223333", "444455556666"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/K"
CASES = json.loads((Path(__file__).parent / "cases" / "semantics.json").read_text())

SEEDS, POLICIES, REQUESTS = 10, 100, 10
"""A thousand sets of policies, ten requests each."""

CALLERS = (
    f"arn:aws:iam::{OWN}:root",
    f"arn:aws:iam::{OWN}:user/Bob",
    f"arn:aws:iam::{OWN}:role/App",
    f"arn:aws:iam::{OWN}:role/team/App",
    f"arn:aws:sts::{OWN}:assumed-role/App/s1",
    f"arn:aws:sts::{OWN}:assumed-role/App/s2",
    f"arn:aws:sts::{OWN}:federated-user/fed",
    f"arn:aws:iam::{OWN}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    f"arn:aws:iam::{OTHER}:root",
    f"arn:aws:iam::{OTHER}:user/Bob",
    f"arn:aws:iam::{OTHER}:role/App",
    f"arn:aws-cn:iam::{OWN}:role/App",
    "logs.eu-west-1.amazonaws.com",
    "cloudtrail.amazonaws.com",
)
SERVICES = CALLERS[12:]
PRINCIPALS = (
    *CALLERS[:11],
    "*",
    OWN,
    OTHER,
    f"arn:aws:iam::{OWN}:user/bob",
    f"arn:aws:iam::{OWN}:role/app",
    f"arn:aws:iam::{OWN}:role/*",
    f"arn:aws:iam::{OWN}:group/App",
    "AROAIIAX3XXUTM7QXYZAB",
)
ACTIONS = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:DescribeKey",
    "kms:ReEncrypt",
    "kms:ListKeys",
)
ACTION_PATTERNS = (
    "*",
    "kms:*",
    "kms:Decrypt",
    "KMS:decrypt",
    "kms:De*",
    "kms:D?crypt",
    "kms:*crypt*",
    "kms:Re*",
    "kms:ReEncrypt",
    "kms:ReEncryptFrom",
    "kms:Create*",
    "kms:Decrypt ",
    "kms:List*",
    "s3:*",
    "k*:Decrypt",
    "*:Decrypt",
    "kms:Put*",
)
RESOURCE_PATTERNS = (
    "*",
    KEY,
    f"arn:aws:kms:eu-west-1:{OWN}:key/*",
    "arn:aws:kms:*:*:key/K",
    "arn:aws:kms:*",
    f"arn:aws:kms:eu-west-1:{OWN}:alias/k",
    f"arn:aws:kms:eu-west-1:{OWN}:key/${{aws:PrincipalTag/team}}",
    f"arn:aws:kms:us-east-1:{OWN}:key/K",
    "key/K",
    "arn:aws:kms:eu*1:*",
)
TEXTS = (
    "X",
    "x",
    "",
    "*",
    "X*",
    "?",
    "${aws:PrincipalTag/team}",
    "${aws:username}",
    "${aws:PrincipalTag/team, 'X'}",
    "${*}",
    "a${?}",
    "${kms:EncryptionContextKeys}",
    OWN,
    OTHER,
    "o-x",
    "s3.eu-west-1.amazonaws.com",
    "s3.*.amazonaws.com",
    *CALLERS[1:5],
    f"arn:aws:iam::{OWN}:role/*",
    "arn:aws:iam::*:role/App",
    "arn:*:iam::*:*",
    "true",
    "False",
    "AppName",
    "Decrypt",
    "203.0.113.0/24",
)
OPERATORS = {
    "String": (
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ),
    "Arn": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
    "Numeric": (
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ),
    "Date": (
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ),
    "Bool": ("Bool",),
    "Ip": ("IpAddress", "NotIpAddress"),
    "Null": ("Null",),
}
VALUES = {
    "String": TEXTS,
    "Arn": (*TEXTS, KEY),
    "Numeric": ("7", "30", "30.0", "8.5", "seven", "-1"),
    "Date": ("2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "1767225599", "2025-12-31", "soon"),
    "Bool": ("true", "false", "TRUE", "yes", True, False),
    "Ip": ("203.0.113.0/24", "203.0.113.7", "2001:db8::/32", "10.0.0.0/8", "nowhere"),
    "Null": ("true", "false", True, False),
}
KEYS = (
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:principalorgid",
    "aws:PrincipalTag/team",
    "aws:username",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:SourceAccount",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:ResourceTag/env",
    "aws:CalledVia",
    "aws:ViaAWSService",
    "aws:RequestedRegion",
    "aws:MultiFactorAuthPresent",
    "kms:CallerAccount",
    "KMS:ViaService",
    "kms:EncryptionContext:AppName",
    "kms:EncryptionContext:appname",
    "kms:EncryptionContextKeys",
    "kms:GrantOperations",
    "kms:ScheduleKeyDeletionPendingWindowInDays",
    "kms:RequestAlias",
    "kms:ResourceAliases",
    "kms:GrantIsForAWSResource",
)
FAMILY_OF = {
    "aws:PrincipalArn": "Arn",
    "aws:SourceIp": "Ip",
    "aws:CurrentTime": "Date",
    "aws:PrincipalIsAWSService": "Bool",
    "aws:ViaAWSService": "Bool",
    "aws:MultiFactorAuthPresent": "Bool",
    "kms:GrantIsForAWSResource": "Bool",
    "kms:ScheduleKeyDeletionPendingWindowInDays": "Numeric",
}
USUAL = {
    "aws:PrincipalArn": (*CALLERS[:5], f"arn:aws:iam::{OWN}:role/*"),
    "aws:PrincipalAccount": (OWN, OTHER),
    "kms:CallerAccount": (OWN, OTHER),
    "aws:SourceAccount": (OWN, OTHER),
    "aws:principalorgid": ("o-x", "o-y"),
    "aws:PrincipalTag/team": ("X", "x"),
    "KMS:ViaService": ("s3.eu-west-1.amazonaws.com", "s3.*.amazonaws.com"),
    "kms:EncryptionContext:AppName": ("X", "x", "${aws:PrincipalTag/team}"),
    "kms:EncryptionContext:appname": ("X", "x", "${aws:username}"),
    "kms:EncryptionContextKeys": ("AppName", "X"),
    "kms:GrantOperations": ("Decrypt", "X"),
    "aws:RequestedRegion": ("eu-west-1", "us-*"),
    **{key: tuple(VALUES[family]) for key, family in FAMILY_OF.items() if family != "Arn"},
}
SEVERAL_VALUES = ("kms:EncryptionContextKeys", "kms:GrantOperations", "kms:ResourceAliases", "aws:CalledVia")


class Chance:
    """A source of cases: everything follows from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def one(self, values: Sequence[Any]) -> Any:
        return self._random.choice(values)

    def some(self, values: Sequence[Any], *, least: int = 1, most: int = 2) -> list[Any]:
        return self._random.sample(values, self._random.randint(least, most))

    def once_in(self, times: int) -> bool:
        return self._random.randrange(times) == 0

    def conditions(self) -> dict[str, dict[str, Any]]:
        block: dict[str, dict[str, Any]] = {}
        for _ in range(self.one((0, 0, 0, 1, 1, 2))):
            key = self.one(KEYS)
            family = self.one((FAMILY_OF.get(key, "String"), FAMILY_OF.get(key, "String"), *OPERATORS))
            operator = self.one(("", "", "ForAllValues:", "ForAnyValue:")) + self.one(OPERATORS[family])
            if family != "Null" and self.once_in(3):
                operator += "IfExists"
            values = self.some(self.fitting(key, family), least=0 if self.once_in(9) else 1)
            block[operator] = {key: values[0] if len(values) == 1 and self.once_in(2) else values}
        return block

    def fitting(self, key: str, family: str) -> Sequence[Any]:
        """Values for a key, mostly ones that are met on the other side too."""
        return USUAL[key] if key in USUAL and not self.once_in(4) else VALUES[family]

    def statement(self, *, names: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"Effect": self.one(("Allow", "Allow", "Deny"))}
        if names:
            who: Any = {"AWS": self.some(PRINCIPALS, most=3)}
            if self.once_in(3):
                who["Service"] = self.one(SERVICES)
            body["NotPrincipal" if self.once_in(8) else "Principal"] = "*" if self.once_in(5) else who
        body["NotAction" if self.once_in(7) else "Action"] = self.some(ACTION_PATTERNS, most=3)
        resource = self.some(RESOURCE_PATTERNS) if self.once_in(3) else "*"
        body["NotResource" if self.once_in(9) else "Resource"] = resource
        if block := self.conditions():
            body["Condition"] = block
        return body

    def policy(self, *, names: bool = False, most: int = 2) -> dict[str, Any]:
        version = self.one(({"Version": "2012-10-17"},) * 4 + ({"Version": "2008-10-17"}, {}))
        return {**version, "Statement": [self.statement(names=names) for _ in range(self.one(range(1, most + 1)))]}

    def request(self) -> dict[str, Any]:
        action = self.one(ACTIONS)
        context = {}
        for key in self.some(KEYS, least=0, most=5):
            values = self.fitting(key, self.one(tuple(VALUES)))
            context[key.lower()] = self.some(TEXTS, least=0, most=3) if key in SEVERAL_VALUES else self.one(values)
        resource = "*" if action == "kms:ListKeys" else KEY
        return {"principal": self.one(CALLERS), "action": action, "resource": resource, "context": context}

    def cases(self) -> Iterator[dict[str, Any]]:
        """Several requests around one set of policies, so that what the compiled form remembers counts."""
        around: dict[str, Any] = {"id": 1, "policy": self.policy(names=True, most=4), "identity_policies": []}
        if not self.once_in(4):
            around["identity_policies"] = [self.policy()]
        if self.once_in(4):
            around["permissions_boundary"] = self.policy()
        if self.once_in(6):
            around["session_policy"] = self.policy()
        if self.once_in(6):
            levels = [[self.policy()], [self.policy(), self.policy()]]
            around["service_control_policies"] = self.one(([self.policy()], levels))
        if self.once_in(8):
            around["resource_control_policies"] = [self.policy(names=True)]
        for _ in range(REQUESTS):
            yield {**around, "request": self.request()}


def decided(case: dict[str, Any]) -> str:
    policy, request = case["policy"], case["request"]
    decision = evaluate(policy, request, **{name: case[name] for name in case.keys() - {"id", "policy", "request"}})
    assert [item.name for item in decision.trace if item.policy == "key policy" and item.decisive] == list(
        dict.fromkeys(decision.statements)
    )
    assert all(item.matched == (not item.mismatches) for item in decision.trace)
    return decision.outcome.value


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_evaluator_and_a_naive_one_agree(seed: int) -> None:
    met: Counter[str] = Counter()
    for number in range(POLICIES):
        cases = list(Chance(seed * POLICIES + number).cases())
        answers = answer_all([json.dumps(case) for case in cases])
        for case, answer in zip(cases, answers, strict=True):
            expected = naive_evaluator.decide(case)
            assert decided(case) == expected, json.dumps(case)
            assert answer.decision == expected, (json.dumps(case), answer)
            met[expected] += 1
    assert min(met[outcome.value] for outcome in Outcome) > REQUESTS * POLICIES / 40, met


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["expected"] != "error" and "grants" not in case],
    ids=lambda case: case["id"],
)
def test_the_naive_evaluator_knows_the_numbered_cases_too(case: dict[str, Any]) -> None:
    if "alias/" in case["request"]["resource"]:
        return  # it knows keys, not aliases
    assert naive_evaluator.decide(case) == case["expected"]
