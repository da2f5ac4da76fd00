"""Everything that can go wrong at AWS's door, one class for each thing a caller can act on differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from keywright.errors import KeywrightError

MalformedKind = Literal["lockout", "unknown-principals", "syntax"]


@dataclass(eq=False)
class AwsError(KeywrightError):
    """AWS did not do what was asked.

    The message holds the operation, the Region and AWS's own code and words.

    Args:
        operation: the API operation, for example `CreateKey`; empty where no call was made.
        region: the Region it was sent to.
        key: the key, alias or principal it was about, as the caller named it; may be empty.
        code: AWS's error code; empty where AWS didn't answer.
        detail: AWS's own message, unchanged.
        repeated: whether an earlier attempt of the same call ended with its outcome unknown, so that this
            answer may be about a change that this call itself has already made.
    """

    id: ClassVar[str] = "aws"
    operation: str = ""
    region: str = ""
    key: str = ""
    code: str = ""
    detail: str = ""
    repeated: bool = False


class NotFound(AwsError):
    """The key, alias or principal does not exist, or is not visible yet.

    AWS shows a new resource everywhere only after some seconds: run the command again.
    """

    id: ClassVar[str] = "aws-not-found"


class AlreadyExists(AwsError):
    """The alias, or the replica in that Region, already exists.

    Choose another alias or Region, or remove what is there first.
    """

    id: ClassVar[str] = "aws-already-exists"


@dataclass(eq=False)
class AccessDenied(AwsError):
    """The caller may not do this.

    The message names the IAM action. Allow it in the caller's identity policy, and in the key policy where the key is
    of another account.

    Args:
        action: the IAM action that was refused, for example `kms:CreateKey`.
    """

    id: ClassVar[str] = "aws-access-denied"
    action: str = ""


@dataclass(eq=False)
class InvalidState(AwsError):
    """The key's state doesn't allow the operation.

    A key pending deletion is brought back by `keywright restore FILE`; a key that is being created or updated needs
    some minutes.

    Args:
        state: AWS's words for that state, for example `pending deletion`.
    """

    id: ClassVar[str] = "aws-invalid-state"
    state: str = ""


class Disabled(AwsError):
    """The key is disabled.

    `keywright apply FILE` enables it where the keys file says `is_enabled: true`, the default.
    """

    id: ClassVar[str] = "aws-disabled"


@dataclass(eq=False)
class MalformedPolicy(AwsError):
    """KMS refused the key policy.

    Either the caller could not change the policy afterwards, or it names a role or user that does not exist, or its
    text is not a policy; the message says which.

    Args:
        kind: `lockout` (the caller couldn't change the policy afterwards), `unknown-principals` (a principal
            doesn't exist, or isn't visible to KMS yet), or `syntax`.
    """

    id: ClassVar[str] = "aws-malformed-policy"
    kind: MalformedKind = "syntax"


class LimitExceeded(AwsError):
    """A resource quota is used up; waiting doesn't help.

    Ask AWS for a higher quota (Service Quotas, AWS KMS), or remove keys, aliases or grants.
    """

    id: ClassVar[str] = "aws-limit-exceeded"


class OutcomeUnknown(AwsError):
    """The call was sent and no usable answer came: it may or may not have happened.

    Run the same command again: it looks at AWS first, and never repeats blindly what may have happened.
    """

    id: ClassVar[str] = "aws-outcome-unknown"


class Throttled(AwsError):
    """AWS kept on throttling.

    Something else uses up the account's request quota. Run the command again later, or set `KEYWRIGHT_AWS_PATIENCE` to
    more seconds.
    """

    id: ClassVar[str] = "aws-throttled"


@dataclass(eq=False)
class Unreachable(AwsError):
    """No connection to the endpoint could be made.

    Check the network, the proxy settings, and `AWS_ENDPOINT_URL`.

    Args:
        endpoint: the endpoint's URL.
    """

    id: ClassVar[str] = "aws-unreachable"
    endpoint: str = ""


@dataclass(eq=False)
class NotAnsweringAws(AwsError):
    """Something answers at the endpoint, but not as AWS does.

    Check `AWS_ENDPOINT_URL`, and whether a proxy or a sign-in page answers in AWS's place.

    Args:
        endpoint: the endpoint's URL.
    """

    id: ClassVar[str] = "aws-garbled-answer"
    endpoint: str = ""


class CredentialsMissing(AwsError):
    """No usable AWS credentials were found.

    Set `AWS_PROFILE`, pass `--profile`, or run `aws sso login` or `aws configure`.
    """

    id: ClassVar[str] = "aws-credentials-missing"


class CredentialsExpired(AwsError):
    """The credentials, or the sign-on session behind them, have expired.

    Sign in again, for example with `aws sso login`.
    """

    id: ClassVar[str] = "aws-credentials-expired"


class RegionMissing(AwsError):
    """No Region is set anywhere.

    Write `region:` in the keys file, pass `--region`, or set `AWS_REGION`.
    """

    id: ClassVar[str] = "aws-region-missing"


class Unsupported(AwsError):
    """The endpoint doesn't have the operation, or has it not for this kind of key.

    The embedded AWS and some partitions lack operations; use another key spec or another Region.
    """

    id: ClassVar[str] = "aws-unsupported"


class AwsRefused(AwsError):
    """AWS refused for a reason that has no other section here.

    The message holds AWS's own code and words.
    """

    id: ClassVar[str] = "aws-refused"
