"""The KMS resources, by the real provider's rules: what it defaults, replaces, calls and forgets."""

from __future__ import annotations

from typing import Any, ClassVar

import schema
from cloud import Cloud
from policies import equivalent
from tf.types import Unknown

State = dict[str, Any]

_DEFAULT_POLICY = (
    '{{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":"Enable IAM User Permissions","Effect":"Allow",'
    '"Principal":{{"AWS":"arn:{partition}:iam::{account}:root"}},"Action":"kms:*","Resource":"*"}}]}}'
)
_GONE = ("PendingDeletion", "PendingReplicaDeletion")


class Refused(Exception):
    """The provider refuses; `attribute` is the one to blame, if one is."""

    def __init__(self, message: str, attribute: str | None = None) -> None:
        super().__init__(message)
        self.attribute = attribute


class Kind:
    """A type of resource: planning is the same for all, as in the SDK the real provider is made with."""

    name = ""
    forces_new: tuple[str, ...] = ()
    defaults: ClassVar[State] = {}
    nested: tuple[str, ...] = ()

    def plan(self, cloud: Cloud, given: State, prior: State | None, proposed: State) -> State:
        """The planned state: configuration first, then defaults, then what is known already, else unknown."""
        planned: State = {name: given[name] for name in self.nested}
        for name, attribute in schema.attributes(schema.RESOURCES[self.name]).items():
            value = given[name]
            if value is None and name in self.defaults:
                value = self.defaults[name]
            elif value is None and attribute.get("computed"):
                value = Unknown if prior is None else proposed[name]
            planned[name] = value
        if given["region"] is None:
            planned["region"] = cloud.region
        elif given["region"] is not Unknown and (there := cloud.partition_of(given["region"])) != cloud.partition:
            raise Refused(
                f"partition ({there}) for per-resource Region ({given['region']}) is not the provider's configured "
                f"partition ({cloud.partition})",
                "region",
            )
        if "tags_all" in planned:
            planned["tags_all"] = _merged_tags(cloud, planned["tags"])
        self._keep_equivalent(prior, planned)
        return planned

    @staticmethod
    def _keep_equivalent(prior: State | None, planned: State) -> None:
        if prior is None or "policy" not in planned:
            return
        old, new = prior["policy"], planned["policy"]
        if isinstance(old, str) and isinstance(new, str) and equivalent(old, new):
            planned["policy"] = old

    def create(self, cloud: Cloud, wanted: State) -> State:
        raise NotImplementedError

    def read(self, cloud: Cloud, known: State) -> State | None:
        raise NotImplementedError

    def update(self, cloud: Cloud, prior: State, wanted: State) -> State:
        raise NotImplementedError

    def delete(self, cloud: Cloud, prior: State) -> None:
        raise NotImplementedError

    def imported(self, cloud: Cloud, identifier: str) -> State:
        """The state that a read is started from."""
        name, _, region = identifier.partition("@")
        return {**self.defaults, "id": name, "region": region or cloud.region}


