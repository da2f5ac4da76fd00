"""The sandbox's roles, users and managed policies, read when they are first asked about and again after a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode
from xml.etree import ElementTree as ET

from keywright._internal.enforcement.until_changed import UntilChanged
from keywright._internal.sandbox.wire import Emulator


@dataclass(frozen=True, slots=True)
class IamIdentity:
    """A role or user with everything that IAM decides its requests by.

    Args:
        arn: its ARN.
        policies: the texts of its identity policies, attached and inline, a user's groups' included.
        boundary: the text of its permissions boundary; None for none.
        tags: its tags.
        trust: a role's trust policy.
    """

    arn: str
    policies: tuple[str, ...]
    boundary: str | None
    tags: Mapping[str, str]
    trust: str | None


@dataclass(slots=True)
class IamState:
    """Roles and users by their ARN.

    Args:
        emulator: the emulator to ask.
    """

    emulator: Emulator
    _identities: UntilChanged[IamIdentity | None] = field(default_factory=UntilChanged)

    async def find(self, arn: str) -> IamIdentity | None:
        """The role or user with an ARN; None if there is none."""
        account = arn.split(":")[4]
        return await self._identities.get(account, arn, lambda: self._read(account, arn))

    async def managed_policy(self, account: str, arn: str) -> str | None:
        """The text of a managed policy's default version; None if there is no such policy."""
        policy = await self._ask(account, "GetPolicy", PolicyArn=arn)
        version = _text(policy, "DefaultVersionId")
        if not version:
            return None
        found = await self._ask(account, "GetPolicyVersion", PolicyArn=arn, VersionId=version)
        return unquote(_text(found, "Document")) or None

    def forget(self, account: str | None) -> None:
        """What was read of an account may be out of date; None: of every account."""
        self._identities.forget(account)

    async def _read(self, account: str, arn: str) -> IamIdentity | None:
        kind, _, path = arn.split(":", 5)[5].partition("/")
        word, name = kind.title(), path.rpartition("/")[2]
        found = await self._ask(account, f"Get{word}", **{f"{word}Name": name})
        if _text(found, "Arn") != arn:
            return None
        policies = await self._policies(account, word, name)
        if word == "User":
            groups = await self._ask(account, "ListGroupsForUser", UserName=name)
            for group in _texts(groups, "Groups", "GroupName"):
                policies += await self._policies(account, "Group", group)
        boundary = _text(found, "PermissionsBoundaryArn")
        tags = zip(_texts(found, "Tags", "Key"), _texts(found, "Tags", "Value"), strict=True)
        return IamIdentity(
            arn,
            tuple(policies),
            await self.managed_policy(account, boundary) if boundary else None,
            dict(tags),
            unquote(_text(found, "AssumeRolePolicyDocument")) or None,
        )

    async def _policies(self, account: str, word: str, name: str) -> list[str]:
        """The inline and attached policies of a `Role`, `User` or `Group`."""
        named = {f"{word}Name": name}
        found: list[str] = []
        for policy in _texts(await self._ask(account, f"List{word}Policies", **named), "PolicyNames", None):
            inline = await self._ask(account, f"Get{word}Policy", PolicyName=policy, **named)
            found.append(unquote(_text(inline, "PolicyDocument")))
        attached = await self._ask(account, f"ListAttached{word}Policies", **named)
        arns = _texts(attached, "AttachedPolicies", "PolicyArn")
        found += [await self.managed_policy(account, arn) or "" for arn in arns]
        return [text for text in found if text]

    async def _ask(self, account: str, action: str, **parameters: str) -> ET.Element:
        form = urlencode({"Action": action, "Version": "2010-05-08", **parameters})
        xml = await self.emulator.query("iam", account, form)
        return ET.fromstring(xml) if xml else ET.Element("nothing")  # noqa: S314 - the emulator's own answer


def _text(document: ET.Element, name: str) -> str:
    return document.findtext(f".//{{*}}{name}", "")


def _texts(document: ET.Element, listing: str, name: str | None) -> list[str]:
    """The texts of a list's members, or of one element of each."""
    members = document.iterfind(f".//{{*}}{listing}/{{*}}member")
    return [(item.text or "") if name is None else item.findtext(f"{{*}}{name}", "") for item in members]
