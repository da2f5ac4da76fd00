"""What the layer remembers about keys because the emulator forgets it, or never had it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

KeyName = tuple[str, str, str]
"""Account, Region and key ID."""


@dataclass(slots=True)
class Memory:
    """The layer's own state. One process, one thread: no locks.

    Args:
        regions: of each multi-Region family (account, key ID): the Regions that hold a member, the primary's first.
            A member pending deletion still is one.
        made: when each key was made, in seconds since 1970.
        waiting: window in days of each primary that waits for its replicas to go.
        used: operation and time (seconds since 1970) of each key's last cryptographic use.
        written: when each key's policy was written, on `clock`.
        deleted: of each deleted role's or user's ARN: the unique IDs it had, each with when it went.
        agreement: the private keys of key-agreement keys (account, key ID), which the emulator can't use.
        stores: origin and custom key store of each key (account, key ID) that the store is said to hold. The emulator
            has the material all the same: what is kept is how AWS describes such a key.
        organizations: the management account of each account that is in an organization.
        issuers: the account that made a grant on another account's key, by the grant's ID.
        bounded: accounts in which some role or user has, or had, a permissions boundary.
        clock: counts policy writes and deletions.
    """

    regions: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    made: dict[KeyName, float] = field(default_factory=dict)
    waiting: dict[KeyName, int] = field(default_factory=dict)
    used: dict[KeyName, tuple[str, float]] = field(default_factory=dict)
    written: dict[KeyName, int] = field(default_factory=dict)
    deleted: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    agreement: dict[tuple[str, str], EllipticCurvePrivateKey] = field(default_factory=dict)
    stores: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    issuers: dict[str, str] = field(default_factory=dict)
    bounded: set[str] = field(default_factory=set)
    clock: int = 0

    def tick(self) -> int:
        """The next moment."""
        self.clock += 1
        return self.clock

    def make(self, key: KeyName) -> None:
        """Note that a key has just been made, with its policy."""
        self.made[key] = round(time.time(), 3)
        self.written[key] = self.tick()

    def use(self, account: str, arn: str, operation: str) -> None:
        """Note a successful cryptographic operation of a key."""
        region, key_id = arn.split(":")[3], arn.partition(":key/")[2]
        self.used[account, region, key_id] = (operation, time.time())

    def owner(self, region: str, key_id: str) -> str | None:
        """The account of the key with this ID in a Region; None if there is none."""
        return next((account for account, *place in self.made if place == [region, key_id]), None)

    def dead_principals(self, key: KeyName) -> dict[str, str]:
        """Unique IDs by ARN, of the principals deleted after this key's policy was written."""
        written = self.written.get(key, 0)
        dead: dict[str, str] = {}
        for arn, ends in self.deleted.items():
            later = [unique_id for moment, unique_id in ends if moment > written]
            if later:
                dead[arn] = later[0]
        return dead

    def complete(self, account: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """A KeyMetadata of the emulator as KMS would show it."""
        region, key_id, usage = metadata["Arn"].split(":")[3], metadata["KeyId"], metadata["KeyUsage"]
        shown = {**metadata, "AWSAccountId": account}
        store = self.stores.get((account, key_id))
        if store is not None:
            shown |= {"Origin": store[0], "CustomKeyStoreId": store[1]}
        shown["CreationDate"] = self.made.get((account, region, key_id), metadata["CreationDate"])
        for name, wanted in (
            ("EncryptionAlgorithms", "ENCRYPT_DECRYPT"),
            ("SigningAlgorithms", "SIGN_VERIFY"),
            ("MacAlgorithms", "GENERATE_VERIFY_MAC"),
        ):
            if usage != wanted:
                shown.pop(name, None)
        if usage == "KEY_AGREEMENT":
            shown["KeyAgreementAlgorithms"] = ["ECDH"]
        regions = self.regions.get((account, key_id))
        if regions:
            members = [{"Arn": f"arn:aws:kms:{r}:{account}:key/{key_id}", "Region": r} for r in regions]
            shown["MultiRegionConfiguration"] = {
                "MultiRegionKeyType": "PRIMARY" if region == regions[0] else "REPLICA",
                "PrimaryKey": members[0],
                "ReplicaKeys": members[1:],
            }
        shown.pop("PendingDeletionWindowInDays", None)
        window = self.waiting.get((account, region, key_id))
        if window is not None:
            shown.pop("DeletionDate", None)
            shown.update(KeyState="PendingReplicaDeletion", Enabled=False, PendingDeletionWindowInDays=window)
        return shown
