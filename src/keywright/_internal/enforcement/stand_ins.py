"""What a request can't have on loopback, said by headers: a calling service, a network, a second factor.

They are the sandbox's own and mean nothing to AWS; `docs/sandbox.md` shows them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.request import Caller, Context
from keywright.errors import InputError

VIA_SERVICE: Final = "x-keywright-via-service"
"""The service that calls with the caller's credentials: `s3`, or `s3.eu-west-1.amazonaws.com`."""

SERVICE_PRINCIPAL: Final = "x-keywright-service-principal"
"""The service that calls by itself, such as `logs.eu-west-1.amazonaws.com`."""

SOURCE_ARN: Final = "x-keywright-source-arn"
SOURCE_ACCOUNT: Final = "x-keywright-source-account"
"""The resource, and its account, on whose behalf such a service calls."""

CONTEXT: Final = "x-keywright-context"
"""A JSON object of further context keys, each with a text or a list of texts; null for absent."""

_FREE: Final = (
    "aws:calledvia",
    "aws:currenttime",
    "aws:ec2instance",
    "aws:epochtime",
    "aws:multifactorauth",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:tokenissuetime",
    "aws:vpce",
    "aws:vpcsourceip",
    "ec2:",
    "kms:grantisforawsresource",
    "kms:recipientattestation:",
)
"""Beginnings of the context keys that the caller's network, devices, clock and calling service decide, not IAM."""

_NETWORK: Final = ("aws:sourcevpc", "aws:vpcsourceip")


@dataclass(frozen=True, slots=True)
class StandIns:
    """What a request's headers say.

    Args:
        via: the value of `kms:ViaService`; None for a direct call.
        service: the service that calls by itself, if one does.
        context: context keys that the headers set; no values for one that is to be absent.
    """

    via: str | None = None
    service: Caller | None = None
    context: Context = field(default_factory=dict)


def read_stand_ins(headers: Mapping[str, str], region: str) -> StandIns:
    """What the headers of a request to a Region say.

    Raises:
        InputError: for what isn't understood.
    """
    via = headers.get(VIA_SERVICE)
    service = headers.get(SERVICE_PRINCIPAL)
    context = _context(headers.get(CONTEXT, "{}"))
    if any(key.startswith(_NETWORK) for key, values in context.items() if values):
        context["aws:sourceip"] = ()  # AWS sends either an address or an endpoint
    if via is not None:
        context.setdefault("aws:sourceip", ())
        via = via if "." in via else f"{via}.{region}.amazonaws.com"
    for name, key in ((SOURCE_ARN, "aws:sourcearn"), (SOURCE_ACCOUNT, "aws:sourceaccount")):
        if name in headers:
            context[key] = (headers[name],)
    return StandIns(via, _service(service) if service else None, context)


def _service(name: str) -> Caller:
    caller = Caller.parse(name)
    if caller.kind != "service":
        raise InputError(f"`{name}` is no service principal", "give one such as logs.eu-west-1.amazonaws.com")
    return caller


def _context(text: str) -> Context:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(f"{CONTEXT} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise InputError(f"{CONTEXT} is no JSON object")
    context: Context = {}
    for name, value in document.items():
        if not fold(name).startswith(_FREE):
            raise InputError(f"{CONTEXT} can't set {name}: it follows from the caller, the key or the request")
        context[fold(name)] = _values(name, value)
    return context


def _values(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    values = tuple(value) if isinstance(value, list) else (value,)
    if not all(isinstance(item, str) for item in values):
        raise InputError(f"{name} in {CONTEXT} is neither a text nor a list of texts")
    return values
