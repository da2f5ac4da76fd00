"""Changing keys of one account and Region. What is not idempotent is never repeated blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright._internal.aws.errors import InvalidState, NotFound
from keywright._internal.aws.reading import KeyReading, key_metadata
from keywright._internal.aws.results import DeletionSchedule, KeyMetadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from types_boto3_kms import KMSClient
    from types_boto3_kms.literals import KeySpecType, KeyUsageTypeType
    from types_boto3_kms.type_defs import TagTypeDef


class KeyWriting(KeyReading):
    """The writing half of `aws.KeyService`."""

    def create_key(
        self,
        *,
        spec: KeySpecType,
        usage: KeyUsageTypeType,
        description: str,
        policy: str,
        tags: Mapping[str, str],
        multi_region: bool = False,
        bypass_policy_lockout_safety_check: bool = False,
    ) -> KeyMetadata:
        """Create a key with its final policy and tags in the one call.

        Raises:
            OutcomeUnknown: if it was sent and no usable answer came. Look for a key with these tags before
                calling again, or there may be two.
            MalformedPolicy: see its kinds.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
        """
        return self._call(
            "CreateKey",
            lambda kms: kms.create_key(
                KeySpec=spec,
                KeyUsage=usage,
                Description=description,
                Policy=policy,
                Tags=_as_list(tags),
                MultiRegion=multi_region,
                BypassPolicyLockoutSafetyCheck=bypass_policy_lockout_safety_check,
            ),
            lambda answer: key_metadata(answer["KeyMetadata"]),
            repeatable=False,
        )

    def replicate_key(
        self,
        key_id: str,
        *,
        replica_region: str,
        description: str,
        policy: str,
        tags: Mapping[str, str],
        bypass_policy_lockout_safety_check: bool = False,
    ) -> KeyMetadata:
        """Make a replica of a multi-Region primary of this Region in another. Nothing is copied from the primary.

        Raises:
            OutcomeUnknown: if it was sent and no usable answer came.
            AlreadyExists: if that Region has a replica of this key, be it one pending deletion.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
        """
        return self._call(
            "ReplicateKey",
            lambda kms: kms.replicate_key(
                KeyId=key_id,
                ReplicaRegion=replica_region,
                Description=description,
                Policy=policy,
                Tags=_as_list(tags),
                BypassPolicyLockoutSafetyCheck=bypass_policy_lockout_safety_check,
            ),
            lambda answer: key_metadata(answer["ReplicaKeyMetadata"]),
            key=key_id,
            repeatable=False,
            replica_region=replica_region,
        )

    def put_policy(self, key: str, policy: str, *, bypass: bool = False) -> None:
        """Replace a key's policy. `bypass` switches off AWS's own lockout check.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
        """
        self._change(
            "PutKeyPolicy",
            key,
            lambda kms: kms.put_key_policy(
                KeyId=key, PolicyName="default", Policy=policy, BypassPolicyLockoutSafetyCheck=bypass
            ),
        )

    def enable_rotation(self, key: str, period_in_days: int | None = None) -> None:
        """Have KMS rotate the key every `period_in_days` days (None: AWS's 365).

        A call that changes nothing still moves the date of the next rotation.
        """
        if period_in_days is None:
            self._change("EnableKeyRotation", key, lambda kms: kms.enable_key_rotation(KeyId=key))
        else:
            days = period_in_days
            self._change(
                "EnableKeyRotation",
                key,
                lambda kms: kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=days),
            )

    def disable_rotation(self, key: str) -> None:
        """Stop automatic rotation."""
        self._change("DisableKeyRotation", key, lambda kms: kms.disable_key_rotation(KeyId=key))

    def enable_key(self, key: str) -> None:
        """Make a disabled key usable."""
        self._change("EnableKey", key, lambda kms: kms.enable_key(KeyId=key))

    def disable_key(self, key: str) -> None:
        """Make a key unusable until it is enabled."""
        self._change("DisableKey", key, lambda kms: kms.disable_key(KeyId=key))

    def update_description(self, key: str, description: str) -> None:
        """Replace a key's description."""
        self._change(
            "UpdateKeyDescription",
            key,
            lambda kms: kms.update_key_description(KeyId=key, Description=description),
        )

    def tag(self, key: str, tags: Mapping[str, str]) -> None:
        """Add tags, or replace the values of those that are there."""
        self._change("TagResource", key, lambda kms: kms.tag_resource(KeyId=key, Tags=_as_list(tags)))

    def untag(self, key: str, names: Iterable[str]) -> None:
        """Remove tags."""
        unwanted = sorted(names)
        self._change("UntagResource", key, lambda kms: kms.untag_resource(KeyId=key, TagKeys=unwanted))

    def create_alias(self, name: str, key_id: str) -> None:
        """Give a key an alias; `name` begins with `alias/`.

        Raises:
            OutcomeUnknown: if it was sent and no usable answer came.
            AlreadyExists: if the name is taken, be it by this key.
        """
        self._change(
            "CreateAlias",
            name,
            lambda kms: kms.create_alias(AliasName=name, TargetKeyId=key_id),
            repeatable=False,
        )

    def update_alias(self, name: str, key_id: str) -> None:
        """Move an alias to another key of the same type and usage."""
        self._change("UpdateAlias", name, lambda kms: kms.update_alias(AliasName=name, TargetKeyId=key_id))

    def delete_alias(self, name: str) -> None:
        """Delete an alias; its key isn't touched."""
        try:
            self._change("DeleteAlias", name, lambda kms: kms.delete_alias(AliasName=name))
        except NotFound as error:
            if not error.repeated:  # else the attempt whose answer was lost has deleted it
                raise

    def create_grant(
        self,
        key: str,
        *,
        name: str,
        grantee: str,
        operations: Iterable[str],
        retiring: str | None = None,
        constraints: Mapping[str, Any] | None = None,
    ) -> None:
        """Create a grant. Because it has a name, sending it again makes no second one.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
        """
        request: dict[str, Any] = {
            "KeyId": key,
            "Name": name,
            "GranteePrincipal": grantee,
            "Operations": list(operations),
        }
        if retiring is not None:
            request["RetiringPrincipal"] = retiring
        if constraints:
            request["Constraints"] = dict(constraints)
        self._change("CreateGrant", key, lambda kms: kms.create_grant(**request))

    def revoke_grant(self, key: str, grant_id: str) -> None:
        """Revoke a grant."""
        try:
            self._change("RevokeGrant", key, lambda kms: kms.revoke_grant(KeyId=key, GrantId=grant_id))
        except NotFound as error:
            if not error.repeated:  # else the attempt whose answer was lost has revoked it
                raise

    def schedule_deletion(self, key: str, window_in_days: int) -> DeletionSchedule:
        """Schedule a key for deletion after a waiting period of 7 to 30 days.

        Raises:
            InvalidState: if it is already pending deletion.

        https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
        """
        try:
            return self._call(
                "ScheduleKeyDeletion",
                lambda kms: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=window_in_days),
                lambda answer: DeletionSchedule(
                    answer.get("DeletionDate"),
                    answer.get("KeyState", "PendingDeletion"),  # optional in AWS's model
                    answer.get("PendingWindowInDays", window_in_days),
                ),
                key=key,
            )
        except InvalidState as error:
            if not error.repeated:
                raise
            found = self.describe(key)  # the attempt whose answer was lost has scheduled it
            return DeletionSchedule(found.deletion_date, found.state, window_in_days)

    def cancel_deletion(self, key: str) -> None:
        """Cancel a scheduled deletion. KMS leaves the key disabled.

        Raises:
            InvalidState: if it isn't pending deletion.
        """
        try:
            self._change("CancelKeyDeletion", key, lambda kms: kms.cancel_key_deletion(KeyId=key))
        except InvalidState as error:
            if not error.repeated:  # else the attempt whose answer was lost has cancelled it
                raise

    def _change(self, operation: str, key: str, send: Callable[[KMSClient], Any], *, repeatable: bool = True) -> None:
        """A call that answers nothing we need."""
        self._call(operation, send, lambda _: None, key=key, repeatable=repeatable)


def _as_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    return [{"TagKey": name, "TagValue": value} for name, value in sorted(tags.items())]
