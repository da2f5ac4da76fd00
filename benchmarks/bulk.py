"""Requests a second on one core: one policy and many, with the trace of every answer, and as a batch of JSON lines.

    python benchmarks/bulk.py [REQUESTS]

Prints one JSON document.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

from keywright._internal.policy.parsing import parse_policy_value
from keywright._internal.proof.evaluation.batch import answer_all
from keywright._internal.proof.evaluation.evaluator import Evaluator
from keywright._internal.proof.evaluation.request import Request

ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/K"
ACTIONS = ("Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "CreateGrant", "PutKeyPolicy", "ScheduleKeyDeletion")
SERVICES = ("logs.eu-west-1.amazonaws.com", "sns.amazonaws.com", "cloudtrail.amazonaws.com")


def main(count: int) -> dict[str, Any]:
    """Measure."""
    chance = random.Random(1)
    policies = [policy(chance, number) for number in range(1000)]
    requests = [request(chance) for _ in range(count)]
    identity = parse_policy_value(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]},
        kind="identity",
    )
    one = parse_policy_value(policies[0])
    report: dict[str, Any] = {"requests": count, "policies": len(policies)}
    evaluator = Evaluator(one, identity_policies=[identity])
    report["one policy, with trace"] = rate(
        lambda: [evaluator.decide(item).trace for item in requests[: count // 20]], count // 20
    )
    report["one policy"] = rate(lambda: [evaluator.decide(item) for item in requests], count)
    documents = [parse_policy_value(item) for item in policies]
    many = [Evaluator(item, identity_policies=[identity]) for item in documents]
    report["many policies"] = rate(
        lambda: [many[at % len(many)].decide(item) for at, item in enumerate(requests)], count
    )
    for name, pool in (("one policy", policies[:1]), ("many policies", policies)):
        lines = [case(pool[at % len(pool)], item) for at, item in enumerate(requests)]
        report[f"batch of JSON lines, {name}"] = rate(lambda lines=lines: list(answer_all(lines)), count)
    return report


def rate(work: Any, count: int) -> int:
    """Requests a second: the best of three runs."""
    best = 0.0
    for _ in range(3):
        began = time.perf_counter()
        work()
        best = max(best, count / (time.perf_counter() - began))
    return round(best)


def policy(chance: random.Random, number: int) -> dict[str, Any]:
    """A policy of the size that people write: the account, administrators, users, grants, services and a guard."""
    users = [f"arn:aws:iam::{ACCOUNT}:role/app-{chance.randrange(50)}" for _ in range(4)]
    return {
        "Version": "2012-10-17",
        "Id": f"policy-{number}",
        "Statement": [
            allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*"),
            allow(
                {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"},
                ["kms:Put*", "kms:Get*", "kms:Describe*", "kms:Schedule*"],
            ),
            allow({"AWS": users}, ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]),
            allow({"AWS": users}, "kms:CreateGrant", {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
            allow(
                {"Service": chance.choice(SERVICES)},
                ["kms:Decrypt", "kms:GenerateDataKey*"],
                {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            ),
            {
                **allow("*", "kms:ScheduleKeyDeletion", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
                "Effect": "Deny",
            },
        ],
    }


def allow(principal: object, action: object, condition: object = None) -> dict[str, Any]:
    """A statement."""
    body = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return body if condition is None else {**body, "Condition": condition}


def request(chance: random.Random) -> Request:
    """A request by a role, a service or a stranger."""
    callers = (
        f"arn:aws:iam::{ACCOUNT}:role/app-{chance.randrange(60)}",
        f"arn:aws:iam::{ACCOUNT}:role/admin",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app-{chance.randrange(60)}/session",
        "arn:aws:iam::444455556666:role/stranger",
        chance.choice(SERVICES),
    )
    context = chance.choice(
        ({}, {"aws:SourceAccount": ACCOUNT}, {"aws:MultiFactorAuthPresent": "true"}, {"kms:EncryptionContext:a": "b"})
    )
    return Request.from_document(
        {
            "principal": chance.choice(callers),
            "action": f"kms:{chance.choice(ACTIONS)}",
            "resource": KEY,
            "context": context,
        }
    )


def case(policy: dict[str, Any], item: Request) -> str:
    """A line of `keywright policy simulate --batch`."""
    asked = {"principal": item.caller.arn, "action": item.action, "resource": item.resource}
    context = {key: values[0] for key, values in item.context.items()}
    return json.dumps({"id": 1, "policy": policy, "request": {**asked, "context": context}, "identity_policies": []})


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000), indent=1))  # noqa: T201 - its output
