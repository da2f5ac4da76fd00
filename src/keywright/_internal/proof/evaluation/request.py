"""Who asks for what: the caller, the key and the request context that policies are held against."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from keywright._internal.facts.actions import ALIAS_ACTIONS, IAM_ONLY, canonical_action, fold
from keywright._internal.model.arn import Arn
from keywright._internal.policy.parsing import NumberText, condition_text
from keywright.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

CallerKind = Literal["root", "user", "role", "federated", "service"]
Context = dict[str, tuple[str, ...]]

_ACCOUNT = re.compile(r"[0-9]{12}")
_PARTITION = r"(?P<partition>aws(?:-[a-z]+)*)"
_NAME = r"[\w+=,.@-]+"
_IAM_CALLER = re.compile(
    rf"arn:{_PARTITION}:iam::(?P<account>[0-9]{{12}}):"
    rf"(?:(?P<root>root)|(?P<kind>user|role)(?P<path>/(?:[!-)+-.0->@-~]+/)*)(?P<name>{_NAME}))",
    re.ASCII,
)
_STS_CALLER = re.compile(
    rf"arn:{_PARTITION}:sts::(?P<account>[0-9]{{12}}):"
    rf"(?:assumed-role/(?P<role>{_NAME})/(?P<session>{_NAME})|federated-user/(?P<federated>{_NAME}))",
    re.ASCII,
)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_KEY_ARN = re.compile(rf"arn:{_PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:(?:key/[\w-]+|alias/[\w/-]+)", re.ASCII)
ENCRYPTION_CONTEXT: Final = "kms:encryptioncontext:"


@dataclass(frozen=True, slots=True)
class Caller:
    """An identity that calls KMS.

    A role named by its own ARN stands for some session of it, whose name isn't known. A session's ARN doesn't
    tell its role's path; then `path` is None.
    """

    kind: CallerKind
    arn: str
    """As the caller was named; a service by its principal, such as `logs.eu-west-1.amazonaws.com`."""
    account: str | None = None
    """None for a service, which belongs to no account (section 2.1)."""
    partition: str | None = None
    name: str = ""
    session: str | None = None
    path: str | None = None
    issuer: str | None = None
    """The ARN of the user whose credentials a federated session was made with, where that is known."""

    @classmethod
    def parse(cls, text: str, *, partition: str = "aws", issuer: str | None = None) -> Caller:
        """Read a caller: an IAM user, role or root ARN, a session's ARN, 12 digits for a root, or a service.

        Args:
            text: the caller's name.
            partition: the partition of an account given by its number alone.
            issuer: for a federated user, the IAM user that made the session.

        Raises:
            InputError: for anything else; a pattern is no caller.
        """
        if issuer is not None and cls._read(issuer).kind != "user":
            raise _not_understood("issuer", f"`{issuer}` is no IAM user", "give the user's ARN", issuer)
        if _ACCOUNT.fullmatch(text):
            text = f"arn:{partition}:iam::{text}:root"
        caller = cls._read(text)
        if issuer is None:
            return caller
        if caller.kind != "federated":
            raise _not_understood("issuer", "only a federated user has an `issuer`", "remove it", issuer)
        return Caller("federated", text, caller.account, caller.partition, caller.name, issuer=issuer)

    @staticmethod
    @lru_cache(maxsize=8192)
    def _read(text: str) -> Caller:
        if match := _IAM_CALLER.fullmatch(text):
            partition, account = match["partition"], match["account"]
            if match["root"]:
                return Caller("root", text, account, partition)
            kind: CallerKind = "user" if match["kind"] == "user" else "role"
            return Caller(kind, text, account, partition, match["name"], path=match["path"])
        if match := _STS_CALLER.fullmatch(text):
            partition, account = match["partition"], match["account"]
            if match["federated"]:
                return Caller("federated", text, account, partition, match["federated"])
            return Caller("role", text, account, partition, match["role"], session=match["session"])
        if _SERVICE.fullmatch(text):
            return Caller("service", text, name=text)
        remedy = "give the ARN of a user, role, role session, federated user or root, or a service principal"
        raise _not_understood("principal", f"`{text}` is no caller", remedy, text)

    @property
    def is_service_linked(self) -> bool:
        """Whether the caller is a service-linked role; where its path isn't known, the reserved name prefix tells."""
        if self.kind != "role":
            return False
        if self.path is None:
            return self.name.startswith("AWSServiceRoleFor")
        return self.path.startswith("/aws-service-role/")

    @property
    def principal_arn(self) -> str | None:
        """The value of `aws:PrincipalArn`: of a session, its role's ARN, without a path where none is known."""
        if self.kind == "service":
            return None
        if self.kind == "role" and self.session is not None:
            return f"arn:{self.partition}:iam::{self.account}:role{self.path or '/'}{self.name}"
        return self.arn


