"""A file with targets on the embedded AWS: each account gets its keys, and one that fails costs no other anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest

from aws_directly import Aws
from command_line import Finished, Keywright
from keywright._internal.cli.command_permissions import PERMISSIONS
from keywright._internal.cli.document_schemas import document_schema
from keywright._internal.fleet.account_work import AccountTask, ApplyKeys, PlanKeys, work_on
from keywright._internal.model.account_targets import Deployment
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright._internal.sandbox import Sandbox

KEYS = """
stack: fleet
region: eu-west-1
parameters: {environment: dev}
targets:
TARGETS
keys:
  app:
    aliases: ["${parameters.environment}"]
    key_administrator_arns: [{durable: "arn:${partition}:iam::${account_id}:role/admin"}]
"""
REGION = "eu-west-1"


@dataclass(frozen=True)
class Fleet:
    """Accounts that no other test has, and `keywright` on a file for them, as an account of its own."""

    keywright: Keywright
    sandbox: Sandbox
    own: str
    others: tuple[str, ...]

    def declare(self, *targets: str) -> Path:
        path = self.keywright.directory / "keys.yaml"
        path.write_text(KEYS.replace("TARGETS", "\n".join(f"  - {item}" for item in targets)))
        return path

    def run(self, command: str, *arguments: str) -> Finished:
        return self.keywright.run(*command.split(), "keys.yaml", *arguments)

    def aliases(self, account: str) -> list[str]:
        return list(Aws(self.sandbox.endpoint_url, account).aliases(REGION))

    def refuse(self, account: str) -> None:
        self.sandbox.refuse("AssumeRole", key=f"arn:aws:iam::{account}:role/*")

    def summaries(self, run: Finished) -> dict[str, str]:
        jsonschema.validate(run.document, document_schema("accounts"))
        return {item["account"]: item["summary"] for item in run.document["accounts"]}


@pytest.fixture
def fleet(keywright: Keywright, sandbox: Sandbox, account: str) -> Fleet:
    return Fleet(keywright, sandbox, account, tuple(f"{digit}{account[1:]}" for digit in "789"))


def listed(*accounts: str, more: str = "") -> str:
    return f"{{accounts: {json.dumps(accounts)}, role: keywright{more}}}"


def test_each_account_gets_its_keys_and_the_next_run_changes_nothing(fleet: Fleet) -> None:
    one, two, _ = fleet.others
    fleet.declare(listed(fleet.own, one), listed(two, more=", parameters: {environment: prod}"))
    planned = fleet.run("plan", "--json")
    assert set(fleet.summaries(planned.succeeded()).values()) == {"Plan: 1 to create, 0 to update, 0 unchanged"}
    assert set(fleet.summaries(fleet.run("apply --yes", "--json")).values()) == {
        "1 created, 0 updated, 0 unchanged, 0 failed"
    }
    assert [fleet.aliases(account) for account in (fleet.own, one, two)] == [
        ["alias/dev"], ["alias/dev"], ["alias/prod"],
    ]  # fmt: skip
    again = fleet.run("plan --detailed-exitcode").succeeded()
    assert again.out == f"3 accounts ({fleet.own}, {one}, {two}): No changes.\n3 accounts: 3 done\n"
    verified = fleet.run("verify", "--json").succeeded()
    assert set(fleet.summaries(verified).values()) == {"1 of 1 key in sync; 1 of 1 use worked"}
    assert fleet.run("drift").succeeded().out.startswith("3 accounts")
    told = fleet.run("output", "--json").succeeded().document
    assert [item["result"]["keys"]["app"]["primary_alias"] for item in told["accounts"]] == [
        "alias/dev", "alias/dev", "alias/prod",
    ]  # fmt: skip


def test_an_account_is_entered_once_a_run_and_the_own_one_without_a_role(fleet: Fleet) -> None:
    fleet.declare(listed(fleet.own, fleet.others[0]))
    before = fleet.sandbox.calls(fleet.own).get("sts:AssumeRole", 0)
    fleet.run("apply --yes").succeeded()
    assert fleet.sandbox.calls(fleet.own).get("sts:AssumeRole", 0) - before == 1


def test_one_that_cannot_be_entered_costs_a_line_and_exit_2(fleet: Fleet) -> None:
    one, two, _ = fleet.others
    fleet.declare(listed(fleet.own, one, two))
    fleet.refuse(one)
    run = fleet.run("apply --yes --wave 1", "--json")
    assert run.code == 2
    assert [item["exit_code"] for item in run.document["accounts"]] == [0, 2, 0]
    assert "not entered" in fleet.summaries(run)[one]
    assert "sts:AssumeRole" in run.document["accounts"][1]["error"]["message"]
    assert fleet.aliases(two) == ["alias/dev"]


def test_after_the_canary_fails_no_other_account_is_touched(fleet: Fleet) -> None:
    one, two, three = fleet.others
    fleet.declare(listed(one, two, three))
    Aws(fleet.sandbox.endpoint_url, two).kms("CreateKey", REGION)
    fleet.sandbox.refuse("CreateKey", account=two)
    run = fleet.run(f"apply --yes --canary {two} --wave 50%", "--json")
    assert run.code == 2
    assert {item["account"]: item["exit_code"] for item in run.document["accounts"]} == {two: 2, one: None, three: None}
    assert fleet.aliases(one) == fleet.aliases(three) == []


def test_a_canary_that_cannot_be_entered_stops_the_others_too(fleet: Fleet) -> None:
    one, two, _ = fleet.others
    fleet.declare(listed(one, two))
    fleet.refuse(two)
    run = fleet.run(f"apply --yes --canary {two}", "--json")
    assert {item["account"]: item["exit_code"] for item in run.document["accounts"]} == {two: 2, one: None}


@pytest.fixture
def task(account: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AccountTask:
    """Planning one key in an account that is entered by a role."""
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    theirs = f"6{account[1:]}"
    role = f"arn:aws:iam::{theirs}:role/keywright"
    stack = Stack(name="fleet", keys={"app": Key(region=REGION, account=theirs, assume_role_arn=role)})
    return AccountTask(PlanKeys(), Deployment(theirs, "aws", role, None, {}), stack, run=account)


def test_only_the_plan_that_was_agreed_to_is_carried_out(task: AccountTask, sandbox: Sandbox) -> None:
    theirs = Aws(sandbox.endpoint_url, task.deployment.account)
    shown = work_on(task)
    for agreed in ("", "another plan"):  # that of an account which couldn't be planned, and of one that has moved
        refused = work_on(replace(task, work=ApplyKeys(agreed)))
        assert refused.error is not None
        assert refused.error["id"] == "stale-plan"
    assert theirs.keys(REGION) == []
    assert work_on(replace(task, work=ApplyKeys(shown.fingerprint))).exit_code == 0
    assert len(theirs.keys(REGION)) == 1


def test_a_plan_that_was_agreed_to_is_not_carried_out_on_a_key_that_has_replaced_the_one_shown(
    task: AccountTask, sandbox: Sandbox
) -> None:
    theirs = Aws(sandbox.endpoint_url, task.deployment.account)
    assert work_on(replace(task, work=ApplyKeys())).exit_code == 0
    (old,) = theirs.keys(REGION)
    arn = old["Arn"]
    theirs.kms("DisableKeyRotation", REGION, KeyId=arn)
    shown = work_on(task)
    policy = theirs.kms("GetKeyPolicy", REGION, KeyId=arn, PolicyName="default")["Policy"]
    tags = [{"TagKey": name, "TagValue": value} for name, value in theirs.tags(arn, REGION).items()]
    theirs.kms("UntagResource", REGION, KeyId=arn, TagKeys=[tag["TagKey"] for tag in tags])
    theirs.kms("CreateKey", REGION, Policy=policy, Tags=tags, Description=old["Description"])
    again = work_on(task)
    assert shown.document is not None
    assert again.document is not None
    assert again.document["changes"] == shown.document["changes"] != {}
    refused = work_on(replace(task, work=ApplyKeys(shown.fingerprint)))
    assert refused.error is not None
    assert refused.error["id"] == "stale-plan"


def test_a_worker_that_outlives_a_run_reads_renewed_credentials_in_the_next(
    task: AccountTask, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(task, deployment=replace(task.deployment, role_arn=None), stack=Stack(name="s", keys={
        "app": Key(region=REGION, account=account)
    }))  # fmt: skip
    assert work_on(own).exit_code == 0
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"5{account[1:]}")
    assert work_on(own).exit_code == 0
    assert work_on(replace(own, run="the next")).exit_code == 2


def test_processes_end_with_a_command_that_is_stopped_at_once() -> None:
    program = (
        "import os\n"
        "from keywright._internal.fleet import executors\n"
        "pool = executors._processes(1, executors._FOR_ACCOUNTS)\n"
        "pool.submit(os.getpid).result()\n"
        "os._exit(130)\n"
    )
    # The pipe is the processes' too: it ends with the last of them.
    stopped = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False, timeout=60)
    assert stopped.returncode == 130


def test_drift_in_one_account_is_shown_apart_from_the_others(fleet: Fleet) -> None:
    one, two, _ = fleet.others
    fleet.declare(listed(fleet.own, one, two))
    fleet.run("apply --yes").succeeded()
    theirs = Aws(fleet.sandbox.endpoint_url, two)
    theirs.kms("DisableKeyRotation", REGION, KeyId="alias/dev")
    for command in ("drift", "verify", "plan --detailed-exitcode"):
        run = fleet.run(command)
        assert run.code == 1, run.out + run.err
        assert f"2 accounts ({fleet.own}, {one}): " in run.out
        assert f"{two}: " in run.out
        assert "app: enable rotation every 365 days" in run.out
    last = fleet.keywright.directory / "last.json"
    last.write_text(fleet.run("drift", "--json").out)
    assert "1 drifted as before" in fleet.run("drift", "--since", str(last)).succeeded().out
    fleet.run("apply --yes", "--account", two).succeeded()
    assert "app: in sync" in fleet.run("drift", "--since", str(last)).succeeded().out


def _with_a_key_each(fleet: Fleet, accounts: tuple[str, ...]) -> dict[str, str]:
    """A file whose targets are accounts that have a key each already; the keys' ARNs by account."""
    fleet.declare(listed(*accounts))
    for account in accounts:
        fleet.sandbox.enable_regions(account, [REGION])
    return {
        account: Aws(fleet.sandbox.endpoint_url, account).kms("CreateKey", REGION)["KeyMetadata"]["Arn"]
        for account in accounts
    }


