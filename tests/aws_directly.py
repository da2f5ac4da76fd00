"""Asks the sandbox, or a proxy before it, without any of Keywright: what a test knows for itself."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


class Refused(Exception):
    """AWS answered with an error.

    Args:
        code: its code.
        message: its message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Aws:
    """An account, seen through an endpoint.

    Args:
        endpoint: the endpoint's URL.
        account: the account, or any other access key ID.
        headers: HTTP headers of every request.
        secret: the access key's secret, where requests are to be signed with one.
    """

    endpoint: str
    account: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""

    def kms(self, operation: str, region: str = "us-east-1", **parameters: Any) -> dict[str, Any]:
        """One KMS call."""
        headers = {"X-Amz-Target": f"TrentService.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        return self._json("kms", region, headers, parameters)

    def _json(
        self, service: str, region: str, headers: dict[str, str], parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        status, body = self._send(service, region, headers, json.dumps(parameters))
        found: dict[str, Any] = json.loads(body or "{}")
        if status != http.client.OK:
            raise Refused(found["__type"].rpartition("#")[2], found.get("message", ""))
        return found

    def iam(self, action: str, **parameters: str) -> str:
        """One IAM call; its answer's XML."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        form = urlencode({"Action": action, "Version": "2010-05-08", **parameters})
        status, body = self._send("iam", "us-east-1", headers, form)
        if status != http.client.OK:
            raise Refused("IAM", body)
        return body

    def cloudformation(self, action: str, region: str = "us-east-1", **parameters: str) -> str:
        """One call of CloudFormation; its answer's XML."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        form = urlencode({"Action": action, "Version": "2010-05-15", **parameters})
        status, body = self._send("cloudformation", region, headers, form)
        if status != http.client.OK:
            raise Refused("CloudFormation", body)
        return body

    def organizations(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """One call to AWS Organizations."""
        headers = {
            "X-Amz-Target": f"AWSOrganizationsV20161128.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        return self._json("organizations", "us-east-1", headers, parameters)

    def sts(self, action: str, **parameters: str) -> str:
        """One STS call; its answer's XML."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        form = urlencode({"Action": action, "Version": "2011-06-15", **parameters})
        status, body = self._send("sts", "us-east-1", headers, form)
        if status != http.client.OK:
            raise Refused(body.split("<Code>")[1].split("<")[0], body.split("<Message>")[1].split("<")[0])
        return body

    def make_role(self, name: str) -> str:
        """A new role; its ARN."""
        self.iam("CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17"}))
        return f"arn:aws:iam::{self.account}:role/{name}"

    def keys(self, region: str = "us-east-1") -> list[dict[str, Any]]:
        """The metadata of every key of a Region, those pending deletion too."""
        listed = self.kms("ListKeys", region, Limit=1000)["Keys"]
        return [self.kms("DescribeKey", region, KeyId=item["KeyArn"])["KeyMetadata"] for item in listed]

    def live(self, region: str = "us-east-1") -> list[dict[str, Any]]:
        """The metadata of the keys that aren't pending deletion."""
        return [item for item in self.keys(region) if item["KeyState"] not in PENDING]

    def tags(self, key: str, region: str = "us-east-1") -> Mapping[str, str]:
        """A key's tags."""
        return {item["TagKey"]: item["TagValue"] for item in self.kms("ListResourceTags", region, KeyId=key)["Tags"]}

    def aliases(self, region: str = "us-east-1") -> Mapping[str, str]:
        """Key IDs by alias."""
        listed = self.kms("ListAliases", region, Limit=100)["Aliases"]
        return {
            item["AliasName"]: item["TargetKeyId"] for item in listed if not item["AliasName"].startswith("alias/aws/")
        }

    def _send(self, service: str, region: str, headers: dict[str, str], body: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=30)
        try:
            connection.request("POST", "/", body, self._signed(service, region, {**headers, **self.headers}, body))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def _signed(self, service: str, region: str, headers: dict[str, str], body: str) -> dict[str, str]:
        if not self.secret:
            scope = f"{self.account}/20260101/{region}/{service}/aws4_request"
            signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
            return {**headers, "Authorization": signature}
        from botocore.auth import SigV4Auth  # noqa: PLC0415 - most tests sign nothing
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415
        from botocore.credentials import Credentials  # noqa: PLC0415

        request = AWSRequest("POST", f"{self.endpoint}/", headers, body.encode())
        SigV4Auth(Credentials(self.account, self.secret), service, region).add_auth(request)
        return dict(request.headers)
