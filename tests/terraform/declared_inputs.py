"""Inputs of the module as hypothesis draws them: those that are right one by one, and values that may be wrong."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from keywright._internal.facts.offerings import offered_specs, usages_of
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue

Inputs = dict[str, Any]

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "cn-north-1")
"""Where the keys of the generated cases live; each is a provider of the root module."""

_USAGES = ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")
_PRINCIPALS = (
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/team/a&b<c>/app",
    "arn:aws:iam::444455556666:user/ann@example.com",
    "arn:aws:sts::444455556666:assumed-role/app/session-1",
    "durable:arn:aws:iam::111122223333:role/app",
    "durable:arn:aws:iam::111122223333:role/app-2",
    "durable:arn:aws:iam::444455556666:user/bob",
    "permission_set:Admin",
    "permission_set:Read+Only",
    "permission_set:444455556666/Admin",
)
_SERVICES = (
    "logs.us-east-1.amazonaws.com",
    "logs.eu-west-1.amazonaws.com",
    "sns.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "dnssec-route53.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "new-service.us-east-1.amazonaws.com",
    "new.service.amazonaws.com",
)
_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}'
)
_PRIMARY = "arn:aws:kms:{region}:{account}:key/mrk-1234abcd12ab34cd56ef1234567890ab"


def _several(values: Any, most: int = 4) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=most)


def _elsewhere(partition: str) -> st.SearchStrategy[list[str]]:
    texts = tuple(text.replace("arn:aws:", f"arn:{partition}:") for text in _PRINCIPALS)
    return _several((*texts, *_PRINCIPALS[:1])) if partition != "aws" else _several(texts)


@st.composite
def _pattern_use(draw: st.DrawFn, region: str) -> Inputs:
    name = draw(st.sampled_from([*catalogue.load().patterns, "no-such-pattern"]))
    if name == "no-such-pattern":
        return {"name": name}
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    found = catalogue.pattern(name)
    example = catalogue.example(found, KeyLocation(partition, ACCOUNT, region))
    parameters = {item: list(values) for item, values in example.items() if draw(st.integers(0, 7))}
    if parameters and not draw(st.integers(0, 9)):
        parameters[draw(st.sampled_from(sorted(parameters)))] = draw(st.sampled_from([[], ["?!"]]))
    if not draw(st.integers(0, 19)):
        parameters["no_such_parameter"] = ["x"]
    return {"name": name, "parameters": parameters}


@st.composite
def keys(draw: st.DrawFn) -> Inputs:
    """A key whose inputs are right one by one, with the Region it is in; together they may still conflict."""
    region = draw(st.sampled_from((*REGIONS[:2], *REGIONS)))
    spec = draw(st.sampled_from(("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT", *offered_specs())))
    fitting = usages_of(spec)
    partition = "aws-cn" if region.startswith("cn-") else "aws"
    replica = st.fixed_dictionaries(
        {},
        optional={"description": st.just("a replica"), "enabled": st.booleans(), "policy": st.just(_POLICY)},
    )
    replicas = ("us-east-1", "eu-west-1", "eu-west-2", "ap-southeast-2") if partition == "aws" else ("cn-northwest-1",)
    optional = {
        "description": st.sampled_from(["", "what it is for", "schlüssel"]),
        "aliases": _several(("app", "alias/team/app_2", "other-1")),
        "key_usage": st.sampled_from(_USAGES),
        "enable_key_rotation": st.booleans(),
        "rotation_period_in_days": st.integers(90, 2560),
        "deletion_window_in_days": st.integers(7, 30),
        "is_enabled": st.booleans(),
        "multi_region": st.booleans(),
        "key_administrator_arns": _elsewhere(partition),
        "key_user_arns": _elsewhere(partition),
        "key_service_users": _several(_SERVICES),
        "key_service_pins": st.sampled_from([["kms:CallerAccount"], ["aws:SourceAccount"]]),
        "policy_patterns": st.lists(_pattern_use(region), max_size=3),
        "enable_default_root_policy": st.booleans(),
        "bypass_policy_lockout_safety_check": st.booleans(),
        "tags": st.dictionaries(st.sampled_from(["Team", "Cost Center", "x:y"]), st.sampled_from(["", "a/b", "é"])),
    }
    chosen = draw(st.fixed_dictionaries({}, optional=optional))
    inputs = {"customer_master_key_spec": spec, "key_usage": draw(st.sampled_from(fitting)), **chosen}
    if not draw(st.integers(0, 2)):
        inputs["replica_regions"] = draw(
            st.dictionaries(st.sampled_from((*replicas, "moon-east-1")), replica, max_size=3)
        )
        inputs["multi_region"] = bool(draw(st.integers(0, 5)))
    if not draw(st.integers(0, 7)):
        inputs["policy"] = _POLICY
    if not draw(st.integers(0, 5)):
        primary = draw(st.sampled_from(("us-east-1", "ca-central-1"))) if partition == "aws" else "cn-northwest-1"
        inputs["replica_primary_key_arn"] = _PRIMARY.format(region=primary, account=ACCOUNT).replace(
            "arn:aws:", f"arn:{partition}:"
        )
    return {"region": region, **inputs}


_TEXT = st.text(st.sampled_from("ab09/_-:*?. +=,@<&~é日\n"), max_size=12)
_NAMES = st.lists(
    st.one_of(
        _TEXT,
        st.sampled_from(
            (
                *_PRINCIPALS,
                *_SERVICES,
                "aws/x",
                "alias/aws/x",
                "alias/alias/x",
                "a" * 251,
                "AROAABCDEFGHIJKLMNOPQ",
                "durable:AIDAABCDEFGHIJKLMNOPQ",
                "111122223333",
                "durable:arn:aws:iam::111122223333:root",
                "arn:aws:iam::111122223333:role/*",
                "arn:aws:iam::111122223333:group/x",
                "arn:aws:iam:::role/x",
                "arn:aws:iam:us-east-1:111122223333:role/x",
                "arn:aws:iam::aws:policy/x",
                "permission_set:a b",
                f"permission_set:{'a' * 33}",
                "kms:CallerAccount",
                "aws:SourceAccount",
                "logs.amazonaws.com.cn",
                "logs.amazonaws.co",
            )
        ),
    ),
    max_size=3,
)
_NUMBER = st.one_of(st.integers(-1, 40), st.sampled_from((89, 90, 2560, 2561)))
_TAG = st.one_of(_TEXT, st.sampled_from(("aws:x", "AWS:y", "a" * 128, "a" * 129, "a" * 256, "a" * 257)))
_STATEMENT = '{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}'
_POLICIES = st.sampled_from(
    (
        _POLICY,
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
)


def single_inputs() -> st.SearchStrategy[tuple[str, Any]]:
    """One input with a value that may be right or wrong."""
    return st.one_of(
        st.tuples(st.sampled_from(("aliases", "key_administrator_arns", "key_user_arns", "key_service_users")), _NAMES),
        st.tuples(st.just("key_service_pins"), _NAMES),
        st.tuples(st.just("description"), st.sampled_from(("", "é" * 8192, "é" * 8193))),
        st.tuples(st.just("key_usage"), st.sampled_from((*_USAGES, "SIGN", ""))),
        st.tuples(st.just("customer_master_key_spec"), st.sampled_from((*offered_specs(), "ML_KEM_768", "AES"))),
        st.tuples(st.sampled_from(("rotation_period_in_days", "deletion_window_in_days")), _NUMBER),
        st.tuples(st.just("policy"), _POLICIES),
        st.tuples(
            st.just("replica_primary_key_arn"),
            st.sampled_from(
                (_PRIMARY.format(region="eu-west-1", account=ACCOUNT), "mrk-1", "", "arn:aws:kms:x:1:key/y")
            ),
        ),
        st.tuples(
            st.just("tags"),
            st.one_of(st.dictionaries(_TAG, _TAG, max_size=3), st.just({f"t{number}": "" for number in range(51)})),
        ),
        st.tuples(
            st.just("replica_regions"),
            st.fixed_dictionaries(
                {
                    "eu-west-1": st.fixed_dictionaries(
                        {},
                        optional={
                            "deletion_window_in_days": _NUMBER,
                            "policy": _POLICIES,
                            "description": st.sampled_from(("", "é" * 8193)),
                        },
                    )
                }
            ),
        ),
    )
