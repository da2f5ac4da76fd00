"""The claims on every policy that would be written, decided before the first call that writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from keywright._internal.lifecycle.target import Target
from keywright._internal.proof.claims.result import ClaimResult
from keywright._internal.proof.declared_policies import proof_inputs, prove_declared
from keywright.errors import ClaimRefuted, Problem


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


def prove_all(targets: Iterable[Target]) -> dict[str, tuple[Proved, ...]]:
    """The results of the default claims and the user's own by key, on its policy and on each replica's.

    What keys have in common is proved once.
    """
    shared: dict[tuple[object, ...], tuple[ClaimResult, ...]] = {}
    found: dict[str, tuple[Proved, ...]] = {}
    for target in targets:
        results: list[Proved] = []
        for policy in target.declared_policies:
            inputs = proof_inputs(policy, caller=target.caller)
            if inputs not in shared:
                shared[inputs] = prove_declared(policy, caller=target.caller)
            results += [Proved(policy.location.region, result) for result in shared[inputs]]
        found[target.name] = tuple(results)
    return found


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
            f"change the policy or its principals so that the claim holds, or waive `{item.result.id}` with a reason"
            + _request_beside(item.result),
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
