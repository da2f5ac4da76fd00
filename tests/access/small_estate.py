"""A small organization for tests of one rule: say what differs, the rest is usual."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from keywright._internal.access.report import who_can_document
from keywright._internal.access.snapshot import AccessSnapshot, KeyProperties, SnapshotKey
from keywright._internal.access.who_can import WhoCan
from keywright._internal.estate.iam import IamPrincipal, IamSnapshot, NamedPolicy, Organization, OrganizationAccount
from keywright._internal.proof.evaluation.grants import Grant

A, B, MANAGEMENT, OUTSIDE = "111122223333", "444455556666", "777788889999", "888888888888"
APP, OPS, EXT = f"arn:aws:iam::{A}:role/App", f"arn:aws:iam::{A}:role/Ops", f"arn:aws:iam::{B}:role/Ext"
ANN = f"arn:aws:iam::{A}:user/ann"
ADMIN = f"arn:aws:iam::{MANAGEMENT}:role/Admin"
LINKED = f"arn:aws:iam::{A}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1"
ROOT = {"AWS": f"arn:aws:iam::{A}:root"}
USE = ["kms:Decrypt", "kms:Encrypt"]


def statement(action: Any = "kms:*", principal: Any = None, *, effect: str = "Allow", **rest: Any) -> dict[str, Any]:
    """A statement; `condition` is its Condition."""
    body: dict[str, Any] = {"Effect": effect, "Action": action, "Resource": "*"}
    if principal is not None:
        body["Principal"] = principal
    if "condition" in rest:
        body["Condition"] = rest["condition"]
    return body


def named(*arns: str, **rest: Any) -> dict[str, Any]:
    """A statement that lets principals use the key."""
    return statement(USE, {"AWS": list(arns)}, **rest)


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


FULL = policy(statement("*"))


def principal(
    arn: str, *policies: str, boundary: str | None = None, tags: Mapping[str, str] | None = None, **rest: Any
) -> IamPrincipal:
    return IamPrincipal(
        arn,
        "user" if ":user/" in arn else "role",
        arn.split(":")[4],
        policies=tuple(NamedPolicy(f"policy-{number}", text) for number, text in enumerate(policies)),
        boundary=None if boundary is None else NamedPolicy("boundary", boundary),
        tags=tags or {},
        **rest,
    )


def estate(
    key_policy: str,
    *principals: IamPrincipal,
    grants: Sequence[Mapping[str, Any]] = (),
    scps: Sequence[Sequence[str]] = ((FULL,),),
    rcps: Sequence[str] = (),
    key: str = KEY,
    **iam: Any,
) -> AccessSnapshot:
    levels = tuple(tuple(NamedPolicy("scp", text) for text in level) for level in scps)
    limits = tuple(NamedPolicy("rcp", text) for text in rcps)
    accounts = {
        number: OrganizationAccount(number, "", f"o-x/r-1/{unit}/", levels, limits)
        for number, unit in ((A, "ou-a"), (B, "ou-b"), (MANAGEMENT, "ou-m"))
    }
    known: dict[str, Any] = {
        "accounts": frozenset(accounts),
        "organization": Organization("o-x", MANAGEMENT, accounts),
        "organization_read": True,
        **iam,
    }
    facts = KeyProperties({}, ("alias/app",), "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS", multi_region=False)
    made = SnapshotKey(key, key_policy, tuple(map(Grant.from_document, grants)), facts)
    return AccessSnapshot([made], IamSnapshot(tuple(principals), **known))


def answer(snapshot: AccessSnapshot, *actions: str, via: str | None = None) -> dict[str, Any]:
    """The document of `who-can`."""
    (key,) = snapshot.keys.values()
    return who_can_document(WhoCan(snapshot), key, actions or ("kms:Decrypt",), via)


def access(snapshot: AccessSnapshot, action: str = "kms:Decrypt", via: str | None = None) -> dict[str, str]:
    """The access of each principal that has some, the root user aside."""
    rows = answer(snapshot, action, via=via)["rows"]
    return {row["principal"]: row["access"] for row in rows if not row["principal"].endswith(":root")}
