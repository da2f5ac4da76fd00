# ruff: noqa: C901, PLR0911, PLR0912, PLR0915 - one straight function each, to be read beside the page
"""A second evaluator, written from the semantics page alone, to hold the real one against.

It shares no code with Keywright: it works on plain JSON, knows only the facts that its cases need, tries
everything each time and remembers nothing. Comments name the sections of the page.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any

ALLOWED, IMPLICIT, EXPLICIT = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"

# Section 6 and 7: keys with several values.
SEVERAL = {
    "kms:encryptioncontextkeys", "kms:grantoperations", "kms:resourcealiases",
    "aws:tagkeys", "aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist",
    "aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths",
}  # fmt: skip

# Section 1.3: what works on a key of another account.
ACROSS = {
    "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "Sign", "Verify", "GenerateMac", "VerifyMac",
    "DeriveSharedSecret", "Encapsulate", "Decapsulate", "DescribeKey", "GetPublicKey", "GetKeyRotationStatus",
    "CreateGrant", "ListGrants", "RevokeGrant", "RetireGrant",
}  # fmt: skip

# Section 1.2: requests that no key policy is asked about.
KEYLESS = {
    "CreateKey", "ListKeys", "ListAliases", "GenerateRandom", "ListRetirableGrants", "CreateCustomKeyStore",
    "DeleteCustomKeyStore", "ConnectCustomKeyStore", "DisconnectCustomKeyStore", "DescribeCustomKeyStores",
    "UpdateCustomKeyStore",
}  # fmt: skip


def decide(case: dict[str, Any]) -> str:
    """The decision on one case as `keywright policy simulate --batch` reads them."""
    request = case["request"]
    if request["action"].lower() == "kms:reencrypt":  # section 3
        parts = [
            decide({**case, "request": {**request, "action": name}})
            for name in ("kms:ReEncryptFrom", "kms:ReEncryptTo")
        ]
        return EXPLICIT if EXPLICIT in parts else IMPLICIT if IMPLICIT in parts else ALLOWED
    who = caller_of(request["principal"])
    action = request["action"].split(":")[1]
    key = request["resource"].split(":")
    who["key's partition"] = key[1] if len(key) > 1 else who["partition"]
    said = {name.lower(): value for name, value in request.get("context", {}).items()}.get("aws:principalarn")
    if (
        who.get("session") and isinstance(said, str) and re.match(r"^arn:[^:]*:iam::[0-9]{12}:role/[^*?]+$", said)
    ):  # 2.1: the request tells the role's path
        who["path"] = caller_of(said)["path"]
    on_key = action not in KEYLESS and len(key) == 6 and not key[5].startswith("alias/")
    context = context_of(request, who, key if on_key else None)
    resource = request["resource"] if action not in KEYLESS else "*"

    def matching(policy: Any, names: bool, *, own: bool = False) -> dict[str, list[str]]:
        seen = context
        if own:  # section 6 and 7: not for key policies
            seen = {
                k: v for k, v in context.items() if not k.startswith("aws:resourcetag/") and k != "kms:resourcealiases"
            }
        found: dict[str, list[str]] = {"Allow": [], "Deny": []}
        modern = policy.get("Version") == "2012-10-17"
        bounded = case.get("permissions_boundary") is not None and who["kind"] in ("user", "role")
        for statement in several(policy["Statement"]):
            form = principal_form(statement, who, bounded) if names else "nobody asks"
            asked = action_fits(statement, request["action"]) and resource_fits(statement, resource, seen, modern)
            if form and asked and conditions_hold(statement, seen, modern):
                found[statement["Effect"]].append(form)
        return found

    nothing: dict[str, list[str]] = {"Allow": [], "Deny": []}
    key_policy = matching(case["policy"], True, own=True) if on_key else nothing
    identity = [matching(item, False) for item in case.get("identity_policies") or []]
    boundary = matching(case["permissions_boundary"], False) if case.get("permissions_boundary") else None
    session = matching(case["session_policy"], False) if case.get("session_policy") else None
    linked = who["kind"] == "role" and "/aws-service-role/" in who["arn"]
    given = case.get("service_control_policies") or []
    alone = [item for item in given if not isinstance(item, list)]
    levels = ([alone] if alone else []) + [item for item in given if isinstance(item, list)]
    if who["kind"] == "service" or linked:  # section 1.5
        levels = []
    by_level = [[matching(item, False) for item in level] for level in levels]
    scps = [policy for level in by_level for policy in level]
    rcps = [matching(item, True) for item in case.get("resource_control_policies") or []]
    if linked or not on_key or action == "RetireGrant":
        rcps = []

    # Section 1.1: a Deny anywhere is final.
    everything = [key_policy, *identity, *scps, *rcps, *(layer for layer in (boundary, session) if layer)]
    if any(layer["Deny"] for layer in everything):
        return EXPLICIT
    if not all(any(layer["Allow"] for layer in level) for level in by_level):
        return IMPLICIT
    limits = all(layer is None or layer["Allow"] for layer in (boundary, session))
    by_identity = limits and any(layer["Allow"] for layer in identity)
    granted = [
        form
        for grant in case.get("grants") or []
        if (form := grant_form(grant, who, action, request.get("context", {})))
    ]
    if not on_key:
        return ALLOWED if by_identity or who["kind"] == "root" else IMPLICIT
    if action == "RetireGrant":
        return IMPLICIT  # section 8: the grant decides, and the cases have none
    forms = key_policy["Allow"]
    if who["kind"] == "service":
        return ALLOWED if forms or granted else IMPLICIT
    if (who["partition"], who["account"]) != (key[1], key[4]):  # section 1.3
        both = (forms or granted) and by_identity
        return ALLOWED if who["partition"] == key[1] and action in ACROSS and both else IMPLICIT
    for form in granted:  # section 8
        if form in ("user", "session", "federated") or who["kind"] == "root":
            return ALLOWED
        if by_identity if form == "account" else limits:
            return ALLOWED
    for form in forms:  # sections 1.2 and 1.4
        if form in ("everybody", "user", "session", "federated"):
            return ALLOWED
        if form == "role" and limits:
            return ALLOWED
        if form == "account" and (who["kind"] == "root" or by_identity):
            return ALLOWED
    return IMPLICIT


def grant_form(grant: dict[str, Any], who: dict[str, Any], action: str, context: dict[str, Any]) -> str:
    """Section 8, but for grants that let others make grants, or are for services."""
    if action not in grant["Operations"]:
        return ""
    constraints = grant.get("Constraints", {})
    start = "kms:EncryptionContext:"
    pairs = {key[len(start) :]: value for key, value in context.items() if key.startswith(start)}
    if action != "DescribeKey":
        if constraints.get("EncryptionContextEquals", pairs) != pairs:
            return ""
        if any(pairs.get(key) != value for key, value in constraints.get("EncryptionContextSubset", {}).items()):
            return ""
    return form_of(grant["GranteePrincipal"], who)


def several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# --- Section 2 ---


def caller_of(text: str) -> dict[str, Any]:
    if not text.startswith("arn:"):
        return {"kind": "service", "arn": text, "account": None, "partition": None}
    _, partition, service, _, account, rest = text.split(":", 5)
    who = {"arn": text, "partition": partition, "account": account}
    if rest == "root":
        return {**who, "kind": "root"}
    kind, _, name = rest.partition("/")
    if service == "sts" and kind == "assumed-role":
        role, _, session = name.partition("/")
        return {**who, "kind": "role", "role": role, "path": None, "session": session}
    if service == "sts":
        return {**who, "kind": "federated"}
    path, _, last = f"/{name}".rpartition("/")
    if kind == "role":
        return {**who, "kind": "role", "role": last, "path": f"{path}/", "session": None}
    return {**who, "kind": "user", "name": last}


def principal_form(statement: dict[str, Any], who: dict[str, Any], bounded: bool) -> str | None:
    if "NotPrincipal" in statement:  # section 2.2
        if bounded and statement["Effect"] == "Deny":
            return "everybody"
        return None if forms_of(statement["NotPrincipal"], who) else "everybody"
    forms = forms_of(statement["Principal"], who)
    for form in ("everybody", "user", "session", "federated", "service", "role", "account"):
        if form in forms:
            return form
    return None


def forms_of(element: Any, who: dict[str, Any]) -> set[str]:
    if element == "*":
        return {"everybody"}
    found = set()
    for value in several(element.get("Service", [])):
        if who["kind"] == "service" and value == who["arn"]:
            found.add("service")
    for value in several(element.get("AWS", [])):
        found.add(form_of(value, who))
    return found - {""}


def form_of(value: str, who: dict[str, Any]) -> str:
    if value == "*":
        return "everybody"
    if who["kind"] == "service":
        return ""
    if re.match(r"^[0-9]{12}$", value):
        return "account" if value == who["account"] and who["partition"] == who["key's partition"] else ""
    parts = value.split(":", 5)
    if len(parts) < 6 or parts[1] != who["partition"] or parts[4] != who["account"] or "*" in value or "?" in value:
        return ""
    if parts[2] == "iam" and parts[5] == "root":
        return "account"
    if who["kind"] == "role":
        if parts[2] == "iam" and parts[5].startswith("role/"):
            path, _, name = parts[5][4:].rpartition("/")
            same = name.lower() == who["role"].lower() and who["path"] in (None, f"{path}/")
            return "role" if same else ""
        if parts[2] == "sts" and parts[5].startswith("assumed-role/") and parts[5].count("/") == 2:
            _, name, session = parts[5].split("/")
            return "session" if name.lower() == who["role"].lower() and session == who["session"] else ""
        return ""
    return who["kind"] if value == who["arn"] and who["kind"] in ("user", "federated") else ""


# --- Sections 3 and 4 ---


def action_fits(statement: dict[str, Any], action: str) -> bool:
    if "Action" in statement:
        return any(one_action(item, action) for item in several(statement["Action"]))
    if "NotAction" in statement:
        return not any(one_action(item, action) for item in several(statement["NotAction"]))
    return False


def one_action(pattern: str, action: str) -> bool:
    if pattern == "*":
        return True
    if ":" not in pattern:
        return False
    service, name = pattern.lower().split(":", 1)
    return service in ("kms", "*") and fits(wildcards(name), action.lower().split(":", 1)[1])


def resource_fits(statement: dict[str, Any], resource: str, context: dict[str, list[str]], modern: bool) -> bool:
    def one(pattern: str) -> bool:
        if pattern == "*":
            return True
        parts = pattern.split(":", 5)
        given = resource.split(":", 5)
        if len(parts) != 6 or len(given) != 6:
            return False
        last = substitute(parts[5], context, modern, wild=True)
        if last is None:
            return False
        return fits(last, given[5]) and all(fits(wildcards(p), g) for p, g in zip(parts[:5], given[:5], strict=True))

    if "Resource" in statement:
        return any(one(item) for item in several(statement["Resource"]))
    if "NotResource" in statement:
        return not any(one(item) for item in several(statement["NotResource"]))
    return False


# Patterns are lists of characters, where ("*",) and ("?",) are wildcards and a plain string is itself.


def wildcards(text: str) -> list[Any]:
    return [(char,) if char in "*?" else char for char in text]


def fits(pattern: list[Any], text: str) -> bool:
    reached = {0}
    for at in range(len(pattern)):
        if pattern[at] == ("*",):
            lowest = min(reached, default=len(text) + 1)
            reached = set(range(lowest, len(text) + 1))
        else:
            reached = {p + 1 for p in reached if p < len(text) and pattern[at] in (("?",), text[p])}
    return len(text) in reached


# --- Section 5 ---


def conditions_hold(statement: dict[str, Any], context: dict[str, list[str]], modern: bool) -> bool:
    return all(
        one_condition(operator, key.lower(), [as_text(v) for v in several(values)], context, modern)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def one_condition(operator: str, key: str, wanted: list[str], context: dict[str, list[str]], modern: bool) -> bool:
    quantifier = ""
    if ":" in operator:
        quantifier, operator = operator.split(":")
    given = context.get(key, [])
    if operator == "Null":
        return ("false" if given else "true") in [item.lower() for item in wanted]
    exists_only = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    if operator == "NoSuchOperator":  # 5.1
        return False
    negated = "Not" in operator
    positive = operator.replace("Not", "")
    if not given:  # 5.2
        if exists_only or quantifier == "ForAllValues":
            return True
        return negated and quantifier != "ForAnyValue"
    if not quantifier and (len(given) > 1 or key in SEVERAL):  # 5.4
        return False

    def matches(value: str) -> bool:
        answers = [compare(positive, item, value, context, modern) for item in wanted]
        if negated and None in answers:  # 5.3: not comparable is false either way
            return False
        return (True in answers) != negated

    return any(map(matches, given)) if quantifier == "ForAnyValue" else all(map(matches, given))


def compare(operator: str, wanted: str, given: str, context: dict[str, list[str]], modern: bool) -> bool | None:
    """True or False; None where a value can't be read as the operator's type."""
    if operator.startswith(("String", "Arn")):
        wild = operator not in ("StringEquals", "StringEqualsIgnoreCase")
        pattern = substitute(wanted, context, modern, wild=wild)
        if pattern is None:
            return False  # 5.5
        if operator == "StringEqualsIgnoreCase":
            return fits([char.lower() for char in pattern], given.lower())
        if operator.startswith("String"):
            return fits(pattern, given)
        mine, its = arn_parts(pattern), arn_parts(list(given))
        return len(mine) == len(its) == 6 and all(fits(p, "".join(g)) for p, g in zip(mine, its, strict=True))
    if operator == "BinaryEquals":
        try:
            return base64.b64decode(wanted, validate=True) == base64.b64decode(given, validate=True)
        except ValueError:
            return None
    if operator == "Bool":
        sides = [{"true": True, "false": False}.get(text.lower()) for text in (wanted, given)]
        return None if None in sides else sides[0] == sides[1]
    if operator == "IpAddress":
        try:
            return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
        except ValueError:
            return None
    read = numeral if operator.startswith("Numeric") else moment
    left, right = read(given), read(wanted)
    if left is None or right is None:
        return None
    name = operator.removeprefix("Numeric").removeprefix("Date")
    return {
        "Equals": left == right,
        "LessThan": left < right,
        "LessThanEquals": left <= right,
        "GreaterThan": left > right,
        "GreaterThanEquals": left >= right,
    }[name]


def arn_parts(pattern: list[Any]) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for char in pattern:
        if char == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(char)
    return parts


def numeral(text: str) -> Fraction | None:
    return Fraction(text) if re.match(r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$", text) else None


@lru_cache
def moment(text: str) -> Fraction | None:
    if numeral(text) is not None and not re.match(r"^[0-9]{4}$", text):  # four digits are a year
        return numeral(text)
    try:
        found = datetime(int(text), 1, 1) if re.match(r"^[0-9]{4}$", text) else datetime.fromisoformat(text)  # noqa: DTZ001
    except ValueError:
        return None
    return Fraction((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def substitute(text: str, context: dict[str, list[str]], modern: bool, *, wild: bool) -> list[Any] | None:
    """5.5: a pattern, or None where a variable stays without a value."""
    if not modern:
        return wildcards(text) if wild else list(text)
    found: list[Any] = []
    while "${" in text and "}" in text.partition("${")[2]:
        before, _, rest = text.partition("${")
        inside, _, text = rest.partition("}")
        found += wildcards(before) if wild else list(before)
        if inside in ("*", "?", "$"):
            found.append(inside)
            continue
        key, comma, default = inside.partition(", ")
        values = context.get(key.lower(), [])
        if len(values) > 1 or (values and key.lower() in SEVERAL):
            return None
        if not values and not comma:
            return None
        found += list(values[0] if values else default.strip("'"))
    return found + (wildcards(text) if wild else list(text))


# --- Sections 6 and 7: what follows from the caller and the key ---


def context_of(request: dict[str, Any], who: dict[str, Any], key: list[str] | None) -> dict[str, list[str]]:
    given = {name.lower(): [as_text(v) for v in several(value)] for name, value in request.get("context", {}).items()}
    found: dict[str, list[str]] = {}
    if who["kind"] == "service":
        found["aws:principalisawsservice"] = ["true"]
        found["aws:viaawsservice"] = ["false"]
        found["aws:principalservicename"] = found["aws:principalservicenameslist"] = [who["arn"]]
        found["aws:securetransport"] = ["true"]
    else:
        arn = who["arn"]
        if who.get("session"):
            arn = f"arn:{who['partition']}:iam::{who['account']}:role/{who['role']}"
        found["aws:principalarn"] = [arn]
        found["aws:principalaccount"] = [who["account"]]
        types = {"root": "Account", "user": "User", "role": "AssumedRole", "federated": "FederatedUser"}
        found["aws:principaltype"] = [types[who["kind"]]]
        found["aws:principalisawsservice"] = ["false"]
        found["aws:viaawsservice"] = ["true" if given.get("kms:viaservice") else "false"]
        if who["kind"] == "user":
            found["aws:username"] = [who["name"]]
        found["aws:securetransport"] = ["true"]  # section 12
        if key:
            found["kms:calleraccount"] = [who["account"]]
    if key:
        found["aws:requestedregion"] = [key[3]]
        found["aws:resourceaccount"] = [key[4]]
    return {**found, **given}