def test_who_can_reads_the_accounts_of_the_targets(fleet: Fleet) -> None:
    arns = _with_a_key_each(fleet, fleet.others[:2])
    run = fleet.keywright.run("who-can", f"arn:aws:kms:{REGION}:*:key/*", "Decrypt", "--targets", "keys.yaml", "--json")
    assert {item["key"] for item in run.document["keys"]} == set(arns.values())
    assert all(item["operation"] == "DescribeOrganization" for item in run.document["not_read"])


def test_adopt_takes_the_keys_of_the_accounts_of_the_targets(fleet: Fleet) -> None:
    arns = _with_a_key_each(fleet, fleet.others[:2])
    adopted = ("adopt", "--all", "--stack", "found", "--targets", "keys.yaml", "--out", "found.yaml", "--yes")
    fleet.keywright.run(*adopted).succeeded()
    planned = fleet.keywright.run("plan", "found.yaml", "--json").succeeded().document
    assert planned["counts"] == {"create": 0, "update": 0, "unchanged": len(arns), "refused": 0}


@pytest.mark.parametrize(
    "line",
    [
        ("who-can", "alias/a", "Decrypt", "--targets", "keys.yaml", "--from", "other.db"),
        ("who-can", "alias/a", "Decrypt", "--profile", "p"),
        ("adopt", "--all", "--stack", "s", "--targets", "keys.yaml", "--from", "other.db"),
    ],
)
def test_a_snapshot_excludes_reading_aws(keywright: Keywright, line: tuple[str, ...]) -> None:
    run = keywright.run(*line)
    assert run.code == 2
    assert "error[usage]" in run.err


