"""Single inputs of the module with values that may be right or wrong, drawn by chance; see `generated_keys`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from keywright._internal.conformance.generated_keys import (
    ACCOUNT,
    ACTIONS,
    POLICY,
    PRIMARY,
    PRINCIPALS,
    SERVICES,
    USAGES,
    Inputs,
    chance,
    grant_of,
    some,
    statement_of,
)
from keywright._internal.facts.condition_operators import OPERATORS
from keywright._internal.facts.offerings import grant_operations, offered_specs


def drawn_values(draw: random.Random) -> Iterator[tuple[str, Any]]:
    """One input with a value that may be right or wrong, over and over."""
    while True:
        yield draw.choice(_VALUES)(draw)


_LISTS = ("aliases", "key_administrator_arns", "key_user_arns", "key_service_users", "key_service_pins")
_LETTERS = "ab09/_-:*?. +=,@<&~é日\n"
_NAMES = (
    *PRINCIPALS,
    *SERVICES,
    "aws/x",
    "alias/aws/x",
    "alias/alias/x",
    "alias/",
    "a" * 251,
    f"alias/{'a' * 251}",
    "AROAABCDEFGHIJKLMNOPQ",
    "durable:AIDAABCDEFGHIJKLMNOPQ",
    "111122223333",
    "durable:arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::111122223333:group/x",
    "arn:aws:iam:::role/x",
    "arn:aws:iam::11112222333:role/x",
    "arn:aws:iam:us-east-1:111122223333:role/x",
    "arn:aws:iam::aws:policy/x",
    "permission_set:a b",
    f"permission_set:{'a' * 33}",
    "kms:CallerAccount",
    "aws:SourceAccount",
    "logs.amazonaws.com.cn",
    "logs.amazonaws.co",
    "*",
)
_STATEMENT = '{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}'
_POLICIES = (
    POLICY,
    "",
    "{",
    "[]",
    "{}",
    '{"Statement":[]}',
    f'{{"Statement":{_STATEMENT}}}',
    f'{{"Version":"2013-01-01","Statement":[{_STATEMENT}]}}',
    f'{{"Statment":[{_STATEMENT}]}}',
    f'{{"Statement":[{_STATEMENT.replace("Allow", "allow")}]}}',
    f'{{"Statement":[{_STATEMENT.replace("Principal", "Principle")}]}}',
    f'{{"Statement":[{_STATEMENT.replace("Action", "NotAction")}]}}',
    f'{{"Statement":[{_STATEMENT.replace(":*", ":日")}]}}',
    f'{{"Statement":[{_STATEMENT}]{" " * 32_768}}}',
)
_TAGS = ("aws:x", "AWS:y", "a" * 128, "a" * 129, "a" * 256, "a" * 257, "")


def _text(draw: random.Random) -> str:
    return "".join(draw.choice(_LETTERS) for _ in range(draw.randint(0, 12)))


def _name(draw: random.Random) -> str:
    return draw.choice(_NAMES) if chance(draw, 0.7) else _text(draw)


def _names(draw: random.Random, least: int = 0) -> list[str]:
    return [_name(draw) for _ in range(draw.randint(least, 3))]


def _number(draw: random.Random) -> int:
    return draw.choice((draw.randint(-1, 40), 89, 90, 2560, 2561))


def _tag(draw: random.Random) -> str:
    return draw.choice(_TAGS) if chance(draw, 0.4) else _text(draw)


def _tags(draw: random.Random) -> dict[str, str]:
    if chance(draw, 0.1):
        return {f"t{number}": "" for number in range(51)}
    return {_tag(draw): _tag(draw) for _ in range(draw.randint(0, 3))}


def _replica(draw: random.Random) -> Inputs:
    optional: dict[str, Callable[[], Any]] = {
        "deletion_window_in_days": lambda: _number(draw),
        "policy": lambda: draw.choice(_POLICIES),
        "description": lambda: draw.choice(("", "é" * 8193)),
    }
    return {"eu-west-1": {name: value() for name, value in optional.items() if chance(draw, 0.5)}}


def _any_statement(draw: random.Random) -> Inputs:
    statement = statement_of(draw, "aws", draw.randint(0, 1))
    wrong: dict[str, Callable[[], Any]] = {
        "sid": lambda: _text(draw) or "S",
        "effect": lambda: draw.choice(("Allow", "Deny", "allow")),
        "actions": lambda: [draw.choice((*ACTIONS, "s3:Get", "kms:", _text(draw))) for _ in range(draw.randint(0, 2))],
        "not_actions": lambda: [draw.choice(ACTIONS)],
        "principals": lambda: [
            {"type": draw.choice(("AWS", "Service", "Federated", "*", "Role")), "identifiers": _names(draw)}
            for _ in range(draw.randint(0, 2))
        ],
        "not_principals": lambda: [{"type": "AWS", "identifiers": _names(draw, 1)}],
        "resources": lambda: [_text(draw) for _ in range(draw.randint(0, 2))],
        "conditions": lambda: [
            {
                "test": draw.choice((*OPERATORS, "NullIfExists", "ForAllValues:Bool", "StringEqual", _text(draw))),
                "variable": draw.choice(("aws:x", "x", "kms:a b", _text(draw))),
                "values": [_text(draw) for _ in range(draw.randint(0, 2))],
            }
        ],
    }
    for name in some(draw, tuple(wrong), 2):
        statement[name] = wrong[name]()
    return statement


def _any_grant(draw: random.Random) -> Inputs:
    grant = grant_of(draw, "aws", {"key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT"}, 0)
    grant["name"] = draw.choice(("a", "b", "x y", "", "a" * 257))
    operations = (*grant_operations(), "kms:Decrypt", "decrypt")
    if chance(draw, 0.4):
        grant["operations"] = [draw.choice(operations) for _ in range(draw.randint(0, 3))]
    for name in some(draw, ("grantee_principal", "retiring_principal"), 1):
        grant[name] = _name(draw)
    if chance(draw, 0.4):
        contexts: tuple[dict[str, str], ...] = (
            {},
            {"a": "b"},
            {"a": "x" * 385},
            {f"a{number}": "b" for number in range(9)},
        )
        kinds = some(draw, ("encryption_context_equals", "encryption_context_subset"))
        grant["constraints"] = {kind: draw.choice(contexts) for kind in kinds}
    return grant


_VALUES: tuple[Callable[[random.Random], tuple[str, Any]], ...] = (
    *(lambda draw: (draw.choice(_LISTS), _names(draw)),) * 5,
    lambda draw: ("description", draw.choice(("", "é" * 8192, "é" * 8193))),
    lambda draw: ("key_usage", draw.choice((*USAGES, "SIGN", ""))),
    lambda draw: ("customer_master_key_spec", draw.choice((*offered_specs(), "ML_KEM_768", "AES"))),
    lambda draw: (draw.choice(("rotation_period_in_days", "deletion_window_in_days")), _number(draw)),
    lambda draw: ("policy", draw.choice(_POLICIES)),
    lambda draw: (
        "replica_primary_key_arn",
        draw.choice((PRIMARY.format(region="eu-west-1", account=ACCOUNT), "mrk-1", "", "arn:aws:kms:x:1:key/y")),
    ),
    lambda draw: ("tags", _tags(draw)),
    lambda draw: ("replica_regions", _replica(draw)),
    *(lambda draw: ("policy_statements", [_any_statement(draw) for _ in range(draw.randint(0, 2))]),) * 4,
    *(lambda draw: ("grants", [_any_grant(draw) for _ in range(draw.randint(0, 2))]),) * 3,
)
