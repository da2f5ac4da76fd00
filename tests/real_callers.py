"""Roles and users of an account of the enforcing sandbox, with real credentials."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aws_directly import Aws

HOME = "us-east-1"
USE = {"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}


def statements(*items: Mapping[str, Any]) -> str:
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(items)})


def element(xml: str, name: str) -> str:
    found = re.search(f"<{name}>([^<]*)<", xml)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account, as its root user sees it."""

    endpoint: str
    id: str

    @property
    def root(self) -> Aws:
        return Aws(self.endpoint, self.id)

    @property
    def root_arn(self) -> str:
        return f"arn:aws:iam::{self.id}:root"

    def user(self, name: str, *policies: Mapping[str, Any]) -> Aws:
        """A new user with an inline policy, as it calls."""
        self.root.iam("CreateUser", UserName=name)
        if policies:
            self.root.iam("PutUserPolicy", UserName=name, PolicyName="own", PolicyDocument=statements(*policies))
        return self.access_key(name)

    def access_key(self, user: str) -> Aws:
        """A user with an access key of its own, as it calls."""
        made = self.root.iam("CreateAccessKey", UserName=user)
        return Aws(self.endpoint, element(made, "AccessKeyId"), secret=element(made, "SecretAccessKey"))

    def role(self, name: str, *policies: Mapping[str, Any], trust: Mapping[str, Any] | None = None) -> str:
        """A new role with an inline policy, which the account trusts; its ARN."""
        default = {"Effect": "Allow", "Action": "sts:*", "Principal": {"AWS": self.root_arn}}
        self.root.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=statements(trust or default))
        if policies:
            self.root.iam("PutRolePolicy", RoleName=name, PolicyName="own", PolicyDocument=statements(*policies))
        return f"arn:aws:iam::{self.id}:role/{name}"

    def session(self, role: str, *, by: Aws | None = None, **parameters: str) -> Aws:
        """A session of a role, as it calls."""
        asked = {"RoleSessionName": "test", **parameters}
        return as_session((by or self.root).sts("AssumeRole", RoleArn=role, **asked), self.endpoint)

    def managed(self, name: str, *items: Mapping[str, Any]) -> str:
        """A new managed policy's ARN."""
        made = self.root.iam("CreatePolicy", PolicyName=name, PolicyDocument=statements(*items))
        return element(made, "Arn")

    def key(self, *items: Mapping[str, Any], **parameters: Any) -> str:
        """A new key's ARN, with a policy of these statements, or the default one."""
        policy = {"Policy": statements(*items), "BypassPolicyLockoutSafetyCheck": True} if items else {}
        made: str = self.root.kms("CreateKey", HOME, **policy, **parameters)["KeyMetadata"]["Arn"]
        return made

    def for_account(self) -> dict[str, Any]:
        """The statement that leaves a key to the account's IAM policies."""
        return {"Effect": "Allow", "Principal": {"AWS": self.root_arn}, "Action": "kms:*", "Resource": "*"}


def as_session(answer: str, endpoint: str) -> Aws:
    """Whoever the credentials of an answer of STS are for."""
    token = {"X-Amz-Security-Token": element(answer, "SessionToken")}
    return Aws(endpoint, element(answer, "AccessKeyId"), token, element(answer, "SecretAccessKey"))


def with_headers(caller: Aws, **headers: str) -> Aws:
    """The same caller with headers of the sandbox's own."""
    named = {f"X-Keywright-{name.replace('_', '-')}": value for name, value in headers.items()}
    return replace(caller, headers={**caller.headers, **named})


def encrypt(caller: Aws, key: str, **parameters: Any) -> str:
    """The ciphertext of a small text."""
    made: str = caller.kms("Encrypt", HOME, KeyId=key, Plaintext="aGVsbG8=", **parameters)["CiphertextBlob"]
    return made


def decrypt(caller: Aws, blob: str, **parameters: Any) -> str:
    """The plaintext of a ciphertext."""
    opened: str = caller.kms("Decrypt", HOME, CiphertextBlob=blob, **parameters)["Plaintext"]
    return opened
