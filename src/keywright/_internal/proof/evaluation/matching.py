"""Matching names: wildcards, ARNs, actions, resources and principals (sections 2, 3 and 4 of the semantics)."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.variables import Pattern, Wildcard, expand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright._internal.policy.document import Principal
    from keywright._internal.proof.evaluation.request import Caller

ARN_PARTS = 6


class Level(StrEnum):
    """How a principal element matches a caller: by which form (sections 1.4 and 2.1)."""

    ACCOUNT = "account"
    ROLE = "role"
    SESSION = "session"
    USER = "user"
    ISSUER = "issuing user"
    FEDERATED = "federated user"
    SERVICE = "service"
    EVERYONE = "everyone"


# --- Text and ARNs ------------------------------------------------------------------------------------------


def matches_text(pattern: Pattern, text: str) -> bool:
    """Whether the whole text fits the pattern: `*` any run of characters, also none; `?` exactly one."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=16384)
def _compiled(pattern: Pattern) -> re.Pattern[str]:
    return re.compile(_runs(pattern, "."), re.DOTALL)


def _runs(pattern: Pattern, one: str) -> str:
    """A pattern as a regular expression, in which `one` stands for any character."""
    runs: list[str] = []
    for part in pattern:
        piece = {Wildcard.ANY: f"{one}*", Wildcard.ONE: one}[part] if isinstance(part, Wildcard) else re.escape(part)
        if not (piece == f"{one}*" and runs and runs[-1] == piece):  # `**` is `*`, and backtracks less
            runs.append(piece)
    return "".join(runs)


def literal_text(pattern: Pattern) -> str:
    """The text of a pattern without wildcards."""
    return "".join(part for part in pattern if isinstance(part, str))


def split_arn(pattern: Pattern) -> tuple[Pattern, ...]:
    """The pattern cut at its first five colons; fewer than six parts where it has fewer colons."""
    parts: list[list[str | Wildcard]] = [[]]
    for piece in pattern:
        if isinstance(piece, Wildcard):
            parts[-1].append(piece)
            continue
        first, *others = piece.split(":", ARN_PARTS - len(parts))
        parts[-1] += [first] if first else []
        parts += [[other] if other else [] for other in others]
    return tuple(tuple(part) for part in parts)


def matches_arn(pattern: Pattern, arn: str) -> bool:
    """Whether an ARN fits an ARN pattern, part by part and by case; what has fewer than six parts never does.

    The last part may hold more colons (section 5.3, ARN operators; section 4, resources).
    """
    compiled = _compiled_arn(pattern)
    return compiled is not None and compiled.fullmatch(arn) is not None


@lru_cache(maxsize=16384)
def _compiled_arn(pattern: Pattern) -> re.Pattern[str] | None:
    parts = split_arn(pattern)
    if len(parts) != ARN_PARTS:
        return None
    return re.compile(":".join((*(_runs(part, "[^:]") for part in parts[:-1]), _runs(parts[-1], "."))), re.DOTALL)


# --- Actions (section 3) ------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def matches_action(pattern: str, action: str) -> bool:
    """Whether an Action value covers an action: case doesn't count, and no wildcard stands in the service.

    `*` alone is every action of every service. A value with spaces or several names covers nothing, because no
    action has such a name.
    """
    if pattern == "*":
        return True
    service, colon, name = fold(pattern).partition(":")
    its_service, _, its_name = fold(action).partition(":")
    if not colon or service not in {its_service, "*"}:
        return False
    return matches_text(_wild(name), its_name)


# --- Resources (section 4) ----------------------------------------------------------------------------------


def matches_resource(pattern: str, resource: str, context: Mapping[str, Sequence[str]], *, variables: bool) -> bool:
    """Whether a Resource value covers a resource: `*`, or its ARN part by part, by case.

    Variables count only after the fifth colon, and one that stays unresolved matches nothing. In a key policy
    `*` means the key itself, and so does its ARN; an alias's ARN or a bare key id is no ARN of the key.
    """
    if pattern == "*":
        return True
    if not _SPECIAL.search(pattern):
        return pattern == resource and pattern.count(":") >= ARN_PARTS - 1
    head, tail = _fifth_colon(pattern)
    written = _wild(head)
    rest = expand(tail, context, variables=variables, wildcards=True)
    return rest is not None and matches_arn(written + rest, resource)


