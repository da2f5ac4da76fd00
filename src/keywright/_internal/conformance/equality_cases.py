"""The inputs that the module and the Python generator are compared on: generated ones, the same in every run.

They are in the module's names and in JSON's types. The good ones are drawn from every kind of key, principal, service
and place, and hold each pattern of the catalogue once; the bad ones break one rule each.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from keywright._internal.facts.offerings import key_specs, usages_of
from keywright._internal.keysfile.policy_problems import policy_problems
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.generation import usage_of

Inputs = dict[str, Any]

ACCOUNT = "111122223333"
REGION = "us-east-1"
PARTITION = "aws"

_SEED = 20_261_124
_DRAWN = 16
_PATTERNS_TO_A_KEY = 8
_ROLES = tuple(f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("admin", "app", "path/to/reader", "writer"))
_PRINCIPALS = (
    *_ROLES,
    *(f"durable:{arn}" for arn in _ROLES),
    "durable:arn:aws:iam::444455556666:role/partner",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::777788889999:user/somebody",
    "permission_set:Developers",
    "permission_set:444455556666/ReadOnly",
)
_SERVICES = (
    "logs.us-east-1.amazonaws.com",
    "logs.eu-west-1.amazonaws.com",
    "sns.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "events.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "unheard-of.amazonaws.com",
)
_REPLICA_REGIONS = ("eu-west-1", "ap-southeast-2", "us-west-2")


def good_cases() -> tuple[Inputs, ...]:
    """Inputs that the interface accepts."""
    draw = random.Random(_SEED)
    drawn = (_drawn(draw, number) for number in itertools.count())
    return (*_with_patterns(), *itertools.islice((inputs for inputs in drawn if accepted_by_python(inputs)), _DRAWN))


def accepted_by_python(inputs: Inputs) -> bool:
    """Whether Python's model and its rules for policies take the inputs."""
    try:
        key = as_key(inputs)
    except ValidationError:
        return False
    return not any(policy_problems(key))


def as_key(inputs: Inputs) -> Key:
    """The same inputs as Python's model takes them, in the Region of the comparison.

    Raises:
        pydantic.ValidationError: the interface refuses them.
    """
    renamed = {"patterns" if name == "policy_patterns" else name: value for name, value in inputs.items()}
    return Key.model_validate({"region": REGION, **renamed})


def _with_patterns() -> Iterator[Inputs]:
    """Every pattern that some kind of key may have here, with the catalogue's own example, a few to a key."""
    location = KeyLocation(PARTITION, ACCOUNT, REGION)
    fitting: dict[tuple[str, str], list[Inputs]] = {}
    for name, pattern in catalogue.load().patterns.items():
        kind = next((kind for kind in _kinds() if not _unfit(name, kind)), None)
        if kind is not None:
            parameters = {key: list(values) for key, values in catalogue.example(pattern, location).items()}
            use = {"name": name, "parameters": parameters}
            fitting.setdefault((kind["customer_master_key_spec"], kind["key_usage"]), []).append(use)
    for (spec, usage), uses in fitting.items():
        for start in range(0, len(uses), _PATTERNS_TO_A_KEY):
            yield {
                "customer_master_key_spec": spec,
                "key_usage": usage,
                "policy_patterns": uses[start : start + _PATTERNS_TO_A_KEY],
            }


def _kinds() -> Iterator[Inputs]:
    """Every spec with every usage it has."""
    for spec in ("SYMMETRIC_DEFAULT", *key_specs()):
        for usage in usages_of(spec):
            yield {"customer_master_key_spec": spec, "key_usage": usage}


def _unfit(pattern: str, kind: Inputs) -> bool:
    spec = kind["customer_master_key_spec"]
    return bool(catalogue.key_problems(pattern, usage=usage_of(as_key(kind)), spec=spec, region=REGION))


