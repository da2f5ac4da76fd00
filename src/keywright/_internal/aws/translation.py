"""From botocore's exceptions to ours: what one means, whether it may be tried again, and what to tell people."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from keywright._internal.aws import errors
from keywright._internal.aws.retrying import GaveUp, Verdict
from keywright.errors import KeywrightError

if TYPE_CHECKING:
    from collections.abc import Mapping

_THROTTLING = frozenset(
    {
        "ThrottlingException",  # KMS, with HTTP status 400
        "ThrottledException",  # the tagging API
        "Throttling",  # IAM and STS
        "RequestLimitExceeded",
        "TooManyRequestsException",
    }
)
_SERVER_SIDE = frozenset(
    {
        "KMSInternalException",
        "DependencyTimeoutException",
        "KeyUnavailableException",
        "InternalServiceException",  # the tagging API
        "InternalFailure",
        "ServiceFailure",
        "ServiceUnavailable",
        "RequestTimeout",
    }
)
_DENIED = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation"})
_EXPIRED = frozenset({"ExpiredTokenException", "ExpiredToken", "RequestExpired"})
_UNKNOWN_CREDENTIALS = frozenset({"UnrecognizedClientException", "InvalidClientTokenId"})
_BAD_SIGNATURE = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed"})
_UNSUPPORTED = frozenset({"UnsupportedOperationException", "UnknownOperationException", "InvalidAction"})

_NO_TLS = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER")

_STATE_WORDS = re.compile(
    r"not pending deletion|pending replica deletion|pending deletion|pending import"
    r"|creating|updating|unavailable|disabled",
    re.IGNORECASE,
)
_PERFORM = re.compile(r"not authorized to perform:? (?P<action>[a-z0-9-]+:[A-Za-z*]+)")

_HTTP_SERVER_ERROR = 500
_HTTP_TOO_MANY_REQUESTS = 429
_EXCERPT = 80


class _Where(TypedDict):
    """The fields that every error of this package has."""

    operation: str
    region: str
    key: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Call:
    """What a failure is about: the service (`kms`), the operation, its Region, key and endpoint."""

    service: str
    operation: str
    region: str
    endpoint: str
    key: str = ""


class GarbledAnswerError(Exception):
    """An answer that AWS doesn't give: not JSON or XML, cut short, or without what the operation returns."""


def refuse_garbled(protocol: str, response: Mapping[str, Any]) -> None:
    """Raise unless a raw HTTP answer is whole and in the service's format.

    Needed because botocore takes any text with status 200 for an empty answer, and a body that is cut short
    for a whole one.

    Raises:
        GarbledAnswerError: with an excerpt of what came.
    """
    body: bytes = response["body"]
    promised = response["headers"].get("content-length")
    if promised is not None and promised.isdigit() and int(promised) != len(body):
        raise GarbledAnswerError(f"an answer cut short at {len(body)} of {promised} bytes")
    if protocol == "json":
        if body.strip() in {b"", b"null"}:  # an operation that answers nothing; some emulators say so with a word
            return
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise _garbled(response)
    elif not re.match(rb"\s*<(\?xml|\w+Response|ErrorResponse)", body):
        raise _garbled(response)


def _garbled(response: Mapping[str, Any]) -> GarbledAnswerError:
    excerpt = " ".join(response["body"][:_EXCERPT].decode("utf-8", "replace").split())
    return GarbledAnswerError(f"HTTP {response['status_code']} with `{excerpt}`")


def judge(error: Exception) -> Verdict | None:
    """What a failed attempt's exception says about the attempt; None for one of our own."""
    from botocore import exceptions as boto  # noqa: PLC0415 - keeps importing this package light

    if isinstance(error, KeywrightError):
        return None
    if isinstance(error, boto.ClientError):
        return _judge_answer(error)
    if isinstance(error, boto.SSLError) and any(words in str(error) for words in _NO_TLS):
        return Verdict.FINAL
    for kinds, verdict in (
        (GarbledAnswerError, Verdict.GARBLED),
        (boto.SSLError, Verdict.UNKNOWN),
        (boto.ConnectionError, Verdict.NOT_SENT),  # refused, no such host, connect time-out
        (boto.HTTPClientError, Verdict.UNKNOWN),
        (boto.IncompleteReadError, Verdict.UNKNOWN),
    ):
        if isinstance(error, kinds):
            return verdict
    return Verdict.FINAL


