"""What KMS checks when a key policy is written, kept simple on purpose.

This is the sandbox's own small copy of AWS's checks, apart from Keywright's prover, so that the one can be held
against the other. Sources: CreateKey and PutKeyPolicy in the KMS API reference; "Default key policy" and
"Policy elements: Principal" in the guides.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import Any

from keywright._internal.sandbox.wire import Answer, refusal

MAX_POLICY_BYTES = 32_768
INVALID_PRINCIPALS = "Policy contains a statement with one or more invalid principals."
LOCKOUT = "The new key policy will not allow you to update the key policy in the future."

_CODE = "MalformedPolicyDocumentException"
_PRINCIPAL_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):(iam|sts)::\d{12}:(root|(role|user|assumed-role)/.+)")
_ACCOUNT = re.compile(r"\d{12}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com)")
_ALLOWED_TEXT = re.compile(r"[\t\n\r\u0020-\u00ff]*")
_PUT_POLICY = "kms:PutKeyPolicy"


def check_policy(text: str) -> dict[str, Any] | Answer:
    """The policy as a document, or KMS's refusal of it."""
    if len(text.encode()) > MAX_POLICY_BYTES:
        return refusal("LimitExceededException", f"The policy is longer than {MAX_POLICY_BYTES} bytes.")
    try:
        policy = json.loads(text)
    except ValueError:
        return refusal(_CODE, "The policy is not in the valid JSON format.")
    if not isinstance(policy, dict) or not _ALLOWED_TEXT.fullmatch(text):
        return refusal(_CODE, "The policy document is not valid.")
    for statement in statements(policy):
        refused = _check_statement(statement)
        if refused is not None:
            return refused
    if not statements(policy):
        return refusal(_CODE, "The policy has no statement.")
    return policy


def _check_statement(statement: Any) -> Answer | None:
    if not isinstance(statement, dict) or statement.get("Effect") not in {"Allow", "Deny"}:
        return refusal(_CODE, "A statement must have an Effect of Allow or Deny.")
    principals = [*principals_of(statement, "Principal"), *principals_of(statement, "NotPrincipal")]
    if not principals:
        return refusal(_CODE, "Each statement must contain one or more principals.")
    if not all(_well_formed(kind, value) for kind, value in principals):
        return refusal(_CODE, INVALID_PRINCIPALS)
    for operator, keys in _conditions(statement):
        if operator.lower().startswith("forallvalues:") and any(
            key.lower().startswith(("kms:encryptioncontext:", "aws:requesttag/")) for key in keys
        ):
            return refusal(_CODE, f"OverlyPermissiveCondition: {operator} can't be used with {', '.join(keys)}.")
    return None


def _well_formed(kind: str, value: str) -> bool:
    if kind == "AWS":
        if value == "*" or _ACCOUNT.fullmatch(value):
            return True
        return bool(_PRINCIPAL_ARN.fullmatch(value)) and not set(value) & set("*?")
    if kind == "Service":
        return bool(_SERVICE.fullmatch(value))
    return kind in {"Federated", "CanonicalUser"}


def named_identities(policy: dict[str, Any]) -> set[str]:
    """The ARNs of roles and users that the policy names as principals: these must exist."""
    return {
        value
        for statement in statements(policy)
        for element in ("Principal", "NotPrincipal")
        for kind, value in principals_of(statement, element)
        if kind == "AWS" and re.match(r"arn:[^:]+:iam::\d{12}:(role|user)/", value)
    }


def partitions_named(policy: dict[str, Any]) -> set[str]:
    """The partitions of the ARNs that the policy names as principals."""
    return {
        value.split(":")[1]
        for statement in statements(policy)
        for element in ("Principal", "NotPrincipal")
        for kind, value in principals_of(statement, element)
        if kind == "AWS" and value.startswith("arn:")
    }


def may_put_policy(policy: dict[str, Any], account: str, caller: str) -> bool:
    """Whether the policy lets the caller change it afterwards, as KMS's lockout check asks.

    A statement for the whole account counts as yes: the caller's own IAM permissions aren't looked at. Conditions
    are decided for what is known of the caller; one on anything else makes an Allow, and a Deny, not apply.
    """
    facts = _facts(account, caller)
    applying = [s for s in statements(policy) if _applies(s, facts)]
    return any(s["Effect"] == "Allow" for s in applying) and all(s["Effect"] != "Deny" for s in applying)


