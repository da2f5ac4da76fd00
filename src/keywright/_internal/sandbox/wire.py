"""AWS's wire forms as the sandbox sees them: what a request asks for, what an answer says, and the emulator behind.

The layer in front of the emulator speaks only AWS's own protocol to it, through its ASGI application, so it
knows nothing of the emulator's insides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape, unescape

from keywright._internal.sandbox.credential import Credential

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/[^/]+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
_TARGETS = {
    "TrentService": "kms",
    "ResourceGroupsTaggingAPI_20170126": "tagging",
    "AWSOrganizationsV20161128": "organizations",
    "ServiceQuotasV20190624": "servicequotas",
}
_DEFAULT_REGION = "us-east-1"
_OK = 200
_BAD_REQUEST = 400
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One API call.

    Args:
        service: `kms`, `tagging`, or the name in the signature's scope.
        operation: for example `CreateKey`; empty where the request names none.
        parameters: a JSON service's request document, or a query service's form.
        access_key: the access key ID that signed it.
        region: of the signature.
        headers: the HTTP headers, names in lower case.
        client: the address that it came from.
        body: the body as it came.
        credential: whom the access key stands for; None for one that was never given out.
    """

    service: str
    operation: str
    parameters: dict[str, Any]
    access_key: str
    region: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    client: str = "127.0.0.1"
    body: bytes = b""
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, headers and body."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"application/x-amz-json-1.1"),)

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.status == _OK

    def document(self) -> dict[str, Any]:
        """The body as the JSON object it is; empty where there is none."""
        return dict(json.loads(self.body)) if self.body else {}


def answer(document: dict[str, Any]) -> Answer:
    """A successful answer of a JSON service."""
    return Answer(_OK, json.dumps(document).encode())


def refusal(code: str, message: str) -> Answer:
    """An error of a JSON service. KMS uses status 400 for everything that is the caller's fault."""
    return Answer(_BAD_REQUEST, json.dumps({"__type": code, "message": message}).encode())


def query_refusal(code: str, message: str) -> Answer:
    """An error of STS, which speaks XML."""
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return Answer(_FORBIDDEN, body.encode(), ((b"content-type", b"text/xml"),))


def identity_answer(credential: Credential) -> Answer:
    """STS's answer to GetCallerIdentity."""
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{escape(credential.arn)}</Arn><UserId>{escape(credential.user_id)}</UserId>"
        f"<Account>{credential.account}</Account></GetCallerIdentityResult>"
        "<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
    return Answer(_OK, body.encode(), ((b"content-type", b"text/xml"),))


def regions_answer(regions: tuple[str, ...]) -> Answer:
    """EC2's answer to DescribeRegions."""
    items = "".join(
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        "<optInStatus>opt-in-not-required</optInStatus></item>"
        for name in regions
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>00000000</requestId><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )
    return Answer(_OK, body.encode(), ((b"content-type", b"text/xml"),))


