"""`who-can` about many keys: the answers of each key alone, in their order, whoever works them out."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from distributed import Client, LocalCluster

from command_line import Keywright
from keywright._internal.cli.access.who_can_keys import show_keys
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.iam import IamPrincipal, NamedPolicy
from keywright._internal.estate.iam_file import put_iam, put_organization
from keywright._internal.estate.key_import import keys_of, put_keys
from keywright._internal.fleet import who_can_work
from keywright._internal.fleet.distributed import cluster_workers
from keywright._internal.fleet.executors import local_processors
from keywright._internal.fleet.who_can_work import KeysQuestion, KeysTask, ask
from keywright.errors import KeywrightError

ACCOUNTS = ("111122223333", "444455556666")
KEYS = 40
"""Three tasks of them."""
DECRYPT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}'


def key(number: int) -> dict[str, Any]:
    account = ACCOUNTS[number % 2]
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": '
        f'{{"AWS": ["arn:aws:iam::{account}:root", "arn:aws:iam::{account}:role/r-{number}"]}}}}]}}'
    )
    arn = f"arn:aws:kms:eu-west-1:{account}:key/k-{number:02}"
    metadata = {
        "Arn": arn,
        "KeyId": f"k-{number:02}",
        "KeyState": "Enabled",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "Enabled": True,
    }
    more = {"KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "CreationDate": "2026-01-01T00:00:00+00:00"}
    aliases = [f"alias/app-{number}"]
    grants = {} if number == 7 else {"Grants": []}
    return {"KeyMetadata": metadata | more, "Policy": policy, "Tags": [], "Aliases": aliases, **grants}


def role(account: str, number: int) -> IamPrincipal:
    policies = (NamedPolicy("use", DECRYPT),) if number % 3 else ()
    return IamPrincipal(f"arn:aws:iam::{account}:role/r-{number}", "role", account, policies=policies, tags={})


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "estate.db"
    with EstateFile.create(path, {}) as estate:
        put_organization(estate, None)
        for account in ACCOUNTS:
            put_iam(estate, account, [role(account, number) for number in range(KEYS)])
        put_keys(estate, keys_of(list(map(key, range(KEYS)))))
        estate.put_finished()
    return path


@pytest.fixture
def question(snapshot: Path) -> Iterator[KeysQuestion]:
    with EstateFile.read(snapshot) as estate:
        yield KeysQuestion.about(estate, "*", ("kms:Decrypt",))


def here(question: KeysQuestion) -> list[str]:
    with local_processors(worth_it=False) as workers:
        return list(question.answers(workers))


def test_the_answers_about_many_keys_are_those_about_each(keywright: Keywright, snapshot: Path) -> None:
    run = keywright.run("who-can", "alias/app-*7", "Decrypt", "--from", snapshot, "--json")
    assert run.code == 2
    document = run.document
    alone = [
        keywright.run("who-can", f"alias/app-{number}", "Decrypt", "--from", snapshot, "--json").document
        for number in (17, 27, 37, 7)
    ]
    assert document["not_read"] == [gap for item in alone for gap in item.pop("not_read")]
    assert document["complete"] is False
    for item in alone:
        del item["format_version"], item["complete"]
    assert document["keys"] == sorted(alone, key=lambda item: str(item["key"]))
    assert all(item["rows"] for item in document["keys"])


def test_a_person_reads_each_answer_as_that_about_one_key(keywright: Keywright, snapshot: Path) -> None:
    many = keywright.run("who-can", "k-1*", "Decrypt", "--from", snapshot).succeeded().out
    each = [keywright.run("who-can", f"k-1{n}", "Decrypt", "--from", snapshot).out for n in (1, 3, 5, 7, 9, 0)]
    assert all(text in many for text in each)


def test_keys_are_chosen_by_alias_id_or_account(snapshot: Path) -> None:
    with EstateFile.read(snapshot) as estate:
        of_account = KeysQuestion.about(estate, f"arn:aws:kms:*:{ACCOUNTS[0]}:*", ("kms:Decrypt",))
        by_alias = KeysQuestion.about(estate, "app-1*", ("kms:Decrypt",))
    assert len(of_account.arns) == KEYS / 2
    assert len(by_alias.arns) == 11


def test_what_fits_no_key_and_what_is_for_one_key_are_refused(keywright: Keywright, snapshot: Path) -> None:
    for line, words in (
        (("alias/nope-*", "Decrypt"), "has no key that fits `alias/nope-*`"),
        (("*", "Decrypt", "--cases", "cases.jsonl"), "`--cases` is for one key"),
        (("k-01", "Decrypt", "--scheduler", "tls://scheduler:8786"), "`--scheduler` is for many keys"),
        (("*", "Decrypt", "--scheduler", "tcp://127.0.0.1:9"), "can't be reached"),
    ):
        run = keywright.run("who-can", *line, "--from", snapshot)
        assert (run.code, words in run.err) == (2, True), run.err


def test_a_snapshot_that_is_damaged_inside_is_an_error_that_names_the_key(
    keywright: Keywright, snapshot: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.db"
    shutil.copy(snapshot, damaged)
    with closing(sqlite3.connect(damaged)) as file, file:
        file.execute("UPDATE key SET metadata_json = '{' WHERE key_id = 'k-08'")
    for name in ("*", "k-08"):
        run = keywright.run("who-can", name, "Decrypt", "--from", damaged, "--json")
        assert (run.code, run.document["error"]["id"]) == (2, "unreadable-file")
        assert "key/k-08" in run.document["error"]["message"]


def test_ctrl_c_ends_it_with_130_and_no_half_document(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> Iterator[str]:
        yield "{}"
        raise KeyboardInterrupt

    monkeypatch.setattr(KeysQuestion, "answers", interrupted)
    with pytest.raises(typer.Exit) as ended:
        show_keys(snapshot, "*", ("kms:Decrypt",), None, None, as_json=True)
    assert (ended.value.exit_code, capsys.readouterr().out) == (130, "")


def test_processes_of_this_machine_give_the_answers_of_this_process(
    question: KeysQuestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keywright._internal.fleet.executors._processors", lambda: 2)
    with local_processors(worth_it=True) as workers:
        assert workers.at_once == 2
        assert list(question.answers(workers)) == here(question)


def test_workers_of_a_cluster_give_the_answers_of_this_process(
    cluster: LocalCluster, keywright: Keywright, snapshot: Path
) -> None:
    line = ("who-can", "*", "Decrypt", "CreateGrant", "--from", snapshot, "--json")
    there = keywright.run(*line, "--scheduler", cluster.scheduler_address)
    assert there.code == 2
    assert there.document == keywright.run(*line).document


def test_a_worker_that_is_killed_meanwhile_changes_no_answer(
    cluster: LocalCluster, question: KeysQuestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(who_can_work, "_MOST_KEYS_OF_A_TASK", 1)
    expected = here(question)
    with (
        Client(cluster.scheduler_address, set_as_default=False) as client,
        cluster_workers(cluster.scheduler_address) as workers,
    ):
        answers = question.answers(workers)
        found = [next(answers)]
        os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
        found += answers
        client.wait_for_workers(2)
    assert found == expected


def first_task(question: KeysQuestion) -> KeysTask:
    return next(question._tasks(b"", 1))


def test_a_process_without_the_principals_says_so_and_is_asked_again_with_them(question: KeysQuestion) -> None:
    assert ask(replace(first_task(question), identities="of another snapshot", packed=None)) is None
    with local_processors(worth_it=False) as workers:
        forgetful = question.answers(workers)
        found = [next(forgetful)]
        who_can_work._LAST.clear()
        found += forgetful
    assert found == here(question)


def test_a_task_of_another_version_is_refused(question: KeysQuestion) -> None:
    with pytest.raises(KeywrightError, match=r"the command 0\.0\.1"):
        ask(replace(first_task(question), version="0.0.1"))


def test_a_task_holds_no_credentials(question: KeysQuestion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "TheSecretOfTheOneWhoAsks")
    assert b"TheSecretOfTheOneWhoAsks" not in pickle.dumps(first_task(question))