def test_keys_are_destroyed_and_restored_in_one_account_alone(fleet: Fleet) -> None:
    fleet.declare(listed(fleet.own, fleet.others[0]))
    fleet.run("apply --yes").succeeded()
    assert fleet.run("destroy --yes").code == 2
    done = fleet.run("destroy --yes", "--account", fleet.own).succeeded()
    assert f"--account {fleet.own}" in done.out
    assert fleet.aliases(fleet.own) == []
    assert fleet.aliases(fleet.others[0]) == ["alias/dev"]
    fleet.run("restore", "--account", fleet.own).succeeded()
    fleet.run("plan --detailed-exitcode").succeeded()


@pytest.fixture
def organization(fleet: Fleet) -> Any:
    """The organization of the test's account."""
    settings = {"endpoint_url": fleet.sandbox.endpoint_url, "aws_secret_access_key": "x", "region_name": "us-east-1"}
    client: Any = boto3.client("organizations", aws_access_key_id=fleet.own, **settings)
    client.create_organization(FeatureSet="ALL")
    return client


@pytest.fixture
def unit(organization: Any) -> dict[str, str]:
    """A unit with `one`, and below it another one with `two` and with `closed`, which is closed."""
    root = organization.list_roots()["Roots"][0]["Id"]
    above = organization.create_organizational_unit(ParentId=root, Name="a")["OrganizationalUnit"]["Id"]
    below = organization.create_organizational_unit(ParentId=above, Name="b")["OrganizationalUnit"]["Id"]
    found = {"root": root, "unit": above}
    for name, place in (("one", above), ("two", below), ("closed", below)):
        made = organization.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        number = organization.describe_create_account_status(CreateAccountRequestId=made["Id"])
        found[name] = number["CreateAccountStatus"]["AccountId"]
        organization.move_account(AccountId=found[name], SourceParentId=root, DestinationParentId=place)
    organization.close_account(AccountId=found["closed"])
    organization.tag_resource(ResourceId=found["two"], Tags=[{"Key": "Team", "Value": "shop"}])
    return found


