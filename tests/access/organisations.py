"""Random organizations: accounts in units, principals with every kind of policy, keys with grants; and what is so.

What is so comes from brute force: each principal's requests in every context of a small vocabulary, decided by the
naive evaluator of `tests/proof`, which shares no code with what answers `who-can`.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywright._internal.access.snapshot import AccessSnapshot, KeyProperties, SnapshotKey
from keywright._internal.estate.iam import (
    IamPrincipal,
    IamSnapshot,
    NamedPolicy,
    Organization,
    OrganizationAccount,
)
from keywright._internal.proof.evaluation.grants import Grant

sys.path.insert(0, str(Path(__file__).parents[1] / "proof"))
import naive_evaluator

A, B, MANAGEMENT = "111122223333", "444455556666", "777788889999"
ORGANIZATION = "o-x"
PATHS = {A: "o-x/r-1/ou-a/", B: "o-x/r-1/ou-b/", MANAGEMENT: "o-x/r-1/"}
PRINCIPALS = (
    f"arn:aws:iam::{A}:role/App",
    f"arn:aws:iam::{A}:role/team/Ops",
    f"arn:aws:iam::{A}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    f"arn:aws:iam::{A}:user/ann",
    f"arn:aws:iam::{B}:role/Ext",
    f"arn:aws:iam::{B}:user/bob",
    f"arn:aws:iam::{MANAGEMENT}:role/Admin",
)
SESSION = f"arn:aws:sts::{A}:assumed-role/App/s1"
NAMED: tuple[Any, ...] = (
    {"AWS": A}, {"AWS": f"arn:aws:iam::{A}:root"}, {"AWS": B}, {"AWS": [A, B, MANAGEMENT]}, "*", {"AWS": "*"},
    *({"AWS": arn} for arn in PRINCIPALS), {"AWS": SESSION}, {"AWS": "AROAIIAX3XXUTM7QXYZAB"},
    {"AWS": f"arn:aws:iam::{A}:role/app"}, {"Service": "logs.eu-west-1.amazonaws.com"},
)  # fmt: skip
ACTIONS = ("kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy", "kms:DescribeKey")
PATTERNS = (*ACTIONS, "kms:*", "*", "kms:De*", "kms:Encrypt", "kms:Create*", "kms:*Key*")
S3, EC2 = "s3.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com"
FREE: dict[str, tuple[Any, ...]] = {
    "kms:ViaService": (None, S3, EC2, "rds.eu-west-1.amazonaws.com", "sns.us-east-1.amazonaws.com"),
    "aws:SourceVpce": (None, "vpce-1", "vpce-9"),
    "kms:EncryptionContext:app": (None, "X", "Y", "ann", "bob", "blue", "red", "Z", "K", "green", "prod"),
    "kms:EncryptionContext:other": (None, "1"),
    "aws:MultiFactorAuthPresent": (None, "true", "false"),
    "aws:SourceIp": (None, "10.1.2.3", "203.0.113.9"),
    "kms:GrantIsForAWSResource": (None, "true", "false"),
    "aws:MultiFactorAuthAge": (None, "10", "3600", "7200"),
    "aws:CurrentTime": ("2025-06-01T00:00:00Z", "2026-01-01T00:00:00Z", "2027-06-01T00:00:00Z"),
    "aws:SourceIdentity": (None, "ann", "bob", "blue", "red", "zed", "K", "green", "prod", "Z", "X", "Y"),
    "kms:RequestAlias": (None, "alias/app", "alias/old"),
    "kms:GrantOperations": (["Decrypt"], ["Encrypt"], ["Decrypt", "Encrypt"], ["DescribeKey"], ["Sign"]),
    "kms:GranteePrincipal": (None, f"arn:aws:iam::{A}:role/App", f"arn:aws:iam::{B}:role/Ext"),
}
ONLY_FOR = {
    "kms:GrantIsForAWSResource": {"kms:CreateGrant"},
    "kms:GrantOperations": {"kms:CreateGrant"},
    "kms:GranteePrincipal": {"kms:CreateGrant"},
    "kms:RequestAlias": {"kms:Decrypt", "kms:DescribeKey"},
    "kms:EncryptionContext:app": {"kms:Decrypt", "kms:CreateGrant"},
    "kms:EncryptionContext:other": {"kms:Decrypt", "kms:CreateGrant"},
}
SESSION_TAGS = ("blue", "red", "BLUE", "green", "Z", "K", "prod")
TRUSTING = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{A}:root"}}
CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"aws:PrincipalOrgID": "o-x"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-x"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-y"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-x/r-1/ou-a/*"}},
    {"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-x/r-1/ou-a/*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
    {"StringNotEqualsIfExists": {"aws:PrincipalTag/Team": ["blue", "red"]}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:role/*"}},
    {"ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::{A}:role/App", f"arn:aws:iam::{B}:*"]}},
    {"StringEquals": {"kms:CallerAccount": A}},
    {"StringNotEquals": {"aws:PrincipalAccount": [A, MANAGEMENT]}},
    {"StringEquals": {"kms:ViaService": S3}},
    {"StringNotEquals": {"kms:ViaService": [S3, EC2]}},
    {"StringLike": {"kms:ViaService": "*.eu-west-1.amazonaws.com"}},
    {"Bool": {"aws:ViaAWSService": "false"}},
    {"Null": {"kms:ViaService": "true"}},
    {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}},
    {"StringEquals": {"kms:EncryptionContext:app": ["X", "Y"]}},
    {"StringNotEquals": {"kms:EncryptionContext:App": "X"}},
    {"StringEquals": {"kms:EncryptionContext:app": "${aws:PrincipalTag/team}"}},
    {"StringNotEquals": {"kms:EncryptionContext:app": "${aws:username}"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:MultiFactorAuthPresent": "true"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"NumericGreaterThanEqualsIfExists": {"aws:MultiFactorAuthAge": "3600"}},
    {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
    {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
    {"StringEquals": {"aws:SourceIdentity": ["ann", "bob"]}},
    {"StringNotLike": {"aws:SourceIdentity": "?nn"}},
    {"StringEquals": {"aws:SourceIdentity": "${aws:username}"}},
    {"StringNotEquals": {"aws:SourceIdentity": "${aws:PrincipalTag/team, 'zed'}"}},
    {"StringEquals": {"aws:SourceIdentity": "${kms:EncryptionContext:app}"}},
    {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "app"}},
    {"Null": {"kms:EncryptionContextKeys": "false"}},
    {"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": "BLUE"}},
    {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}},
    {"Bool": {"kms:MultiRegion": "true"}},
    {"Null": {"aws:SourceArn": "false"}},
    {"StringEquals": {"aws:username": "ann"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"StringEquals": {"aws:ResourceTag/env": "prod"}},
    {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/owner}"}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}},
    {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
    {"StringEquals": {"kms:RequestAlias": "alias/app"}},
    {"StringNotLike": {"kms:RequestAlias": "alias/o*"}},
    {"Null": {"kms:RequestAlias": "true"}},
    {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}},
    {"ForAllValues:StringLike": {"kms:ResourceAliases": "alias/a*"}},
    {"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}},
    {"StringNotEquals": {"kms:MultiRegionKeyType": "REPLICA"}},
    {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt", "Encrypt"]}},
    {"ForAnyValue:StringEquals": {"kms:GrantOperations": "Decrypt"}},
    {"StringLike": {"kms:GranteePrincipal": f"arn:aws:iam::{A}:*"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/owner}"}},
    {"StringEquals": {"aws:PrincipalTag/team": "${aws:SourceIdentity}"}},
    {"StringLike": {"aws:PrincipalTag/team": ["gr?en", "Z*"]}},
    {"Null": {"aws:PrincipalTag/team": "true"}},
    {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app", "third"]}},
    {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{A}:root"}},
    {"StringNotLikeIfExists": {"aws:userid": "AROA*:admin-*"}},
    {"StringEquals": {"aws:userid": ["AIDAANN", "AIDABOB"]}},
    {"StringLike": {"aws:userid": "AROAAPP:*"}},
    {"StringEquals": {"aws:PrincipalType": "User"}},
    {"Null": {"aws:SourceIdentity": "false"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "Null": {"aws:SourceVpce": "true"}},
    {"StringEquals": {"kms:EncryptionContext:app": "${aws:PrincipalTag/team, 'Z'}"}},
    {"StringLike": {"kms:EncryptionContext:app": "${aws:username}*"}},
)
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass
class Organisation:
    """One organization, as documents and as a snapshot."""

    principals: list[dict[str, Any]]
    key: dict[str, Any]
    service_control: dict[str, list[list[Any]]]
    resource_control: dict[str, list[Any]]

    def snapshot(self) -> AccessSnapshot:
        accounts = {
            number: OrganizationAccount(
                number, number, path,
                tuple(tuple(_named(item) for item in level) for level in self.service_control[number]),
                tuple(_named(item) for item in self.resource_control[number]),
            )
            for number, path in PATHS.items()
        }  # fmt: skip
        principals = [
            IamPrincipal(
                arn=item["arn"],
                kind="user" if ":user/" in item["arn"] else "role",
                account=item["arn"].split(":")[4],
                policies=tuple(_named(policy) for policy in item["policies"]),
                boundary=_named(item["boundary"]) if item["boundary"] else None,
                tags=item["tags"],
                unique_id=_unique_id(item["arn"]),
                trust=json.dumps(item["trust"]) if item["trust"] else None,
            )
            for item in self.principals
        ]
        key = SnapshotKey(
            self.key["arn"],
            json.dumps(self.key["policy"]),
            tuple(Grant.from_document(grant) for grant in self.key["grants"]),
            KeyProperties(
                self.key["tags"],
                tuple(self.key["aliases"]),
                "SYMMETRIC_DEFAULT",
                "ENCRYPT_DECRYPT",
                "AWS_KMS",
                multi_region=self.key["type"] is not None,
                multi_region_type=self.key["type"],
            ),
        )
        organization = Organization(ORGANIZATION, MANAGEMENT, accounts)
        iam = IamSnapshot(tuple(principals), frozenset(PATHS), organization, organization_read=True)
        return AccessSnapshot([key], iam)

    def case(self, principal: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        """One request with all that stands beside it, as `policy simulate --batch` reads it."""
        account = principal["arn"].split(":")[4]
        owner = self.key["arn"].split(":")[4]
        return {
            "id": principal["arn"],
            "policy": self.key["policy"],
            "request": request,
            "identity_policies": principal["policies"],
            "permissions_boundary": principal["boundary"],
            "service_control_policies": [] if account == MANAGEMENT else self.service_control[account],
            "resource_control_policies": [] if owner == MANAGEMENT else self.resource_control[owner],
            "grants": self.key["grants"],
        }

    def known(self, principal: dict[str, Any]) -> dict[str, Any]:
        """The context that follows from a principal and the key."""
        arn = principal["arn"]
        account, owner = arn.split(":")[4], self.key["arn"].split(":")[4]
        return {
            "aws:PrincipalOrgID": ORGANIZATION,
            "aws:PrincipalOrgPaths": [PATHS[account]],
            "aws:ResourceOrgID": ORGANIZATION,
            "aws:ResourceOrgPaths": [PATHS[owner]],
            "aws:PrincipalArn": arn,
            "aws:SecureTransport": "true",
            "kms:KeySpec": "SYMMETRIC_DEFAULT",
            "kms:MultiRegion": "false" if self.key["type"] is None else "true",
            **({"kms:MultiRegionKeyType": self.key["type"]} if self.key["type"] else {}),
            **({"kms:ResourceAliases": self.key["aliases"]} if self.key["aliases"] else {}),
            **({"aws:userid": _unique_id(arn)} if ":user/" in arn else {}),
            **{f"aws:PrincipalTag/{name}": value for name, value in principal["tags"].items()},
            **{f"aws:ResourceTag/{name}": value for name, value in self.key["tags"].items()},
        }

    def truth(self, principal: dict[str, Any], action: str) -> str:
        """What is so of a principal and an action, by brute force."""
        arn, case, known = principal["arn"], self._asked(principal, action), self.known(principal)
        callers = [arn, SESSION] if arn == PRINCIPALS[0] else [arn]
        met = set()
        for caller, chosen in itertools.product(callers, self.contexts(principal, action)):
            request = {
                "principal": caller,
                "action": action,
                "resource": self.key["arn"],
                "context": {**known, **chosen},
            }
            outcome = naive_evaluator.decide({**case, "request": request})
            left_open = outcome == "ImplicitlyDenied" and self._left_open({**case, "request": request})
            met.add("open" if left_open else outcome == "Allowed")
            if {True, False} <= met:
                return "conditional"
        return "unknown" if "open" in met else "yes" if met == {True} else "no"

    def _left_open(self, case: dict[str, Any]) -> bool:
        """Whether AWS doesn't say if a grantee needs an identity policy: one of another account, or an account."""
        own = case["request"]["principal"].split(":")[4] == self.key["arn"].split(":")[4]
        grants = [grant for grant in case["grants"] if not own or grant["GranteePrincipal"].endswith(":root")]
        if not grants:
            return False
        identity = [*case["identity_policies"], {"Version": "2012-10-17", "Statement": [FULL]}]
        granted = {**case, "policy": {"Statement": []}, "identity_policies": identity, "grants": grants}
        return naive_evaluator.decide(granted if own else {**granted, "permissions_boundary": None}) == "Allowed"

    def _asked(self, principal: dict[str, Any], action: str) -> dict[str, Any]:
        """The case with nothing but the statements that are about the action."""

        def pruned(policy: Any) -> Any:
            if isinstance(policy, list):
                return [pruned(item) for item in policy]
            statements = naive_evaluator.several(policy["Statement"])
            return {**policy, "Statement": [item for item in statements if naive_evaluator.action_fits(item, action)]}

        case = self.case(principal, {})
        named = {name: pruned(case[name]) for name in case if name == "policy" or name.endswith("_policies")}
        boundary = case["permissions_boundary"]
        return {**case, **named, "permissions_boundary": None if boundary is None else pruned(boundary)}

    def contexts(self, principal: dict[str, Any], action: str) -> Iterator[dict[str, Any]]:
        """Everything that a request may choose, as far as these policies ask for it."""
        free = self.free(principal, action)
        for values in itertools.product(*free.values()):
            chosen: dict[str, Any] = {
                name: value for name, value in zip(free, values, strict=True) if value is not None
            }
            if {"aws:SourceIp", "aws:SourceVpce"} <= chosen.keys():
                continue
            if "aws:MultiFactorAuthAge" in chosen and chosen.get("aws:MultiFactorAuthPresent", "true") != "true":
                continue
            if pairs := [name.rpartition(":")[2] for name in chosen if name.startswith("kms:EncryptionContext:")]:
                chosen["kms:EncryptionContextKeys"] = pairs
            yield chosen

    def free(self, principal: dict[str, Any], action: str) -> dict[str, tuple[Any, ...]]:
        """What a request may choose, by context key, as far as the statements ask for it that may match."""
        case = {name: value for name, value in self._asked(principal, action).items() if name != "request"}
        about = {name: value for name, value in principal.items() if name not in {"policies", "boundary", "trust"}}
        text = json.dumps([case, self.key["tags"], about]).lower()
        names = [name for name in FREE if name.lower() in text or (name.startswith("kms:Enc") and "context" in text)]
        if "viaawsservice" in text:
            names = list(dict.fromkeys(["kms:ViaService", *names]))
        session, start = principal["session"], _unique_id(principal["arn"])
        free = {name: _told_apart(name, text) for name in names if action in ONLY_FOR.get(name, {action})}
        if not session["identity"]:
            free.pop("aws:SourceIdentity", None)
        if "kms:RequestAlias" in free:
            free["kms:RequestAlias"] = (None, *self.key["aliases"])
        if session["tags"] and "principaltag/team" in text:
            free["aws:PrincipalTag/team"] = (None, *session["tags"])
        if session["tags"] == SESSION_TAGS and "principaltag/key" in text:
            free["aws:PrincipalTag/key"] = (None, "K", "L")
        if ":role/" in principal["arn"] and "aws:userid" in text:
            free["aws:userid"] = (f"{start}:session", f"{start}:admin-1")
        return free