_SPECIAL = re.compile(r"[*?$]")


def _fifth_colon(text: str) -> tuple[str, str]:
    parts = text.split(":", ARN_PARTS - 1)
    return text[: len(text) - len(parts[-1])], parts[-1]


def _wild(text: str) -> Pattern:
    return expand(text, {}, variables=False, wildcards=True) or ()


# --- Principals (section 2.1) -------------------------------------------------------------------------------

_ACCOUNT = re.compile(r"[0-9]{12}")
_ROOT = re.compile(r"arn:(aws(?:-[a-z]+)*):iam::([0-9]{12}):root")
_ROLE = re.compile(r"arn:(aws(?:-[a-z]+)*):iam::([0-9]{12}):role(/(?:.*/)?)([^/]+)", re.DOTALL)
_SESSION = re.compile(r"arn:(aws(?:-[a-z]+)*):sts::([0-9]{12}):assumed-role/([^/]+)/([^/]+)", re.DOTALL)


def matches_principal(principal: Principal, caller: Caller, key_partition: str | None) -> Level | None:  # noqa: PLR0911 - one return a rule
    """By which form a principal matches a caller, or None.

    Canonical users, federated providers, groups, unique ids of deleted identities and ARNs with wildcards match
    nobody. A bare account number means that account in the key's own partition.
    """
    value = principal.value
    if principal.type == "Service":
        return Level.SERVICE if caller.kind == "service" and value == caller.name else None
    if principal.type != "AWS":
        return None
    if value == "*":
        return Level.EVERYONE  # services too: section 11
    if caller.kind == "service":
        return None
    if _ACCOUNT.fullmatch(value):
        mine = value == caller.account and key_partition in {None, caller.partition}
        return Level.ACCOUNT if mine else None
    if match := _ROOT.fullmatch(value):
        return Level.ACCOUNT if match.groups() == (caller.partition, caller.account) else None
    if caller.kind == "role":
        return _matches_role(value, caller)
    if caller.kind == "federated":
        if caller.issuer is not None and value == caller.issuer:
            return Level.ISSUER
        return Level.FEDERATED if value == caller.arn else None
    return Level.USER if caller.kind == "user" and value == caller.arn else None


def _matches_role(value: str, caller: Caller) -> Level | None:
    """A role's or a session's ARN: role names are unique in an account whatever their case and path.

    A session's ARN carries no path, so then the name decides; where the caller's role is named with its path,
    another path is another role, of which no session can exist beside it.
    """
    if match := _SESSION.fullmatch(value):
        partition, account, name, session = match.groups()
        mine = (partition, account) == (caller.partition, caller.account) and fold(name) == fold(caller.name)
        return Level.SESSION if mine and session == caller.session else None
    if match := _ROLE.fullmatch(value):
        partition, account, path, name = match.groups()
        mine = (partition, account) == (caller.partition, caller.account) and fold(name) == fold(caller.name)
        return Level.ROLE if mine and caller.path in {None, path} else None
    return None


def best_level(principals: Sequence[Principal], caller: Caller, key_partition: str | None) -> Level | None:
    """The strongest form by which any of several principals matches: they are alternatives.

    Everyone and session ARNs are limited by no boundary, role ARNs are, and an account only delegates
    (section 1.4), so the strongest is the one that needs least beside it.
    """
    if len(principals) == 1:  # the usual case
        return matches_principal(principals[0], caller, key_partition)
    levels = {matches_principal(principal, caller, key_partition) for principal in principals}
    return next((level for level in STRONGEST_FIRST if level in levels), None)


STRONGEST_FIRST = (
    Level.EVERYONE,
    Level.SERVICE,
    Level.USER,
    Level.FEDERATED,
    Level.SESSION,
    Level.ROLE,
    Level.ISSUER,
    Level.ACCOUNT,
)
"""The forms by what they need beside them, least first."""