def test_an_organizational_unit_has_the_accounts_below_it_too_and_closed_ones_are_skipped_by_name(
    fleet: Fleet, unit: dict[str, str]
) -> None:
    fleet.declare(f"{{accounts: {{ou: {unit['unit']}}}, role: keywright}}")
    run = fleet.run("plan", "--json").succeeded()
    assert {item["account"]: item["name"] for item in run.document["accounts"]} == {
        unit["one"]: "one",
        unit["two"]: "two",
    }
    assert run.document["skipped"] == [
        {"account": unit["closed"], "name": "closed", "reason": "the account is SUSPENDED"}
    ]
    assert f"{unit['closed']} is no account of the targets: the account is SUSPENDED" in (
        fleet.run("plan", "--account", unit["closed"]).err
    )


def test_accounts_are_chosen_by_tag_and_left_out_by_number(fleet: Fleet, unit: dict[str, str]) -> None:
    fleet.declare(
        "{accounts: {tag: {Team: shop}}, role: keywright}",
        f"{{accounts: {{organization: true}}, exclude: ['{unit['two']}'], role: keywright}}",
    )
    run = fleet.run("plan", "--json").succeeded()
    assert {unit["one"], unit["two"]} <= set(fleet.summaries(run))


def test_an_account_of_two_targets_is_refused_on_its_line(fleet: Fleet, unit: dict[str, str]) -> None:
    fleet.declare(
        f"{{accounts: {{ou: {unit['unit']}}}, role: keywright}}", "{accounts: {tag: {Team: shop}}, role: keywright}"
    )
    run = fleet.run("plan")
    assert run.code == 2
    assert f"keys.yaml:7:16: targets[1].accounts: chooses {unit['two']}, which targets[0] chooses too" in run.err