@lru_cache(maxsize=8192)
def parse_key_arn(text: str) -> Arn | None:
    """The ARN of a key or an alias; None for anything else."""
    return Arn.find(text) if _KEY_ARN.fullmatch(text) else None


def is_alias(key: Arn) -> bool:
    """Whether a key's ARN names an alias instead."""
    return key.resource.startswith("alias/")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: who calls which action on which key, and the context keys it carries.

    `context` has lower-cased key names; a key with no values counts as absent and isn't filled in either.
    `encryption_context` keeps the names' case, which grants compare; None takes it from `context`.
    """

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    encryption_context: Mapping[str, str] | None = None

    @classmethod
    def from_document(cls, document: object) -> Request:
        """Read `{"principal", "action", "resource", "context"}`; `issuer` may name a federated user's IAM user.

        Raises:
            InputError: with all problems, for whatever isn't understood to the letter.
        """
        if not isinstance(document, dict):
            raise _not_understood(None, "a request is a JSON object", "see `keywright policy simulate --help`")
        problems = [
            Problem((name,), f"`{name}` is no part of a request", "remove it")
            for name in document
            if name not in {"principal", "action", "resource", "context", "issuer"}
        ]
        if isinstance(document.get("action"), str) and canonical_action(document["action"]) in IAM_ONLY:
            document = {"resource": "*", **document}
        problems += [
            Problem((name,), f"a request has a `{name}`, a string", "add it")
            for name in ("action", "resource")
            if not isinstance(document.get(name), str)
        ]
        context, encryption_context = _read_context(document.get("context", {}), problems)
        if problems:
            raise _refused(problems)
        action, resource = _read_target(document["action"], document["resource"], problems)
        key = parse_key_arn(resource)
        caller = _read_caller(document, key.partition if key else "aws", problems)
        if problems or caller is None:
            raise _refused(problems)
        return cls(caller, action, resource, context, encryption_context)

    @property
    def key(self) -> Arn | None:
        """The parts of the resource's ARN; None where the request is on no key."""
        return parse_key_arn(self.resource)


def complete_context(request: Request) -> Context:
    """The request's context with the keys that follow from its caller and key (sections 6 and 7).

    What the request gives wins. Every call of KMS uses TLS. What AWS doesn't document for service principals stays
    absent: their ARN, account, type and `kms:CallerAccount`.
    """
    caller, key = request.caller, request.key
    service = caller.kind == "service"
    found: Context = {
        "aws:principalisawsservice": ("true" if service else "false",),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("true" if not service and request.context.get("kms:viaservice") else "false",),
    }
    if service:
        found["aws:principalservicename"] = (caller.name,)
        found["aws:principalservicenameslist"] = (caller.name,)
    else:
        account = (caller.account or "",)
        found["aws:principalarn"] = (caller.principal_arn or "",)
        found["aws:principalaccount"] = account
        found["aws:principaltype"] = (PRINCIPAL_TYPES[caller.kind],)
        if key is not None and request.action not in IAM_ONLY:
            found["kms:calleraccount"] = account
        if caller.kind == "user":
            found["aws:username"] = (caller.name,)
    if key is not None:
        found["aws:requestedregion"] = (key.region,)
        if request.action not in IAM_ONLY:
            found["aws:resourceaccount"] = (key.account,)
    found.update(request.context)
    return found


@lru_cache(maxsize=4096)
def role_path(arn: str) -> str | None:
    """The path of a role's ARN; None for any other text."""
    match = _IAM_CALLER.fullmatch(arn)
    return match["path"] if match and match["kind"] == "role" else None


