"""The rules about IAM: what GetAccountAuthorizationDetails tells beyond the emulator's own answer.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from keywright._internal.sandbox.context import Context, Next
from keywright._internal.sandbox.wire import Answer, ApiRequest, element

_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"
_OF_AWS = "arn:aws:iam::aws:policy/"
_BOUNDED = frozenset({"CreateRole", "CreateUser", "PutRolePermissionsBoundary", "PutUserPermissionsBoundary"})
_PRINCIPALS = (("RoleDetailList", "GetRole", "RoleName"), ("UserDetailList", "GetUser", "UserName"))


@dataclass(frozen=True, slots=True)
class IamRules:
    """Rules for GetAccountAuthorizationDetails, and what they have to know of other calls."""

    context: Context

    def note(self, request: ApiRequest) -> None:
        """Take note of a call that succeeded."""
        if request.operation in _BOUNDED and request.parameters.get("PermissionsBoundary"):
            self.context.memory.bounded.add(request.access_key)

    async def details(self, request: ApiRequest, forward: Next) -> Answer:
        """GetAccountAuthorizationDetails: with permissions boundaries, and the AWS managed policies that are in use."""
        result = await forward()
        if not result.ok:
            return result
        ET.register_namespace("", _NAMESPACE)
        document = ET.fromstring(result.body)  # noqa: S314 - the emulator's own answer
        if request.access_key in self.context.memory.bounded:
            await self._add_boundaries(request.access_key, document)
        await self._add_policies_of_aws(request.access_key, document)
        return Answer(result.status, ET.tostring(document), ((b"content-type", b"text/xml"),))

    async def _add_boundaries(self, account: str, document: ET.Element) -> None:
        for listing, operation, parameter in _PRINCIPALS:
            for item in document.iterfind(f".//{{*}}{listing}/{{*}}member"):
                form = {"Action": operation, parameter: item.findtext(f"{{*}}{parameter}", "")}
                arn = element(await self._ask(account, form), "PermissionsBoundaryArn")
                if arn:
                    boundary = ET.SubElement(item, f"{{{_NAMESPACE}}}PermissionsBoundary")
                    _add(boundary, PermissionsBoundaryType="Policy", PermissionsBoundaryArn=arn)

    async def _add_policies_of_aws(self, account: str, document: ET.Element) -> None:
        listed = document.find(".//{*}Policies")
        if listed is None:
            return
        for arn in sorted(set(_used(document))):
            form = {"Action": "GetPolicyVersion", "PolicyArn": arn, "VersionId": "v1"}
            text = element(await self._ask(account, form), "Document")
            if text:
                policy = _add(ET.SubElement(listed, f"{{{_NAMESPACE}}}member"), Arn=arn, DefaultVersionId="v1")
                _add(policy, PolicyName=arn.rpartition("/")[2])
                versions = ET.SubElement(policy, f"{{{_NAMESPACE}}}PolicyVersionList")
                version = ET.SubElement(versions, f"{{{_NAMESPACE}}}member")
                _add(version, Document=text, VersionId="v1", IsDefaultVersion="true")

    async def _ask(self, account: str, form: dict[str, str]) -> str:
        return await self.context.emulator.query("iam", account, urlencode({**form, "Version": "2010-05-08"}))


def _used(document: ET.Element) -> Iterator[str]:
    for name in ("PolicyArn", "PermissionsBoundaryArn"):
        for item in document.iterfind(f".//{{*}}{name}"):
            if (item.text or "").startswith(_OF_AWS):
                yield item.text or ""


def _add(parent: ET.Element, **texts: str) -> ET.Element:
    for name, text in texts.items():
        ET.SubElement(parent, f"{{{_NAMESPACE}}}{name}").text = text
    return parent
