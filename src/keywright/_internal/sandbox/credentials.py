"""The access keys that IAM and STS have given out, learned from their answers as these pass by.

The emulator knows the account of an access key for its own sessions alone: an IAM user's key would act in a default
account. So a request goes on to it in the name of its account, and who called is kept here.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from keywright._internal.sandbox.credential import Credential, Session, root_of
from keywright._internal.sandbox.wire import Answer, ApiRequest, Emulator, element

_ACCOUNT = re.compile(r"[0-9]{12}")
_DEFAULT_SECONDS = {"AssumeRole": 3600, "GetSessionToken": 43_200, "GetFederationToken": 43_200}


@dataclass(slots=True)
class Credentials:
    """Access keys by their ID.

    Args:
        emulator: the emulator to ask for a user's ARN.
        clock: seconds since 1970.
    """

    emulator: Emulator
    clock: Callable[[], float] = time.time
    _known: dict[str, Credential] = field(default_factory=dict)

    def find(self, access_key: str) -> Credential | None:
        """Whom an access key ID stands for; None for one that was never given out."""
        return root_of(access_key) if _ACCOUNT.fullmatch(access_key) else self._known.get(access_key)

    async def learn(self, request: ApiRequest, result: Answer) -> None:
        """Take in what a successful call to IAM or STS did to access keys."""
        named = request.parameters.get("AccessKeyId", "")
        caller = request.credential
        if caller is None:
            return
        if request.operation == "CreateAccessKey":
            name = element(result.body.decode(), "UserName")
            arn, unique_id = await self.emulator.identity_named(caller.account, "user", name)
            access_key = element(result.body.decode(), "AccessKeyId")
            secret = element(result.body.decode(), "SecretAccessKey")
            self._known[access_key] = Credential(caller.account, arn, unique_id, arn, secret=secret)
        elif request.operation == "DeleteAccessKey":
            self._known.pop(named, None)
        elif request.operation == "UpdateAccessKey" and named in self._known:
            self._known[named] = replace(self._known[named], active=request.parameters["Status"] == "Active")
        elif request.operation in _DEFAULT_SECONDS:
            made = self._temporary(request, caller, result)
            secret = element(result.body.decode(), "SecretAccessKey")
            self._known[element(result.body.decode(), "AccessKeyId")] = replace(made, secret=secret)

    def _temporary(self, request: ApiRequest, caller: Credential, result: Answer) -> Credential:
        text = result.body.decode()
        session = self._session(request, caller, element(text, "SessionToken"))
        if request.operation == "GetSessionToken":
            return replace(caller, session=session)
        if request.operation == "GetFederationToken":
            shown = element(text, "FederatedUserId")
            return Credential(caller.account, element(text, "Arn"), shown, caller.principal, session)
        role = request.parameters["RoleArn"]
        return Credential(role.split(":")[4], element(text, "Arn"), element(text, "AssumedRoleId"), role, session)

    def _session(self, request: ApiRequest, caller: Credential, token: str) -> Session:
        now, asked = self.clock(), request.parameters
        tags, transitive = session_tags(request)
        source = caller.session.source_identity if caller.session is not None else ""
        return Session(
            token,
            now,
            now + float(asked.get("DurationSeconds") or _DEFAULT_SECONDS[request.operation]),
            asked.get("Policy", ""),
            tuple(members(asked, "PolicyArns.member.{}.arn")),
            tags,
            transitive,
            asked.get("SourceIdentity") or source,
        )


def session_tags(request: ApiRequest) -> tuple[Mapping[str, str], frozenset[str]]:
    """The tags of the session that a call to STS asks for, and which are transitive; inherited ones included.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
    """
    asked = request.parameters
    own = dict(zip(members(asked, "Tags.member.{}.Key"), members(asked, "Tags.member.{}.Value"), strict=True))
    before = request.credential.session if request.credential is not None else None
    handed_on = before.transitive if before is not None and request.operation == "AssumeRole" else frozenset()
    inherited = {name: before.tags[name] for name in handed_on} if before is not None else {}
    return {**own, **inherited}, handed_on | set(members(asked, "TransitiveTagKeys.member.{}"))


def members(form: Mapping[str, Any], name: str) -> Iterator[str]:
    """The elements of a list in a query service's form, whose name has `{}` for the number."""
    number = 1
    while (key := name.format(number)) in form:
        yield form[key]
        number += 1
