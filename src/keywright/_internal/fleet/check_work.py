"""Proving the policies of a file in one account, as a task for another machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from keywright._internal.fleet.executors import Workers
from keywright._internal.fleet.versions import check_version, own_version
from keywright._internal.fleet.windowed import carried_out
from keywright._internal.keysfile.examination import examine_file
from keywright._internal.keysfile.source import Source
from keywright._internal.model.account_targets import Deployment
from keywright.errors import KeywrightError


@dataclass(frozen=True, slots=True)
class CheckTask:
    """The policies of an account.

    Args:
        source: the keys file.
        deployment: the account.
        keys: the names of the keys; all where left out.
        version: the version of Keywright that made the task.
    """

    source: Source
    deployment: Deployment
    keys: tuple[str, ...] = ()
    version: str = field(default_factory=own_version)


class Proofs:
    """Results of claims as text, by what they depend on: what workers answer, and what this machine reads them from."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def recall(self, inputs: tuple[object, ...]) -> str | None:
        """What a worker has found; None where none was asked."""
        return self.texts.get(repr(inputs))

    def keep(self, inputs: tuple[object, ...], text: str) -> None:
        """Remember what was found."""
        self.texts[repr(inputs)] = text


def prove_account(task: CheckTask) -> dict[str, str]:
    """The results of the claims on the policies of an account.

    Raises:
        KeywrightError: this is another version of Keywright.
    """
    check_version(task.version)
    proofs = Proofs()
    examine_file(task.source, keys=task.keys, deployment=task.deployment, memory=proofs)
    return proofs.texts


def prove_by(workers: Workers, tasks: Iterable[CheckTask]) -> Proofs:
    """What other processes prove. A request that refutes a claim is decided again where it is read, not believed.

    Raises:
        KeywrightError: a task has no result.
    """
    proofs = Proofs()
    for _, found in carried_out(workers, prove_account, tasks, lambda: False):
        if isinstance(found, KeywrightError):
            raise found
        proofs.texts |= found
    return proofs