class Key(Kind):
    """`aws_kms_key`."""

    name = "aws_kms_key"
    nested = ("timeouts",)
    forces_new = (
        "customer_master_key_spec",
        "key_usage",
        "multi_region",
        "custom_key_store_id",
        "xks_key_id",
        "region",
    )
    defaults: ClassVar[State] = {
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "key_usage": "ENCRYPT_DECRYPT",
        "is_enabled": True,
        "enable_key_rotation": False,
        "bypass_policy_lockout_safety_check": False,
    }

    def create(self, cloud: Cloud, wanted: State) -> State:
        kms = cloud.client("kms", wanted["region"])
        request: dict[str, Any] = {
            "KeySpec": wanted["customer_master_key_spec"],
            "KeyUsage": wanted["key_usage"],
            "BypassPolicyLockoutSafetyCheck": bool(wanted["bypass_policy_lockout_safety_check"]),
            "MultiRegion": bool(wanted["multi_region"]),
            "Tags": _tag_list(wanted["tags_all"]),
        }
        if wanted["description"] is not None:
            request["Description"] = wanted["description"]
        if wanted["policy"] is not None:
            request["Policy"] = wanted["policy"]
        made = kms.create_key(**request)["KeyMetadata"]
        if wanted["enable_key_rotation"]:
            _rotate(kms, made["KeyId"], wanted["rotation_period_in_days"])
        if not wanted["is_enabled"]:
            kms.disable_key(KeyId=made["KeyId"])
        return {**wanted, "id": made["KeyId"]}

    def read(self, cloud: Cloud, known: State) -> State | None:
        kms = cloud.client("kms", known["region"])
        found = _live(kms, known["id"])
        if found is None:
            return None
        shape = found.get("MultiRegionConfiguration")
        if shape is not None and shape["MultiRegionKeyType"] != "PRIMARY":
            raise Refused(f"KMS Key ({known['id']}) is not a multi-Region primary key")
        rotation = kms.get_key_rotation_status(KeyId=known["id"]) if _may_rotate(found) else {}
        rotating = bool(rotation.get("KeyRotationEnabled", False))
        return {
            **known,
            **_read_key(cloud, kms, found, known),
            "customer_master_key_spec": found["KeySpec"],
            "key_usage": found["KeyUsage"],
            "is_enabled": found["Enabled"],
            "multi_region": found["MultiRegion"],
            "enable_key_rotation": rotating,
            "rotation_period_in_days": int(rotation.get("RotationPeriodInDays", 365)) if rotating else None,
        }

    def plan(self, cloud: Cloud, given: State, prior: State | None, proposed: State) -> State:
        planned = super().plan(cloud, given, prior, proposed)
        switched = prior is not None and prior["enable_key_rotation"] != planned["enable_key_rotation"]
        if switched and given["rotation_period_in_days"] is None:
            planned["rotation_period_in_days"] = Unknown
        return planned

    def update(self, cloud: Cloud, prior: State, wanted: State) -> State:
        kms, key = cloud.client("kms", wanted["region"]), wanted["id"]
        if wanted["is_enabled"] and not prior["is_enabled"]:
            kms.enable_key(KeyId=key)
        rotation = ("enable_key_rotation", "rotation_period_in_days")
        if any(prior[name] != wanted[name] for name in rotation):
            if wanted["enable_key_rotation"]:
                _rotate(kms, key, wanted["rotation_period_in_days"])
            else:
                kms.disable_key_rotation(KeyId=key)
        _update_key(kms, key, prior, wanted)
        if prior["is_enabled"] and not wanted["is_enabled"]:
            kms.disable_key(KeyId=key)
        return wanted

    def delete(self, cloud: Cloud, prior: State) -> None:
        _schedule_deletion(cloud, prior)


class KeyPolicy(Kind):
    """`aws_kms_key_policy`; destroying it writes the default policy, unless the bypass is set."""

    name = "aws_kms_key_policy"
    forces_new = ("region",)
    defaults: ClassVar[State] = {"bypass_policy_lockout_safety_check": False}

    def create(self, cloud: Cloud, wanted: State) -> State:
        self._write(cloud, wanted, wanted["policy"])
        return {**wanted, "id": wanted["key_id"]}

    def read(self, cloud: Cloud, known: State) -> State | None:
        kms = cloud.client("kms", known["region"])
        found = _live(kms, known["id"])
        if found is None:
            return None
        return {**known, "key_id": known["key_id"] or found["KeyId"], "policy": _read_policy(kms, found, known)}

    def update(self, cloud: Cloud, prior: State, wanted: State) -> State:
        if prior["key_id"] != wanted["key_id"] or not equivalent(prior["policy"], wanted["policy"]):
            self._write(cloud, wanted, wanted["policy"])
        return {**wanted, "id": wanted["key_id"]}

    def delete(self, cloud: Cloud, prior: State) -> None:
        if prior["bypass_policy_lockout_safety_check"]:
            return
        account = cloud.client("sts").get_caller_identity()["Account"]
        self._write(cloud, prior, _DEFAULT_POLICY.format(partition=cloud.partition, account=account))

    @staticmethod
    def _write(cloud: Cloud, wanted: State, policy: str) -> None:
        cloud.client("kms", wanted["region"]).put_key_policy(
            KeyId=wanted["key_id"],
            Policy=policy,
            PolicyName="default",
            BypassPolicyLockoutSafetyCheck=bool(wanted["bypass_policy_lockout_safety_check"]),
        )


