"""The inputs on which the gate compares the module and Python: the same in every run.

The good ones are drawn as the tests draw theirs, and hold each pattern of the catalogue once; the bad ones break one
rule each.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from keywright._internal.conformance.generated_keys import ACCOUNT, POLICY, REGIONS, Inputs, drawn_keys
from keywright._internal.facts.offerings import key_specs, usages_of
from keywright._internal.keysfile.policy_problems import policy_problems
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.generation import usage_of
from keywright._internal.terraform.module_variables import NAMES

REGION = REGIONS[0]
PARTITION = "aws"

_SEED = 20_261_124
_DRAWN = 24
_PATTERNS_TO_A_KEY = 8
_FIELDS = {module: field for field, module in NAMES.items()}


def good_cases() -> tuple[Inputs, ...]:
    """Inputs that the interface accepts."""
    drawn = drawn_keys(random.Random(_SEED), (REGION,))
    # The gate's key is made by an account that owns no primary, so that replicas of other primaries are for the tests.
    alone = (inputs for inputs in drawn if "replica_primary_key_arn" not in inputs and accepted_by_python(inputs))
    for_the_module = ({name: value for name, value in inputs.items() if name != "region"} for inputs in alone)
    return (*_with_patterns(), *itertools.islice(for_the_module, _DRAWN))


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
    renamed = {_FIELDS.get(name, name): value for name, value in inputs.items()}
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
        "statements beside a whole policy": {"policy": POLICY, "policy_statements": [_STATEMENT]},
        "a grant of another usage's operation": {"grants": [_GRANT | {"operations": ["Sign"]}]},
        "a grant to another partition": {"grants": [_GRANT | {"grantee_principal": f"arn:aws-cn:iam::{ACCOUNT}:root"}]},
        **{
            f"a wrong value of {name}, {number}": {name: value}
            for number, (name, value) in enumerate(wrong_values(), 1)
        },
    }


_STATEMENT: Inputs = {"actions": ["kms:Decrypt"], "principals": [{"type": "*", "identifiers": ["*"]}]}
_GRANT: Inputs = {"name": "a", "grantee_principal": f"arn:aws:iam::{ACCOUNT}:root", "operations": ["Decrypt"]}


def wrong_values() -> tuple[tuple[str, Any], ...]:
    """Single inputs with values that break one rule each: one for each validation of the module's variables."""
    two = [_STATEMENT | {"sid": "A"}, _STATEMENT | {"sid": "A"}]
    without = {name: value for name, value in _STATEMENT.items() if name != "actions"}
    return (
        ("description", "x" * 8193),
        ("aliases", ["a b"]),
        ("aliases", ["a", "alias/a"]),
        ("aliases", [f"a{number}" for number in range(51)]),
        ("key_usage", "READ"),
        ("customer_master_key_spec", "RSA_1024"),
        ("rotation_period_in_days", 89),
        ("deletion_window_in_days", 31),
        ("policy", "{"),
        ("policy", "{}"),
        ("policy", f"{POLICY}{' ' * 32_768}"),
        ("policy", POLICY.replace(":*", ":日")),
        ("key_administrator_arns", ["*"]),
        ("key_administrator_arns", [f"arn:aws:iam::{ACCOUNT}:root"] * 2),
        ("key_user_arns", ["*"]),
        ("key_user_arns", [f"arn:aws:iam::{ACCOUNT}:root"] * 2),
        ("key_service_users", ["logs"]),
        ("key_service_users", ["sns.amazonaws.com"] * 2),
        ("key_service_pins", []),
        ("key_service_pins", ["aws:SourceArn"]),
        ("replica_primary_key_arn", "mrk-1"),
        ("replica_regions", {"eu-west-1": {"description": "x" * 8193}}),
        ("replica_regions", {"eu-west-1": {"deletion_window_in_days": 6}}),
        ("replica_regions", {"eu-west-1": {"policy": "{"}}),
        ("replica_regions", {"eu-west-1": {"policy": "{}"}}),
        ("replica_regions", {"eu-west-1": {"policy": f"{POLICY}{' ' * 32_768}"}}),
        ("replica_regions", {"eu-west-1": {"policy": POLICY.replace(":*", ":日")}}),
        ("tags", {f"t{number}": "" for number in range(51)}),
        ("tags", {"aws:a": ""}),
        ("tags", {"a": "x" * 257}),
        ("tags", {"a": "?"}),
        *(("policy_statements", value) for value in ([None], [without], two, [_STATEMENT | {"effect": "allow"}])),
        *(
            ("policy_statements", [_STATEMENT | change])
            for change in (
                {"principals": None},
                {"principals": None, "not_principals": _STATEMENT["principals"]},
                {"sid": "日"},
                {"actions": []},
                {"actions": ["s3:Get"]},
                {"actions": None, "not_actions": []},
                {"actions": None, "not_actions": ["s3:Get"]},
                {"resources": []},
                {"resources": ["日"]},
                *({"conditions": [condition]} for condition in _wrong_conditions()),
                *({"principals": value} for value in _wrong_principals()),
                *({"effect": "Deny", "principals": None, "not_principals": value} for value in _wrong_principals()),
            )
        ),
        ("grants", [None]),
        ("grants", [_GRANT, _GRANT]),
        *(("grants", [{**_GRANT, **change}]) for change in _wrong_grants()),
    )


def _wrong_grants() -> Iterator[Inputs]:
    yield {"name": "a b"}
    yield {"grantee_principal": "*"}
    yield {"retiring_principal": "*"}
    yield {"operations": []}
    yield {"operations": ["kms:Decrypt"]}
    yield {"operations": ["Decrypt", "Decrypt"]}
    yield {"constraints": {}}
    for kind in ("encryption_context_equals", "encryption_context_subset"):
        for context in ({}, {f"a{number}": "" for number in range(9)}, {"a": "x" * 385}):
            yield {"constraints": {kind: context}}


def _wrong_principals() -> tuple[list[Inputs], ...]:
    return (
        [],
        [{"type": "Role", "identifiers": ["a"]}],
        [{"type": "AWS", "identifiers": []}],
        [{"type": "Federated", "identifiers": ["日"]}],
        [{"type": "*", "identifiers": ["a"]}],
        [{"type": "AWS", "identifiers": ["a"]}],
        [{"type": "Service", "identifiers": ["a"]}],
    )


def _wrong_conditions() -> tuple[Inputs, ...]:
    right: Inputs = {"test": "Bool", "variable": "aws:a", "values": ["true"]}
    wrong: tuple[Inputs, ...] = (
        {"test": "Is"},
        {"variable": "a"},
        {"variable": "a:日"},
        {"values": []},
        {"values": ["日"]},
    )
    return tuple(right | change for change in wrong)
