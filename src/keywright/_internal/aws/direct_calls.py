"""KMS's calls without the steps of botocore's that only other services need: half of what a call costs us.

A plan of a thousand keys is three thousand calls, and as long as its caller's processor takes for them. botocore makes
three request objects of each, signs what its transport adds, and asks a dozen hooks. A handler of its event
`before-call` may answer a call instead: this one takes the request as botocore's serializer made it, signs it, sends it
over the client's own connections (so that proxies, certificates and time-outs are what boto3's settings say) and
hands the answer to botocore's parser. What it doesn't know, it leaves to botocore.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ALGORITHM = "AWS4-HMAC-SHA256"


def send_directly(client: Any, check: Callable[[dict[str, Any]], None]) -> bool:
    """Have a client's calls sent this way from now on.

    Args:
        client: a boto3 client of a service that speaks AWS's JSON protocol.
        check: raises where a raw answer isn't AWS's.

    Returns:
        Whether they will be: not where botocore is none that is known here, or is told to sign in another way.
    """
    from botocore.awsrequest import AWSPreparedRequest  # noqa: PLC0415 - boto3 is heavy
    from botocore.parsers import create_parser  # noqa: PLC0415

    model, config = client.meta.service_model, client.meta.config
    connections = getattr(getattr(client, "_endpoint", None), "http_session", None)
    known = getattr(model, "resolved_protocol", None) == "json" and config.signature_version == "v4"
    if connections is None or not known or getattr(config, "auth_scheme_preference", None):
        return False
    parser = create_parser("json")
    if (resolver := getattr(client, "_ruleset_resolver", None)) is not None:
        client._ruleset_resolver = _OneEndpoint(resolver)  # noqa: SLF001 - a client has no other way to be given one

    def answer(model: Any, params: dict[str, Any], request_signer: Any, context: Any, **_: object) -> Any:
        signing = _signing(request_signer, params, context)
        if signing is None:
            return None
        url: str = params["url"]
        body = params["body"].encode() if isinstance(params["body"], str) else params["body"]
        headers = signing.signed(url, params["headers"], body, datetime.now(UTC))
        request = AWSPreparedRequest("POST", url, headers, body, False)  # type: ignore[arg-type] # any mapping will do
        # Whoever tests with an AWS of their own, as moto does, answers here: botocore asks before each request.
        before = f"before-send.{model.service_model.service_id.hyphenize()}.{model.name}"
        _, early = client.meta.events.emit_until_response(before, request=request)
        http = early or connections.send(request)
        raw = {
            "headers": http.headers,
            "status_code": http.status_code,
            "body": http.content,
            "context": {"operation_name": model.name},
        }
        check(raw)
        return http, parser.parse(raw, model.output_shape)

    client.meta.events.register_last(f"before-call.{model.service_id.hyphenize()}", answer)
    return True


@dataclass(frozen=True, slots=True)
class Signing:
    """Signature Version 4 of a POST to `/`, the one form of a request that AWS's JSON protocol has.

    Args:
        access_key: whose requests they are.
        secret_key: proves that.
        token: of temporary credentials.
        region: where the service is.
        service: its name in signatures.
    """

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False)
    region: str
    service: str

    def signed(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> dict[str, str]:
        """The headers of a request with the time, its signature, and all else that the signature speaks of."""
        moment = now.strftime("%Y%m%dT%H%M%SZ")
        whole = {**headers, "X-Amz-Date": moment, "Content-Length": str(len(body))}
        if self.token:
            whole["X-Amz-Security-Token"] = self.token
        included = {
            small: " ".join(value.split())
            for name, value in whole.items()
            if (small := name.lower()).startswith("x-amz-") or small == "content-type"
        }
        included["host"] = _host(url)
        names = ";".join(sorted(included))
        lines = "".join(f"{name}:{included[name]}\n" for name in sorted(included))
        request = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self.region}/{self.service}/aws4_request"
        text = f"{_ALGORITHM}\n{moment}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(_key(self.secret_key, scope), text.encode(), "sha256").hex()
        whole["Authorization"] = (
            f"{_ALGORITHM} Credential={self.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        return whole


@dataclass(frozen=True, slots=True)
class _OneEndpoint:
    """Resolves a client's endpoint once: nothing in a call of KMS has a part in it, as its endpoint rules show.

    Args:
        resolver: botocore's.
    """

    resolver: Any
    _known: list[Any] = field(default_factory=list)

    def construct_endpoint(self, operation_model: Any, call_args: Any, request_context: Any) -> Any:
        """The endpoint of a call."""
        if not self._known:
            self._known.append(self.resolver.construct_endpoint(operation_model, call_args, request_context))
        return self._known[0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.resolver, name)


def _signing(signer: Any, params: Mapping[str, Any], context: Mapping[str, Any]) -> Signing | None:
    """How to sign a request; None for one that botocore must send itself, or refuse."""
    credentials = getattr(signer, "_credentials", None)
    if credentials is None or params["method"] != "POST" or params["query_string"]:
        return None
    if urlsplit(params["url"]).path not in {"", "/"} or not isinstance(params["body"], str | bytes):
        return None
    if context.get("auth_type") not in {None, "v4"}:
        return None
    frozen, chosen = credentials.get_frozen_credentials(), context.get("signing", {})
    region, service = chosen.get("region", signer.region_name), chosen.get("signing_name", signer.signing_name)
    return Signing(frozen.access_key, frozen.secret_key, frozen.token, region, service)


@lru_cache(64)
def _host(url: str) -> str:
    """What the `Host` header of a request to a URL says."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2].lower()
    return address.removesuffix(f":{_DEFAULT_PORTS[parts.scheme]}")


@lru_cache(64)
def _key(secret_key: str, scope: str) -> bytes:
    """The key that a day's signatures for one Region and service are made with."""
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
