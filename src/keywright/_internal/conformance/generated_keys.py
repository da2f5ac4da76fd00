"""Keys as inputs of the module, drawn by chance, for the comparison of the module and Python.

They are in the module's names and in JSON's types. The tests and the gate `equality` draw from here and from nowhere
else; the same state of a `random.Random` gives the same inputs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from keywright._internal.facts.offerings import grant_operations, grant_operations_of, offered_specs, usages_of
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue

Inputs = dict[str, Any]
_T = TypeVar("_T")

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "cn-north-1")
"""Where the keys live."""

USAGES = ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")
_PINNED = (
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/team/a&b<c>/app",
    "arn:aws:iam::444455556666:user/ann@example.com",
    "arn:aws:sts::444455556666:assumed-role/app/session-1",
)
PRINCIPALS = (
    *_PINNED,
    "durable:arn:aws:iam::111122223333:role/app",
    "durable:arn:aws:iam::111122223333:role/app-2",
    "durable:arn:aws:iam::444455556666:user/bob",
    "permission_set:Admin",
    "permission_set:Read+Only",
    "permission_set:444455556666/Admin",
)
SERVICES = (
    "logs.us-east-1.amazonaws.com",
    "logs.eu-west-1.amazonaws.com",
    "sns.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "dnssec-route53.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "new-service.us-east-1.amazonaws.com",
    "new.service.amazonaws.com",
)
ACTIONS = ("kms:Decrypt", "kms:decrypt", "kms:*", "kms:Generate*", "kms:PutKeyPolic?", "*", "kms:CreateGrant")
_CONDITIONS = (
    ("StringEquals", "aws:PrincipalOrgID", ["o-1234567890"]),
    ("StringEquals", "kms:EncryptionContext:a b", ["x", "é<&>"]),
    ("ForAnyValue:StringLikeIfExists", "aws:PrincipalOrgPaths", ["o-1/*", "o-0/*"]),
    ("Bool", "kms:GrantIsForAWSResource", ["true"]),
    ("Null", "aws:SourceVpce", ["false"]),
)
POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}'
)
PRIMARY = "arn:aws:kms:{region}:{account}:key/mrk-1234abcd12ab34cd56ef1234567890ab"


def partition_of(region: str) -> str:
    """The partition of one of the Regions that keys are drawn for."""
    return "aws-cn" if region.startswith("cn-") else "aws"


def drawn_keys(draw: random.Random, regions: Sequence[str] = (*REGIONS[:2], *REGIONS)) -> Iterator[Inputs]:
    """Keys whose inputs are right one by one, each with the `region` it is in; together they may still conflict."""
    while True:
        yield _key(draw, draw.choice(regions))


def _key(draw: random.Random, region: str) -> Inputs:
    partition = partition_of(region)
    spec = draw.choice(("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT", *offered_specs()))
    inputs: Inputs = {"region": region, "customer_master_key_spec": spec, "key_usage": draw.choice(usages_of(spec))}
    optional: dict[str, Callable[[], Any]] = {
        "description": lambda: draw.choice(("", "what it is for", "schlüssel", "“quoted” & <marked> ${x} %{y}")),
        "aliases": lambda: some(draw, ("app", "alias/team/app_2", "other-1")),
        "enable_key_rotation": lambda: chance(draw, 0.5),
        "rotation_period_in_days": lambda: draw.randint(90, 2560),
        "deletion_window_in_days": lambda: draw.randint(7, 30),
        "is_enabled": lambda: chance(draw, 0.5),
        "multi_region": lambda: chance(draw, 0.5),
        "key_administrator_arns": lambda: _principals(draw, partition, PRINCIPALS),
        "key_user_arns": lambda: _principals(draw, partition, PRINCIPALS),
        "key_service_users": lambda: some(draw, SERVICES),
        "key_service_pins": lambda: [draw.choice(("kms:CallerAccount", "aws:SourceAccount"))],
        "policy_patterns": lambda: (
            [_pattern(draw, region) for _ in range(draw.randint(0, 2))] if chance(draw, 0.5) else []
        ),
        "policy_statements": lambda: [statement_of(draw, partition, number) for number in range(draw.randint(0, 2))],
        "grants": lambda: [grant_of(draw, partition, inputs, number) for number in range(draw.randint(0, 2))],
        "enable_default_root_policy": lambda: chance(draw, 0.6),
        "bypass_policy_lockout_safety_check": lambda: chance(draw, 0.5),
        "tags": lambda: {name: draw.choice(("", "a/b", "é")) for name in some(draw, ("Team", "Cost Center", "x:y"))},
    }
    inputs |= {name: value() for name, value in optional.items() if chance(draw, 0.4)}
    if chance(draw, 0.1):
        inputs["key_usage"] = draw.choice(USAGES)
    if chance(draw, 0.35):
        inputs["replica_regions"] = _replicas(draw, partition)
        inputs["multi_region"] = chance(draw, 0.85)
    if chance(draw, 0.1):
        inputs["policy"] = POLICY
        for name in () if chance(draw, 0.2) else ("policy_patterns", "policy_statements"):
            inputs.pop(name, None)
    if chance(draw, 0.25):
        primary = draw.choice(("us-east-1", "ca-central-1")) if partition == "aws" else "cn-northwest-1"
        arn = PRIMARY.format(region=primary, account=ACCOUNT)
        inputs["replica_primary_key_arn"] = _elsewhere(arn, partition)
        if chance(draw, 0.9):
            inputs.pop("rotation_period_in_days", None)
    return inputs


def chance(draw: random.Random, probability: float) -> bool:
    """Whether something happens that does so with a probability."""
    return draw.random() < probability


def some(draw: random.Random, values: Sequence[_T], most: int = 4) -> list[_T]:
    """Some of the values, in any order."""
    return draw.sample(values, draw.randint(0, min(most, len(values))))


def _elsewhere(text: str, partition: str) -> str:
    return text.replace("arn:aws:", f"arn:{partition}:")


def _principals(draw: random.Random, partition: str, of: Sequence[str]) -> list[str]:
    found = [_elsewhere(text, partition) for text in some(draw, of)]
    return [*found, _PINNED[0]] if partition != "aws" and chance(draw, 0.1) else found


def _replicas(draw: random.Random, partition: str) -> Inputs:
    regions = ("us-east-1", "eu-west-1", "eu-west-2", "ap-southeast-2") if partition == "aws" else ("cn-northwest-1",)
    optional: dict[str, Callable[[], Any]] = {
        "description": lambda: "a replica",
        "enabled": lambda: chance(draw, 0.5),
        "deletion_window_in_days": lambda: draw.randint(7, 30),
        "policy": lambda: POLICY,
    }
    found = {
        region: {name: value() for name, value in optional.items() if chance(draw, 0.25)}
        for region in some(draw, regions, 3)
    }
    return {**found, "moon-east-1": {}} if partition == "aws" and chance(draw, 0.05) else found


def _pattern(draw: random.Random, region: str) -> Inputs:
    if chance(draw, 0.05):
        return {"name": "no-such-pattern"}
    name = draw.choice(tuple(catalogue.load().patterns))
    example = catalogue.example(catalogue.pattern(name), KeyLocation(partition_of(region), ACCOUNT, region))
    parameters = {item: list(values) for item, values in example.items() if chance(draw, 0.9)}
    if parameters and chance(draw, 0.1):
        parameters[draw.choice(sorted(parameters))] = draw.choice(([], ["?!"]))
    if chance(draw, 0.05):
        parameters["no_such_parameter"] = ["x"]
    return {"name": name, "parameters": parameters}


def statement_of(draw: random.Random, partition: str, number: int) -> Inputs:
    """A statement of one's own that is right by itself."""
    statement: Inputs = {draw.choice(("actions", "actions", "not_actions")): some(draw, ACTIONS) or ["kms:Sign"]}
    if chance(draw, 0.6):
        statement["sid"] = f"Own{number}"
    if chance(draw, 0.4):
        statement["effect"] = draw.choice(("Allow", "Deny"))
    denies = statement.get("effect") == "Deny"
    entries = [
        {"type": "AWS", "identifiers": _principals(draw, partition, _PINNED) or ["*"]},
        {"type": "Service", "identifiers": some(draw, SERVICES) or ["sns.amazonaws.com"]},
        {"type": "Federated", "identifiers": ["cognito-identity.amazonaws.com"]},
        {"type": "*", "identifiers": ["*"]},
    ]
    field = "not_principals" if denies and chance(draw, 0.3) else "principals"
    statement[field] = some(draw, entries, 3) or entries[:1]
    if chance(draw, 0.4):
        statement["conditions"] = [
            {"test": test, "variable": variable, "values": values} for test, variable, values in some(draw, _CONDITIONS)
        ]
    if chance(draw, 0.1):
        statement["resources"] = draw.choice((["*"], ["arn:aws:kms:*:111122223333:key/*", "*"]))
    return statement


def grant_of(draw: random.Random, partition: str, key: Inputs, number: int) -> Inputs:
    """A grant that is right by itself, mostly one for the usage of its key."""
    fitting = grant_operations_of(key["key_usage"], key["customer_master_key_spec"])
    operations = fitting if chance(draw, 0.95) else grant_operations()
    grant: Inputs = {
        "name": f"grant/{number}",
        "grantee_principal": _elsewhere(draw.choice(_PINNED), partition),
        "operations": some(draw, operations) or ["DescribeKey"],
    }
    if chance(draw, 0.3):
        grant["retiring_principal"] = _elsewhere(draw.choice(_PINNED), partition)
    if chance(draw, 0.5 if key["customer_master_key_spec"] == "SYMMETRIC_DEFAULT" else 0.05):
        kind = draw.choice(("encryption_context_equals", "encryption_context_subset"))
        grant["constraints"] = {kind: {"a": "b"}}
    return grant
