"""What a declared key should look like on AWS, once it is known where it lives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from keywright._internal.aws import CallerIdentity, Cloud, KeyService
from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.model.key import Key
from keywright._internal.model.key_fields import ReplicaRegion
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.stack import Stack
from keywright._internal.policy.document import PolicyDocument
from keywright._internal.policy.stack_policies import DeclaredPolicy, key_policies
from keywright.errors import InputError, KeywrightError, Problem

STACK_TAG = "keywright:stack"
KEY_TAG = "keywright:key"
DUPLICATE_TAG = "keywright:duplicate-of"
"""On a key that lost a race: its creator put it there before anybody could use the key. See `creation_race`."""
RETIRED_TAG = "keywright:retired"
"""On a key that another one has replaced, in place of `keywright:key`: the name it had. It still decrypts."""

GRANTS_TAG = "keywright:grants"
"""On a key that declares grants: their names. So those that aren't declared any more are found; see `grants`."""
LONGEST_TAG = 256
"""https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html"""

WhoIs = Callable[[str | None, str], CallerIdentity]
"""The caller, acting as a role or as itself, in a Region."""


@dataclass(frozen=True)
class Target:
    """One key of a stack with its final policy and tags; the policy never depends on who runs the tool."""

    stack: str
    name: str
    key: Key
    location: KeyLocation
    caller: str | None = None
    """The ARN of whoever is about to work on it: checked against the policy, never part of it."""
    claims: tuple[str, ...] = ()
    """The user's own claims on its policy: the file's and the key's."""
    declared: Key | None = None
    """The key as the file declares it, where an entry of its own Region made `key` of it."""

    def location_in(self, region: str) -> KeyLocation:
        """The key's account in another Region."""
        return replace(self.location, region=region)

    def service(self, cloud: Cloud, region: str | None = None) -> KeyService:
        """The keys of its account, in its own Region or in another."""
        return cloud.keys(region or self.location.region, self.key.assume_role_arn)

    @property
    def identity(self) -> dict[str, str]:
        """The two tags by which the key is found again."""
        return {STACK_TAG: self.stack, KEY_TAG: self.name}

    @property
    def tags(self) -> dict[str, str]:
        """The declared tags of the key and of every replica, and the two that are the key's identity."""
        return {**self.key.tags, **self.identity}

    @property
    def own_tags(self) -> dict[str, str]:
        """The tags of the key itself: with grants, which replicas don't share, one more that names them."""
        grants = {GRANTS_TAG: " ".join(sorted(grant.name for grant in self.key.grants))} if self.key.grants else {}
        return {**self.tags, **grants}

    def tags_in(self, region: str) -> dict[str, str]:
        """The tags of the key or of its replica in a Region."""
        return self.own_tags if region == self.location.region else self.tags

    @property
    def rotates(self) -> bool | None:
        """Whether KMS rotates the key; None where that isn't this key's matter, as with a replica."""
        return None if self.key.replica_primary_key_arn else self.key.rotates

    @property
    def policy(self) -> str:
        """The policy that CreateKey carries."""
        return self.declared_policies[0].text

    @property
    def document(self) -> PolicyDocument:
        """The same, read."""
        return self.declared_policies[0].document

    def policy_in(self, region: str) -> str:
        """The policy of the replica in a Region; of one that isn't declared, what it would be with an empty entry."""
        declared = (item.text for item in self.declared_policies[1:] if item.location.region == region)
        return next(declared, None) or self.undeclared_policy(region).text

    def undeclared_policy(self, region: str) -> DeclaredPolicy:
        """The policy of a replica that is there and isn't declared: it follows the key's."""
        key = (self.declared or self.key).model_copy(update={"replica_regions": {region: ReplicaRegion()}})
        return tuple(key_policies(self.name, key, self.location, self.claims))[1]

    @cached_property
    def declared_policies(self) -> tuple[DeclaredPolicy, ...]:
        """Every policy that would be written: the key's own first, then its replicas'."""
        return tuple(key_policies(self.name, self.declared or self.key, self.location, self.claims))

    def policies_with(self, replicas: Collection[str]) -> tuple[DeclaredPolicy, ...]:
        """Every policy that would be written, where there are replicas in these Regions."""
        declared = {item.location.region for item in self.declared_policies}
        return (*self.declared_policies, *map(self.undeclared_policy, sorted(set(replicas) - declared)))

    def description_in(self, region: str) -> str:
        """The description of the replica in a Region: its own, else the key's."""
        own = self.key.replica_regions[region].description
        return (self.declared or self.key).description if own is None else own