def _judge_answer(error: Any) -> Verdict:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _THROTTLING or status == _HTTP_TOO_MANY_REQUESTS:
        return Verdict.REJECTED
    if code in _SERVER_SIDE or status >= _HTTP_SERVER_ERROR:
        return Verdict.UNKNOWN
    return Verdict.FINAL


def translated(gave_up: GaveUp, call: Call, *, repeatable: bool) -> errors.AwsError:
    """The error of ours for a call that was given up."""
    from botocore import exceptions as boto  # noqa: PLC0415 - keeps importing this package light

    cause, verdict = gave_up.cause, gave_up.verdict
    where = _Where(operation=call.operation, region=call.region, key=call.key, repeated=gave_up.repeated)
    if verdict in {Verdict.UNKNOWN, Verdict.GARBLED} and not repeatable:
        return errors.OutcomeUnknown(
            f"nobody knows whether {_name(call)} was carried out: {_reason(cause)}",
            "look whether it was before doing it again",
            detail=str(cause),
            **where,
        )
    if isinstance(cause, boto.ClientError):
        return _from_answer(cause, call, where, verdict, gave_up.attempts)
    if verdict is Verdict.GARBLED:
        return errors.NotAnsweringAws(
            f"what answers at `{call.endpoint}` isn't AWS: {cause}",
            "check the endpoint's URL and what listens there",
            detail=str(cause),
            endpoint=call.endpoint,
            **where,
        )
    if verdict is Verdict.UNKNOWN:
        times = "once" if gave_up.attempts == 1 else f"{gave_up.attempts} times"
        return errors.NotAnsweringAws(
            f"`{call.endpoint}` took {call.operation} {times} and never answered: {_reason(cause)}",
            "check the endpoint, and any proxy on the way to it",
            detail=str(cause),
            endpoint=call.endpoint,
            **where,
        )
    if isinstance(cause, boto.ConnectionError):
        return errors.Unreachable(
            f"can't connect to `{call.endpoint}`: {_reason(cause)}",
            "check the endpoint's URL, the Region's name and the network",
            detail=str(cause),
            endpoint=call.endpoint,
            **where,
        )
    return from_settings(cause, call, where)


def from_settings(cause: Exception, call: Call, where: _Where | None = None) -> errors.AwsError:
    """The error of ours for an exception about credentials, Regions, profiles or parameters."""
    from botocore import exceptions as boto  # noqa: PLC0415 - keeps importing this package light

    where = where or _Where(operation=call.operation, region=call.region, key=call.key, repeated=False)
    text = _one_line(cause)
    if isinstance(cause, boto.ProfileNotFound):
        return errors.CredentialsMissing(
            f"the AWS profile isn't configured: {text}",
            "list the profiles with `aws configure list-profiles`",
            **where,
        )
    if isinstance(cause, boto.NoRegionError):
        return errors.RegionMissing(
            "no AWS Region is set", "name one in the file, with --region, or in AWS_REGION", **where
        )
    if isinstance(cause, boto.SSOError | boto.LoginError | boto.TokenRetrievalError):
        return errors.CredentialsExpired(
            f"the sign-on session can't be used: {text}",
            "sign in again, for example with `aws sso login`",
            **where,
        )
    if isinstance(
        cause,
        boto.NoCredentialsError | boto.NoAuthTokenError | boto.PartialCredentialsError | boto.CredentialRetrievalError,
    ):
        return errors.CredentialsMissing(
            f"no usable AWS credentials: {text}",
            "set AWS_PROFILE, pass --profile, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            **where,
        )
    if isinstance(cause, ValueError) and "Invalid endpoint" in text:
        return errors.Unreachable(
            f"`{call.endpoint}` isn't an endpoint's URL", "write it like `https://host:port`", endpoint=call.endpoint,
            **where,
        )  # fmt: skip
    return errors.AwsRefused(
        f"{_name(call)} couldn't be sent: {text}", "", code=type(cause).__name__, detail=str(cause), **where
    )


