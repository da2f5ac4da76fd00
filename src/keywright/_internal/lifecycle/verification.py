"""Whether keys on AWS are as declared and really work: read again, and used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keywright._internal.aws import Cloud
from keywright._internal.lifecycle.claims import Proved, Prover, prove_all, prove_here
from keywright._internal.lifecycle.impact import Impacts
from keywright._internal.lifecycle.key_probe import Result, Trial, try_key
from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.policy_change import Orphan, orphans_of
from keywright._internal.lifecycle.reporting import Report
from keywright._internal.lifecycle.steps import KeyPlan, Plan, Step
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import Waits
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.memory import Memory
from keywright.errors import InputError, KeywrightError


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found about one key.

    Args:
        name: the key's.
        differences: from the file, as the steps that would mend them.
        orphans: deleted principals that its policies still name.
        trials: how using it went.
        refuted: claims on its policies, as declared, that are refuted and not waived.
        error: why it couldn't be verified.
    """

    name: str
    differences: tuple[Step, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    trials: tuple[Trial, ...] = ()
    refuted: tuple[Proved, ...] = ()
    error: KeywrightError | None = None

    @property
    def in_sync(self) -> bool:
        """Whether nothing differs and no use failed. What was skipped doesn't count, and is shown."""
        failed = any(item.result is Result.FAILED for item in self.trials)
        return not self.differences and not self.orphans and not failed and self.error is None

    def as_document(self, meaning: Impacts) -> dict[str, Any]:
        """For `--json`."""
        return {
            "in_sync": self.in_sync,
            "differences": meaning.document(self.name, self.differences),
            "orphaned_principals": [
                {"unique_id": item.unique_id, "declared_as": list(item.candidates)} for item in self.orphans
            ],
            "refuted_claims": [item.as_document() for item in self.refuted],
            "use": [trial.as_document() for trial in self.trials],
            "error": str(self.error) if self.error else None,
        }


def verify(
    cloud: Cloud,
    planned: Plan,
    failures: Mapping[str, KeywrightError],
    report: Report,
    waits: Waits | None = None,
    *,
    use: bool = True,
    memory: Memory | None = None,
    prover: Prover = prove_here,
) -> tuple[Verified, ...]:
    """Compare every key, and use it if `use` says so; one key's failure does not stop the others.

    Args:
        cloud: AWS.
        planned: what would make AWS match the configuration, from tags that KMS itself has told.
        failures: why keys couldn't be read.
        report: told of progress.
        waits: how to be stopped.
        use: whether the keys are used, or only compared.
        memory: where results of earlier runs are.
        prover: finds the others.
    """
    report.begin("verifying", len(planned.keys))
    claims = prove_all((item.target for item in planned.keys), memory=memory, prover=prover)

    def work(item: KeyPlan) -> Verified:
        try:
            trials = try_key(cloud, item.target, item.state) if use and item.state.key_id else ()
            refuted = tuple(found for found in claims[item.name] if found.forbids)
            return Verified(item.name, item.steps, orphans_in(item.target, item.state), trials, refuted)
        except KeywrightError as error:
            return Verified(item.name, error=error)
        finally:
            report.advance()

    unread = (Verified(name, error=error) for name, error in failures.items())
    return (*on_each(planned.keys, work, waits), *unread)


def orphans_in(target: Target, state: KeyState) -> tuple[Orphan, ...]:
    """The deleted principals that the key's policies on AWS name, and the configuration doesn't name itself."""
    found: dict[str, Orphan] = {}
    for live in (*state.live, *state.replicas.values()):
        region = live.metadata.region
        declared = region == target.location.region or region in target.key.replica_regions
        if not declared:
            continue
        wanted = target.policy if region == target.location.region else target.policy_in(region)
        try:
            shown = parse_policy(live.policy).document
        except InputError:
            continue  # no policy at all, which is a difference of its own
        for orphan in orphans_of(shown, parse_policy(wanted).document):
            found.setdefault(orphan.unique_id, orphan)
    return tuple(found[unique_id] for unique_id in sorted(found))