@dataclass(frozen=True, slots=True)
class Located:
    """The targets of a stack, and why some keys have none."""

    targets: tuple[Target, ...]
    failures: Mapping[str, KeywrightError]


def locate(stack: Stack, who_is: WhoIs, default_region: str | None, only: Collection[str] | None = None) -> Located:
    """The keys of a stack, or those named, with where they live.

    A role that can't be assumed is a failure of the keys that name it; it doesn't stop the others.

    Raises:
        InputError: for a name that the stack doesn't have;
            with every key that has no Region, lives in another account than the credentials', or has a
            policy that KMS wouldn't take for its size.
    """
    chosen = (stack.only(only) if only else stack).keys
    found: list[Target] = []
    failures: dict[str, KeywrightError] = {}
    problems: list[Problem] = []
    for name, key in chosen.items():
        region = key.region or default_region
        problem = _region_problem(name, key, region)
        if region is None or problem:
            problems.append(problem or Problem(("keys", name), "has no Region"))
            continue
        try:
            caller = who_is(key.assume_role_arn, region)
        except KeywrightError as error:
            if key.assume_role_arn is None:
                raise
            failures[name] = error
            continue
        location = KeyLocation(partition_of_region()[region], caller.account, region)
        target = Target(stack.name, name, key.made_in(region), location, caller.arn, (*stack.claims, *key.claims), key)
        more = _problems(target, caller)
        problems += more
        found += [] if more else [target]
    if problems:
        count = "a key" if len({item.path for item in problems}) == 1 else "some keys"
        raise InputError(f"{count} of the file can't be worked on", problems=tuple(problems))
    return Located(tuple(found), failures)


def _region_problem(name: str, key: Key, region: str | None) -> Problem | None:
    path = ("keys", name, "region")
    if region is None:
        return Problem(path, "nothing says the key's Region", "write `region:` in the file, or set AWS_REGION")
    if region not in partition_of_region():
        return Problem(path, "is not an AWS Region", "write for example `eu-west-1`", region)
    primary = key.replica_primary_key_arn
    if region in key.replica_regions and primary is None:
        return Problem(
            ("keys", name, "replica_regions"),
            f"names {region}, the Region of the key itself",
            "remove it there",
        )
    there = KeyLocation.of_arn(primary).region if primary else None
    if there in {region, *key.replica_regions}:
        return Problem(
            ("keys", name, "replica_primary_key_arn"),
            f"names a key in {there}, where the replica would be",
            "a family has one key a Region; choose another Region",
            primary,
        )
    return None


def _problems(target: Target, caller: CallerIdentity) -> list[Problem]:
    found: list[Problem] = []
    key, path = target.key, ("keys", target.name)
    if key.account is not None and key.account != caller.account:
        found.append(
            Problem(
                (*path, "account"),
                f"the key belongs to account {key.account}, but the credentials are for {caller.account}",
                "use that account's credentials, name a role of it in `assume_role_arn`, or correct `account:`",
                key.account,
            )
        )
    primary = key.replica_primary_key_arn
    owner = KeyLocation.of_arn(primary).account if primary else caller.account
    if owner != caller.account:
        found.append(
            Problem(
                (*path, "replica_primary_key_arn"),
                f"belongs to account {owner}; AWS replicates only within an account",
                f"name a primary of account {caller.account}",
                primary,
            )
        )
    names = target.own_tags.get(GRANTS_TAG, "")
    if len(names) > LONGEST_TAG:
        found.append(
            Problem(
                (*path, "grants"),
                f"the names of the grants have {len(names)} characters; the tag that keeps them takes {LONGEST_TAG}",
                "shorten the names",
            )
        )
    sizes = (policy.size_problem for policy in target.declared_policies)
    found += [replace(problem, path=(*path, *problem.path)) for problem in sizes if problem is not None]
    return found
