"""Whether a request's credentials are good: known, active, not expired, and the ones that it was signed with.

Signature Version 4 is computed again by botocore.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import hmac
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from keywright._internal.sandbox.wire import ApiRequest

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, *"
    r"SignedHeaders=(?P<signed>[^,]+), *Signature=(?P<signature>[0-9a-f]+)"
)

_INVALID = "The security token included in the request is invalid."
_UNSIGNED = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
_EXPIRED = "The security token included in the request is expired"


def credential_problem(request: ApiRequest, now: float) -> tuple[str, str] | None:
    """The code and message of the refusal of a request's credentials; None where they are good.

    Args:
        request: a call to KMS or to STS, whose codes differ.
        now: the time, in seconds since 1970.
    """
    of_sts = request.service == "sts"
    unknown = ("InvalidClientTokenId" if of_sts else "UnrecognizedClientException", _INVALID)
    credential = request.credential
    if credential is None or not credential.active:
        return unknown
    if credential.secret and not is_signed_with(credential.secret, request):
        return ("SignatureDoesNotMatch" if of_sts else "InvalidSignatureException", _UNSIGNED)
    session = credential.session
    if session is None:
        return None
    if request.headers.get("x-amz-security-token") != session.token:
        return unknown
    return ("ExpiredToken" if of_sts else "ExpiredTokenException", _EXPIRED) if session.expires < now else None


def is_signed_with(secret: str, request: ApiRequest) -> bool:
    """Whether a request's signature is the one that a secret access key makes. How old it is isn't looked at."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    date = request.headers.get("x-amz-date", "")
    if found is None or not date:
        return False
    signer = SigV4Auth(Credentials("signer", secret), found["service"], found["region"])
    signed = {name: request.headers.get(name, "") for name in found["signed"].split(";")}
    http = AWSRequest(
        method="POST", url=f"http://{request.headers.get('host', '')}/", headers=signed, data=request.body
    )
    http.context["timestamp"] = date
    text = signer.string_to_sign(http, signer.canonical_request(http))
    return hmac.compare_digest(signer.signature(text, http), found["signature"])
