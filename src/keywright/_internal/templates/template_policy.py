"""One key's policy as a template or a plan holds it: its text as far as it is known, and where each part stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright._internal.policy.json_positions import Path
    from keywright.errors import Location

STAND_IN_ACCOUNT: Final = "123456789012"
STAND_IN_REGION: Final = "us-east-1"
"""What a template's own account and Region are taken for where nobody says them."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a policy that the file doesn't tell."""

    location: Location
    why: str
    """As the end of a sentence: `parameter `AdminRole` has no default`."""


@dataclass(frozen=True, slots=True)
class TemplatePolicy:
    """A key's policy. Its text is JSON; None where some of it isn't known."""

    name: str
    """The resource: `module.kms.aws_kms_key.this[0]`, or a template's logical id."""
    location: Location
    text: str | None
    locate: Callable[[Path], Location]
    """Where a part of the policy stands in the file, by its path in the policy's JSON."""
    unknown: tuple[Unknown, ...] = ()
    assumptions: tuple[str, ...] = ()
    """What the text rests on beside the file: an account, a parameter's default."""
    account: str | None = None
    region: str | None = None
    key_spec: str | None = None
    key_usage: str | None = None


def default_policy(account: str, partition: str) -> str:
    """The policy that KMS gives a key for which none is written.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
