"""A declared key as CloudFormation's resources: `AWS::KMS::Key`, `AWS::KMS::ReplicaKey` and `AWS::KMS::Alias`.

Every resource is retained: neither a stack's deletion nor a resource's removal from its template may end a key.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from keywright._internal.export.existing import Existing
from keywright._internal.export.functions import Function, StandIns, Value
from keywright._internal.export.logical_ids import alias_id, key_id, replica_id, words
from keywright._internal.export.template import Section, TemplateKey
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.principal import Durable, PermissionSet, parse_principal
from keywright._internal.policy.stack_policies import DeclaredPolicy, key_policies

_RETAINED: Final[Section] = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
_PEOPLE: Final = ("key_administrator_arns", "key_user_arns")


@dataclass(frozen=True, slots=True)
class ExportedKey:
    """A key that is to be exported.

    Args:
        name: its name in the file.
        declared: the key as the file declares it.
        location: where it lives; its account may be a stand-in.
        tags: its tags and every replica's, Keywright's own among them.
        primary_key_arn: of its primary, as its replicas are to name it.
        stand_ins: what in it only the deployment knows.
        existing: what of it is on AWS already.
        left_out: its fields that the templates lack.
    """

    name: str
    declared: Key
    location: KeyLocation
    tags: Mapping[str, str]
    primary_key_arn: Value
    stand_ins: StandIns
    existing: Existing | None = None
    left_out: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The key as it is made in its Region."""
        return self.declared.made_in(self.location.region)

    def at_home(self) -> TemplateKey:
        """The key itself with its aliases, for the template of its own Region."""
        own = next(self._policies())
        name = replica_id(self.name) if self._replicates else key_id(self.name)
        resources = {name: self._replica(own) if self._replicates else self._primary(own)}
        identifiers = {name: {"KeyId": self.existing.key_id}} if self.existing else {}
        for alias in self.key.aliases:
            properties: Section = {"AliasName": self.stand_ins.value(alias), "TargetKeyId": Function("Ref", name)}
            resources[self._alias_id(alias)] = _resource("AWS::KMS::Alias", properties)
            if self.existing and alias in self.existing.aliases:
                identifiers[self._alias_id(alias)] = {"AliasName": alias}
        return TemplateKey(self.name, resources, dict(self._outputs(name)), identifiers, tuple(self._notes()))

    def replicas(self) -> Iterator[tuple[str, TemplateKey]]:
        """Each replica that the key declares, with its Region."""
        own, *others = self._policies()
        del own
        for policy in others:
            region, name = policy.location.region, replica_id(self.name)
            is_there = self.existing is not None and region in self.existing.replica_regions
            identifiers = {name: {"KeyId": self.existing.key_id}} if self.existing and is_there else {}
            outputs = dict(_identity_outputs(self.name, name))
            resources = {name: self._replica(policy)}
            yield region, TemplateKey(self.name, resources, outputs, identifiers, tuple(self._notes_on_accounts()))

    @property
    def is_open(self) -> bool:
        """Whether its account is that of the deployment."""
        return self.location.account == self.stand_ins.account

    @property
    def _replicates(self) -> bool:
        return self.key.replica_primary_key_arn is not None

    def _policies(self) -> Iterator[DeclaredPolicy]:
        return key_policies(self.name, self.declared, self.location)

    def _primary(self, policy: DeclaredPolicy) -> Section:
        key = self.key
        properties: dict[str, Value] = {
            "Description": self.stand_ins.value(key.description),
            "KeySpec": key.customer_master_key_spec,
            "KeyUsage": key.key_usage,
        }
        if not key.is_enabled:
            properties["Enabled"] = False
        if key.multi_region:
            properties["MultiRegion"] = True
        if key.rotates is not None:
            properties["EnableKeyRotation"] = key.rotates
        if key.rotates and key.rotation_period_in_days is not None:
            properties["RotationPeriodInDays"] = key.rotation_period_in_days
        properties["PendingWindowInDays"] = key.deletion_window_in_days
        if key.bypass_policy_lockout_safety_check:
            properties["BypassPolicyLockoutSafetyCheck"] = True
        return _resource("AWS::KMS::Key", {**properties, **self._policy_and_tags(policy)})

    def _replica(self, policy: DeclaredPolicy) -> Section:
        """A replica: one that the key declares, or the key itself, where its primary is declared elsewhere."""
        key, region = self.key, policy.location.region
        entry = key.replica_regions[region] if policy.of_replica else None
        description, window = (entry.description, entry.deletion_window_in_days) if entry else (None, None)
        if description is None:
            description = (self.declared if entry else key).description
        properties: dict[str, Value] = {
            "Description": self.stand_ins.value(description),
            "PrimaryKeyArn": self.primary_key_arn,
        }
        if not (entry.enabled if entry else key.is_enabled):
            properties["Enabled"] = False
        properties["PendingWindowInDays"] = (
            (self.declared if entry else key).deletion_window_in_days if window is None else window
        )
        return _resource("AWS::KMS::ReplicaKey", {**properties, **self._policy_and_tags(policy)})

    def _policy_and_tags(self, policy: DeclaredPolicy) -> Section:
        tags = [{"Key": name, "Value": self.stand_ins.value(value)} for name, value in sorted(self.tags.items())]
        return {"KeyPolicy": self.stand_ins.policy(policy.text), "Tags": tags}

    def _outputs(self, name: str) -> Iterator[tuple[str, Section]]:
        """The six outputs of a key, but for those that it has no value of."""
        key, prefix = self.key, words(self.name)
        yield from _identity_outputs(self.name, name)
        if key.aliases:
            arns = [self.stand_ins.value(self._arn(self.location.region, alias)) for alias in key.aliases]
            yield f"{prefix}PrimaryAlias", _output("The first alias", Function("Ref", self._alias_id(key.aliases[0])))
            yield f"{prefix}AliasArns", _output("The ARNs of the aliases", Function("Join", [",", arns]))
        if key.rotates is not None:
            yield f"{prefix}RotationEnabled", _output("Whether KMS rotates the key", str(key.rotates).lower())
        if key.replica_regions:
            account = "${AWS::AccountId}" if self.is_open else self.location.account
            prefixes = [
                f"arn:{self.location.partition}:kms:{region}:{account}:key/" for region in sorted(key.replica_regions)
            ]
            arns = [Function("Sub", f"{item}${{{name}}}") for item in prefixes]
            yield f"{prefix}ReplicaKeyArns", _output("The ARNs of the replicas", Function("Join", [",", arns]))

    def _alias_id(self, alias: str) -> str:
        return alias_id(self.stand_ins.named(alias))

    def _arn(self, region: str, resource: str) -> str:
        return f"arn:{self.location.partition}:kms:{region}:{self.location.account}:{resource}"

    def _notes(self) -> Iterator[str]:
        key = self.key
        for field in self.left_out:
            yield f"Left out of what the file declares: {field}."
        if key.replica_regions and not self._replicates and not key.is_enabled:
            yield "Enabled: KMS replicates enabled keys only; deploy the replicas before this key is disabled."
        if key.replica_regions and key.bypass_policy_lockout_safety_check:
            yield "BypassPolicyLockoutSafetyCheck: CloudFormation has no such property for replicas."
        yield from self._notes_on_accounts()

    def _notes_on_accounts(self) -> Iterator[str]:
        """What sorts by account number, and so by where the template is deployed."""
        own = {None, self.location.account}
        for field in _PEOPLE if self.is_open else ():
            principals = [parse_principal(text) for text in getattr(self.key, field)]
            by_name = [item for item in principals if isinstance(item, Durable | PermissionSet)]
            others = [item for item in by_name if item.account not in own]
            if len(others) in {0, len(by_name)}:
                continue
            named = sorted({item.account or "" for item in others if isinstance(item, PermissionSet)})
            yield f"KeyPolicy: the order of the statements for `{field}` may differ from that of `policy render`."
            if named:
                yield f"KeyPolicy: not for account {', '.join(named)}, whose permission sets `{field}` names apart."


def _resource(kind: str, properties: Section) -> Section:
    return {"Type": kind, **_RETAINED, "Properties": properties}


def _identity_outputs(key: str, name: str) -> Iterator[tuple[str, Section]]:
    yield f"{words(key)}KeyId", _output("The ID of the key", Function("Ref", name))
    yield f"{words(key)}KeyArn", _output("The ARN of the key", Function("GetAtt", f"{name}.Arn"))


def _output(description: str, value: Value) -> Section:
    return {"Description": description, "Value": value}
