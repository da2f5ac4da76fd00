"""What is claimed of, and found in, the policies of a stack: the one answer that every command gives.

The prover and the rules are imported by whoever asks what isn't remembered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from keywright._internal.policy.parsing import ParsedPolicy
from keywright._internal.proof.claims.remembered import recalled, remembered
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.findings.remembered import remembered as remembered_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.policy.stack_policies import DeclaredPolicy
    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.examination import Examination
    from keywright._internal.proof.findings.finding import Finding
    from keywright._internal.proof.memory import Memory

_NO_PART_IN_PROOFS: Final = {
    "aliases",
    "deletion_window_in_days",
    "description",
    "enable_key_rotation",
    "is_enabled",
    "rotation_period_in_days",
    "tags",
}


def prove_declared(
    policy: DeclaredPolicy, *, caller: str | None = None, memory: Memory | None = None
) -> tuple[ClaimResult, ...]:
    """Every default claim, and the user's own, on one policy of a stack.

    A replica is the same key in another Region, so its policy is held to what the key declares, also where it was
    written for that replica alone. What the key waives comes with the reason.

    Args:
        policy: the policy.
        caller: the ARN of whoever is about to write it, where that is known.
        memory: where results of earlier runs are.

    Raises:
        InputError: a claim's text isn't understood.
    """
    return remembered(memory, _name_of(policy, caller), policy.document, lambda: _prove(policy, caller))


def recall_declared(
    policy: DeclaredPolicy, memory: Memory | None, *, caller: str | None = None
) -> tuple[ClaimResult, ...] | None:
    """What `prove_declared` has found in earlier runs; None where they have found nothing."""
    return None if memory is None else recalled(memory, _name_of(policy, caller), policy.document)


def _name_of(policy: DeclaredPolicy, caller: str | None) -> tuple[object, ...]:
    return ("declared", *proof_inputs(policy, caller=caller))


def _prove(policy: DeclaredPolicy, caller: str | None) -> tuple[ClaimResult, ...]:
    from keywright._internal.proof.claims.built_in.lockout import CALLER  # noqa: PLC0415 - heavy
    from keywright._internal.proof.claims.declared import prove_key  # noqa: PLC0415

    key = policy.key
    waivers = dict(key.waive)
    if key.bypass_policy_lockout_safety_check:
        waivers.setdefault(CALLER, "`bypass_policy_lockout_safety_check` switches AWS's own check off")
    grants = () if policy.of_replica else key.grants  # which belong to the key in its own Region
    results = prove_key(key, policy.location, policy.document, claims=policy.claims, caller=caller, grants=grants)
    return tuple(
        item if item.verdict is Verdict.PROVED else replace(item, waived=waivers.get(item.id, "")) for item in results
    )


def proof_inputs(policy: DeclaredPolicy, *, caller: str | None = None) -> tuple[object, ...]:
    """All that `prove_declared` depends on: policies of which this is equal have equal results.

    Keys of a fleet mostly differ in name, aliases and tags alone.
    """
    return (
        policy.text,
        policy.location,
        policy.of_replica,
        policy.claims,
        caller,
        policy.key.model_dump_json(exclude=_NO_PART_IN_PROOFS),
    )


def examine_all(
    policies: Iterable[DeclaredPolicy], *, file: str, memory: Memory | None = None
) -> Iterator[tuple[DeclaredPolicy, Examination]]:
    """The findings and the claims of policies of a stack. Findings that policies have in common are looked for once.

    Args:
        policies: the policies.
        file: whose findings they are.
        memory: where results of earlier runs are.
    """
    from keywright._internal.proof.examination import Examination  # noqa: PLC0415 - heavy

    shared: dict[tuple[object, ...], tuple[Finding, ...]] = {}
    for policy in policies:
        inputs = finding_inputs(policy)
        if inputs not in shared:
            shared[inputs] = find_declared(policy, file=file, memory=memory)
        claims = prove_declared(policy, memory=memory)
        yield policy, Examination(policy.label, policy.location.account, shared[inputs], claims)


def examine_declared(policy: DeclaredPolicy, *, file: str, memory: Memory | None = None) -> Examination:
    """The findings and the claims of one policy of a stack.

    Args:
        policy: the policy.
        file: whose findings they are.
        memory: where results of earlier runs are.
    """
    ((_, examination),) = examine_all((policy,), file=file, memory=memory)
    return examination


def find_declared(policy: DeclaredPolicy, *, file: str, memory: Memory | None = None) -> tuple[Finding, ...]:
    """The findings of one policy of a stack.

    Args:
        policy: the policy.
        file: whose findings they are.
        memory: where findings of earlier runs are.
    """
    return remembered_findings(memory, ("findings", *finding_inputs(policy)), file, lambda: _find(policy, file))


def _find(policy: DeclaredPolicy, file: str) -> tuple[Finding, ...]:
    from keywright._internal.proof.findings.search import find  # noqa: PLC0415 - heavy

    key = policy.key
    parsed = ParsedPolicy(policy.document, policy.readable_text, file)
    return find(parsed, location=policy.location, key_spec=key.customer_master_key_spec, key_usage=key.key_usage)


def finding_inputs(policy: DeclaredPolicy) -> tuple[object, ...]:
    """All that `find_declared` depends on: policies of which this is equal have equal findings, at the same lines."""
    return (policy.text, policy.written, policy.location, policy.key.customer_master_key_spec, policy.key.key_usage)
