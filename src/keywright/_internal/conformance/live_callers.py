"""Who gets in to the live test's key, asked of an AWS that says no.

`python -m keywright._internal.conformance.live_callers KEY_ARN`, in the environment of the embedded AWS: a process of
its own, as `live_view` is. It prints what isn't as it must be, a JSON list of sentences.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from keywright._internal.conformance.own_process import answer_of

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

_ADMINISTRATOR: Final = ("/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_KeyAdministrators_0123456789abcdef")
"""A role such as IAM Identity Center makes for the permission set that the live test's key names."""

_STRANGER: Final = ("/", "stranger")
_OWN_PERMISSIONS: Final = {"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*"}
"""What the permission set says: the key's policy names it through its account, which alone lets nobody in."""

_PATIENCE: Final = 120.0


def who_gets_in(key_arn: str, environment: Mapping[str, str]) -> list[str]:
    """Where the administrator or a stranger gets further than the key's declaration says, or less far.

    Raises:
        KeywrightError: the embedded AWS could not be asked.
    """
    failing = "nobody can be sent to the live test's key"
    answer = answer_of("live_callers", (key_arn,), environment, patience=_PATIENCE, failing=failing)
    broken: list[str] = json.loads(answer)
    return broken


def _wrong(key_arn: str) -> list[str]:
    account = key_arn.split(":")[4]
    return [
        f"{who} {'may' if found else 'may not'} {what} the key"
        for who, (path, name), describes in (
            ("the administrator", _ADMINISTRATOR, True),
            ("a stranger", _STRANGER, False),
        )
        for what, found, wanted in _tries(_as_role(account, path, name, key_arn), key_arn, describes=describes)
        if found is not wanted
    ]


def _tries(kms: KMSClient, key_arn: str, *, describes: bool) -> list[tuple[str, bool, bool]]:
    """What a caller may do, and what it should: neither of the two may use the key."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 is heavy

    def allowed(operation: str, **more: bytes) -> bool:
        try:
            getattr(kms, operation)(KeyId=key_arn, **more)
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            return False
        return True

    return [("describe", allowed("describe_key"), describes), ("use", allowed("encrypt", Plaintext=b"text"), False)]


def _as_role(account: str, path: str, name: str, key_arn: str) -> KMSClient:
    """KMS as a session of a role sees it; the role is made where it isn't there."""
    import boto3  # noqa: PLC0415 - boto3 is heavy

    iam = boto3.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):  # made for the engine before
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=_policy(trust))
    if name != _STRANGER[1]:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_policy(_OWN_PERMISSIONS))
    arn = f"arn:aws:iam::{account}:role{path}{name}"
    made = boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="live-test")["Credentials"]
    client: KMSClient = boto3.client(
        "kms",
        region_name=key_arn.split(":")[3],
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )
    return client


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_wrong(sys.argv[1])))
