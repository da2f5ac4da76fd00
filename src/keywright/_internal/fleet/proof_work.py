"""Examining and proving the policies of keys: some policies are a task, for any process or machine.

What shows a result travels as the request that it is, and is decided again where it is read: it isn't believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

from keywright._internal.cache.proof_cache import proof_cache
from keywright._internal.fleet.executors import Workers
from keywright._internal.fleet.versions import check_version, own_version
from keywright._internal.fleet.windowed import in_order
from keywright._internal.policy.stack_policies import DeclaredPolicy
from keywright._internal.proof.claims.remembered import read_results, results_text
from keywright._internal.proof.claims.result import ClaimResult
from keywright._internal.proof.declared_policies import examine_all, prove_declared
from keywright._internal.proof.examination import Examination
from keywright._internal.proof.findings.finding import Finding
from keywright._internal.proof.memory import Memory

T = TypeVar("T")

_POLICIES_OF_A_TASK: Final = 32
"""About 0.1 s."""


@dataclass(frozen=True, slots=True)
class ExaminationTask:
    """Policies to be examined.

    Args:
        policies: the policies.
        file: whose findings they are.
        no_cache: prove everything anew, and remember nothing.
        version: the version of Keywright that made the task.
    """

    policies: tuple[DeclaredPolicy, ...]
    file: str
    no_cache: bool
    version: str = field(default_factory=own_version)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found out about a policy.

    Args:
        findings: what was found in it.
        claims: the results of the claims, as text.
    """

    findings: tuple[Finding, ...]
    claims: str


class _Unkept:
    """Remembers for the policies of one task."""

    def __init__(self) -> None:
        self._texts: dict[tuple[object, ...], str] = {}

    def recall(self, inputs: tuple[object, ...]) -> str | None:
        return self._texts.get(inputs)

    def keep(self, inputs: tuple[object, ...], text: str) -> None:
        self._texts[inputs] = text


def examine(task: ExaminationTask) -> tuple[Examined, ...]:
    """Examine policies.

    Raises:
        KeywrightError: this is another version of Keywright.
    """
    check_version(task.version)
    with _memory(no_cache=task.no_cache) as memory:
        found = examine_all(task.policies, file=task.file, memory=memory)
        return tuple(Examined(item.findings, results_text(item.claims)) for _, item in found)


@contextmanager
def _memory(*, no_cache: bool) -> Iterator[Memory]:
    with proof_cache(wanted=not no_cache) as cache:
        yield _Unkept() if cache is None else cache


@dataclass(frozen=True, slots=True)
class ProofTask:
    """Policies to be proved.

    Args:
        policies: the policies, each with the ARN of whoever is about to write it, where that is known.
        no_cache: prove everything anew, and remember nothing.
        version: the version of Keywright that made the task.
    """

    policies: tuple[tuple[DeclaredPolicy, str | None], ...]
    no_cache: bool
    version: str = field(default_factory=own_version)


def prove(task: ProofTask) -> tuple[str, ...]:
    """The results of the claims on policies, as text.

    Raises:
        KeywrightError: this is another version of Keywright.
    """
    check_version(task.version)
    with _memory(no_cache=task.no_cache) as memory:
        return tuple(
            results_text(prove_declared(policy, caller=caller, memory=memory)) for policy, caller in task.policies
        )


def prove_by(
    workers: Workers, policies: Iterable[tuple[DeclaredPolicy, str | None]], *, no_cache: bool
) -> Iterator[tuple[ClaimResult, ...]]:
    """What `prove_declared` finds of each policy, found by other processes, in the policies' order.

    Args:
        workers: prove them.
        policies: the policies, each with the ARN of whoever is about to write it, where that is known.
        no_cache: prove everything anew, and remember nothing.

    Raises:
        KeywrightError: workers are gone.
    """
    tasks = (ProofTask(chunk, no_cache) for chunk in _chunks(policies))
    for task, found in in_order(workers, prove, tasks, "these policies"):
        for (policy, caller), text in zip(task.policies, found, strict=True):
            yield _decided_again(text, policy, caller)


def examine_by(
    workers: Workers, policies: Iterable[DeclaredPolicy], file: str, *, no_cache: bool
) -> Iterator[tuple[DeclaredPolicy, Examination]]:
    """What `examine_all` finds, found by other processes, in the policies' order.

    Args:
        workers: examine them.
        policies: the policies; taken as there is room.
        file: whose findings they are.
        no_cache: prove everything anew, and remember nothing.

    Raises:
        KeywrightError: workers are gone.
    """
    tasks = (ExaminationTask(chunk, file, no_cache) for chunk in _chunks(policies))
    for task, found in in_order(workers, examine, tasks, "these policies"):
        for policy, item in zip(task.policies, found, strict=True):
            claims = _decided_again(item.claims, policy)
            yield policy, Examination(policy.label, policy.location.account, item.findings, claims)


def _decided_again(text: str, policy: DeclaredPolicy, caller: str | None = None) -> tuple[ClaimResult, ...]:
    found = read_results(text, policy.document, undecided=True)
    return prove_declared(policy, caller=caller) if found is None else found


def _chunks(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    waiting = iter(items)
    return iter(lambda: tuple(islice(waiting, _POLICIES_OF_A_TASK)), ())
