# ruff: noqa: C901, PLR0912 - one straight function each, a rule of the semantics page after the other
"""Requests aimed at breaking an answer about a policy: values of the policy, near misses, absent ones, several.

What a request can carry is told here from the semantics page alone, in the tests' own words: who sends which key,
with which action, and which keys go together.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import naive_evaluator as naive
from random_policies import FRIEND, KEY_ID, LISTS, OWN, REGIONS, STRANGER

SYMMETRIC = {
    "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "CreateGrant",
}  # fmt: skip
USING = (SYMMETRIC - {"CreateGrant"}) | {
    "Sign", "Verify", "GenerateMac", "VerifyMac", "DeriveSharedSecret", "Encapsulate", "Decapsulate",
}  # fmt: skip
OTHERS = {
    "PutKeyPolicy", "CreateGrant", "RevokeGrant", "ListGrants", "DescribeKey", "TagResource", "UntagResource",
    "ScheduleKeyDeletion", "ReplicateKey", "EnableKeyRotation", "ImportKeyMaterial", "GetKeyPolicy",
    "CancelKeyDeletion", "GetPublicKey", "GetKeyRotationStatus", "DisableKey", "EnableKey", "UpdateKeyDescription",
    "ListResourceTags",
}  # fmt: skip
ACTIONS: Final = tuple(sorted(f"kms:{name}" for name in USING | OTHERS))

ONLY_WITH: dict[str, set[str]] = {
    "kms:encryptioncontext:": SYMMETRIC,
    "kms:encryptioncontextkeys": SYMMETRIC,
    "aws:requesttag/": {"TagResource", "ReplicateKey"},
    "aws:tagkeys": {"TagResource", "UntagResource", "ReplicateKey"},
    "kms:grantoperations": {"CreateGrant"},
    "kms:grantisforawsresource": {"CreateGrant", "ListGrants", "RevokeGrant"},
    "kms:granteeprincipal": {"CreateGrant"},
    "kms:requestalias": USING | {"DescribeKey", "GetPublicKey"},
    "kms:schedulekeydeletionpendingwindowindays": {"ScheduleKeyDeletion"},
    "kms:rotationperiodindays": {"EnableKeyRotation"},
    "kms:bypasspolicylockoutsafetycheck": {"PutKeyPolicy", "ReplicateKey"},
    "kms:replicaregion": {"ReplicateKey"},
    "kms:policyname": {"GetKeyPolicy", "PutKeyPolicy"},
    "kms:validto": {"ImportKeyMaterial"},
    "kms:retiringprincipal": {"CreateGrant"},
    "kms:grantconstrainttype": {"CreateGrant"},
    "kms:trailingdayswithoutkeyusage": {"DisableKey", "ScheduleKeyDeletion"},
}
FROM_SERVICES = {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"}
FROM_PEOPLE = {
    "kms:viaservice", "aws:principalorgid", "aws:principalorgpaths", "aws:principaltag/", "aws:calledvia",
    "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:multifactorauthpresent", "aws:multifactorauthage",
    "aws:tokenissuetime", "aws:calledviafirst", "aws:sourceidentity",
}  # fmt: skip
FOLLOWING = {
    "aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:principaltype", "aws:principalisawsservice",
    "aws:principalservicename", "aws:username", "aws:requestedregion", "aws:resourceaccount", "aws:viaawsservice",
    "aws:securetransport", "aws:epochtime",
}  # fmt: skip
"""What follows from the caller, the key or another key, and isn't chosen."""

