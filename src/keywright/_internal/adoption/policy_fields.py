"""A key policy as Keywright's fields, where these give the very same statements; nothing where they don't."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.model.key import Key
from keywright._internal.policy.document import MAX_POLICY_BYTES, PolicyDocument, as_json
from keywright._internal.policy.generation import key_policy
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright._internal.model.key_location import KeyLocation
    from keywright._internal.policy.document import Statement

_ROOT: Final = "AccountRoot"
_GROUPS: Final = {"KeyAdministrators": "key_administrator_arns", "KeyUsers": "key_user_arns"}
_BY_NAME: Final = re.compile(r"(KeyAdministrators|KeyUsers)(Durable|PermissionSets)([0-9]{12})")
_PERMISSION_SET: Final = re.compile(r"arn:[^:]+:iam::(?P<account>\d{12}):role/.*/AWSReservedSSO_(?P<name>.+)_\?{16}")
_OF_FIELDS: Final = re.compile(r"AccountRoot|Key(Administrators|Users|UsersGrants)(\w*\d{12})?|Service[A-Z]\w*")


def policy_fields(document: PolicyDocument, fields: Mapping[str, Any], location: KeyLocation) -> dict[str, Any] | None:
    """The fields of a key that give exactly these statements.

    The statements of Keywright's own purposes are known by their names, all others are taken as statements of one's
    own; the policy generated from all of it is then compared with what is there.

    Args:
        document: the key's policy.
        fields: the key's other fields.
        location: where the key lives.

    Returns:
        None where the policy is better kept as it is: no statement is of a purpose, or what is generated differs.
    """
    named = [item for item in document.statements if _OF_FIELDS.fullmatch(item.sid or "")]
    if not named:
        return None
    found: dict[str, Any] = {} if any(item.sid == _ROOT for item in named) else {"enable_default_root_policy": False}
    for statement in named:
        _add(found, statement, location)
    own = [_own(item) for item in document.statements if item not in named]
    if own:
        found["statements"] = own
    try:
        key = Key.model_validate({**fields, **found})
        generated = as_json(key_policy(key, location))
    except (ValidationError, InputError):
        return None
    return found if canonical_statements(generated) == canonical_statements(as_json(document)) else None


def _add(found: dict[str, Any], statement: Statement, location: KeyLocation) -> None:
    sid = statement.sid or ""
    principals = [item.value for item in statement.principals or ()]
    by_name = _BY_NAME.fullmatch(sid)
    if sid in _GROUPS:
        _extend(found, _GROUPS[sid], principals)
    elif by_name is not None:
        arns = [value for item in statement.conditions if item.key == "aws:PrincipalArn" for value in item.values]
        if by_name[2] == "Durable":
            _extend(found, _GROUPS[by_name[1]], [{"durable": arn} for arn in arns])
        else:
            _extend(found, _GROUPS[by_name[1]], _permission_sets(arns, location))
    elif sid.startswith("Service"):
        _extend(found, "key_service_users", principals)
        for pin, end in (("kms:CallerAccount", "CallerAccount"), ("aws:SourceAccount", "SourceAccount")):
            if sid.removesuffix("Grants").endswith(end):
                _extend(found, "key_service_pins", [pin])


def _extend(found: dict[str, Any], field: str, values: list[Any]) -> None:
    listed = found.setdefault(field, [])
    listed += [value for value in values if value not in listed]


def _permission_sets(arns: list[str], location: KeyLocation) -> list[dict[str, str]]:
    sets: list[dict[str, str]] = []
    for match in filter(None, map(_PERMISSION_SET.fullmatch, arns)):
        account = {} if match["account"] == location.account else {"account": match["account"]}
        item = {"permission_set": match["name"], **account}
        if item not in sets:
            sets.append(item)
    return sets


def _own(statement: Statement) -> dict[str, Any]:
    """A statement as a keys file has it."""
    written: dict[str, Any] = {} if statement.sid is None else {"sid": statement.sid}
    written["effect"] = statement.effect
    for name in ("principals", "not_principals"):
        entries = getattr(statement, name)
        if entries is not None:
            by_type: dict[str, list[str]] = {}
            for entry in entries:
                by_type.setdefault(entry.type, []).append(entry.value)
            written[name] = by_type
    for name in ("actions", "not_actions"):
        if getattr(statement, name) is not None:
            written[name] = list(getattr(statement, name))
    if statement.resources != ("*",):
        written["resources"] = list(statement.resources or ())
    conditions: dict[str, dict[str, list[str]]] = {}
    for condition in statement.conditions:
        conditions.setdefault(condition.operator, {}).setdefault(condition.key, []).extend(condition.values)
    if conditions:
        written["conditions"] = conditions
    return written


def readable(text: str) -> str:
    """The policy's text, indented where that keeps every statement; else as it is."""
    try:
        indented = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
    if len(indented.encode()) > MAX_POLICY_BYTES:
        return text
    return indented if canonical_statements(indented) == canonical_statements(text) else text
