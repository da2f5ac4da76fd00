"""A random organization, made for real in the sandbox: accounts, principals with credentials, a key, its grants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import organisations

from aws_directly import Aws, Refused
from keywright._internal.sandbox import Sandbox
from real_callers import Account, statements, with_headers

REGION = "eu-west-1"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL_ACCESS = "p-FullAWSAccess"
GONE = "AROAIIAX3XXUTM7QXYZAB"
AUTHORIZED = frozenset({"DryRunOperationException", "InvalidCiphertextException"})
"""What KMS answers to these requests once they are authorized: nothing here is really decrypted or granted."""
_TAG = "aws:principaltag/"
_HEADER_KEYS = (
    "aws:currenttime",
    "aws:multifactorauth",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:vpcsourceip",
    "kms:grantisforawsresource",
)


class CannotBeSentError(Exception):
    """The request has something that no call from here can carry."""


@dataclass
class RealOrganization:
    """An organization of `tests/access`, in the sandbox under account numbers of its own.

    Args:
        sandbox: where it is made; enforcing once it is there.
        management: the number of its management account.
        plan: what to make.
    """

    sandbox: Sandbox
    management: str
    plan: organisations.Organisation
    names: dict[str, str] = field(default_factory=dict)
    """What stands in the plan for what is really there."""
    users: dict[str, Aws] = field(default_factory=dict)
    key: str = ""
    policy: str = ""
    ciphertext: str = ""
    _places: dict[str, str] = field(default_factory=dict)

    def real(self, document: Any) -> Any:
        """A document of the plan with the real accounts, organization and key."""
        text = json.dumps(document)
        for planned, made in self.names.items():
            text = text.replace(planned, made)
        return json.loads(text)

    def account(self, planned: str) -> Account:
        """An account of the plan, as its root user sees it."""
        return Account(self.sandbox.endpoint_url, self.names[planned])

    def make(self) -> None:
        """Make everything, with nobody forbidden anything until it is there."""
        self.sandbox.enforce(on=False)
        self._make_accounts()
        owner = self.account(self.plan.key["arn"].split(":")[4])
        tags = [{"TagKey": name, "TagValue": value} for name, value in self.plan.key["tags"].items()]
        family = self.plan.key["type"] is not None
        self.key = owner.root.kms("CreateKey", REGION, Tags=tags, MultiRegion=family)["KeyMetadata"]["Arn"]
        for alias in self.plan.key["aliases"]:
            owner.root.kms("CreateAlias", REGION, AliasName=alias, TargetKeyId=self.key)
        self.ciphertext = owner.root.kms(
            "Encrypt", REGION, KeyId=self.key, Plaintext="aGVsbG8=", EncryptionContext={"nobody": "has it"}
        )["CiphertextBlob"]
        self.names[self.plan.key["arn"]] = self.key
        for principal in self.plan.principals:
            self._make_principal(principal)
        for grant in self.plan.key["grants"]:
            asked = {name: value for name, value in grant.items() if name != "GrantId"}
            owner.root.kms("CreateGrant", REGION, KeyId=self.key, **self.real(asked))
        # There is no role with the unique ID that a plan may name.
        self.policy = json.dumps(self.real(self.plan.key["policy"])).replace(GONE, self._gone)
        owner.root.kms("PutKeyPolicy", REGION, **self._parameters("kms:PutKeyPolicy", {}))
        self._attach()
        self.sandbox.enforce(on=True)

    def send(self, principal: str, action: str, context: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether a principal's request in a context is let through; sent with the principal's own credentials.

        Raises:
            CannotBeSentError: a real call can't have this context.
        """
        caller = self._caller(principal, context)
        headers = _headers(context)
        asked = self._parameters(action, context)
        try:
            with_headers(caller, **headers).kms(action.removeprefix("kms:"), REGION, **asked)
        except Refused as refused:
            if refused.code == "AccessDeniedException":
                return False
            if refused.code not in AUTHORIZED:
                raise
        return True

    def _caller(self, principal: str, context: Mapping[str, tuple[str, ...]]) -> Aws:
        source = context.get("aws:sourceidentity", ())
        if principal in self.users:
            if source:
                raise CannotBeSentError("a user's own access key has no source identity")
            return self.users[principal]
        account = Account(self.sandbox.endpoint_url, principal.split(":")[4])
        if principal.endswith(":root"):
            if source or any(name.startswith(_TAG) for name in context):
                raise CannotBeSentError("a root user has neither tags nor a source identity")
            return account.root
        role, _, name = principal.partition(":assumed-role/")[2].partition("/")
        chosen = context.get("aws:userid", ("",))[0].partition(":")[2]
        asked = {"RoleSessionName": name or chosen or "else", **({"SourceIdentity": source[0]} if source else {})}
        for number, (tag, value) in enumerate(self._session_tags(principal, role, context).items(), 1):
            asked |= {f"Tags.member.{number}.Key": tag, f"Tags.member.{number}.Value": value}
        self.sandbox.enforce(on=False)
        try:
            return account.session(self._role(account.id, role) if role else principal, **asked)
        finally:
            self.sandbox.enforce(on=True)

    def _session_tags(self, principal: str, role: str, context: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """The tags that a session brings, beside those of its role."""
        arn = self._role(principal.split(":")[4], role) if role else principal
        own = next((self.real(item["tags"]) for item in self.plan.principals if self.real(item["arn"]) == arn), {})
        asked = {
            name.partition("/")[2]: values[0] for name, values in context.items() if name.startswith(_TAG) and values
        }
        return {
            name: value for name, value in asked.items() if {k.lower(): v for k, v in own.items()}.get(name) != value
        }

    def _parameters(self, action: str, context: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        pairs = {
            name.rpartition(":")[2]: values[0]
            for name, values in context.items()
            if name.startswith("kms:encryptioncontext:") and values
        }
        if {name.lower() for name in context.get("kms:encryptioncontextkeys", ())} != set(pairs):
            raise CannotBeSentError("names and values of the encryption context don't go together")
        pairs = {name: pairs[name.lower()] for name in context.get("kms:encryptioncontextkeys", ())}
        alias = context.get("kms:requestalias")
        key = self.key.partition("key/")[0] + alias[0] if alias else self.key
        if action == "kms:Decrypt":
            return {"KeyId": key, "CiphertextBlob": self.ciphertext, "EncryptionContext": pairs}
        if action == "kms:CreateGrant":
            constraints = {"Constraints": {"EncryptionContextSubset": pairs}} if pairs else {}
            return {**self._grant(context), **constraints, "DryRun": True}
        if action == "kms:PutKeyPolicy":
            return {"KeyId": self.key, "Policy": self.policy, "BypassPolicyLockoutSafetyCheck": True}
        return {"KeyId": key}

    def _grant(self, context: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        asked_for = json.dumps(vars(self.plan), default=str).lower()
        if any(name in asked_for and name not in context for name in ("kms:grantoperations", "kms:granteeprincipal")):
            raise CannotBeSentError("every grant has operations and a grantee")
        retiring = context.get("kms:retiringprincipal", ())
        return {
            "KeyId": self.key,
            "GranteePrincipal": context.get("kms:granteeprincipal", (self._gone,))[0],
            "Operations": list(context.get("kms:grantoperations", ("Decrypt",))),
            **({"RetiringPrincipal": retiring[0]} if retiring else {}),
        }

    @property
    def _gone(self) -> str:
        """A role that isn't there."""
        return f"arn:aws:iam::{self.management}:role/gone"

    def _role(self, account: str, name: str) -> str:
        """The ARN of a role, whose path a session's ARN doesn't tell."""
        named = [self.real(item["arn"]) for item in self.plan.principals]
        return next(arn for arn in named if f"::{account}:role/" in arn and arn.endswith(f"/{name}"))

    def _make_accounts(self) -> None:
        asking = Account(self.sandbox.endpoint_url, self.management).root
        made = asking.organizations("CreateOrganization")["Organization"]["Id"]
        (root,) = asking.organizations("ListRoots")["Roots"]
        asking.organizations("EnablePolicyType", RootId=root["Id"], PolicyType=RCP)
        self.names[f"{organisations.ORGANIZATION}/r-1/"] = f"{made}/{root['Id']}/"
        self._places = {"root": root["Id"]}
        for planned, unit in ((organisations.A, "ou-a"), (organisations.B, "ou-b")):
            status = asking.organizations("CreateAccount", Email="a@example.com", AccountName=unit)
            account = status["CreateAccountStatus"]["AccountId"]
            named = asking.organizations("CreateOrganizationalUnit", ParentId=root["Id"], Name=unit)
            self._places[unit] = named["OrganizationalUnit"]["Id"]
            asking.organizations(
                "MoveAccount",
                AccountId=account,
                SourceParentId=root["Id"],
                DestinationParentId=self._places[unit],
            )
            self.names |= {planned: account, unit: self._places[unit]}
        self.names |= {organisations.MANAGEMENT: self.management, f'"{organisations.ORGANIZATION}"': f'"{made}"'}

    def _make_principal(self, planned: Mapping[str, Any]) -> None:
        principal = self.real(planned)
        _, _, _, _, number, resource = principal["arn"].split(":", 5)
        kind, *path, name = resource.split("/")
        account = Account(self.sandbox.endpoint_url, number)
        word = kind.title()
        asked = {f"{word}Name": name}
        place = {"Path": f"/{'/'.join(path)}/"} if path else {}
        trust = {"Effect": "Allow", "Action": "sts:*", "Principal": {"AWS": account.root_arn}}
        trusting = {"AssumeRolePolicyDocument": statements(trust)} if word == "Role" else {}
        account.root.iam(f"Create{word}", **asked, **place, **trusting)
        for number_, policy in enumerate(principal["policies"]):
            account.root.iam(f"Put{word}Policy", **asked, PolicyName=f"p{number_}", PolicyDocument=json.dumps(policy))
        if principal["boundary"]:
            arn = account.managed(f"boundary-{name}", *principal["boundary"]["Statement"])
            account.root.iam(f"Put{word}PermissionsBoundary", **asked, PermissionsBoundary=arn)
        for tag, value in principal["tags"].items():
            account.root.iam(f"Tag{word}", **asked, **{"Tags.member.1.Key": tag, "Tags.member.1.Value": value})
        if word == "User":
            self.users[principal["arn"]] = account.access_key(name)

    def _attach(self) -> None:
        """SCPs by level, from the root down to the account itself, and RCPs on the accounts."""
        scps, rcps = self.plan.service_control, self.plan.resource_control
        a, b = organisations.A, organisations.B
        for target, policies in (
            (self._places["root"], scps[a][0]),
            (self._places["ou-a"], scps[a][1]),
            (self.names[a], scps[a][2]),
            (self.names[b], scps[b][1]),
        ):
            self._put_in_force(SCP, target, policies)
        for planned, policies in rcps.items():
            self._put_in_force(RCP, self.names[planned], policies)

    def _put_in_force(self, kind: str, target: str, policies: list[Any]) -> None:
        asking = Account(self.sandbox.endpoint_url, self.management).root
        for number, policy in enumerate(policies):
            made = asking.organizations(
                "CreatePolicy",
                Content=json.dumps(self.real(policy)),
                Description="",
                Name=f"{kind}-{target}-{number}",
                Type=kind,
            )
            named = made["Policy"]["PolicySummary"]["Id"]
            asking.organizations("AttachPolicy", PolicyId=named, TargetId=target)
        if kind == SCP:
            asking.organizations("DetachPolicy", PolicyId=FULL_ACCESS, TargetId=target)


def _headers(context: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The headers that stand in for what a request's context has."""
    found: dict[str, Any] = {"aws:SourceIp": None, "aws:MultiFactorAuthPresent": None}
    for name, values in context.items():
        if name.startswith(_HEADER_KEYS):
            found = {key: value for key, value in found.items() if key.lower() != name}
            found[name] = list(values) or None
    headers = {"Context": json.dumps(found)}
    if via := context.get("kms:viaservice"):
        headers["Via_Service"] = via[0]
    return headers