DOMAINS: dict[str, str] = {
    "aws:sourceaccount": r"[0-9]{12}",
    "aws:principalorgid": r"o-[a-z0-9]{4,32}",
    "aws:resourceorgid": r"o-[a-z0-9]{4,32}",
    "aws:sourceorgid": r"o-[a-z0-9]{4,32}",
    "aws:principalorgpaths": r"o-[a-z0-9]{4,32}/.*",
    "aws:sourcearn": r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:.+",
    "kms:viaservice": r"[a-z0-9-]+\.[a-z0-9-]+\.amazonaws\.com(\.cn)?",
    "aws:sourcevpc": r"vpc-[0-9a-z]+",
    "aws:sourcevpce": r"vpce-[0-9a-z]+",
    "kms:requestalias": r"alias/[\w/-]+",
    "aws:sourceip": r"[0-9.]{7,15}|[0-9a-f:]*:[0-9a-f:]*",
    "aws:vpcsourceip": r"[0-9.]{7,15}",
    "kms:grantisforawsresource": "true|false",
    "kms:multiregion": "true|false",
    "kms:bypasspolicylockoutsafetycheck": "true|false",
    "aws:multifactorauthpresent": "true|false",
    "aws:multifactorauthage": "0|[1-9][0-9]*",
    "kms:schedulekeydeletionpendingwindowindays": "[7-9]|[12][0-9]|30",
    "kms:rotationperiodindays": r"9[0-9]|[1-9][0-9]{2}|1[0-9]{3}|2[0-4][0-9]{2}|25[0-5][0-9]|2560",
    "kms:multiregionkeytype": "PRIMARY|REPLICA",
    "kms:grantoperations": "Decrypt|Encrypt|CreateGrant|DescribeKey|GenerateDataKey|Sign",
    "kms:replicaregion": r"[a-z0-9-]+",
    "aws:principaltag/": r"(?!.*[*?$!#])[\w\s.:/=+@-]*",
    "aws:requesttag/": r"(?!.*[*?$!#])[\w\s.:/=+@-]*",
    "aws:tokenissuetime": r"[0-9]{4}-[0-9]{2}-.*",
    "kms:validto": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*Z|[0-9]{5,}",
    "kms:trailingdayswithoutkeyusage": "0|[1-9][0-9]*",
}
PLAIN: dict[str, tuple[str, ...]] = {
    "aws:sourceaccount": (OWN, FRIEND, STRANGER),
    "aws:principalorgid": ("o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-elsewhere99"),
    "aws:resourceorgid": ("o-aaaaaaaaaa", "o-elsewhere99"),
    "aws:sourceorgid": ("o-aaaaaaaaaa", "o-elsewhere99"),
    "aws:sourcearn": (f"arn:aws:sns:eu-west-1:{STRANGER}:t", "arn:aws:s3:::other", f"arn:aws:sns:us-east-1:{OWN}:t"),
    "kms:viaservice": ("s3.eu-west-1.amazonaws.com", "rds.us-east-1.amazonaws.com"),
    "aws:sourceip": ("10.0.0.1", "198.51.100.7", "2001:db8::1", "2001:dead::1", "11.0.0.0"),
    "aws:vpcsourceip": ("10.0.0.1", "192.168.0.1"),
    "aws:multifactorauthage": ("0", "3599", "3600", "3601", "99999"),
    "kms:schedulekeydeletionpendingwindowindays": ("7", "13", "14", "15", "30"),
    "kms:rotationperiodindays": ("90", "364", "365", "366", "2560"),
    "kms:grantoperations": ("Decrypt", "Encrypt", "CreateGrant", "DescribeKey", "Sign"),
    "aws:tokenissuetime": ("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    "kms:multiregionkeytype": ("PRIMARY", "REPLICA"),
    "kms:validto": ("1767225599", "2025-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
    "kms:trailingdayswithoutkeyusage": ("0", "29", "31", "91"),
}
_TEXTS = (
    "",
    "other",
    "blue",
    "Büro",
    "Bürogeist",
    "5",
    "5.0",
    "05",
    "-4",
    "4.5",
    "TRUE",
    "false",
    "2025-12-31",
    "日本",
    "x",
)
_STAND_INS = ("blue", "x", "Eve", *REGIONS, "o-aaaaaaaaaa")
"""What a policy variable may stand for."""
_MOMENTS = (1700000000, 1767225599, 1767225600, 1767225601, 1811808000, 1906502401, 1000000000)
LATE: Final = 237_000_000_000
"""A moment after all that a policy names, as an epoch second: in the year 9480."""


@dataclass(frozen=True)
class Aim:
    """What the requests are aimed at."""

    policy: dict[str, Any]
    region: str | None
    actions: tuple[str, ...]
    late: bool = False
    """Whether every request comes after all dates that the policy names."""


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Marksman:
    """Makes requests for one policy."""

    def __init__(
        self,
        policy: dict[str, Any],
        chance: random.Random,
        *,
        names: tuple[str, ...] = (),
        fixed: dict[str, str | None] | None = None,
    ) -> None:
        """A marksman; `fixed` is what every request on the key says, None for nothing."""
        self.fixed = fixed or {}
        self.chance = chance
        self.policy = policy
        self.statements = policy["Statement"]
        self.modern = policy.get("Version") == "2012-10-17"
        self.compared: dict[str, list[tuple[str, str]]] = {}
        self.variables: set[str] = set()
        for statement in self.statements:
            for operator, keys in statement.get("Condition", {}).items():
                for key, values in keys.items():
                    texts = [naive.as_text(value) for value in _several(values)]
                    self.compared.setdefault(key.lower(), []).extend((operator, text) for text in texts)
                    self.compared.setdefault(key.lower(), [])
                    self.variables.update(
                        found.lower() for text in texts for found in re.findall(r"\$\{([^},]+)", text)
                    )
            for resource in _several(statement.get("Resource", [])):
                self.variables.update(found.lower() for found in re.findall(r"\$\{([^},]+)", resource))
        self.keys = sorted((set(self.compared) | self.variables) - {"*", "?", "$"})
        self.allows = [at for at, item in enumerate(self.statements) if item["Effect"] == "Allow"]
        self._values: dict[str, list[str]] = {}
        self._fits: dict[tuple[int, str], list[Any]] = {}
        self._matching: dict[int, list[tuple[str, str | None, str | None]]] = {}
        self._actions: dict[tuple[int, tuple[str, ...]], tuple[str, ...]] = {}
        self.accounts = self._accounts(names)
        callers = self._callers(names)
        self.callers = callers if len(callers) <= _MOST_CALLERS else chance.sample(callers, _MOST_CALLERS)

    # --- Who ------------------------------------------------------------------------------------------------

    def _named(self, names: tuple[str, ...]) -> list[str]:
        found = list(names)
        for statement in self.statements:
            for element in (statement.get("Principal"), statement.get("NotPrincipal")):
                if isinstance(element, dict):
                    found += [item for values in element.values() for item in _several(values)]
        return found

    def _accounts(self, names: tuple[str, ...]) -> list[str]:
        found = {OWN, STRANGER, FRIEND}
        texts = self._named(names) + [text for _, text in self.compared.get("aws:principalarn", [])]
        for text in texts:
            found.update(re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", text))
        for key in ("aws:principalaccount", "kms:calleraccount"):
            for _, text in self.compared.get(key, []):
                found.update(item for item in self.near(text) if re.fullmatch(r"[0-9]{12}", item))
        return sorted(found)

    def _callers(self, names: tuple[str, ...]) -> list[tuple[str, str | None, str | None]]:
        """Callers, with the user that issued a federated session, and the `aws:PrincipalArn` of a session."""
        arns: dict[str, None] = {}
        for text in self._named(names):
            arns[text] = None
        for _, text in self.compared.get("aws:principalarn", []):
            arns.update(dict.fromkeys(self.near(text)))
        for account in self.accounts:
            for name in ("role/other", "role/any/path/other", "user/other"):
                arns[f"arn:aws:iam::{account}:{name}"] = None
            arns[f"arn:aws:iam::{account}:root"] = None
            arns[f"arn:aws:sts::{account}:federated-user/other"] = None
        for _, text in self.compared.get("aws:username", []):
            for name in self.near(text):
                for path in ("", "team/", "a/b/"):
                    arns[f"{OWN_IAM}:user/{path}{name}"] = None
        for arn in list(arns):
            if match := re.fullmatch(r"arn:aws:iam::([0-9]{12}):(role|user)/(?:.*/)?([^/]+)", arn):
                account, kind, name = match.groups()
                for path in ("", "team/", "any/path/", "a!b/"):
                    arns[f"arn:aws:iam::{account}:{kind}/{path}{name}"] = None
        found: dict[tuple[str, str | None, str | None], None] = {}
        users = [arn for arn in arns if re.fullmatch(_USER, arn)]
        for arn in arns:
            if re.fullmatch(_ROOT, arn) or re.fullmatch(_USER, arn):
                found[(arn, None, None)] = None
            elif match := re.fullmatch(_ROLE, arn):
                found[(arn, None, None)] = None
                session = f"arn:aws:sts::{match[1]}:assumed-role/{match[2]}"
                for name in ("s1", "s2"):
                    found[(f"{session}/{name}", None, arn)] = None
            elif match := re.fullmatch(_SESSION, arn):
                found[(arn, None, None)] = None
                for path in ("", "team/", "any/path/"):
                    found[(arn, None, f"arn:aws:iam::{match[1]}:role/{path}{match[2]}")] = None
            elif match := re.fullmatch(_FEDERATED, arn):
                found[(arn, None, None)] = None
                for user in users:
                    if f"::{match[1]}:" in user:
                        found[(arn, user, None)] = None
            elif re.fullmatch(_SERVICE, arn):
                found[(arn, None, None)] = None
        for service in ("other.amazonaws.com", "sns.amazonaws.com", "logs.eu-west-1.amazonaws.com"):
            found[(service, None, None)] = None
        return list(found)

    # --- What -----------------------------------------------------------------------------------------------

    def near(self, text: str) -> list[str]:
        """A value of the policy, what its wildcards stand for, and near misses."""
        chance = self.chance
        plain = re.sub(r"\$\{([*?$])\}", r"\1", text) if self.modern else text
        plain = re.sub(r"\$\{[^}]*\}", lambda _: chance.choice(_STAND_INS), plain) if self.modern else plain
        filled = {
            plain,
            plain.replace("*", "").replace("?", "q"),
            plain.replace("*", "0").replace("?", "0"),
            plain.replace("*", "Zz/9").replace("?", "é"),
            plain.replace("*", "eu-west-1").replace("?", "a"),
            plain.replace("*", STRANGER).replace("?", "7"),
        }
        for account in (OWN, FRIEND, "5" * 12):
            grown = re.sub(r"([0-9]+)\*", lambda found, by=account: found[1] + by[len(found[1]) :], plain)
            filled.add(grown.replace("*", "x"))
        found = set(filled)
        for item in filled:
            found |= {item + "x", item[:-1], item.swapcase(), item.lower(), f" {item}", item.replace("é", "e")}
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain):
            number = float(plain)
            found |= {
                f"{number - 1:g}",
                f"{number + 1:g}",
                f"{number + 0.5:g}",
                f"{plain}.0",
                f"0{plain}",
                f"{-number:g}",
            }
            if "." not in plain and len(plain) > 5:
                found |= {str(int(plain) + step) for step in (-1, 1)}
        if re.match(r"[0-9]{4}-", plain):
            found |= {f"{plain[:4]}", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01Z", "1767225600.5", "9999-01-01"}
        if "/" in plain and re.match(r"[0-9.]+/|[0-9a-f:]+/", plain):
            found |= {plain.partition("/")[0], "10.255.255.255", "11.0.0.0", "9.255.255.255", "2001:db8:ffff::1"}
        return sorted(found)

    def values_of(self, key: str) -> list[str]:
        """Values that a key can have, of which some meet its conditions."""
        known = self._values.get(key)
        if known is None:
            stem = re.match(r"(aws:(?:principal|request|resource)tag/|kms:encryptioncontext:)", key)
            plain = PLAIN.get(key) or _TEXTS
            found = dict.fromkeys(plain)
            for _, text in self.compared.get(key, []):
                found.update(dict.fromkeys(self.near(text)))
            domain = DOMAINS.get(stem[1] if stem else key)
            known = [item for item in found if domain is None or re.fullmatch(domain, item)] or list(plain)
            self._values[key] = known
        return known

    def _fitting(self, at: int, key: str) -> list[Any]:
        """Values, or lists of them, with which a key meets an Allow's conditions on it; empty for none found."""
        known = self._fits.get((at, key))
        if known is None:
            values = self.values_of(key)
            several = key in _LISTS
            tried: list[Any] = [self._some(values) for _ in range(40)] if several else values
            wanted = self._wanted(at, key)
            known = self._fits[(at, key)] = [
                value
                for value in tried
                if all(naive.one_condition(o, key, listed, {key: _several(value)}, self.modern) for o, listed in wanted)
            ]
        return known

    def _some(self, values: list[str]) -> list[str]:
        return self.chance.sample(values, min(len(values), self.chance.choice((1, 1, 2, 3))))

    def _wanted(self, at: int, key: str) -> list[tuple[str, list[str]]]:
        return [
            (operator, [naive.as_text(v) for v in _several(listed)])
            for operator, keys in self.statements[at].get("Condition", {}).items()
            for name, listed in keys.items()
            if name.lower() == key
        ]

    def _callers_of(self, at: int) -> list[tuple[str, str | None, str | None]]:
        """Callers whom an Allow names, and who meet its conditions on what follows from them; all, if none does."""
        known = self._matching.get(at)
        if known is None:
            known = self._matching[at] = [item for item in self.callers if self._is_for(at, item)] or self.callers
        return known

    def _is_for(self, at: int, caller: tuple[str, str | None, str | None]) -> bool:
        arn, issuer, role = caller
        who = {**naive.caller_of(arn), "key's partition": "aws"}
        if issuer is None and not naive.principal_form(self.statements[at], who, False):
            return False
        key = f"arn:aws:kms:eu-west-1:{OWN}:key/{KEY_ID}".split(":")
        request = {"principal": arn, "context": {} if role is None else {"aws:principalarn": role}}
        context = naive.context_of(request, who, key)
        return all(
            naive.one_condition(o, name, listed, context, self.modern)
            for name in _OF_CALLERS
            for o, listed in self._wanted(at, name)
        )

    def request(self, aim: Aim) -> dict[str, Any]:
        """One request, mostly such as one of the Allows lets through."""
        chance = self.chance
        at = chance.choice(self.allows) if self.allows and chance.random() < 0.85 else None
        if at is None:
            action, (caller, issuer, arn) = chance.choice(aim.actions), chance.choice(self.callers)
        else:
            action = chance.choice(self._asked(at, aim.actions))
            caller, issuer, arn = chance.choice(self._callers_of(at))
        region = aim.region or chance.choice(REGIONS)
        key_id = chance.choice(KEY_IDS)
        service = not caller.startswith("arn:")
        context: dict[str, Any] = {}
        moment = LATE if aim.late else chance.choice(_MOMENTS)
        for key in self.keys:
            if key in FOLLOWING or not self._carries(key, action.removeprefix("kms:"), service=service):
                continue
            wanted = at is not None and bool(self._wanted(at, key))
            if chance.random() < (0.1 if wanted else 0.35):
                continue
            fitting = self._fitting(at, key) if wanted and at is not None and chance.random() < 0.9 else []
            value = chance.choice(fitting or self.values_of(key))
            context[key] = [value] if key in _LISTS and isinstance(value, str) else value
        if arn is not None and (chance.random() < 0.8 or "aws:principalarn" in self.keys):
            context["aws:principalarn"] = arn
        self._link(context, caller, action, moment)
        self._equal(context)
        context.update({key: value for key, value in self.fixed.items() if value is not None and key in self.keys})
        context = {key: value for key, value in context.items() if self.fixed.get(key, value) is not None}
        document = {"principal": caller, "action": action, "resource": f"arn:aws:kms:{region}:{OWN}:key/{key_id}"}
        if issuer is not None:
            document["issuer"] = issuer
        return {**document, "context": context}

    def _asked(self, at: int, actions: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some actions that an Allow covers; all, if it covers none."""
        known = self._actions.get((at, actions))
        if known is None:
            covered = tuple(name for name in actions if naive.action_fits(self.statements[at], name))
            known = self._actions[(at, actions)] = covered or actions
        return known

    def _carries(self, key: str, action: str, *, service: bool) -> bool:
        stem = next((item for item in ONLY_WITH if key == item or (item[-1] in "/:" and key.startswith(item))), None)
        if stem is not None and action not in ONLY_WITH[stem]:
            return False
        if service:
            return not any(key == item or (item[-1] == "/" and key.startswith(item)) for item in FROM_PEOPLE)
        return key not in FROM_SERVICES and key != "aws:principalservicenameslist"

    def _equal(self, context: dict[str, Any]) -> None:
        """Make what a policy variable stands for equal to what it is compared with, sometimes."""
        for key, compared in self.compared.items():
            for _, text in compared:
                variable = re.fullmatch(r"\$\{([^},]+)\}", text)
                name = variable[1].lower() if variable and self.modern else ""
                fits = name in context and isinstance(context.get(key), str) and name not in FOLLOWING
                if fits and self.chance.random() < 0.3:
                    context[name] = context[key]

    def _link(self, context: dict[str, Any], caller: str, action: str, moment: int) -> None:
        """What goes together in a real request."""
        chance = self.chance
        if "aws:epochtime" in self.keys or "aws:currenttime" in self.keys:
            context["aws:epochtime"] = str(moment)
            context["aws:currenttime"] = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if "aws:securetransport" in self.keys:
            context["aws:securetransport"] = "true"
        direct = caller.startswith("arn:") and "kms:viaservice" not in context
        if "aws:viaawsservice" in self.keys and direct and chance.random() < 0.1:
            context["aws:viaawsservice"] = "true"
        _names_go_together(context, "kms:encryptioncontext:", "kms:encryptioncontextkeys", chance)
        if action == "kms:UntagResource":
            for key in [key for key in context if key.startswith("aws:requesttag/")]:
                del context[key]
        else:
            _names_go_together(context, "aws:requesttag/", "aws:tagkeys", chance)
        if (arn := context.get("aws:sourcearn")) and "aws:sourceaccount" in self.keys:
            owner = arn.split(":")[4]
            if owner and context.get("aws:sourceaccount") is not None:
                context["aws:sourceaccount"] = owner
        if (paths := context.get("aws:principalorgpaths")) is not None:
            name = context.get("aws:principalorgid") or paths[0].partition("/")[0]
            context["aws:principalorgid"] = name
            context["aws:principalorgpaths"] = [f"{name}/{paths[0].partition('/')[2]}"]
        if "aws:sourcevpce" in context or "aws:sourcevpc" in context or "aws:vpcsourceip" in context:
            context.pop("aws:sourceip", None)
            for key, value in (("vpce", "vpce-0aaa"), ("vpc", "vpc-0aaa")):
                if f"aws:source{key}" in self.keys:
                    context.setdefault(f"aws:source{key}", value)
            if "aws:vpcsourceip" in self.keys:
                context.setdefault("aws:vpcsourceip", "10.0.0.1")
        if "aws:multifactorauthage" in context and "aws:multifactorauthpresent" in self.keys:
            context["aws:multifactorauthpresent"] = "true"
        if "kms:multiregionkeytype" in context and "kms:multiregion" in self.keys:
            context["kms:multiregion"] = "true"
        if "aws:calledvia" in context and "kms:viaservice" in self.keys:
            context.setdefault("kms:viaservice", "s3.eu-west-1.amazonaws.com")
        if "aws:principalservicenameslist" in self.keys and not caller.startswith("arn:"):
            label = caller.partition(".")[0]
            family = [caller, f"{label}.amazonaws.com", f"{label}.eu-west-1.amazonaws.com"]
            context["aws:principalservicenameslist"] = family[: chance.randint(1, 3)]
        if context.get("aws:resourceorgid") is None and "aws:resourceorgid" in self.keys and chance.random() < 0.7:
            context["aws:resourceorgid"] = chance.choice(("o-aaaaaaaaaa", "o-elsewhere99"))


def _names_go_together(context: dict[str, Any], stem: str, listing: str, chance: random.Random) -> None:
    """A list of names holds those of the keys that are there, spelled in some case, and maybe others."""
    names = [key.removeprefix(stem) for key in context if key.startswith(stem)]
    listed = context.get(listing)
    if listed is None:
        if names:
            context[listing] = [name.upper() if chance.random() < 0.2 else name for name in names]
        return
    others = [item for item in listed if item.lower() not in names]
    spelled = [next((item for item in listed if item.lower() == name), name) for name in names]
    for item in others:
        if stem == "aws:requesttag/" or stem.startswith("kms:"):
            context.setdefault(stem + item.lower(), "x")
    context[listing] = spelled + others


_MOST_CALLERS = 120
_LISTS = {name.lower() for name in LISTS}
_OF_CALLERS = (
    "aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:principaltype", "aws:username",
    "aws:principalisawsservice", "aws:principalservicename",
)  # fmt: skip
KEY_IDS = (KEY_ID, KEY_ID, "mrk-0123456789abcdef0123456789abcdef", "00000000-0000-0000-0000-000000000000")
OWN_IAM = f"arn:aws:iam::{OWN}"
_NAME = r"[\w+=,.@-]+"
_ROOT = r"arn:aws:iam::[0-9]{12}:root"
_USER = rf"arn:aws:iam::[0-9]{{12}}:user/(?:[\w!+=,.@-]+/)*{_NAME}"
_ROLE = rf"arn:aws:iam::([0-9]{{12}}):role/(?:[\w!+=,.@-]+/)*({_NAME})"
_SESSION = rf"arn:aws:sts::([0-9]{{12}}):assumed-role/({_NAME})/({_NAME})"
_FEDERATED = rf"arn:aws:sts::([0-9]{{12}}):federated-user/({_NAME})"
_SERVICE = r"[a-z0-9-]+(\.[a-z0-9-]+)?\.amazonaws\.com"
_USER, _ROLE, _SESSION, _FEDERATED = (f"(?a:{item})" for item in (_USER, _ROLE, _SESSION, _FEDERATED))
