"""The layer in front of the emulator: what AWS does, Keywright relies on, and the emulator lacks.

`docs/sandbox.md` lists each item with what the emulator does by itself. It is an ASGI application around the
emulator's, so that a request takes one hop and a question of our own takes none.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keywright._internal.sandbox.authorization import Ask, Authorizer
from keywright._internal.sandbox.context import Context, Next, Rule
from keywright._internal.sandbox.controls import Controls
from keywright._internal.sandbox.credential import Credential
from keywright._internal.sandbox.credentials import Credentials
from keywright._internal.sandbox.grant_rules import GrantRules
from keywright._internal.sandbox.iam_rules import IamRules
from keywright._internal.sandbox.key_rules import KeyRules
from keywright._internal.sandbox.listing import LISTINGS, page
from keywright._internal.sandbox.organization_rules import OrganizationRules
from keywright._internal.sandbox.policy_rules import PolicyRules
from keywright._internal.sandbox.stacks import complete_stacks
from keywright._internal.sandbox.states import CRYPTOGRAPHIC, STATEFUL, check_state
from keywright._internal.sandbox.tag_index import TAGGING
from keywright._internal.sandbox.use_rules import UseRules
from keywright._internal.sandbox.wire import (
    Answer,
    ApiRequest,
    Application,
    Emulator,
    Receive,
    Scope,
    Send,
    answer,
    identity_answer,
    parse_request,
    query_refusal,
    refusal,
    regions_answer,
    signed_as,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    MakeAuthorizer = Callable[[Context, Ask], Authorizer]

STRICT_PATH = "/_keywright/strict-principals"
"""Not AWS's: from now on, principals in an account's policies must exist."""

_DRY_RUN = "The request would have succeeded, but the DryRun option is set."

CONTROL_PATH = "/_keywright/control"
"""Not AWS's either: see `controls.Controls.change`."""


