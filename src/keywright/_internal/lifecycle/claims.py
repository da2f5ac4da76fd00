"""What is claimed of every policy that would be written and found in it, before the first call that writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.proof.declared_policies import (
    find_declared,
    finding_inputs,
    proof_inputs,
    prove_declared,
    recall_declared,
)
from keywright._internal.proof.findings.finding import failing
from keywright.errors import ClaimRefuted, Problem

if TYPE_CHECKING:
    from keywright._internal.lifecycle.steps import KeyPlan
    from keywright._internal.lifecycle.target import Target
    from keywright._internal.policy.stack_policies import DeclaredPolicy
    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.findings.finding import Finding
    from keywright._internal.proof.memory import Memory

    ToProve = tuple[DeclaredPolicy, str | None]


@dataclass(frozen=True, slots=True)
class Proved:
    """One claim on one policy of a key.

    Args:
        region: the policy's.
        result: the answer.
    """

    region: str
    result: ClaimResult

    @property
    def waived(self) -> str:
        """The reason for which the file goes on where it isn't proved; empty where it doesn't."""
        return self.result.waived

    @property
    def forbids(self) -> bool:
        """Whether the policy must not be written."""
        return self.result.fails

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        return {"region": self.region, **self.result.as_document()}


_WRITES_A_POLICY = frozenset({"create", "policy", "replicate"})


class Prover(Protocol):
    """Finds the results of the claims on policies, in their order."""

    def __call__(self, wanted: Sequence[ToProve], memory: Memory | None) -> Iterable[tuple[ClaimResult, ...]]:
        """The results.

        Args:
            wanted: the policies, each with the ARN of whoever is about to write it, where that is known.
            memory: where results of earlier runs are.
        """


def prove_here(wanted: Sequence[ToProve], memory: Memory | None = None) -> Iterator[tuple[ClaimResult, ...]]:
    """The results, found by this process."""
    for policy, caller in wanted:
        yield prove_declared(policy, caller=caller, memory=memory)


def prove_all(
    targets: Iterable[Target],
    states: Mapping[str, KeyState] | None = None,
    memory: Memory | None = None,
    *,
    written: Collection[str] = (),
    known: Mapping[tuple[object, ...], tuple[ClaimResult, ...]] | None = None,
    prover: Prover = prove_here,
) -> dict[str, tuple[Proved, ...]]:
    """The results of the default claims and the user's own by key, on its policy and on each replica's.

    What keys have in common is proved once.

    Args:
        targets: the keys.
        states: what AWS shows of them: replicas that aren't declared any more follow the key's policy.
        memory: where results of earlier runs are.
        written: the names of those whose policies the caller is about to write: of these alone it is asked whether the
            caller can change the policy again, which is no matter of whoever only looks.
        known: results that are at hand, by all that they depend on.
        prover: finds the others.
    """
    shared = dict(known or {})
    wanted: dict[tuple[object, ...], ToProve] = {}
    by_key: dict[str, list[tuple[str, tuple[object, ...]]]] = {}
    for target in targets:
        policies = by_key[target.name] = []
        for policy in target.policies_with((states or {}).get(target.name, KeyState()).replicas):
            caller = target.caller if target.name in written else None
            inputs = proof_inputs(policy, caller=caller)
            if inputs not in shared:
                wanted.setdefault(inputs, (policy, caller))
            policies.append((policy.location.region, inputs))
    shared |= zip(wanted, prover(tuple(wanted.values()), memory), strict=True)
    return {
        name: tuple(Proved(region, result) for region, inputs in policies for result in shared[inputs])
        for name, policies in by_key.items()
    }


def prove_plan(
    items: Iterable[KeyPlan],
    memory: Memory | None = None,
    known: Mapping[tuple[object, ...], tuple[ClaimResult, ...]] | None = None,
    prover: Prover = prove_here,
) -> dict[str, tuple[Proved, ...]]:
    """The same of the keys of a plan."""
    wanted = tuple(items)
    written = {item.name for item in wanted if any(step.action in _WRITES_A_POLICY for step in item.steps)}
    states = {item.name: item.state for item in wanted}
    return prove_all((item.target for item in wanted), states, memory, written=written, known=known, prover=prover)


def find_all(targets: Iterable[Target], memory: Memory | None = None) -> dict[str, list[tuple[str, Finding]]]:
    """The findings that fail `policy check` by key, each with its policy's Region; keys without any are left out.

    They don't keep a policy from being written. What keys have in common is looked at once.

    Args:
        targets: the keys.
        memory: where findings of earlier runs are.
    """
    shared: dict[tuple[object, ...], tuple[Finding, ...]] = {}
    found: dict[str, list[tuple[str, Finding]]] = {}
    for target in targets:
        for policy in target.declared_policies:
            inputs = finding_inputs(policy)
            if inputs not in shared:
                shared[inputs] = failing(find_declared(policy, file="policy", memory=memory))
            for finding in shared[inputs]:
                found.setdefault(target.name, []).append((policy.location.region, finding))
    return found


class PolicyExamination:
    """The claims and findings of a plan's policies, of which much can be known by the time that AWS has answered.

    Args:
        memory: where those of earlier runs are.
        prover: finds results that no earlier run has found.
    """

    def __init__(self, memory: Memory | None, prover: Prover = prove_here) -> None:
        self._memory = memory
        self._prover = prover
        self._known: dict[tuple[object, ...], tuple[ClaimResult, ...]] = {}
        self.findings: dict[str, list[tuple[str, Finding]]] = {}
        """As `find_all` has them."""

    def begin(self, targets: Sequence[Target]) -> None:
        """Find what doesn't depend on AWS's answers, and recall what is proved of policies that won't be written."""
        self.findings = find_all(targets, self._memory)
        for policy in (policy for target in targets for policy in target.declared_policies):
            inputs = proof_inputs(policy)
            if inputs not in self._known:
                results = recall_declared(policy, self._memory)
                self._known |= {} if results is None else {inputs: results}

    def claims(self, items: Iterable[KeyPlan]) -> dict[str, tuple[Proved, ...]]:
        """As `prove_plan` has them."""
        return prove_plan(items, self._memory, self._known, self._prover)


def _remedy(result: ClaimResult) -> str:
    from keywright._internal.proof.claims.built_in.lockout import SURVIVES  # noqa: PLC0415 - heavy, and seldom needed

    if result.id == SURVIVES:
        return (
            "write an administrator as `durable:ARN`, which survives the role's deletion, name a second one, or keep "
            "`enable_default_root_policy`"
        )
    return "change the policy or its principals so that the claim holds"


def _request_beside(result: ClaimResult) -> str:
    """The request that breaks a claim, where the reason isn't that very sentence."""
    if result.witness is None or result.witness.sentence in result.reason:
        return ""
    return f"; the request that breaks it: {result.witness.sentence}"


def refuse_refuted(results: Mapping[str, Iterable[Proved]]) -> None:
    """Stop before anything is written if a claim is refuted.

    Raises:
        ClaimRefuted: with every refuted claim of every key, each with what shows it.
    """
    problems = [
        Problem(
            ("keys", name, "policy"),
            f"claim refuted in {item.region}: {item.result.claim}: {item.result.reason}",
            f"{_remedy(item.result)}, or waive `{item.result.id}` with a reason" + _request_beside(item.result),
        )
        for name, items in results.items()
        for item in items
        if item.forbids
    ]
    if problems:
        raise ClaimRefuted(
            "nothing was changed: a claim on a key policy is refuted",
            "see the request that breaks it; `keywright policy check` shows more",
            tuple(problems),
        )
