"""Decides every call to KMS, and AssumeRole, by the evaluator and by what the sandbox holds.

The decision is the one that `keywright policy simulate` and `who-can` make; here it is made of real requests with real
credentials, and refused in AWS's words.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from keywright._internal.enforcement.assuming import ASSUME, SET_SOURCE_IDENTITY, TAG, context_of_assuming, may_assume
from keywright._internal.enforcement.authentication import credential_problem
from keywright._internal.enforcement.callers import (
    CallingIdentity,
    identify,
    organization_context,
    resource_control,
)
from keywright._internal.enforcement.compiling import compiled
from keywright._internal.enforcement.iam_state import IamState
from keywright._internal.enforcement.key_state import KeyState, KeyStates
from keywright._internal.enforcement.operations import Permission, permissions_for
from keywright._internal.enforcement.organization_state import OrganizationState
from keywright._internal.enforcement.refusals import access_denied, key_is_hidden, no_such_key
from keywright._internal.enforcement.request_context import (
    context_of_moment,
    context_of_operation,
    encryption_context,
)
from keywright._internal.enforcement.stand_ins import StandIns, read_stand_ins
from keywright._internal.facts.actions import CRYPTOGRAPHIC
from keywright._internal.proof.evaluation.decision import Decision
from keywright._internal.proof.evaluation.evaluator import decide
from keywright._internal.proof.evaluation.grants import Grant
from keywright._internal.proof.evaluation.layers import Layers
from keywright._internal.proof.evaluation.request import Context, Request
from keywright._internal.sandbox.authorization import Ask
from keywright._internal.sandbox.context import Context as Emulation
from keywright._internal.sandbox.credential import Credential
from keywright._internal.sandbox.credentials import session_tags
from keywright._internal.sandbox.wire import Answer, ApiRequest, query_refusal, refusal
from keywright.errors import InputError

_ROLE = re.compile(r"arn:[^:]+:iam::[0-9]{12}:role/.")
_READING = ("Describe", "Get", "List")
_MAKING_MORE = frozenset({"AWSStepFunctions", "cloudformation"})
"""Services that go on making and changing keys and roles after their call was answered, unseen by the layer."""

_TO_BE_MADE = "00000000-0000-0000-0000-000000000000"
_DENIED = "AccessDeniedException"


@dataclass(frozen=True, slots=True)
class _Call:
    """A call with what is the same for each permission that it needs."""

    request: ApiRequest
    credential: Credential
    stand_ins: StandIns
    calling: CallingIdentity
    moment: Context

    @property
    def through_service(self) -> bool:
        return self.stand_ins.via is not None or self.stand_ins.service is not None


@dataclass(slots=True)
class EnforcingAuthorizer:
    """Lets pass what the policies, grants and organizations of the sandbox allow.

    Args:
        emulation: the emulator and the layer's memory.
        ask: asks KMS.
        grant_lag: for how many seconds a new grant needs its token.
        clock: seconds since 1970.
    """

    emulation: Emulation
    ask: Ask
    grant_lag: float = 0.0
    clock: Callable[[], float] = time.time
    _iam: IamState = field(init=False)
    _keys: KeyStates = field(init=False)
    _organizations: OrganizationState = field(init=False)
    _tokens: dict[str, str] = field(default_factory=dict)
    _granted: dict[str, float] = field(default_factory=dict)
    _key_of_grant: dict[str, str] = field(default_factory=dict)
    _changes_unseen: bool = False

    def __post_init__(self) -> None:
        self._iam = IamState(self.emulation.emulator)
        self._keys = KeyStates(self.ask)
        self._organizations = OrganizationState(self.emulation.emulator, self.emulation.memory.organizations)

    async def admit(self, request: ApiRequest) -> Answer | ApiRequest:
        """The refusal of a call to KMS or of AssumeRole; or the request, in the account of the key that it is on."""
        assuming = (request.service, request.operation) == ("sts", "AssumeRole")
        if request.service != "kms" and not assuming:
            return request
        if self._changes_unseen:
            self._forget_everything()
        refuse = query_refusal if assuming else refusal
        credential = request.credential
        problem = credential_problem(request, self.clock())
        if problem is not None:
            return refuse(*problem)
        if credential is None:  # for the type checker: `credential_problem` has said so
            return request
        try:
            call = await self._call(request, credential)
            return await (self._assume(call) if assuming else self._use(call))
        except InputError as error:
            return refuse("KeywrightNotUnderstood", f"the sandbox can't decide this request: {error}")

    async def may_put_policy(self, request: ApiRequest, policy: dict[str, Any]) -> bool:
        """Whether the caller could change a key's policy again if this were it, by all policies on its side, too."""
        if request.credential is None:
            return False
        call = await self._call(request, request.credential)
        region = str(request.parameters.get("ReplicaRegion") or request.region)
        named = str(request.parameters.get("KeyId") or "")
        key = await self._find(call, Permission("kms:PutKeyPolicy", "key", named)) if named else None
        name = f"key/{_TO_BE_MADE}" if key is None else key.arn.split(":", 5)[5]
        arn = f"arn:aws:kms:{region}:{request.access_key}:{name}"
        future = KeyState(arn, json.dumps(policy), (), dict(key.context) if key is not None else {})
        permission = Permission("kms:PutKeyPolicy", "key", arn)
        asking = replace(call, request=replace(request, parameters={}))
        return (await self._decide(asking, permission, future, ())).allowed

    def passed(self, request: ApiRequest, result: Answer) -> None:
        """Take note of a call that succeeded: what was read before may be out of date."""
        if request.service in _MAKING_MORE:
            self._changes_unseen = True
        if request.operation.startswith(_READING):
            return
        if request.service == "iam":
            self._iam.forget(request.access_key)
            self._keys.forget(None)  # a principal that a key policy names may be gone
        elif request.service == "organizations":
            self._organizations.forget()
        elif request.service == "kms" and f"kms:{request.operation}" not in CRYPTOGRAPHIC:
            if request.operation != "CreateKey":
                self._keys.forget(request.access_key)
            if request.operation == "CreateGrant":
                made = result.document()
                self._tokens[made["GrantToken"]] = made["GrantId"]
                self._granted.setdefault(made["GrantId"], self.clock())
                name = str(request.parameters["KeyId"]).rpartition("/")[2]
                self._key_of_grant[made["GrantId"]] = f"arn:aws:kms:{request.region}:{request.access_key}:key/{name}"

    def _forget_everything(self) -> None:
        self._iam.forget(None)
        self._keys.forget(None)

    async def _call(self, request: ApiRequest, credential: Credential) -> _Call:
        stand_ins = read_stand_ins(request.headers, request.region)
        calling = await identify(credential, stand_ins, self._iam, self._organizations)
        moment = context_of_moment(self.clock(), request.headers, request.client)
        if stand_ins.via is not None:
            moment["kms:viaservice"] = (stand_ins.via,)
            moment["aws:viaawsservice"] = ("true",)
        if stand_ins.service is not None:
            moment.pop("aws:sourceip")
        return _Call(request, credential, stand_ins, calling, moment)

    async def _assume(self, call: _Call) -> Answer | ApiRequest:
        role = str(call.request.parameters.get("RoleArn", ""))
        found = await self._iam.find(role) if _ROLE.match(role) else None
        trust = found.trust if found is not None else None
        tags, transitive = session_tags(call.request)
        account = role.split(":")[4] if found is not None else ""
        organization = await self._organizations.of(account)
        controls = resource_control(organization, account)
        context = {
            **call.moment,
            **(call.calling.context or {}),
            **organization_context(organization, account, "resource"),
            **context_of_assuming(call.request.parameters, tags, transitive),
            **call.stand_ins.context,
        }
        actions = [ASSUME, *([TAG] if tags else []), *([SET_SOURCE_IDENTITY] if _sets_source(call.request) else [])]
        for action in actions:
            if trust is None or not may_assume(call.calling, action, role, trust, context, controls):
                said = f"User: {call.calling.shown} is not authorized to perform: {action} on resource: {role}"
                return query_refusal("AccessDenied", said)
        return call.request

    async def _use(self, call: _Call) -> Answer | ApiRequest:
        """Decide each permission that the call needs; then it goes on in the account of its key."""
        request = call.request
        if request.operation == "RetireGrant":
            return await self._retire(call)
        needed: list[tuple[Permission, KeyState | None]] = []
        for permission in permissions_for(request.operation, request.parameters):
            key = await self._find(call, permission) if permission.on == "key" else None
            if key is None and permission.on == "key":
                return self._missing(call, permission)
            needed.append((permission, key))
        keys = [key for _, key in needed if key is not None]
        if request.operation == "ReEncrypt":
            same = "true" if keys[0] is keys[1] or keys[0].arn == keys[1].arn else "false"
            call = replace(call, moment={**call.moment, "kms:reencryptonsamekey": (same,)})
        for permission, key in needed:
            decision = await self._decide(call, permission, key, self._in_effect(call, key))
            if not decision.allowed:
                return self._refuse(call, permission, key, decision)
        return replace(request, access_key=keys[-1].account) if keys else request

    async def _retire(self, call: _Call) -> Answer | ApiRequest:
        """RetireGrant, which the grant itself decides: named by its token, or by its key and ID."""
        asked = call.request.parameters
        grant_id = self._tokens.get(str(asked.get("GrantToken")), str(asked.get("GrantId")))
        named = str(asked.get("KeyId") or self._key_of_grant.get(grant_id, ""))
        permission = Permission("kms:RetireGrant", "key", named)
        key = await self._find(call, permission)
        grants = [grant for grant in key.grants if grant.name == grant_id] if key is not None else []
        if key is None or not grants:
            return call.request  # the emulator says what is wrong with the token or the ID
        decision = await self._decide(call, permission, key, grants)
        if not decision.allowed:
            return self._refuse(call, permission, key, decision)
        return replace(call.request, access_key=key.account)

    async def _find(self, call: _Call, permission: Permission) -> KeyState | None:
        account, region, named = self.emulation.key_of(call.request, permission.named, permission.ciphertext)
        return await self._keys.find(account, region, named) if named else None

    async def _decide(
        self, call: _Call, permission: Permission, key: KeyState | None, grants: Iterable[Grant]
    ) -> Decision:
        calling, request = call.calling, call.request
        region = permission.region or request.region
        organization = await self._organizations.of(key.account if key is not None else None)
        context: Context = {
            "aws:requestedregion": (region,),
            **call.moment,
            **(calling.context or {}),
            **context_of_operation(permission, request.parameters, through_service=call.through_service),
            **(key.context if key is not None else {}),
            **(organization_context(organization, key.account, "resource") if key is not None else {}),
            **call.stand_ins.context,
        }
        layers = Layers(
            compiled(key.policy, "resource", "key policy") if key is not None else None,
            calling.identities,
            calling.service_control,
            resource_control(organization, key.account) if key is not None else (),
            calling.boundary,
            calling.session,
        )
        resource = key.arn if key is not None else _resource(permission, call.credential.account, region)
        pairs = encryption_context(permission, request.parameters)
        return decide(layers, Request(calling.caller, permission.action, resource, context, pairs), tuple(grants))

    def _in_effect(self, call: _Call, key: KeyState | None) -> list[Grant]:
        """The grants of a key that count in a call: those that have spread by now, and those whose token it brings."""
        if key is None or not key.grants:
            return []
        brought = {self._tokens.get(token) for token in call.request.parameters.get("GrantTokens") or ()}
        before = self.clock() - self.grant_lag
        return [grant for grant in key.grants if grant.name in brought or self._granted.get(grant.name, 0.0) <= before]

    def _missing(self, call: _Call, permission: Permission) -> Answer:
        """A key that isn't there: KMS says so of the caller's own account alone."""
        account, region, named = self.emulation.key_of(call.request, permission.named, permission.ciphertext)
        if permission.ciphertext and account == call.credential.account:
            return refusal("InvalidCiphertextException", "")
        if account == call.credential.account:
            return refusal("NotFoundException", no_such_key(account, region, named))
        return refusal(_DENIED, key_is_hidden(call.calling.shown, permission.action, named))

    def _refuse(self, call: _Call, permission: Permission, key: KeyState | None, decision: Decision) -> Answer:
        own = key is None or key.account == call.credential.account
        resource = key.arn if key is not None else _resource(permission, call.credential.account, call.request.region)
        shown = "" if permission.ciphertext else resource
        return refusal(_DENIED, access_denied(call.calling.shown, permission.action, shown, decision, own=own))


def _resource(permission: Permission, account: str, region: str) -> str:
    """What an action is on, where that is no key: an alias, a key that is still to be made, or nothing."""
    place = f"arn:aws:kms:{permission.region or region}:{account}"
    if permission.on == "alias":
        return f"{place}:{permission.named}"
    return f"{place}:key/*" if permission.on == "new key" else "*"


def _sets_source(request: ApiRequest) -> bool:
    before = request.credential.session if request.credential is not None else None
    return bool(request.parameters.get("SourceIdentity") or (before is not None and before.source_identity))