def _drawn(draw: random.Random, number: int) -> Inputs:
    inputs: Inputs = {}
    if draw.random() < 0.5:  # noqa: PLR2004 - half of them are plain symmetric keys
        inputs |= draw.choice(tuple(_kinds()))
    symmetric = inputs.get("customer_master_key_spec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    optional: Inputs = {
        "description": f"Case {number}, “quoted” & <marked>",
        "aliases": draw.sample((f"case-{number}", f"alias/case-{number}/second", f"Case_{number}"), draw.randint(1, 3)),
        "key_administrator_arns": draw.sample(_PRINCIPALS, draw.randint(1, 4)),
        "key_user_arns": draw.sample(_PRINCIPALS, draw.randint(1, 4)),
        "key_service_users": draw.sample(_SERVICES, draw.randint(1, 3)),
        "key_service_pins": [draw.choice(("kms:CallerAccount", "aws:SourceAccount"))],
        "enable_key_rotation": draw.random() < 0.5,  # noqa: PLR2004 - a coin
        "is_enabled": False,
        "tags": {"Case": str(number)},
    }
    inputs |= {name: value for name, value in optional.items() if draw.random() < 0.6}  # noqa: PLR2004 - most of them
    if symmetric and inputs.get("enable_key_rotation", True) and draw.random() < 0.3:  # noqa: PLR2004 - some of them
        inputs["rotation_period_in_days"] = draw.randint(90, 2560)
    if symmetric and draw.random() < 0.3:  # noqa: PLR2004 - some of them
        inputs["multi_region"] = True
        inputs["replica_regions"] = {region: {} for region in draw.sample(_REPLICA_REGIONS, draw.randint(1, 2))}
    if "key_administrator_arns" in inputs and draw.random() < 0.3:  # noqa: PLR2004 - some of them
        inputs["enable_default_root_policy"] = False
    return inputs


def bad_cases() -> dict[str, Inputs]:
    """Inputs that the interface refuses, by what is wrong with them."""
    return {
        "an alias reserved for AWS": {"aliases": ["aws/mine"]},
        "an alias with a space": {"aliases": ["my alias"]},
        "an alias too long": {"aliases": ["a" * 260]},
        "an alias named twice": {"aliases": ["one", "alias/one"]},
        "a usage that does not fit the spec": {"customer_master_key_spec": "HMAC_256", "key_usage": "SIGN_VERIFY"},
        "a spec that does not exist": {"customer_master_key_spec": "RSA_1024"},
        "a usage that does not exist": {"key_usage": "READ"},
        "a period without rotation": {"enable_key_rotation": False, "rotation_period_in_days": 365},
        "a period too short": {"rotation_period_in_days": 89},
        "a period too long": {"rotation_period_in_days": 2561},
        "a window too short": {"deletion_window_in_days": 6},
        "a window too long": {"deletion_window_in_days": 31},
        "replicas of a key of one Region": {"replica_regions": {"eu-west-1": {}}},
        "a replica in the key's own Region": {"multi_region": True, "replica_regions": {REGION: {}}},
        "a Region that does not exist": {"multi_region": True, "replica_regions": {"mars-north-1": {}}},
        "a wildcard in a principal": {"key_user_arns": [f"arn:aws:iam::{ACCOUNT}:role/*"]},
        "everybody as a principal": {"key_administrator_arns": ["*"]},
        "an account of eleven digits": {"key_user_arns": ["arn:aws:iam::11112222333:root"]},
        "a principal of another partition": {"key_user_arns": [f"arn:aws-cn:iam::{ACCOUNT}:role/app"]},
        "a service that is none": {"key_service_users": ["logs.example.com"]},
        "a pin that is none": {"key_service_pins": ["aws:SourceArn"]},
        "no pin": {"key_service_pins": []},
        "a reserved tag": {"tags": {"aws:made-by": "me"}},
        "a pattern that does not exist": {"policy_patterns": [{"name": "no-such-pattern", "parameters": {}}]},
        "a policy that is no JSON": {"policy": "{"},
        "a policy that is none": {"policy": '{"hello": "world"}'},
        "a description too long": {"description": "x" * 8193},
    }