class Gateway:
    """The ASGI application that the sandbox serves.

    Args:
        application: the emulator's.
        strict_principals: whether roles and users that a policy names must exist in the sandbox's IAM.
        controls: what may be asked of the sandbox beside AWS's own calls.
        make_authorizer: makes who authorizes requests; without it, nobody is forbidden anything.
    """

    def __init__(
        self,
        application: Application,
        *,
        strict_principals: bool = False,
        controls: Controls | None = None,
        make_authorizer: MakeAuthorizer | None = None,
    ) -> None:
        self._context = Context(Emulator(application))
        if make_authorizer is not None:
            self._context.authorizer = make_authorizer(self._context, self._ask)
        self._credentials = Credentials(self._context.emulator)
        self._iam = IamRules(self._context)
        self._organizations = OrganizationRules(self._context)
        self._controls = controls or Controls()
        self._policies = PolicyRules(self._context, strict_principals)
        keys = KeyRules(self._context, self._policies)
        grants = GrantRules(self._context)
        use = UseRules(self._context)
        self._rules: Mapping[str, Rule] = {
            "CancelKeyDeletion": keys.cancel_deletion,
            "CreateAlias": keys.create_alias,
            "CreateGrant": grants.create,
            "CreateKey": keys.create,
            "Decrypt": use.decrypt,
            "DeriveSharedSecret": use.derive_shared_secret,
            "DescribeKey": keys.describe,
            "EnableKeyRotation": keys.enable_rotation,
            "GetKeyLastUsage": use.last_usage,
            "GetKeyPolicy": self._policies.get,
            "GetKeyRotationStatus": keys.rotation_status,
            "GetPublicKey": use.public_key,
            "ListGrants": grants.listed,
            "PutKeyPolicy": self._policies.put,
            "ReEncrypt": use.re_encrypt,
            "ReplicateKey": keys.replicate,
            "ScheduleKeyDeletion": keys.schedule_deletion,
            "TagResource": keys.tag,
            "UpdateAlias": keys.update_alias,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event, as ASGI has it."""
        if scope["type"] == "lifespan":
            # Not handed on: the emulator would open further ports and look for containers.
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        body = await _read_body(receive)
        if body is None:
            return
        if scope["path"] == STRICT_PATH:
            self._policies.strict_accounts.add(json.loads(body)["account"])
            result = answer({})
        elif scope["path"] == CONTROL_PATH:
            asked = json.loads(body)
            self._controls.change(asked)
            result = answer(dict(self._controls.calls.get(asked.get("account", ""), {})))
        else:
            result = await self._answer(scope, body)
        headers = [*result.headers]
        if not any(name.lower() == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(len(result.body)).encode()))
        await send({"type": "http.response.start", "status": result.status, "headers": headers})
        await send({"type": "http.response.body", "body": result.body, "more_body": False})

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        request = parse_request(scope, body)
        if request is None:
            return await self._context.emulator.forward(scope, body)
        credential = self._credentials.find(request.access_key)
        if credential is not None:
            request = replace(request, access_key=credential.account, credential=credential)
        account, _ = await self._context.emulator.identity(request.access_key)
        self._controls.count(request, account)
        refused = await self._controlled(request)
        if refused is not None:
            return refused
        if self._context.authorizer is not None and self._controls.enforces:
            admitted = await self._context.authorizer.admit(request)
            if isinstance(admitted, Answer):
                return admitted
            request = admitted
        result = await self._carry_out(request, scope, body)
        if result.ok:
            await self._take_note(request, result)
        return result

    async def _carry_out(  # noqa: PLR0911 - one return a service
        self, request: ApiRequest, scope: Scope, body: bytes
    ) -> Answer:
        """Answer a request that nobody refuses, in the name of the account that it is for."""
        scope = signed_as(scope, request.access_key)

        async def forward() -> Answer:
            return await self._context.emulator.forward(scope, body)

        match request.service, request.operation:
            case "iam", "DeleteRole" | "DeleteUser":
                return await self._policies.delete_principal(request, forward)
            case "iam", "GetAccountAuthorizationDetails":
                return await self._iam.details(request, forward)
            case "ec2", "DescribeRegions":
                return regions_answer(self._controls.enabled_regions(request.access_key))
            case "servicequotas", "ListServiceQuotas" if request.parameters.get("ServiceCode") == "kms":
                return self._controls.request_quotas()
            case "sts", "GetCallerIdentity" if request.credential is not None:
                return _identity(request.credential)
            case "cloudformation", _:
                complete_stacks()
            case "organizations", _:
                return await self._organizations.answer(request, forward)
            case "kms" | "tagging", _:
                return await self._keys(scope, request, forward)
        return await forward()

    async def _take_note(self, request: ApiRequest, result: Answer) -> None:
        """What later requests have to know of one that succeeded."""
        if request.service in {"iam", "sts"}:
            await self._credentials.learn(request, result)
            self._iam.note(request)
        if self._context.authorizer is not None:
            self._context.authorizer.passed(request, result)

    async def _ask(self, account: str, region: str, operation: str, **parameters: Any) -> Answer:
        """A question of our own, answered as KMS would, in the name of an account."""
        request = ApiRequest("kms", operation, parameters, account, region)

        async def forward() -> Answer:
            return await self._context.emulator.kms(request, operation, **parameters)

        rule = self._rules.get(operation)
        return await (rule(request, forward) if rule else forward())

    async def _keys(self, scope: Scope, request: ApiRequest, forward: Next) -> Answer:
        if request.operation in LISTINGS:
            return self._list(request, await self._whole_listing(scope, request))
        result = await self._kms(request, forward)
        if self._controls.index.lag and result.ok and request.operation in TAGGING:
            await self._note_tags(request, result)
        return result

    async def _note_tags(self, request: ApiRequest, result: Answer) -> None:
        """Tell the lagging index which tags a key has now."""
        made = (result.document() if result.body else {}).get("ReplicaKeyMetadata")
        named = made["Arn"] if made else request.parameters.get("KeyId") or result.document()["KeyMetadata"]["Arn"]
        region = named.split(":")[3] if named.startswith("arn:") else request.region
        metadata = await self._context.metadata(request, named, region)
        if metadata is None:
            return
        found = await self._context.emulator.kms(request, "ListResourceTags", region=region, KeyId=metadata["Arn"])
        tags = {tag["TagKey"]: tag["TagValue"] for tag in found.document()["Tags"]}
        self._controls.index.note(metadata["Arn"], tags)

    def _list(self, request: ApiRequest, result: Answer) -> Answer:
        if not result.ok:
            return result
        document = result.document()
        if request.operation == "GetResources":
            entries = document["ResourceTagMappingList"]
            if self._controls.index.lag:
                entries = self._controls.index.shown(entries, request.parameters.get("TagFilters") or [])
            document["ResourceTagMappingList"] = [
                e for e in entries if e["Tags"]
            ]  # those that never had one aren't listed
        return page(LISTINGS[request.operation], request.parameters, document)

    async def _controlled(self, request: ApiRequest) -> Answer | None:
        """The refusal that somebody asked for, if this call is to have one."""
        if not self._controls.refused and not self._controls.throttles:
            return None
        entering = (request.service, request.operation) == ("sts", "AssumeRole")
        if request.service not in {"kms", "tagging", "organizations"} and not entering:
            return None
        account, caller = await self._context.emulator.identity(request.access_key)
        if request.credential is not None:
            caller = request.credential.arn
        return self._controls.refuse(request, account, caller)

    async def _whole_listing(self, scope: Scope, request: ApiRequest) -> Answer:
        """The emulator's answer to a listing in one page: it cuts pages of its own, in an order of its own."""
        listing = LISTINGS[request.operation]
        asked = {
            name: value for name, value in request.parameters.items() if name not in {listing.limit, listing.token}
        }
        if request.operation == "ListKeys":
            asked[listing.limit] = sys.maxsize  # left out, it means a thousand, and no marker to go on with
        if request.operation == "GetResources" and self._controls.index.lag:
            asked.pop("TagFilters", None)  # decided on the tags that the index has
        body = json.dumps(asked).encode()
        headers = [item for item in scope["headers"] if item[0].lower() != b"content-length"]
        whole = {**scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
        return await self._context.emulator.forward(whole, body)

    async def _kms(self, request: ApiRequest, forward: Next) -> Answer:
        if request.operation in STATEFUL or (request.operation in CRYPTOGRAPHIC and self._context.memory.waiting):
            metadata = await self._context.look_up(request)
            refused = check_state(request.operation, metadata) if metadata else None
            if refused:
                return refused
        rule = self._rules.get(request.operation)
        result = await (rule(request, forward) if rule else forward())
        if result.ok and request.parameters.get("DryRun"):
            return refusal("DryRunOperationException", _DRY_RUN)
        if result.ok and request.operation in CRYPTOGRAPHIC - {"GetPublicKey"}:
            account, _ = await self._context.emulator.identity(request.access_key)
            self._context.memory.use(account, result.document()["KeyId"], request.operation)
        return result


def _identity(credential: Credential) -> Answer:
    if credential.session is not None and credential.session.expires < time.time():
        return query_refusal("ExpiredToken", "The security token included in the request is expired")
    return identity_answer(credential)


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None if the client went away before it had sent it, and so asked for nothing."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