class Alias(Kind):
    """`aws_kms_alias`."""

    name = "aws_kms_alias"
    forces_new = ("name", "name_prefix", "region")

    def plan(self, cloud: Cloud, given: State, prior: State | None, proposed: State) -> State:
        planned = super().plan(cloud, given, prior, proposed)
        new = planned["target_key_id"]
        if prior is not None and isinstance(new, str):
            old = prior["target_key_id"]
            planned["target_key_id"] = old if new.rpartition("/")[2] == old.rpartition("/")[2] else new
        return planned

    def create(self, cloud: Cloud, wanted: State) -> State:
        kms = cloud.client("kms", wanted["region"])
        kms.create_alias(AliasName=wanted["name"], TargetKeyId=wanted["target_key_id"])
        return {**wanted, "id": wanted["name"]}

    def read(self, cloud: Cloud, known: State) -> State | None:
        kms = cloud.client("kms", known["region"])
        for page in kms.get_paginator("list_aliases").paginate():
            for entry in page["Aliases"]:
                if entry["AliasName"] != known["id"]:
                    continue
                target = entry["TargetKeyId"]
                given = known["target_key_id"]
                prefix = entry["AliasArn"].rpartition(":")[0]
                return {
                    **known,
                    "arn": entry["AliasArn"],
                    "name": entry["AliasName"],
                    "name_prefix": known["name_prefix"] or "",
                    "target_key_id": given if given and given.rpartition("/")[2] == target else target,
                    "target_key_arn": f"{prefix}:key/{target}",
                }
        return None

    def update(self, cloud: Cloud, prior: State, wanted: State) -> State:
        if prior["target_key_id"] != wanted["target_key_id"]:
            kms = cloud.client("kms", wanted["region"])
            kms.update_alias(AliasName=wanted["id"], TargetKeyId=wanted["target_key_id"])
        return wanted

    def delete(self, cloud: Cloud, prior: State) -> None:
        cloud.client("kms", prior["region"]).delete_alias(AliasName=prior["id"])


class ReplicaKey(Kind):
    """`aws_kms_replica_key`; ReplicateKey is called in the primary's Region."""

    name = "aws_kms_replica_key"
    forces_new = ("primary_key_arn", "region")
    defaults: ClassVar[State] = {
        "deletion_window_in_days": 30,
        "enabled": True,
        "bypass_policy_lockout_safety_check": False,
    }

    def create(self, cloud: Cloud, wanted: State) -> State:
        primary = wanted["primary_key_arn"]
        request: dict[str, Any] = {
            "KeyId": primary.rpartition("/")[2],
            "ReplicaRegion": wanted["region"],
            "BypassPolicyLockoutSafetyCheck": bool(wanted["bypass_policy_lockout_safety_check"]),
            "Tags": _tag_list(wanted["tags_all"]),
        }
        if wanted["description"] is not None:
            request["Description"] = wanted["description"]
        if wanted["policy"] is not None:
            request["Policy"] = wanted["policy"]
        made = cloud.client("kms", primary.split(":")[3]).replicate_key(**request)["ReplicaKeyMetadata"]
        if not wanted["enabled"]:
            cloud.client("kms", wanted["region"]).disable_key(KeyId=made["KeyId"])
        return {**wanted, "id": made["KeyId"]}

    def read(self, cloud: Cloud, known: State) -> State | None:
        kms = cloud.client("kms", known["region"])
        found = _live(kms, known["id"])
        if found is None:
            return None
        shape = found.get("MultiRegionConfiguration")
        if shape is None or shape["MultiRegionKeyType"] != "REPLICA":
            raise Refused(f"KMS Key ({known['id']}) is not a multi-Region replica key")
        rotation = kms.get_key_rotation_status(KeyId=known["id"]) if _may_rotate(found) else {}
        return {
            **known,
            **_read_key(cloud, kms, found, known),
            "enabled": found["Enabled"],
            "key_rotation_enabled": bool(rotation.get("KeyRotationEnabled", False)),
            "key_spec": found["KeySpec"],
            "key_usage": found["KeyUsage"],
            "primary_key_arn": shape["PrimaryKey"]["Arn"],
        }

    def update(self, cloud: Cloud, prior: State, wanted: State) -> State:
        kms, key = cloud.client("kms", wanted["region"]), wanted["id"]
        if wanted["enabled"] and not prior["enabled"]:
            kms.enable_key(KeyId=key)
        _update_key(kms, key, prior, wanted)
        if prior["enabled"] and not wanted["enabled"]:
            kms.disable_key(KeyId=key)
        return wanted

    def delete(self, cloud: Cloud, prior: State) -> None:
        _schedule_deletion(cloud, prior)


