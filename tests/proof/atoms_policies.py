"""Generated policies over a small vocabulary, and every request that the vocabulary can tell apart."""

import itertools
from collections.abc import Iterator

from hypothesis import strategies as st

from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.proof.evaluation.request import Caller, Request
from keywright._internal.proof.search.key_candidates import PLACEHOLDER_KEY, KeyCandidate

ACCOUNT, FRIEND, STRANGER = "111122223333", "444455556666", "999999999999"
RESOURCE = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{PLACEHOLDER_KEY}"
KEY = KeyCandidate(KeyLocation("aws", ACCOUNT, "eu-west-1", PLACEHOLDER_KEY))
APP, ADMIN, BOB = (f"arn:aws:iam::{ACCOUNT}:{name}" for name in ("role/App", "role/team/Admin", "user/Bob"))
EXT = f"arn:aws:iam::{FRIEND}:role/Ext"
SERVICE = "logs.eu-west-1.amazonaws.com"

PRINCIPALS = (
    Principal("AWS", "*"),
    Principal("AWS", f"arn:aws:iam::{ACCOUNT}:root"),
    Principal("AWS", FRIEND),
    Principal("AWS", APP),
    Principal("AWS", ADMIN),
    Principal("AWS", BOB),
    Principal("AWS", EXT),
    Principal("AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1"),
    Principal("AWS", "AROAEXAMPLEID"),
    Principal("Service", SERVICE),
)
ACTIONS = ("kms:*", "kms:Decrypt", "kms:De*", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:Encrypt", "KMS:decrypt")
CALLERS = tuple(
    Caller.parse(text)
    for text in (
        f"arn:aws:iam::{ACCOUNT}:root",
        APP,
        ADMIN,
        BOB,
        f"arn:aws:iam::{ACCOUNT}:role/Else",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1",
        f"arn:aws:iam::{FRIEND}:root",
        EXT,
        f"arn:aws:iam::{STRANGER}:role/Else",
        SERVICE,
    )
)
ASKED = ("kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:DescribeKey", "kms:Encrypt")

_VALUES = {
    "kms:ViaService": ("s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"),
    "kms:EncryptionContext:team": ("blue", "green"),
    "aws:PrincipalOrgID": ("o-aaaaaaaaaa", "o-bbbbbbbbbb"),
    "aws:SourceAccount": (ACCOUNT, FRIEND),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "kms:GrantIsForAWSResource": ("true", "false"),
    "kms:GrantOperations": ("Decrypt", "Encrypt", "DescribeKey"),
}
_OTHERS = {
    "kms:ViaService": ("sns.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com", "xc2.eu-west-1.amazonaws.com"),
    "kms:EncryptionContext:team": ("red", "bl*", "?reen", "BLUE", "GREEN", "black", "preen"),
    "aws:PrincipalOrgID": ("o-cccccccccc", "o-AAAAAAAAAA", "o-BBBBBBBBBB"),
    "aws:SourceAccount": (STRANGER, "110000000000", "944455556666"),
}
"""Values that no condition names, but that some pattern may match."""

_TEXT_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
_LISTED = (
    "ForAllValues:StringEquals",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringNotEquals",
    "ForAnyValue:StringNotEquals",
)


def _texts(key: str) -> st.SearchStrategy[Condition]:
    patterns = (*_VALUES[key], _VALUES[key][0][:2] + "*", "?" + _VALUES[key][1][1:])
    if_exists = st.sampled_from(("", "IfExists"))
    operators = st.tuples(st.sampled_from(_TEXT_OPERATORS), if_exists).map("".join)
    values = st.lists(st.sampled_from(patterns), min_size=1, max_size=2, unique=True).map(tuple)
    return st.builds(Condition, operators, st.just(key), values)


def _flags(key: str) -> st.SearchStrategy[Condition]:
    values = st.sampled_from((("true",), ("false",)))
    return st.builds(Condition, st.sampled_from(("Bool", "BoolIfExists", "Null")), st.just(key), values)


def _lists(key: str) -> st.SearchStrategy[Condition]:
    values = st.lists(st.sampled_from(_VALUES[key]), min_size=1, max_size=2, unique=True).map(tuple)
    return st.builds(Condition, st.sampled_from(_LISTED), st.just(key), values)


def _callers() -> st.SearchStrategy[Condition]:
    arns = st.lists(
        st.sampled_from((APP, ADMIN, EXT, f"arn:aws:iam::{ACCOUNT}:role/*", "arn:aws:iam::*:role/team/*")),
        min_size=1,
        max_size=2,
        unique=True,
    ).map(tuple)
    accounts = st.lists(st.sampled_from((ACCOUNT, FRIEND)), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(
        st.builds(Condition, st.sampled_from(("ArnLike", "ArnNotLike")), st.just("aws:PrincipalArn"), arns),
        st.builds(
            Condition, st.sampled_from(("StringEquals", "StringNotEquals")), st.just("aws:PrincipalAccount"), accounts
        ),
        st.builds(Condition, st.just("StringEquals"), st.just("kms:CallerAccount"), accounts),
        st.builds(
            Condition,
            st.sampled_from(("Bool", "BoolIfExists")),
            st.sampled_from(("aws:PrincipalIsAWSService", "aws:ViaAWSService")),
            st.sampled_from((("true",), ("false",))),
        ),
    )


CONDITIONS = st.one_of(
    _callers(),
    _texts("kms:ViaService"),
    _texts("kms:EncryptionContext:team"),
    _texts("aws:PrincipalOrgID"),
    _texts("aws:SourceAccount"),
    _flags("aws:MultiFactorAuthPresent"),
    _flags("kms:GrantIsForAWSResource"),
    _lists("kms:GrantOperations"),
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    principals = draw(st.lists(st.sampled_from(PRINCIPALS), min_size=1, max_size=3, unique=True))
    actions = tuple(draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2, unique=True)))
    negated = draw(st.integers(0, 9)) == 0
    found = draw(st.lists(CONDITIONS, max_size=2, unique_by=lambda item: (item.operator, item.key)))
    return Statement(
        draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        tuple(principals),
        None if negated else actions,
        not_actions=actions if negated else None,
        conditions=tuple(found),
    )


POLICIES = st.lists(statements(), min_size=1, max_size=4).map(lambda found: PolicyDocument(tuple(found)))


def requests(policy: PolicyDocument) -> Iterator[Request]:
    """Every request of the vocabulary that the policy can tell apart, and that can be."""
    used = {condition.key for statement in policy.statements for condition in statement.conditions}
    used |= {"kms:ViaService"} if "aws:ViaAWSService" in used else set()
    for caller, action in itertools.product(CALLERS, ASKED):
        domains = [list(_domain(key, caller, action)) for key in _VALUES if key in used]
        for values in itertools.product(*domains):
            context = dict(item for item in values if item is not None)
            yield Request(caller, action, RESOURCE, context)


def _domain(key: str, caller: Caller, action: str) -> Iterator[tuple[str, tuple[str, ...]] | None]:
    yield None
    service = caller.kind == "service"
    if service != (key == "aws:SourceAccount") and key in {
        "aws:SourceAccount",
        "kms:ViaService",
        "aws:PrincipalOrgID",
        "aws:MultiFactorAuthPresent",
    }:
        return
    if key.startswith("kms:Grant") and action != "kms:CreateGrant":
        return
    if key.startswith("kms:EncryptionContext") and action not in {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"}:
        return
    folded = key.lower()
    if key == "kms:GrantOperations":
        for size in range(1, 4):
            for chosen in itertools.combinations((*_VALUES[key], "Sign"), size):
                yield folded, chosen
        return
    for value in (*_VALUES[key], *_OTHERS.get(key, ())):
        yield folded, (value,)