def _from_answer(cause: Any, call: Call, where: _Where, verdict: Verdict, attempts: int) -> errors.AwsError:
    """The error of ours for an error that AWS answered."""
    code: str = cause.response.get("Error", {}).get("Code", "") or "Unknown"
    detail: str = cause.response.get("Error", {}).get("Message", "") or ""
    said = f"{_name(call)} failed: {_one_line(detail) or code}"
    if verdict is Verdict.REJECTED:
        return errors.Throttled(
            f"AWS throttled {call.operation} in {call.region} {attempts} times",
            "run the same command again later, or ask for a higher request quota",
            code=code, detail=detail, **where,
        )  # fmt: skip
    if code in _DENIED:
        found = _PERFORM.search(detail)
        action = found["action"] if found else f"{call.service}:{call.operation}"
        return errors.AccessDenied(
            f"AWS doesn't let you do `{action}`: {_one_line(detail) or code}",
            "allow the action in the caller's IAM policy and, for a key, in the key policy",
            code=code, detail=detail, action=action, **where,
        )  # fmt: skip
    if code == "MalformedPolicyDocumentException":
        return _malformed(said, code, detail, where)
    if code in {"KMSInvalidStateException", "DisabledException"}:
        return _wrong_state(said, code, detail, where)
    for codes, kind, remedy in _PLAIN:
        if code in codes:
            return kind(said, remedy, code=code, detail=detail, **where)
    return errors.AwsRefused(f"{said} ({code})" if detail else said, "", code=code, detail=detail, **where)


_PLAIN: tuple[tuple[frozenset[str], type[errors.AwsError], str], ...] = (
    (
        frozenset({"NotFoundException", "NoSuchEntity"}),
        errors.NotFound,
        "check the name, the Region and the account",
    ),
    (frozenset({"AlreadyExistsException"}), errors.AlreadyExists, "choose another name, or free this one"),
    (
        frozenset({"LimitExceededException"}),
        errors.LimitExceeded,
        "free some of the quota, or ask for a higher one in Service Quotas",
    ),
    (_EXPIRED, errors.CredentialsExpired, "renew the credentials, for example with `aws sso login`"),
    (
        _UNKNOWN_CREDENTIALS,
        errors.AwsRefused,
        "check the access key, and whether the Region is enabled for the account",
    ),
    (_BAD_SIGNATURE, errors.AwsRefused, "check the secret key, and this machine's clock"),
    (_UNSUPPORTED, errors.Unsupported, ""),
)


def _malformed(said: str, code: str, detail: str, where: _Where) -> errors.MalformedPolicy:
    """One error code stands for three different troubles; only the message tells them apart."""
    if "update the key policy in the future" in detail:
        kind: errors.MalformedKind = "lockout"
        remedy = "keep kms:PutKeyPolicy for whoever runs this, in the policy and in their IAM permissions"
    elif "invalid principals" in detail:
        kind = "unknown-principals"
        remedy = "check that each role and user in the policy exists; a new one may need a few seconds"
    else:
        kind = "syntax"
        remedy = "correct the policy document"
    return errors.MalformedPolicy(said, remedy, code=code, detail=detail, kind=kind, **where)


def _wrong_state(said: str, code: str, detail: str, where: _Where) -> errors.AwsError:
    """A DisabledException may also mean that the key is pending deletion."""
    found = _STATE_WORDS.search(detail)
    state = found[0].lower() if found else ""
    if code == "DisabledException" and state in {"disabled", ""}:
        return errors.Disabled(said, "enable the key first", code=code, detail=detail, **where)
    return errors.InvalidState(said, "", code=code, detail=detail, state=state, **where)


def _name(call: Call) -> str:
    return f"{call.operation} of `{call.key}` in {call.region}" if call.key else f"{call.operation} in {call.region}"


def _reason(cause: Exception) -> str:
    """What happened on the wire, in words."""
    from botocore import exceptions as boto  # noqa: PLC0415 - keeps importing this package light

    if isinstance(cause, boto.ReadTimeoutError):
        return "no answer within the time allowed"
    if isinstance(cause, boto.ConnectionClosedError):
        return "the connection was closed without an answer"
    if isinstance(cause, boto.ConnectTimeoutError):
        return "no connection within the time allowed"
    if isinstance(cause, boto.EndpointConnectionError):
        return "nothing listens there, or the host is unknown"
    return _one_line(cause)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
