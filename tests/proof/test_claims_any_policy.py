"""Whatever a policy holds, odd operators, variables, exceptions and typing errors among it: answers stay honest."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.proof.claims.declared import prove_policy
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.difference.access_difference import AccessDifference, access_difference
from keywright._internal.proof.evaluation.conditions import OPERATORS
from keywright._internal.proof.evaluation.evaluator import evaluate

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
PRINCIPALS = [
    Principal(kind, value)
    for kind, value in (
        ("AWS", "*"),
        ("AWS", ACCOUNT),
        ("AWS", f"{IAM}:root"),
        ("AWS", "444455556666"),
        ("AWS", f"{IAM}:role/x/App"),
        ("AWS", f"{IAM}:user/Bob"),
        ("AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s"),
        ("AWS", f"arn:aws:sts::{ACCOUNT}:federated-user/f"),
        ("AWS", "arn:aws:iam::*:root"),
        ("AWS", f"arn:aws-cn:iam::{ACCOUNT}:root"),
        ("AWS", "AROAX"),
        ("AWS", f"{IAM}:group/g"),
        ("Service", "s3.amazonaws.com"),
        ("Federated", "x"),
        ("CanonicalUser", "abc"),
    )
]
KEYS = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "kms:CallerAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceArn",
    "aws:SourceAccount",
    "kms:ViaService",
    "aws:ViaAWSService",
    "kms:EncryptionContext:a",
    "kms:EncryptionContextKeys",
    "kms:GrantOperations",
    "kms:GrantIsForAWSResource",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "kms:ScheduleKeyDeletionPendingWindowInDays",
    "aws:PrincipalTag/t",
    "aws:ResourceTag/t",
    "kms:NoSuch",
    "aws:username",
    "aws:userid",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:TagKeys",
    "aws:PrincipalServiceName",
    "aws:RequestTag/x",
    "kms:KeySpec",
    "kms:RequestAlias",
    "aws:SecureTransport",
    "aws:CalledVia",
    "kms:BypassPolicyLockoutSafetyCheck",
    "aws:ResourceAccount",
    "aws:RequestedRegion",
    "kms:MultiRegion",
]
VALUES = [
    *("*", "true", "false", ACCOUNT, "444455556666", "o-aaaaaaaaaa", "o-aaaaaaaaaa/r-1/*", f"{IAM}:role/*"),
    *(
        "arn:aws:iam::*:role/x/A??",
        "arn:aws:s3:::b/*",
        "10.0.0.0/8",
        "2001:db8::/32",
        "2026-01-01T00:00:00Z",
        "14",
        "7.5",
    ),
    *("${aws:PrincipalAccount}", "${aws:username}", "${aws:PrincipalTag/t, 'd'}", "${aws:ResourceAccount}", "${*}z"),
    *("x*", "?y", "", "s3.*.amazonaws.com", "Decrypt", "bob", "a", "alias/x", "é"),
]
ACTIONS = [
    "kms:*",
    "*",
    "kms:Decrypt",
    "kms:PutKeyPolicy",
    "kms:CreateGrant",
    "kms:Re*",
    "kms:?ncrypt",
    "kms:Nope",
    "s3:*",
    "kms:TagResource",
    "kms:ScheduleKeyDeletion",
    "kms:RevokeGrant",
]
RESOURCES = [
    ("*",),
    None,
    (f"arn:aws:kms:*:{ACCOUNT}:key/*",),
    (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k1",),
    ("arn:aws:kms:eu-west-1:444455556666:key/k1",),
    ("arn:aws:kms:*:${aws:PrincipalAccount}:key/*",),
]


def some(items: list[str] | list[Principal], least: int = 1) -> st.SearchStrategy:  # type: ignore[type-arg]
    return st.lists(st.sampled_from(items), min_size=least, max_size=3, unique=True).map(tuple)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from((*OPERATORS, "NoSuchOperator")))
    lenient = "" if name == "Null" else draw(st.sampled_from(("", "IfExists")))
    quantifier = draw(st.sampled_from(("", "", "ForAllValues:", "ForAnyValue:")))
    return Condition(quantifier + name + lenient, draw(st.sampled_from(KEYS)), draw(some(VALUES, 0)))


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    seldom = st.sampled_from((False,) * 7 + (True,))
    principals, actions = draw(some(PRINCIPALS)), draw(some(ACTIONS))
    resources = draw(st.sampled_from([("*",)] * 4 + RESOURCES))  # type: ignore[operator]
    not_principal, not_action, not_resource = draw(seldom), draw(seldom), draw(seldom)
    return Statement(
        draw(st.sampled_from(("Allow", "Allow", "Deny"))),
        None if not_principal else principals,
        None if not_action else actions,
        None if not_resource else resources,
        tuple(draw(st.lists(conditions(), max_size=3))),
        not_principals=principals if not_principal else None,
        not_actions=actions if not_action else None,
        not_resources=resources if not_resource else None,
    )


POLICIES = st.builds(
    PolicyDocument,
    st.lists(statements(), min_size=1, max_size=6).map(tuple),
    st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17", None)),
)
SOME = settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))


@given(POLICIES)
@SOME
def test_what_is_refuted_replays_and_what_is_unknown_says_why(policy: PolicyDocument) -> None:
    for result in prove_policy(policy, ACCOUNT):
        assert result.reason
        if result.verdict is Verdict.REFUTED:
            witness = result.witness
            assert witness is not None
            assert evaluate(policy, witness.request, identity_policies=witness.identity_policies) == witness.decision
            shows_access = result.id in {"no-access-from-outside", "no-foreign-administration"}
            assert witness.decision.allowed is shows_access


@given(POLICIES)
@SOME
def test_a_policy_differs_from_its_own_statements_in_another_order_in_nothing(policy: PolicyDocument) -> None:
    reordered = PolicyDocument(tuple(reversed(policy.statements)), policy.version)
    assert access_difference(policy, reordered, account=ACCOUNT) == AccessDifference(True)
