"""The IAM permissions that each command needs: the calls that it makes, and no others.

`tests/cli/test_permissions.py` holds this table to the calls that the commands really make.
"""

from __future__ import annotations

from typing import Any, Final

_LIST: Final = ("kms:ListAliases", "kms:ListKeys")
_READ: Final = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags")
_ESTATE: Final = (*_LIST, *_READ, "kms:ListGrants", "ec2:DescribeRegions", "iam:ListRoles", "iam:ListUsers")
_STACK: Final = (*_LIST, *_READ, "kms:ListGrants", "tag:GetResources")
_CHANGE: Final = (
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:CreateKey",
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
_USE: Final = (
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encrypt",
    "kms:GenerateMac",
    "kms:GetPublicKey",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
)
_LAST_USE: Final = ("kms:GetKeyLastUsage",)

_WHO_CAN: Final = (
    *_LIST,
    *_READ,
    "ec2:DescribeRegions",
    "iam:GetAccountAuthorizationDetails",
    "kms:ListGrants",
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
)
"""What `scan --iam` calls, from which `who-can` and `why` answer."""

PERMISSIONS: Final[dict[str, tuple[str, ...]]] = {
    "scan": (*_ESTATE, *_LAST_USE, "organizations:ListAccounts", "sts:AssumeRole"),
    "who-can": (*_WHO_CAN, "organizations:ListAccounts", "sts:AssumeRole"),
    "targets": (
        "organizations:ListAccounts",
        "organizations:ListAccountsForParent",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListTagsForResource",
        "sts:AssumeRole",
    ),
    "adopt": (*_ESTATE, "kms:TagResource", "kms:UntagResource"),
    "plan": (*_STACK, *_LAST_USE),
    "output": _STACK,
    "drift": _STACK,
    "verify": (*_STACK, *_LAST_USE, *_USE),
    "apply": (*_STACK, *_LAST_USE, *_CHANGE, "iam:GetRole", "iam:GetUser"),
    "replace": (*_STACK, *_CHANGE, "iam:GetRole", "iam:GetUser"),
    "destroy": (*_STACK, *_LAST_USE, "kms:DeleteAlias", "kms:ScheduleKeyDeletion"),
    "rename": ("tag:GetResources", "kms:ListResourceTags", "kms:TagResource"),
    "restore": (*_STACK, "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:EnableKey"),
}
"""Actions by command; `targets` is what whoever runs a command for a file with targets needs beside, to find and enter
the accounts. GetCallerIdentity needs no permission, so it isn't there."""

_IDENTITY: Final = ("keywright:key", "keywright:stack")
_TAGS_OF_ADOPTION: Final = {
    "kms:TagResource": ("TagIdentity", _IDENTITY),
    "kms:UntagResource": ("UntagIdentity", ("keywright:grants", *_IDENTITY)),
}
"""The statement that allows each, and the tags that it is for."""
_FAMILIES: Final = "mrk.kms.amazonaws.com"


def policy_for(command: str) -> dict[str, Any]:
    """The identity policy that a command needs, as IAM takes it."""
    actions = sorted(set(PERMISSIONS[command]))
    tagging = _TAGS_OF_ADOPTION if command == "adopt" else {}
    statements: list[dict[str, Any]] = [_statement("Call", [item for item in actions if item not in tagging])]
    for action, (sid, tags) in tagging.items():
        only = {"ForAllValues:StringEquals": {"aws:TagKeys": list(tags)}}
        statements.append({**_statement(sid, [action]), "Condition": only})
    if "kms:ReplicateKey" in actions:
        # KMS makes it itself with the first multi-Region key of an account:
        # https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html
        role = f"arn:*:iam::*:role/aws-service-role/{_FAMILIES}/AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
        own = {"StringEquals": {"iam:AWSServiceName": _FAMILIES}}
        statements.append({**_statement("MultiRegionRole", ["iam:CreateServiceLinkedRole"], role), "Condition": own})
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(sid: str, actions: list[str], resource: str = "*") -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
