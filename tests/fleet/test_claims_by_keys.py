"""Policies of many keys are examined by processes and by clusters as they are here."""

from __future__ import annotations

import json
import os
import pickle
import signal
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from command_line import Keywright
from keywright._internal.cache.proof_cache import DIRECTORY_VARIABLE, proof_cache
from keywright._internal.fleet import proof_work, proving
from keywright._internal.fleet.distributed import cluster_workers
from keywright._internal.fleet.executors import Workers, local_processors
from keywright._internal.fleet.proof_work import ExaminationTask, Examined, examine, examine_by, prove_by
from keywright._internal.lifecycle.claims import prove_here
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright._internal.policy.stack_policies import DeclaredPolicy, stack_policies
from keywright._internal.proof.claims.result import ClaimResult
from keywright._internal.proof.declared_policies import examine_all
from keywright.errors import KeywrightError

ACCOUNT = "111122223333"
KEYS = 70
"""Three tasks of them."""


@pytest.fixture(scope="module")
def policies() -> tuple[DeclaredPolicy, ...]:
    keys = {
        f"app-{number}": Key(
            region="eu-west-1",
            key_user_arns=(f"arn:aws:iam::{ACCOUNT}:role/app-{number % 50}",),
            claims=("nobody can [kms:Decrypt]", f"role/app-{number % 3} can [kms:Sign]"),
        )
        for number in range(KEYS)
    }
    return tuple(stack_policies(Stack(name="s", keys=keys), account=ACCOUNT))


def documents(examined: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(policy.name, item.as_document()) for policy, item in examined]


def here(policies: tuple[DeclaredPolicy, ...]) -> list[tuple[str, dict[str, Any]]]:
    return documents(examine_all(policies, file="keys.yaml"))


def by(workers: Workers, policies: tuple[DeclaredPolicy, ...]) -> Any:
    return examine_by(workers, policies, "keys.yaml", no_cache=True)


def test_processes_of_this_machine_find_what_this_process_finds(
    policies: tuple[DeclaredPolicy, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keywright._internal.fleet.executors._processors", lambda: 2)
    with local_processors(worth_it=True) as workers:
        found = documents(by(workers, policies))
    assert found == here(policies)
    assert {claim["verdict"] for _, item in found for claim in item["claims"]} == {"PROVED", "REFUTED", "UNKNOWN"}


def test_a_worker_that_is_killed_meanwhile_changes_no_verdict(
    cluster: LocalCluster, policies: tuple[DeclaredPolicy, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof_work, "_POLICIES_OF_A_TASK", 2)
    with (
        Client(cluster.scheduler_address, set_as_default=False) as client,
        cluster_workers(cluster.scheduler_address) as workers,
    ):
        examined = by(workers, policies)
        found = documents([next(examined)])
        os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
        found += documents(examined)
        client.wait_for_workers(2)
    assert found == here(policies)


def test_what_a_plan_proves_by_processes_is_what_it_proves_by_itself(policies: tuple[DeclaredPolicy, ...]) -> None:
    writer = f"arn:aws:iam::{ACCOUNT}:role/app-1"
    wanted = [(policy, writer if policy.name > "app-5" else None) for policy in policies]
    with local_processors(worth_it=False) as workers:
        found = list(prove_by(workers, wanted, no_cache=True))
    assert said(found) == said(prove_here(wanted))
    assert len({len(results) for results in found}) == 2


def said(results: Iterable[tuple[ClaimResult, ...]]) -> list[list[dict[str, Any]]]:
    return [[item.as_document() for item in each] for each in results]


def test_a_plan_hands_out_many_policies_that_no_run_has_proved(
    policies: tuple[DeclaredPolicy, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(DIRECTORY_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(proving, "_MANY", 10)
    handed_out: list[int] = []
    by_processes = proving._by_processes
    monkeypatch.setattr(
        proving,
        "_by_processes",
        lambda wanted, **how: handed_out.append(len(wanted)) or by_processes(wanted, **how),
    )
    monkeypatch.setattr("keywright._internal.fleet.executors._processors", lambda: 1)
    decided = [(replace(policy, claims=()), None) for policy in policies]
    for _ in range(2):
        with proof_cache() as memory:
            found = list(proving.prove_many(decided, memory))
    assert handed_out == [KEYS]
    assert said(found) == said(prove_here(decided))


def test_a_cluster_checks_a_file_of_one_account_too(cluster: LocalCluster, keywright: Keywright) -> None:
    (keywright.directory / "keys.yaml").write_text(
        f'stack: s\nregion: eu-west-1\naccount: "{ACCOUNT}"\nclaims: ["nobody can [kms:Decrypt]"]\n'
        "keys: {a: , b: {policy_file: p.json}, c: {multi_region: true, replica_regions: {eu-west-2: }}}\n"
    )
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    (keywright.directory / "p.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    line = ("policy", "check", "keys.yaml", "--json", "--no-cache")
    there = keywright.run(*line, "--scheduler", cluster.scheduler_address)
    assert (there.code, there.document) == (1, keywright.run(*line).document)


def test_a_request_that_is_said_to_refute_a_claim_is_decided_again_here(
    policies: tuple[DeclaredPolicy, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying(task: ExaminationTask) -> tuple[Examined, ...]:
        return tuple(replace(item, claims=item.claims.replace('"Allowed"', '"Denied"')) for item in examine(task))

    monkeypatch.setattr(proof_work, "examine", lying)
    with local_processors(worth_it=False) as workers:
        assert documents(by(workers, policies[:3])) == here(policies[:3])


def test_a_task_of_another_version_is_refused(policies: tuple[DeclaredPolicy, ...]) -> None:
    with pytest.raises(KeywrightError, match=r"the command 0\.0\.1"):
        examine(ExaminationTask(policies[:1], "keys.yaml", no_cache=True, version="0.0.1"))


def test_a_task_holds_the_policies_and_no_credentials(
    policies: tuple[DeclaredPolicy, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "TheSecretOfTheOneWhoAsks")
    task = ExaminationTask(policies[:2], "keys.yaml", no_cache=True)
    assert b"TheSecretOfTheOneWhoAsks" not in pickle.dumps(task)
    assert pickle.loads(pickle.dumps(task)) == task