class Grant(Kind):
    """`aws_kms_grant`; nothing of it changes in place."""

    name = "aws_kms_grant"
    nested = ("constraints",)
    forces_new = (
        "constraints",
        "grant_creation_tokens",
        "grantee_principal",
        "key_id",
        "name",
        "operations",
        "region",
        "retire_on_delete",
        "retiring_principal",
    )
    defaults: ClassVar[State] = {"retire_on_delete": False}

    def plan(self, cloud: Cloud, given: State, prior: State | None, proposed: State) -> State:
        planned = super().plan(cloud, given, prior, proposed)
        if prior is not None and planned["operations"] is not Unknown:
            planned["operations"] = _in_order(planned["operations"], prior["operations"])
        return planned

    def create(self, cloud: Cloud, wanted: State) -> State:
        request: dict[str, Any] = {
            "KeyId": wanted["key_id"],
            "GranteePrincipal": wanted["grantee_principal"],
            "Operations": wanted["operations"],
        }
        constraints = [
            (api, block[name])
            for block in wanted["constraints"] or ()
            for name, api in _CONSTRAINTS.items()
            if block[name]
        ]
        if len(constraints) > 1:
            raise Refused(
                "A grant constraint can't have both encryption_context_equals and encryption_context_subset set"
            )
        if constraints:
            request["Constraints"] = dict(constraints)
        for name, api in (("name", "Name"), ("retiring_principal", "RetiringPrincipal")):
            if wanted[name] is not None:
                request[api] = wanted[name]
        made = cloud.client("kms", wanted["region"]).create_grant(**request)
        return {
            **wanted,
            "id": f"{wanted['key_id']}:{made['GrantId']}",
            "grant_id": made["GrantId"],
            "grant_token": made["GrantToken"],
        }

    def read(self, cloud: Cloud, known: State) -> State | None:
        key, _, grant = known["id"].rpartition(":")
        kms = cloud.client("kms", known["region"])
        try:
            listed = kms.get_paginator("list_grants").paginate(KeyId=key).build_full_result()["Grants"]
        except kms.exceptions.NotFoundException:
            return None
        found = next((item for item in listed if item["GrantId"] == grant), None)
        if found is None:
            return None
        constraints = found.get("Constraints")
        return {
            **known,
            "key_id": key,
            "grant_id": grant,
            "grantee_principal": found["GranteePrincipal"],
            "retiring_principal": found.get("RetiringPrincipal") or known["retiring_principal"],
            "name": found.get("Name") or None,
            "operations": _in_order(found["Operations"], known["operations"]),
            "constraints": [{name: constraints.get(api) for name, api in _CONSTRAINTS.items()}] if constraints else [],
        }

    def delete(self, cloud: Cloud, prior: State) -> None:
        kms = cloud.client("kms", prior["region"])
        end = kms.retire_grant if prior["retire_on_delete"] else kms.revoke_grant
        try:
            end(KeyId=prior["key_id"], GrantId=prior["grant_id"])
        except kms.exceptions.NotFoundException:
            return


