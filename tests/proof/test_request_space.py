"""Requests that can't be are never found: keys that follow from each other, from the caller and from the action.

What AWS neither describes nor rules out is possible: it shows nothing, and proves nothing.
"""

from __future__ import annotations

import pytest
from atoms_policies import ACCOUNT, ADMIN, APP, FRIEND, KEY, SERVICE

from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.proof.search.access import Access, Query
from keywright._internal.proof.search.request_space import RequestSpace, masked
from keywright._internal.proof.search.witnesses import ask


def allows(who: str, action: str, *conditions: tuple[str, str, str]) -> bool | None:
    principal = Principal("Service" if who.endswith(".com") else "AWS", who)
    needed = tuple(Condition(operator, key, (value,)) for operator, key, value in conditions)
    policy = PolicyDocument((Statement("Allow", (principal,), (action,), conditions=needed),))
    access = Access(RequestSpace([policy], KEY), policy)
    goal = Query(access.space.of_actions(masked(frozenset({action}))))
    answers = [ask(access, caller, goal) for caller in access.space.callers]
    if any(answer.witness for answer in answers):
        return True
    return None if any(answer.undecided for answer in answers) else False


CONTEXT, NAMES = "kms:EncryptionContext:Team", "kms:EncryptionContextKeys"
VIA = ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com")


@pytest.mark.parametrize(
    ("who", "action", "conditions", "possible"),
    [
        (APP, "kms:Decrypt", [("StringEquals", CONTEXT, "x"), ("ForAnyValue:StringEquals", NAMES, "team")], True),
        (
            APP,
            "kms:Decrypt",
            [("StringEquals", CONTEXT, "x"), ("ForAllValues:StringNotEqualsIgnoreCase", NAMES, "TEAM")],
            None,
        ),
        (APP, "kms:Decrypt", [("Null", CONTEXT, "true"), ("ForAnyValue:StringEquals", NAMES, "Team")], None),
        (APP, "kms:Decrypt", [("Null", CONTEXT, "true"), ("ForAnyValue:StringEquals", NAMES, "Other")], True),
        (APP, "kms:DescribeKey", [("StringEquals", CONTEXT, "x")], False),
        (APP, "kms:TagResource", [("StringEquals", "aws:RequestTag/a", "x"), ("Null", "aws:TagKeys", "true")], None),
        (
            APP,
            "kms:TagResource",
            [("StringEquals", "aws:RequestTag/a", "x"), ("ForAllValues:StringEquals", "aws:TagKeys", "a")],
            True,
        ),
        (
            APP,
            "kms:Decrypt",
            [("IpAddress", "aws:SourceIp", "10.0.0.0/8"), ("StringEquals", "aws:SourceVpce", "vpce-1a")],
            None,
        ),
        (APP, "kms:Decrypt", [("StringEquals", "aws:SourceVpc", "vpc-1a"), ("Null", "aws:SourceVpce", "true")], None),
        (
            APP,
            "kms:Decrypt",
            [("NumericLessThan", "aws:MultiFactorAuthAge", "300"), ("Bool", "aws:MultiFactorAuthPresent", "false")],
            None,
        ),
        (
            APP,
            "kms:Decrypt",
            [("NumericLessThan", "aws:MultiFactorAuthAge", "300"), ("Bool", "aws:MultiFactorAuthPresent", "true")],
            True,
        ),
        (APP, "kms:Decrypt", [VIA, ("Bool", "aws:ViaAWSService", "false")], None),
        (APP, "kms:Decrypt", [VIA, ("Bool", "aws:PrincipalIsAWSService", "true")], False),
        (
            APP,
            "kms:Decrypt",
            [
                ("ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com"),
                ("Bool", "aws:ViaAWSService", "false"),
            ],
            None,
        ),
        (SERVICE, "kms:Decrypt", [VIA], False),
        (
            SERVICE,
            "kms:Decrypt",
            [
                ("StringEquals", "aws:SourceAccount", ACCOUNT),
                ("ArnLike", "aws:SourceArn", f"arn:aws:logs:*:{FRIEND}:*"),
            ],
            False,
        ),
        (
            SERVICE,
            "kms:Decrypt",
            [("StringEquals", "aws:SourceAccount", ACCOUNT), ("ArnLike", "aws:SourceArn", "arn:aws:s3:::bucket")],
            True,
        ),
        (APP, "kms:Decrypt", [("StringEquals", "aws:SourceAccount", ACCOUNT)], False),
        (
            APP,
            "kms:Decrypt",
            [
                ("StringEquals", "aws:PrincipalOrgID", "o-a"),
                ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-b/*"),
            ],
            False,
        ),
        (
            APP,
            "kms:Decrypt",
            [
                ("StringEquals", "aws:PrincipalOrgID", "o-a"),
                ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-?/r-1/*"),
            ],
            True,
        ),
        (
            APP,
            "kms:Decrypt",
            [
                ("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
                ("DateGreaterThan", "aws:EpochTime", "1600000000"),
            ],
            False,
        ),
        (APP, "kms:Decrypt", [("StringEquals", "aws:username", "App")], False),
        (APP, "kms:Decrypt", [("StringEquals", "aws:PrincipalAccount", FRIEND)], False),
        (APP, "kms:Decrypt", [("StringEquals", "aws:PrincipalType", "User")], False),
        (
            "*",
            "kms:Decrypt",
            [("StringLike", "aws:username", "b*"), ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*")],
            True,
        ),
        (
            "*",
            "kms:Decrypt",
            [("StringLike", "aws:username", "b*"), ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/c*")],
            True,
        ),
        (
            "*",
            "kms:Decrypt",
            [("StringLike", "aws:PrincipalAccount", "12*"), ("StringLike", "aws:PrincipalArn", "*::1234*:role/x?")],
            True,
        ),
        (
            "*",
            "kms:Decrypt",
            [("StringLike", "aws:PrincipalAccount", "12*"), ("StringLike", "aws:PrincipalArn", "*::13*:role/x?")],
            True,
        ),
        (
            "*",
            "kms:Decrypt",
            [
                ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a/*/b"),
                ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a/?/b"),
            ],
            True,
        ),
        (APP, "kms:CreateGrant", [("ForAnyValue:StringEquals", "kms:GrantOperations", "PutKeyPolicy")], None),
        (
            APP,
            "kms:ScheduleKeyDeletion",
            [("NumericGreaterThan", "kms:ScheduleKeyDeletionPendingWindowInDays", "30")],
            None,
        ),
        (
            APP,
            "kms:ScheduleKeyDeletion",
            [("NumericLessThan", "kms:ScheduleKeyDeletionPendingWindowInDays", "8")],
            True,
        ),
        (APP, "kms:Decrypt", [("StringEquals", "aws:RequestedRegion", "us-east-1")], False),
        (APP, "kms:Decrypt", [("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}")], True),
        (ADMIN, "kms:Decrypt", [("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/Admin")], None),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/s",
            "kms:Decrypt",
            [("ArnEquals", "aws:PrincipalArn", ADMIN)],
            True,
        ),
    ],
)
def test_whether_such_a_request_can_be(
    who: str, action: str, conditions: list[tuple[str, str, str]], possible: bool | None
) -> None:
    assert allows(who, action, *conditions) is possible
