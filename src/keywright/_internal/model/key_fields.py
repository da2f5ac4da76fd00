"""The fields of a key: every input of the interface, with its type and default, each right or wrong by itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from keywright._internal.model import values
from keywright._internal.model.declared_model import DeclaredModel
from keywright._internal.model.grant import Grants
from keywright._internal.model.pattern_use import DeclaredPatternUse
from keywright._internal.model.policy_statement import PolicyStatements

DEFAULT_DESCRIPTION = "Customer-managed key, declared with Keywright"

KeyUsage = Literal["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"]
ServicePin = Literal["kms:CallerAccount", "aws:SourceAccount"]


class ReplicaRegion(DeclaredModel):
    """What may differ in one replica; what is left out comes from the primary."""

    description: values.Description | None = None
    """Null takes the primary's."""
    deletion_window_in_days: values.WindowInDays | None = None
    """Null takes the primary's."""
    enabled: bool = True
    """Whether the replica can be used."""
    policy: str | None = None
    """A whole key policy as JSON for the replica; null takes the primary's, with its services moved here."""


def _replica(value: Any) -> Any:
    return {} if value is None else values.without_nulls(value)


class KeyFields(DeclaredModel):
    """The same names and defaults as the Terraform module's variables; how they go together is `key_rules`."""

    description: values.Description = DEFAULT_DESCRIPTION
    """What the key is for; at most 8,192 characters."""
    aliases: values.Aliases = ()
    """Names of the key; `alias/` is added where it is missing."""
    key_usage: KeyUsage = "ENCRYPT_DECRYPT"
    """What the key does; must fit its spec. It can't be changed later."""
    customer_master_key_spec: values.Spec = "SYMMETRIC_DEFAULT"
    """The kind of key. It can't be changed later."""
    enable_key_rotation: bool = True
    """Whether KMS rotates the key; plays no part for keys that have no automatic rotation."""
    rotation_period_in_days: values.RotationPeriod | None = None
    """Days between two rotations, 90 to 2560; null means AWS's 365."""
    deletion_window_in_days: values.WindowInDays = 30
    """Days from the key's destruction to its real deletion, 7 to 30; until then it can be restored."""
    is_enabled: bool = True
    """Whether the key can be used."""
    multi_region: bool = False
    """Makes a multi-Region primary, which replicas need. It can't be changed later."""
    policy: str | None = None
    """A whole key policy as JSON, in place of the generated one; at most 32,768 bytes."""
    key_administrator_arns: values.Principals = ()
    """Who may administer the key, and not use it."""
    key_user_arns: values.Principals = ()
    """Who may use the key, with the actions of its usage."""
    key_service_users: values.ServicePrincipals = ()
    """AWS services that use the key, for example `logs.us-east-1.amazonaws.com`, pinned to the key's account."""
    key_service_pins: Annotated[tuple[ServicePin, ...], Field(strict=False, min_length=1)] = (
        "kms:CallerAccount",
        "aws:SourceAccount",
    )
    """How services are held to the key's own account: one statement a pin."""
    patterns: Annotated[tuple[DeclaredPatternUse, ...], Field(strict=False)] = ()
    """Patterns of the catalogue that the generated policy also holds; `keywright policy patterns` lists them."""
    statements: PolicyStatements = ()
    """Statements of one's own that the generated policy also holds, behind all others."""
    grants: Grants = ()
    """Grants on the key; on a replica, grants of that replica."""
    enable_default_root_policy: bool = True
    """Whether the account root keeps `kms:*`, so that the key is never orphaned."""
    bypass_policy_lockout_safety_check: bool = False
    """Skips AWS's own check that the caller can still change the policy afterwards."""
    replica_regions: dict[values.Region, Annotated[ReplicaRegion, BeforeValidator(_replica)]] = Field(
        default_factory=dict
    )
    """Replicas by Region, each with what differs there. With `replica_primary_key_arn`, the entry of the key's own
    Region describes this very replica."""
    replica_primary_key_arn: values.PrimaryArn | None = None
    """A multi-Region primary declared elsewhere, to replicate into this key's Region instead of creating a key."""
    tags: values.Tags = Field(default_factory=dict)
    """Tags of the key and of every replica."""
    region: values.Region | None = None
    """The key's Region; null takes the file's, or the one the credentials come with."""
    account: values.Account | None = None
    """The account the key must be in; null takes that of the credentials."""
    assume_role_arn: values.RoleArn | None = None
    """A role to assume for this key's account."""
    claims: values.Claims = ()
    """What must hold of the key's policy, checked before every change."""
    waive: values.Waivers = Field(default_factory=dict)
    """Claims that need not hold, each by its id with the reason why; shown in every plan."""

    @property
    def rotates(self) -> bool | None:
        """Whether KMS rotates the key; None for one without a rotation of its own, as a replica of another key."""
        if self.customer_master_key_spec != "SYMMETRIC_DEFAULT" or self.replica_primary_key_arn is not None:
            return None
        return self.enable_key_rotation

    def made_in(self, region: str | None) -> Self:
        """The key as it is made in a Region.

        An entry of `replica_regions` that describes this very replica, as one for its own Region does beside
        `replica_primary_key_arn`, is then part of the key itself.
        """
        own = self.replica_regions.get(region) if region and self.replica_primary_key_arn else None
        if own is None:
            return self
        described = {name: getattr(own, name) for name in ("description", "deletion_window_in_days", "policy")}
        return self.model_copy(
            update={
                **{name: value for name, value in described.items() if value is not None},
                "is_enabled": self.is_enabled and own.enabled,
                "replica_regions": {name: item for name, item in self.replica_regions.items() if name != region},
            }
        )
