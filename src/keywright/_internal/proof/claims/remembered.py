"""Results of claims as text and back, for whoever remembers them. What shows a result is replayed, never believed.

Most results show nothing, so the evaluator is imported only for those that do: a run that remembers all its results
is as quick as if it proved nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.proof.claims.result import ClaimResult, Verdict, Witness, request_document
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.memory import Memory

_FIELDS: Final = ("id", "claim", "reason", "assuming", "waived")


def remembered(
    memory: Memory | None,
    inputs: tuple[object, ...],
    document: PolicyDocument,
    prove: Callable[[], tuple[ClaimResult, ...]],
) -> tuple[ClaimResult, ...]:
    """The results of claims on a policy: those that are remembered, or else new ones, remembered from now on.

    Args:
        memory: where; None for none.
        inputs: all that the results depend on.
        document: the policy, on which what shows a result is decided again.
        prove: finds the results.
    """
    if memory is None:
        return prove()
    known = recalled(memory, inputs, document)
    if known is not None:
        return known
    results = prove()
    written = write_results(results)
    if written is not None and _same(read_results(written, document), results):
        memory.keep(inputs, written)
    return results


def recalled(memory: Memory, inputs: tuple[object, ...], document: PolicyDocument) -> tuple[ClaimResult, ...] | None:
    """The results that are remembered of these inputs, the requests that show them decided again; None where none are.

    Args:
        memory: where.
        inputs: all that the results depend on.
        document: the policy.
    """
    text = memory.recall(inputs)
    return None if text is None else read_results(text, document)


def write_results(results: Sequence[ClaimResult]) -> str | None:
    """The results as text; None for those that aren't all decided, which are looked into again each time."""
    return None if any(item.verdict is Verdict.UNKNOWN for item in results) else results_text(results)


def results_text(results: Sequence[ClaimResult]) -> str:
    """The results as text, undecided ones too, for another process."""
    rows = [
        {
            **{name: getattr(item, name) for name in _FIELDS},
            "verdict": item.verdict.value,
            "witness": _witness_document(item.witness),
        }
        for item in results
    ]
    return json.dumps(rows, separators=(",", ":"))


def read_results(text: str, document: PolicyDocument, *, undecided: bool = False) -> tuple[ClaimResult, ...] | None:
    """The results that a text holds; None where it isn't one, or a decision in it isn't the evaluator's any more.

    Args:
        text: from `write_results` or `results_text`.
        document: the policy.
        undecided: whether results that aren't decided are taken.
    """
    try:
        found = tuple(_result(row, document) for row in json.loads(text))
    except (KeyError, TypeError, ValueError, InputError):
        return None
    return found if undecided or not any(item.verdict is Verdict.UNKNOWN for item in found) else None


def _result(row: dict[str, Any], document: PolicyDocument) -> ClaimResult:
    witness = None if row["witness"] is None else _witness(row["witness"], document)
    verdict = Verdict(row["verdict"])
    if verdict is Verdict.REFUTED and witness is None and not row["reason"]:
        raise ValueError("nothing shows it")
    fields = {name: str(row[name]) for name in _FIELDS}
    return ClaimResult(verdict=verdict, witness=witness, **fields)


def _witness_document(witness: Witness | None) -> dict[str, Any] | None:
    if witness is None:
        return None
    return {
        "sentence": witness.sentence,
        "request": request_document(witness.request),
        "iam": bool(witness.identity_policies),
        "outcome": witness.decision.outcome.value,
    }


def _witness(row: dict[str, Any], document: PolicyDocument) -> Witness:
    from keywright._internal.proof.evaluation.evaluator import ALLOW_ALL, Evaluator  # noqa: PLC0415 - heavy
    from keywright._internal.proof.evaluation.request import Request  # noqa: PLC0415

    request = Request.from_document(row["request"])
    identities = (ALLOW_ALL,) if row["iam"] else ()
    decision = Evaluator(document, identity_policies=identities).decide(request)
    if decision.outcome.value != row["outcome"]:
        raise ValueError("the evaluator decides otherwise")
    return Witness(request, decision, identities, str(row["sentence"]))


def _same(one: Sequence[ClaimResult] | None, other: Sequence[ClaimResult]) -> bool:
    """Whether results say the same, and so do the decisions that show them."""
    return one is not None and list(map(_comparable, one)) == list(map(_comparable, other))


def _comparable(result: ClaimResult) -> tuple[object, ...]:
    witness = result.witness
    shown = witness and (witness.as_document(), witness.decision)
    return replace(result, witness=None), shown
