"""The work on one account: a task that any process or machine can carry out, and carry out again.

A task holds the keys and the name of the role, and no credentials: whoever carries it out enters the account with its
own. Carrying it out twice is the same as once, because all state is in AWS.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from keywright._internal.aws import AwsError, Cloud, Settings
from keywright._internal.cache.proof_cache import proof_cache
from keywright._internal.fleet.versions import check_version, own_version
from keywright._internal.lifecycle import exit_codes
from keywright._internal.lifecycle.apply import apply
from keywright._internal.lifecycle.claims import find_all, prove_plan, refuse_refuted
from keywright._internal.lifecycle.documents import drift_document, output_document, plan_document, verify_document
from keywright._internal.lifecycle.drift import drifts
from keywright._internal.lifecycle.impact import impacts
from keywright._internal.lifecycle.reporting import Silent
from keywright._internal.lifecycle.session import Session, StackState
from keywright._internal.lifecycle.steps import KeyPlan, Plan
from keywright._internal.lifecycle.verification import verify
from keywright._internal.model.account_targets import Deployment
from keywright._internal.model.stack import Stack
from keywright._internal.proof.memory import Memory
from keywright.errors import KeywrightError, StalePlan

_ENTERING = "AssumeRole"


@dataclass(frozen=True, slots=True)
class PlanKeys:
    """Say what would change."""

    detailed_exitcode: bool = False


@dataclass(frozen=True, slots=True)
class ApplyKeys:
    """Make AWS match.

    Args:
        expected: the fingerprint of the plan that a person has agreed to, empty where none could be made; None where
            nobody was asked.
    """

    expected: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyKeys:
    """Compare the keys, and use them."""

    use: bool = True
    require_use: bool = False


@dataclass(frozen=True, slots=True)
class FindDrift:
    """Compare the keys.

    Args:
        last: the keys of an earlier run, by name.
    """

    last: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TellOutputs:
    """Tell the outputs of the keys."""


Work = PlanKeys | ApplyKeys | VerifyKeys | FindDrift | TellOutputs


@dataclass(frozen=True, slots=True)
class AccountTask:
    """One account's part of a command.

    Args:
        work: what to do.
        deployment: the account.
        stack: the keys, as they are declared there.
        keys: the names of the keys to work on; empty for all.
        profile: an AWS profile of the machine that carries it out.
        region: the Region of keys whose file names none.
        run: which run of a command it is part of.
        no_cache: prove everything anew, and remember nothing.
        whole: answer proved claims too; without them the results of a thousand accounts take little memory.
        version: the version of Keywright that made the task.
    """

    work: Work
    deployment: Deployment
    stack: Stack
    keys: tuple[str, ...] = ()
    profile: str | None = None
    region: str | None = None
    run: str = ""
    no_cache: bool = False
    whole: bool = True
    version: str = field(default_factory=own_version)


@dataclass(frozen=True, slots=True)
class AccountResult:
    """How it went in one account.

    Args:
        account: its number.
        name: its name, as far as known.
        exit_code: what the command would have ended with, had it been for this account alone; None: it was not begun.
        document: what it answers; None where it failed as a whole.
        error: why it failed as a whole.
        entered: whether the account could be entered.
        fingerprint: of a plan, what it would do.
    """

    account: str
    name: str
    exit_code: int | None
    document: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    entered: bool = True
    fingerprint: str = ""

    @classmethod
    def failed(cls, task: AccountTask, error: KeywrightError) -> AccountResult:
        """Of an account in which nothing could be done."""
        entered = not (isinstance(error, AwsError) and error.operation == _ENTERING)
        where = task.deployment
        return cls(where.account, where.name, 2, None, error.as_document(), entered)


def work_on(task: AccountTask) -> AccountResult:
    """Carry out a task; what goes wrong with the account is in the result."""
    try:
        check_version(task.version)
    except KeywrightError as error:
        return AccountResult.failed(task, error)
    cloud = _cloud(task.profile, task.region, task.run)
    session = Session(task.keys, task.profile, task.region, shared=cloud)
    try:
        with proof_cache(wanted=not task.no_cache) as memory:
            return _carry_out(task, session, memory)
    except KeywrightError as error:
        return AccountResult.failed(task, error)
    finally:
        if task.deployment.role_arn is not None:
            cloud.forget(task.deployment.role_arn)


@lru_cache(maxsize=2)
def _cloud(profile: str | None, region: str | None, _run: str) -> Cloud:
    """AWS, for all tasks of a run in this process: clients are made once, and a role is assumed once.

    A cluster's worker outlives runs: the next one reads renewed credentials and raised quotas.
    """
    return Cloud(Settings(profile, region))


def _carry_out(task: AccountTask, session: Session, memory: Memory | None) -> AccountResult:
    match task.work:
        case PlanKeys(detailed_exitcode):
            code, document, done = _plan(session.at(task.stack), memory, detailed_exitcode=detailed_exitcode)
            if not task.whole:
                document["claims"] = _not_proved(document["claims"])
        case ApplyKeys(expected):
            code, document, done = _apply(session.at(task.stack, settled=True), memory, expected)
        case VerifyKeys() as work:
            code, document, done = _verify(session.at(task.stack, fresh_tags=True), memory, work)
        case FindDrift(last):
            code, document, done = _drift(session.at(task.stack, fresh_tags=True), last)
        case TellOutputs():
            code, document, done = _outputs(session.at(task.stack))
    where = task.deployment
    return AccountResult(where.account, where.name, code, document, fingerprint=done)


_Answer = tuple[int, dict[str, Any], str]


def _plan(state: StackState, memory: Memory | None, *, detailed_exitcode: bool) -> _Answer:
    claims = prove_plan(state.plan.keys, memory)
    document = plan_document(state, impacts(state.cloud, state.plan), claims, find_all(state.targets, memory))
    code = exit_codes.of_plan(state, claims, detailed=detailed_exitcode)
    return code, document, plan_fingerprint(state.plan)


def _not_proved(claims: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {name: found for name, items in claims.items() if (found := [i for i in items if i["verdict"] != "PROVED"])}


def plan_fingerprint(plan: Plan) -> str:
    """What a plan would do, as one short text; the same for two plans that do the same to the same keys."""

    def changes(item: KeyPlan) -> Iterable[tuple[str, ...]]:
        return (step.change for step in item.steps)

    steps = [[item.name, item.state.key_id, *map(list, changes(item))] for item in plan.keys]
    return hashlib.sha256(json.dumps(steps).encode()).hexdigest()


def _apply(state: StackState, memory: Memory | None, expected: str | None) -> _Answer:
    if expected is not None and plan_fingerprint(state.plan) != expected:
        raise StalePlan(
            "AWS is not as the plan that was agreed to found it, and nothing was done in this account",
            "run the same command again",
        )
    refuse_refuted(prove_plan(state.plan.changing, memory))
    outcomes = state.with_unread(apply(state.cloud, state.plan, Silent(), state.waits, known=state.known))
    document = {"keys": {item.name: item.as_document() for item in outcomes}}
    return 2 if any(item.error for item in outcomes) else 0, document, ""


def _verify(state: StackState, memory: Memory | None, work: VerifyKeys) -> _Answer:
    found = verify(state.cloud, state.plan, state.failures, Silent(), state.waits, use=work.use, memory=memory)
    document = verify_document(state, found, impacts(state.cloud, state.plan))
    return exit_codes.of_verify(found, require_use=work.require_use), document, ""


def _drift(state: StackState, last: Mapping[str, Any] | None) -> _Answer:
    found = drifts(state.plan.keys, state.failures, last)
    return exit_codes.of_drift(found), drift_document(state, found), ""


def _outputs(state: StackState) -> _Answer:
    document, failures = output_document(state)
    return 2 if failures else 0, document, ""
