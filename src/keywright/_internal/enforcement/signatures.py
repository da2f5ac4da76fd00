"""Whether a request was signed with the secret of its access key: Signature Version 4, computed again by botocore.

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