def _facts(account: str, caller: str) -> dict[str, str]:
    """What is known of the caller, by condition key in lower case."""
    partition = caller.split(":")[1]
    arn = caller
    if ":assumed-role/" in caller:
        arn = f"arn:{partition}:iam::{account}:role/{caller.split('/')[1]}"
    return {
        "aws:principalarn": arn,
        "aws:principalaccount": account,
        "kms:calleraccount": account,
        "session": caller,
        "root": f"arn:{partition}:iam::{account}:root",
    }


def _applies(statement: dict[str, Any], facts: dict[str, str]) -> bool:
    if "Resource" not in statement and "NotResource" not in statement:
        return False  # KMS accepts such a statement, but it has no effect
    if "Action" in statement:
        if not _any_match(as_list(statement["Action"]), _PUT_POLICY):
            return False
    elif "NotAction" not in statement or _any_match(as_list(statement["NotAction"]), _PUT_POLICY):
        return False
    mine = {"*", facts["aws:principalaccount"], facts["root"], facts["aws:principalarn"], facts["session"]}
    if "Principal" in statement:
        if not any(kind == "AWS" and value in mine for kind, value in principals_of(statement, "Principal")):
            return False
    elif any(kind == "AWS" and value in mine for kind, value in principals_of(statement, "NotPrincipal")):
        return False
    return all(
        _holds(operator, facts.get(key.lower()), as_list(values))
        for operator, keys in _conditions(statement)
        for key, values in keys.items()
    )


def _holds(operator: str, fact: str | None, values: list[str]) -> bool:
    name = operator.lower().removesuffix("ifexists").rpartition(":")[2]
    if fact is None:
        return False
    if name in {"stringequals", "arnequals", "arnlike", "stringlike"}:
        exact = name == "stringequals"
        return any(fact == value if exact else fnmatch.fnmatchcase(fact, value) for value in values)
    if name in {"stringnotequals", "arnnotequals", "arnnotlike", "stringnotlike"}:
        return not any(fnmatch.fnmatchcase(fact, value) for value in values)
    return False


def _any_match(patterns: list[str], action: str) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), str(pattern).lower()) for pattern in patterns)


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a policy, one or many."""
    return as_list(policy.get("Statement", []))


def principals_of(statement: dict[str, Any], element: str) -> list[tuple[str, str]]:
    """The principals of a statement's element, as (type, value)."""
    value = statement.get(element)
    if value is None:
        return []
    if isinstance(value, str):
        return [("AWS", value)] if value == "*" else [("", value)]
    if not isinstance(value, dict):
        return [("", str(value))]
    return [(kind, str(one)) for kind, values in value.items() for one in as_list(values)]


def _conditions(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (statement.get("Condition") or {}).items()


def as_list(value: Any) -> list[Any]:
    """A value that AWS lets be one or many, as many."""
    return value if isinstance(value, list) else [value]


def as_kms_returns_it(policy: dict[str, Any], dead: dict[str, str]) -> str:
    """A stored policy the way KMS gives it back: not the text that was put.

    Order inside an element isn't kept, a list of one becomes a plain string, an account ID becomes the account's
    root ARN, and a principal that was deleted since shows as its unique ID.

    Args:
        policy: as it was written.
        dead: unique IDs by the ARN of principals that were deleted after the policy was written.
    """
    rewritten = json.loads(json.dumps(policy))
    for statement in statements(rewritten):
        for element in ("Principal", "NotPrincipal"):
            named = statement.get(element)
            if isinstance(named, dict) and "AWS" in named:
                values = [dead.get(value, _as_root(value)) for value in as_list(named["AWS"])]
                values.reverse()
                named["AWS"] = values[0] if len(values) == 1 else values
        for element in ("Action", "Resource"):
            listed = statement.get(element)
            if isinstance(listed, list) and len(listed) == 1:
                statement[element] = listed[0]
    return json.dumps(rewritten, indent=2)


def _as_root(value: str) -> str:
    return f"arn:aws:iam::{value}:root" if _ACCOUNT.fullmatch(value) else value