def parse_request(scope: Scope, body: bytes) -> ApiRequest | None:
    """What a request asks for; None where it isn't an API call that we know how to read."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    signed = _CREDENTIAL.search(headers.get("authorization", ""))
    access_key = signed["key"] if signed else ""
    region = signed["region"] if signed else _DEFAULT_REGION
    client = (scope.get("client") or ("127.0.0.1",))[0]
    target, _, operation = headers.get("x-amz-target", "").rpartition(".")
    if target:
        try:
            parameters = json.loads(body or b"{}")
        except ValueError:
            return None
        if not isinstance(parameters, dict):
            return None
        return ApiRequest(
            _TARGETS.get(target, target), operation, parameters, access_key, region, headers, client, body
        )
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    service = signed["service"] if signed else ""
    return ApiRequest(service, form.get("Action", ""), form, access_key, region, headers, client, body)


def signed_as(scope: Scope, access_key: str) -> Scope:
    """The same HTTP request with another access key ID; nobody here looks at the signature itself."""

    def changed(name: bytes, value: bytes) -> bytes:
        if name.lower() != b"authorization":
            return value
        return re.sub(rb"Credential=[^/]+/", b"Credential=" + access_key.encode() + b"/", value)

    return {**scope, "headers": [(name, changed(name, value)) for name, value in scope["headers"]]}


@dataclass(slots=True)
class Emulator:
    """The emulator, called in this process.

    Args:
        application: its ASGI application.
    """

    application: Application
    _identities: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def forward(self, scope: Scope, body: bytes) -> Answer:
        """Hand a request on as it came."""
        start: dict[str, Any] = {}
        parts: list[bytes] = []

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self.application(scope, receive, send)
        return Answer(start["status"], b"".join(parts), tuple(start.get("headers", ())))

    async def kms(self, request: ApiRequest, operation: str, *, region: str | None = None, **parameters: Any) -> Answer:
        """Ask a KMS question of our own, as the account that made `request`."""
        scope = _scope(
            "kms",
            request.access_key,
            region or request.region,
            (b"x-amz-target", f"TrentService.{operation}".encode()),
            b"application/x-amz-json-1.1",
        )
        return await self.forward(scope, json.dumps(parameters).encode())

    async def organizations(self, account: str, operation: str, **parameters: Any) -> Answer:
        """Ask AWS Organizations a question of our own, or change something, as an account."""
        target = (b"x-amz-target", f"AWSOrganizationsV20161128.{operation}".encode())
        scope = _scope("organizations", account, _DEFAULT_REGION, target, b"application/x-amz-json-1.1")
        return await self.forward(scope, json.dumps(parameters).encode())

    async def again(self, request: ApiRequest, **parameters: Any) -> Answer:
        """A request of KMS with other parameters in place of its own."""
        return await self.kms(request, request.operation, **parameters)

    async def query(self, service: str, access_key: str, body: str) -> str:
        """Ask a question of our own of IAM or STS; the answer's XML, or an empty string for an error."""
        scope = _scope(service, access_key, _DEFAULT_REGION, (b"accept", b"*/*"), b"application/x-www-form-urlencoded")
        found = await self.forward(scope, body.encode())
        return found.body.decode() if found.ok else ""

    async def identity(self, access_key: str) -> tuple[str, str]:
        """The account and the ARN that an access key stands for."""
        known = self._identities.get(access_key)
        if known is None:
            xml = await self.query("sts", access_key, "Action=GetCallerIdentity&Version=2011-06-15")
            known = (element(xml, "Account"), element(xml, "Arn"))
            if all(known):
                self._identities[access_key] = known
        return known

    async def identity_named(self, account: str, kind: str, name: str) -> tuple[str, str]:
        """The ARN and the unique ID (`AROA…`, `AIDA…`) of a role or user; both empty if there is none."""
        verb, parameter, identifier = (
            ("GetRole", "RoleName", "RoleId") if kind == "role" else ("GetUser", "UserName", "UserId")
        )
        form = urlencode({"Action": verb, parameter: name, "Version": "2010-05-08"})
        xml = await self.query("iam", account, form)
        return element(xml, "Arn"), element(xml, identifier)

    async def principal(self, arn: str) -> str:
        """The unique ID of the role or user with exactly this ARN; empty if there is none."""
        account, _, resource = arn.partition("::")[2].partition(":")
        kind, _, path = resource.partition("/")
        found, unique_id = await self.identity_named(account, kind, path.rpartition("/")[2])
        return unique_id if found == arn else ""


def _scope(service: str, access_key: str, region: str, header: tuple[bytes, bytes], content_type: bytes) -> Scope:
    signature = (
        f"AWS4-HMAC-SHA256 Credential={access_key}/20260101/{region}/{service}/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", signature.encode()),
            (b"content-type", content_type),
            header,
        ],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }


def element(xml: str, name: str) -> str:
    """The text of the first XML element with a name; empty if there is none."""
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    return unescape(found[1]) if found else ""