PRINCIPAL_TYPES: Final = {"root": "Account", "user": "User", "federated": "FederatedUser", "role": "AssumedRole"}
"""The value of `aws:PrincipalType` by kind of caller (section 6)."""


def encryption_context_of(request: Request) -> Mapping[str, str]:
    """The request's encryption context, which grants are held against (section 8)."""
    if request.encryption_context is not None:
        return request.encryption_context
    return {
        key.removeprefix(ENCRYPTION_CONTEXT): values[0]
        for key, values in request.context.items()
        if key.startswith(ENCRYPTION_CONTEXT) and values
    }


def _read_context(value: object, problems: list[Problem]) -> tuple[dict[str, tuple[str, ...]], Mapping[str, str]]:
    context: dict[str, tuple[str, ...]] = {}
    encryption_context: dict[str, str] = {}
    if value is None:
        return context, encryption_context
    if not isinstance(value, dict):
        problems.append(Problem(("context",), "`context` is an object of context keys", value=value))
        return context, encryption_context
    for key, written in value.items():
        values = _context_values(written)
        folded = fold(key)
        if values is None:
            message = f"`{key}` has a string, number or boolean, or a list of them"
            problems.append(Problem(("context", key), message, value=written))
            continue
        if folded in context:
            message = f"`{key}` stands twice: context keys have no case"
            problems.append(Problem(("context", key), message, "keep one of them"))
        context[folded] = values
        if folded.startswith(ENCRYPTION_CONTEXT) and values:
            encryption_context[key[len(ENCRYPTION_CONTEXT) :]] = values[0]
    return context, encryption_context


def _context_values(written: object) -> tuple[str, ...] | None:
    """The values of a context key, none for JSON's null; None for what can't be a value."""
    if written is None:
        return ()
    if type(written) is str or type(written) is NumberText:
        return (str(written),)
    if not isinstance(written, list):
        text = condition_text(written)
        return None if text is None else (text,)
    texts = [condition_text(item) for item in written]
    return None if None in texts else tuple(text for text in texts if text is not None)


def _read_target(action: str, resource: str, problems: list[Problem]) -> tuple[str, str]:
    name = canonical_action(action)
    if name is None:
        problems.append(Problem(("action",), f"`{action}` is no KMS action", "write it as `kms:Decrypt`", action))
        return action, resource
    if name in IAM_ONLY and resource == "*":
        return name, resource
    key = parse_key_arn(resource)
    if key is None:
        message = f"`{resource}` is no key ARN"
        problems.append(Problem(("resource",), message, "give the key's full ARN", resource))
    elif is_alias(key) and name not in ALIAS_ACTIONS:
        message = f"`{resource}` names an alias, and {name} is decided on a key"
        problems.append(Problem(("resource",), message, "give the key's ARN", resource))
    return name, resource


def _read_caller(document: Mapping[str, object], partition: str, problems: list[Problem]) -> Caller | None:
    principal, issuer = document.get("principal"), document.get("issuer")
    if isinstance(principal, dict) and len(principal) == 1 and principal.keys() <= {"AWS", "Service"}:
        ((kind, named),) = principal.items()
        if isinstance(named, list) and len(named) == 1:
            (named,) = named
        names_identity = isinstance(named, str) and (named.startswith("arn:") or named.isdecimal())
        principal = named if (kind == "AWS") == names_identity else None
    if not isinstance(principal, str) or not isinstance(issuer, str | None):
        remedy = "give the caller's ARN, or a service principal"
        problems.append(Problem(("principal",), "a request has a `principal`, a string", remedy, principal))
        return None
    try:
        return Caller.parse(principal, partition=partition, issuer=issuer)
    except InputError as error:
        problems.extend(error.problems)
        return None


def _refused(problems: list[Problem]) -> InputError:
    text = "; ".join(f"{problem.field}: {problem.message}" if problem.path else problem.message for problem in problems)
    return InputError(f"the request isn't understood: {text}", problems[0].remedy, tuple(problems))


def _not_understood(name: str | None, message: str, remedy: str, value: object = None) -> InputError:
    problem = Problem((name,) if name else (), message, remedy, value)
    return InputError(message, remedy, (problem,))