def test_a_unit_without_accounts_is_said(fleet: Fleet, unit: dict[str, str], organization: Any) -> None:
    empty = organization.create_organizational_unit(ParentId=unit["root"], Name="empty")["OrganizationalUnit"]["Id"]
    fleet.declare(f"{{accounts: {{ou: {empty}}}, role: keywright}}")
    run = fleet.run("plan")
    assert run.code == 2
    assert "choose no account" in run.err
    assert "has no active ones" in run.err


@pytest.mark.usefixtures("organization")
def test_an_organization_that_may_not_be_read_is_an_error_with_the_action(fleet: Fleet) -> None:
    fleet.declare("{accounts: {organization: true}, role: keywright}")
    fleet.sandbox.refuse("ListAccounts", account=fleet.own)
    run = fleet.run("plan")
    assert run.code == 2
    assert "organizations:ListAccounts" in run.err


def test_finding_and_entering_the_accounts_makes_the_calls_that_it_says(fleet: Fleet, unit: dict[str, str]) -> None:
    def called() -> set[str]:
        return {name for name in fleet.sandbox.calls(fleet.own) if name.startswith(("organizations:", "sts:Assume"))}

    before = called()
    fleet.declare(
        f"{{accounts: {{ou: {unit['unit']}}}, exclude: ['{unit['two']}'], role: keywright}}",
        "{accounts: {tag: {Team: shop}}, role: keywright}",
    )
    fleet.run("plan").succeeded()
    assert called() - before <= set(PERMISSIONS["targets"])
    assert set(PERMISSIONS["targets"]) <= called()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "--account", "999999999999"), "no account of the targets"),
        (("apply",), "--yes"),
        (("apply", "--yes", "--wave", "0"), "size of a wave"),
        (("plan", "--out", "p.json"), "without targets"),
        (("drift", "--sarif"), "one account"),
        (("drift", "--since", "keys.yaml"), "keywright drift --json"),
        (("plan", "--scheduler", "nowhere"), "address of a scheduler"),
        (("destroy", "--yes"), "one account"),
        (("plan", "--key", "nope"), "no key `nope`"),
    ],
)
def test_options_that_make_no_sense_are_refused(fleet: Fleet, arguments: tuple[str, ...], words: str) -> None:
    fleet.declare(listed(fleet.own))
    command, *rest = arguments
    run = fleet.run(command, *rest)
    assert run.code == 2
    assert words in run.err


def test_options_for_many_accounts_are_refused_for_a_file_without_targets(keywright: Keywright) -> None:
    (keywright.directory / "keys.yaml").write_text("stack: s\nregion: eu-west-1\nkeys: {a: }\n")
    run = keywright.run("apply", "keys.yaml", "--yes", "--wave", "10%")
    assert run.code == 2
    assert "`--wave` is for files with `targets`" in run.err


def test_after_ctrl_c_a_second_run_finishes_what_the_first_began(fleet: Fleet) -> None:
    accounts = [f"{number}{fleet.own[2:]}" for number in range(70, 76)]
    fleet.declare(listed(*accounts))
    running = fleet.keywright.start("apply", "keys.yaml", "--yes", "--wave", "1", "--json")
    while not fleet.aliases(accounts[0]):
        pass
    os.kill(running.pid, signal.SIGINT)
    stopped = running.wait()
    assert stopped.code == 130, stopped.err
    codes = [item["exit_code"] for item in stopped.document["accounts"]]
    assert None in codes
    assert codes == sorted(codes, key=lambda code: code is None)
    assert all(bool(fleet.aliases(account)) is (code == 0) for account, code in zip(accounts, codes, strict=True))
    finished = fleet.run("apply --yes", "--json").succeeded()
    begun = [account for account, code in zip(accounts, codes, strict=True) if code == 0]
    assert all(fleet.summaries(finished)[account].endswith("1 unchanged, 0 failed") for account in begun)
