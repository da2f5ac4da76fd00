"""Everything that can go wrong at AWS's door, one class for each thing a caller can act on differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from keywright.errors import KeywrightError

MalformedKind = Literal["lockout", "unknown-principals", "syntax"]


@dataclass(eq=False)
class AwsError(KeywrightError):
    """The base of this room's errors.

    Args:
        operation: the API operation, for example `CreateKey`; empty where no call was made.
        region: the Region it was sent to.
        key: the key, alias or principal it was about, as the caller named it; may be empty.
        code: AWS's error code; empty where AWS didn't answer.
        detail: AWS's own message, unchanged.
        repeated: whether an earlier attempt of the same call ended with its outcome unknown, so that this
            answer may be about a change that this call itself has already made.
    """

    operation: str = ""
    region: str = ""
    key: str = ""
    code: str = ""
    detail: str = ""
    repeated: bool = False


@dataclass(eq=False)
class NotFound(AwsError):
    """The key, alias or principal isn't there, or isn't visible yet."""


@dataclass(eq=False)
class AlreadyExists(AwsError):
    """The alias's name, or the replica of that Region, is taken."""


@dataclass(eq=False)
class AccessDenied(AwsError):
    """The caller may not do this.

    Args:
        action: the IAM action that was refused, for example `kms:CreateKey`.
    """

    action: str = ""


@dataclass(eq=False)
class InvalidState(AwsError):
    """The key's state doesn't allow the operation.

    Args:
        state: AWS's words for that state, for example `pending deletion`.
    """

    state: str = ""


@dataclass(eq=False)
class Disabled(AwsError):
    """The key is disabled."""


@dataclass(eq=False)
class MalformedPolicy(AwsError):
    """KMS refused the key policy.

    Args:
        kind: `lockout` (the caller couldn't change the policy afterwards), `unknown-principals` (a principal
            doesn't exist, or isn't visible to KMS yet), or `syntax`.
    """

    kind: MalformedKind = "syntax"


@dataclass(eq=False)
class LimitExceeded(AwsError):
    """A resource quota is used up; waiting doesn't help."""


@dataclass(eq=False)
class OutcomeUnknown(AwsError):
    """The call was sent and no usable answer came: it may or may not have happened. Look before you repeat it."""


@dataclass(eq=False)
class Throttled(AwsError):
    """AWS kept on throttling until our patience ended."""


@dataclass(eq=False)
class Unreachable(AwsError):
    """No connection to the endpoint could be made.

    Args:
        endpoint: the endpoint's URL.
    """

    endpoint: str = ""


@dataclass(eq=False)
class NotAnsweringAws(AwsError):
    """Something listens at the endpoint, but what it answers, if anything, isn't AWS's.

    Args:
        endpoint: the endpoint's URL.
    """

    endpoint: str = ""


@dataclass(eq=False)
class CredentialsMissing(AwsError):
    """No usable AWS credentials were found."""


@dataclass(eq=False)
class CredentialsExpired(AwsError):
    """The credentials, or the sign-on session behind them, have expired."""


@dataclass(eq=False)
class RegionMissing(AwsError):
    """No Region is set anywhere."""


@dataclass(eq=False)
class Unsupported(AwsError):
    """The endpoint doesn't have the operation, or has it not for this kind of key."""


@dataclass(eq=False)
class AwsRefused(AwsError):
    """AWS refused for any other reason; `code` and `detail` are its own."""
