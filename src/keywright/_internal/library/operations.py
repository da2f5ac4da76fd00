"""Keys on AWS from Python: planned, changed, verified and destroyed, as the commands of the same names do it.

AWS's settings are boto3's own: profile, Region, `AWS_ENDPOINT_URL`, the chain of credentials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from keywright._internal.lifecycle.apply import apply as carry_out
from keywright._internal.lifecycle.claims import Proved, find_all, prove_plan, refuse_refuted
from keywright._internal.lifecycle.deletion import destroy as schedule_deletion
from keywright._internal.lifecycle.reporting import KeyOutcome, Silent
from keywright._internal.lifecycle.restoration import restore as cancel_deletion
from keywright._internal.lifecycle.session import Session, StackState
from keywright._internal.lifecycle.steps import KeyPlan
from keywright._internal.lifecycle.verification import Verified
from keywright._internal.lifecycle.verification import verify as look_closely
from keywright._internal.model.stack import Stack
from keywright._internal.proof.findings.finding import Finding
from keywright.errors import KeywrightError


@dataclass(frozen=True)
class StackPlan:
    """What has to be done so that AWS matches a stack, and what AWS showed when it was planned."""

    state: StackState

    @property
    def keys(self) -> tuple[KeyPlan, ...]:
        """Each key that could be read, with its steps."""
        return self.state.plan.keys

    @property
    def changing(self) -> tuple[KeyPlan, ...]:
        """The keys that something is to be done to, or of which a step is refused."""
        return self.state.plan.changing

    @property
    def counts(self) -> dict[str, int]:
        """How many keys are to be created, to be updated, unchanged, and refused."""
        return self.state.plan.counts

    @cached_property
    def claims(self) -> dict[str, tuple[Proved, ...]]:
        """What is proved about the keys' policies, and about their replicas', by key."""
        return prove_plan(self.state.plan.keys)

    @cached_property
    def findings(self) -> dict[str, list[tuple[str, Finding]]]:
        """What `check` fails the policies for, by key, each with its Region; `apply` writes them all the same."""
        return find_all(self.state.targets)

    @property
    def failures(self) -> Mapping[str, KeywrightError]:
        """Why keys couldn't be read, by key; nothing is planned for them."""
        return self.state.failures

    @property
    def notes(self) -> list[str]:
        """What isn't a change and worth knowing: keys and replicas that are no longer declared."""
        return self.state.notes()


def plan(stack: Stack, *, keys: Sequence[str] = (), profile: str | None = None, region: str | None = None) -> StackPlan:
    """What `apply` would do, and why; nothing is written.

    Args:
        stack: the declared keys.
        keys: the names of the keys to look at; all where left out.
        profile: an AWS profile.
        region: the Region of the keys that name none.

    Raises:
        KeywrightError: AWS can't be read, or a key can't be where it is declared.
    """
    return StackPlan(Session(tuple(keys), profile, region).at(stack, settled=True))


def apply(plan: StackPlan) -> tuple[KeyOutcome, ...]:
    """Carry out a plan, if AWS still is as it was planned for and no claim is refuted.

    Returns:
        For each key what was applied, and the error that ended it, if any: each key goes on by itself.

    Raises:
        ClaimRefuted: a claim on a policy of a key that would change is refuted; nothing was changed.
        StalePlan: AWS has changed since; nothing was changed.
    """
    refuse_refuted(prove_plan(plan.changing))
    now = plan.state.unmoved()
    outcomes = carry_out(now.cloud, now.plan, Silent(), now.waits, known=now.known)
    return now.with_unread(outcomes)


def verify(
    stack: Stack,
    *,
    keys: Sequence[str] = (),
    profile: str | None = None,
    region: str | None = None,
    use: bool = True,
) -> tuple[Verified, ...]:
    """Read AWS anew, compare it with a stack, and really use the keys.

    Args:
        stack: the declared keys.
        keys: the names of the keys to look at; all where left out.
        profile: an AWS profile.
        region: the Region of the keys that name none.
        use: whether the keys are used, or only compared.

    Returns:
        For each key whether it is in sync, what differs and what its use has shown.

    Raises:
        KeywrightError: AWS can't be read, or a key can't be where it is declared.
    """
    state = Session(tuple(keys), profile, region).at(stack, fresh_tags=True)
    return look_closely(state.cloud, state.plan, state.failures, Silent(), state.waits, use=use)


def destroy(
    stack: Stack, *, keys: Sequence[str] = (), profile: str | None = None, region: str | None = None
) -> tuple[KeyOutcome, ...]:
    """Schedule the deletion of keys and of their replicas, and take their aliases away. Nobody is asked.

    What they encrypted can't be read until `restore`, which is possible until AWS deletes them.

    Args:
        stack: the declared keys.
        keys: the names of the keys; all where left out.
        profile: an AWS profile.
        region: the Region of the keys that name none.

    Returns:
        For each key what was done, and the error that ended it, if any.

    Raises:
        KeywrightError: AWS can't be read, or a key can't be where it is declared.
    """
    state = Session(tuple(keys), profile, region).at(stack)
    outcomes = schedule_deletion(state.cloud, state.targets, state.observation, Silent(), state.waits)
    return state.with_unread(outcomes)


def restore(
    stack: Stack, *, keys: Sequence[str] = (), profile: str | None = None, region: str | None = None
) -> tuple[KeyOutcome, ...]:
    """Undo `destroy`: cancel the deletion, enable the keys, give their aliases back.

    Args:
        stack: the declared keys.
        keys: the names of the keys; all where left out.
        profile: an AWS profile.
        region: the Region of the keys that name none.

    Returns:
        For each key what was done, and the error that ended it, if any.

    Raises:
        KeywrightError: AWS can't be read, or a key can't be where it is declared.
    """
    state = Session(tuple(keys), profile, region).at(stack)
    outcomes = cancel_deletion(state.cloud, state.targets, state.observation, Silent(), state.waits)
    return state.with_unread(outcomes)