_CONSTRAINTS = {
    "encryption_context_equals": "EncryptionContextEquals",
    "encryption_context_subset": "EncryptionContextSubset",
}


def _in_order(found: list[str], known: list[str] | None) -> list[str]:
    """A set in the order in which it is known, which an engine doesn't see but our own comparison would."""
    return known if known is not None and set(known) == set(found) else found


RESOURCES: dict[str, Kind] = {kind.name: kind for kind in (Key(), KeyPolicy(), Alias(), ReplicaKey(), Grant())}


def _merged_tags(cloud: Cloud, tags: Any) -> Any:
    if tags is Unknown:
        return Unknown
    return {**cloud.default_tags, **(tags or {})}


def _tag_list(tags: State | None) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in (tags or {}).items()]


def _live(kms: Any, key: str) -> dict[str, Any] | None:
    """The key's metadata; a key pending deletion counts as gone."""
    try:
        found: dict[str, Any] = kms.describe_key(KeyId=key)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        return None
    return None if found["KeyState"] in _GONE else found


def _may_rotate(found: dict[str, Any]) -> bool:
    return bool(found["KeySpec"] == "SYMMETRIC_DEFAULT" and found["Origin"] == "AWS_KMS")


def _rotate(kms: Any, key: str, period: int | None) -> None:
    kms.enable_key_rotation(KeyId=key, **({} if period is None else {"RotationPeriodInDays": int(period)}))


def _read_policy(kms: Any, found: dict[str, Any], known: State) -> str:
    live: str = kms.get_key_policy(KeyId=found["KeyId"], PolicyName="default")["Policy"]
    return known["policy"] if known["policy"] is not None and equivalent(known["policy"], live) else live


def _read_key(cloud: Cloud, kms: Any, found: dict[str, Any], known: State) -> State:
    listed = {
        item["TagKey"]: item["TagValue"]
        for page in kms.get_paginator("list_resource_tags").paginate(KeyId=found["KeyId"])
        for item in page["Tags"]
    }
    defaults: ClassVar[State] = cloud.default_tags
    own = {
        name: value for name, value in listed.items() if defaults.get(name) != value or name in (known["tags"] or {})
    }
    return {
        "id": found["KeyId"],
        "key_id": found["KeyId"],
        "arn": found["Arn"],
        "description": found["Description"] or (None if known["description"] is None else ""),
        "policy": _read_policy(kms, found, known),
        "tags": own if own or known["tags"] is not None else None,
        "tags_all": listed,
    }


def _update_key(kms: Any, key: str, prior: State, wanted: State) -> None:
    if prior["description"] != wanted["description"]:
        kms.update_key_description(KeyId=key, Description=wanted["description"] or "")
    if wanted["policy"] is not None and not equivalent(prior["policy"] or "", wanted["policy"]):
        kms.put_key_policy(
            KeyId=key,
            Policy=wanted["policy"],
            PolicyName="default",
            BypassPolicyLockoutSafetyCheck=bool(wanted["bypass_policy_lockout_safety_check"]),
        )
    before, after = prior["tags_all"] or {}, wanted["tags_all"] or {}
    gone = sorted(before.keys() - after.keys())
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    if gone:
        kms.untag_resource(KeyId=key, TagKeys=gone)
    if changed:
        kms.tag_resource(KeyId=key, Tags=_tag_list(changed))


def _schedule_deletion(cloud: Cloud, prior: State) -> None:
    kms = cloud.client("kms", prior["region"])
    window = prior["deletion_window_in_days"]
    try:
        kms.schedule_key_deletion(
            KeyId=prior["id"],
            **({} if window is None else {"PendingWindowInDays": int(window)}),
        )
    except kms.exceptions.NotFoundException:
        return
    except kms.exceptions.KMSInvalidStateException as error:
        if "pending deletion" not in str(error):
            raise