class Chance:
    """A source of organizations: everything follows from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def one(self, values: Sequence[Any]) -> Any:
        return self._random.choice(values)

    def once_in(self, times: int) -> bool:
        return self._random.randrange(times) == 0

    def statement(self, *, names: bool, deny: int = 4) -> dict[str, Any]:
        effect = "Deny" if self.once_in(deny) else "Allow"
        body: dict[str, Any] = {"Effect": effect}
        if names:
            spared = effect == "Deny" and self.once_in(6)
            body["NotPrincipal" if spared else "Principal"] = self.one(NAMED[6:] if spared else NAMED)
        body["NotAction" if self.once_in(8) else "Action"] = self._random.sample(PATTERNS, self.one((1, 1, 2)))
        key = f"arn:aws:kms:eu-west-1:{A}:key/K"
        other = key.replace("K", "other")
        patterns = ("*", "*", "*", key, f"arn:aws:kms:*:{A}:key/*", other)
        tagged = f"arn:aws:kms:eu-west-1:{A}:key/${{aws:PrincipalTag/key}}"
        if names:
            body["Resource"] = "*"
        else:
            body["NotResource" if self.once_in(8) else "Resource"] = self.one((*patterns, tagged))
        block: dict[str, Any] = {}
        for _ in range(self.one((0, 0, 1, 1, 2))):
            for operator, keys in self.one(CONDITIONS).items():
                taken = {name.lower() for name in block.get(operator, {})}
                block.setdefault(operator, {}).update(
                    {name: value for name, value in keys.items() if name.lower() not in taken}
                )
        if block:
            body["Condition"] = block
        return body

    def policy(self, *, names: bool = False, most: int = 2, deny: int = 4) -> dict[str, Any]:
        statements = [self.statement(names=names, deny=deny) for _ in range(self.one(range(1, most + 1)))]
        return {"Version": "2012-10-17", "Statement": statements}

    def identity_policies(self) -> list[dict[str, Any]]:
        found = [self.policy(deny=6) for _ in range(self.one((0, 1, 1, 2)))]
        return [*found, {"Version": "2012-10-17", "Statement": [FULL]}] if self.once_in(3) else found

    def level(self) -> list[Any]:
        if self.once_in(3):
            return [self.policy(deny=3), {"Version": "2012-10-17", "Statement": [FULL]}]
        return [self.policy()] if self.once_in(6) else [{"Version": "2012-10-17", "Statement": [FULL]}]

    def sessions(self, arn: str) -> dict[str, Any]:
        """What a role's trust policy lets its sessions bring, and the policy."""
        brought: dict[str, Any] = {"tags": (), "identity": False}
        if ":role/" not in arn:
            return {"session": brought, "trust": None}
        statements: list[dict[str, Any]] = [{**TRUSTING, "Action": "sts:AssumeRole"}]
        if self.once_in(4):
            brought["tags"] = SESSION_TAGS if self.once_in(2) else ("green", "red")
            asked = {"aws:RequestTag/team": ["green", "red"]}
            limit = {"Condition": {"StringEquals": asked, "ForAllValues:StringEquals": {"aws:TagKeys": "team"}}}
            every = brought["tags"] == SESSION_TAGS
            statements.append({**TRUSTING, "Action": "sts:TagSession", **({} if every else limit)})
        if self.once_in(4):
            brought["identity"] = True
            statements.append({**TRUSTING, "Action": ["sts:SetSourceIdentity"]})
        return {"session": brought, "trust": {"Version": "2012-10-17", "Statement": statements}}

    def grant(self, number: int, owner: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "GrantId": f"g{number}",
            "GranteePrincipal": self.one(
                (*PRINCIPALS, SESSION if owner == A else "AROAGONE", f"arn:aws:iam::{A}:root")
            ),
            "Operations": self._random.sample(("Decrypt", "DescribeKey", "Encrypt"), 2),
        }
        if self.once_in(2):
            kind = self.one(("EncryptionContextEquals", "EncryptionContextSubset"))
            body["Constraints"] = {kind: {"app": self.one(("X", "Y"))}}
        return body

    def organisation(self) -> Organisation:
        principals = [
            {
                "arn": arn,
                "policies": self.identity_policies(),
                "boundary": self.policy(deny=5) if self.once_in(5) else None,
                "tags": self.one(({}, {"team": "blue"}, {"Team": "red"}, {"key": "K", "team": "prod"})),
                **self.sessions(arn),
            }
            for arn in PRINCIPALS
        ]
        owner = MANAGEMENT if self.once_in(8) else A
        policy = self.policy(names=True, most=4)
        if self.once_in(3):
            policy["Statement"].append({**FULL, "Principal": {"AWS": owner}})
        key = {
            "arn": f"arn:aws:kms:eu-west-1:{owner}:key/K",
            "policy": policy,
            "tags": self.one(({}, {"env": "prod", "owner": "blue"})),
            "aliases": self.one(([], [], ["alias/app"], ["alias/app", "alias/old"])),
            "type": self.one((None, None, "PRIMARY", "REPLICA")),
            "grants": [self.grant(number, owner) for number in range(self.one((0, 0, 1, 2)))],
        }
        root = self.level()
        scps = {A: [root, self.level(), self.level()], B: [root, self.level()], MANAGEMENT: [root]}
        denies = {number: [self._resource_control()] if self.once_in(3) else [] for number in PATHS}
        return Organisation(principals, key, scps, denies)

    def _resource_control(self) -> dict[str, Any]:
        statement = {**self.statement(names=False, deny=1), "Principal": "*", "Resource": "*"}
        statement.pop("NotResource", None)
        full = {**FULL, "Principal": "*"}
        return {"Version": "2012-10-17", "Statement": [full, statement]}


def _named(policy: dict[str, Any]) -> NamedPolicy:
    return NamedPolicy("p", json.dumps(policy))


def _unique_id(arn: str) -> str:
    name = arn.rpartition("/")[2].upper()
    return f"AIDA{name}" if ":user/" in arn else f"AROA{name}"


def _told_apart(name: str, text: str) -> tuple[Any, ...]:
    values = FREE[name]
    if name not in {"kms:EncryptionContext:app", "aws:SourceIdentity"}:
        return values
    named = [value for value in values if value is None or value.lower() in text or (value == "ann" and "?nn" in text)]
    return (*named, "nobody")
