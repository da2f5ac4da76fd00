"""What a declared key should look like on AWS, once it is known where it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keywright.aws import Caller
from keywright.errors import InputError
from keywright.model.facts import partition_of_region
from keywright.model.key import Key, KeySetting
from keywright.model.stack import Stack
from keywright.policy.document import as_json
from keywright.policy.generation import key_policy, replica_policy

STACK_TAG = "keywright:stack"
KEY_TAG = "keywright:key"


@dataclass(frozen=True, slots=True)
class Target:
    """One key of a stack with its final policy and tags; the policy never depends on who runs the tool."""

    stack: str
    name: str
    key: Key
    setting: KeySetting

    @property
    def tags(self) -> dict[str, str]:
        """The declared tags and the two that are the key's identity."""
        return {**self.key.tags, STACK_TAG: self.stack, KEY_TAG: self.name}

    @property
    def policy(self) -> str:
        """The policy that CreateKey carries."""
        return self.key.policy or as_json(key_policy(self.key, self.setting))

    def policy_in(self, region: str) -> str:
        """The policy of the replica in a Region: its own, else the primary's with its services moved there."""
        own = self.key.replica_regions[region].policy or self.key.policy
        return own or as_json(replica_policy(self.key, self.setting, region))


def targets(stack: Stack, caller: Caller, default_region: str | None, only: str | None = None) -> tuple[Target, ...]:
    """The keys of a stack, or the one named.

    Raises:
        InputError: a key has no Region, lives in another account than the credentials', or replicates a
            primary from elsewhere, which this release cannot do.
    """
    if only is not None and only not in stack.keys:
        raise InputError(f"the file has no key `{only}`", f"its keys are {', '.join(stack.keys)}")
    chosen: Mapping[str, Key] = stack.keys if only is None else {only: stack.keys[only]}
    return tuple(_target(stack.name, name, key, caller, default_region) for name, key in chosen.items())


def _target(stack: str, name: str, key: Key, caller: Caller, default_region: str | None) -> Target:
    region = key.region or default_region
    if region is None:
        raise InputError(f"nothing says the Region of `{name}`", "write `region:` in the file, or set AWS_REGION")
    if key.account is not None and key.account != caller.account:
        raise InputError(
            f"`{name}` belongs to account {key.account}; the credentials are for {caller.account}",
            "use that account's credentials, or correct `account:`",
        )
    if key.replica_primary_key_arn is not None:
        raise InputError(
            f"`{name}` replicates a primary from elsewhere, which `apply` cannot do yet",
            "declare the replica under the primary's `replica_regions`",
        )
    if region in key.replica_regions:
        raise InputError(f"`{name}` has a replica in its own Region {region}", "remove it from `replica_regions`")
    return Target(stack, name, key, KeySetting(partition_of_region()[region], caller.account, region))
