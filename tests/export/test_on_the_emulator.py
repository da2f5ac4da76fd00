"""Exported templates on CloudFormation: cfn-lint takes them, and what they make is what Keywright would have made."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from aws_directly import Aws
from chance import fresh_seed
from command_line import Keywright
from keywright._internal.conformance.equality_cases import accepted_by_python, as_key
from keywright._internal.conformance.generated_keys import drawn_keys
from keywright._internal.export.cloudformation import Layout, templates
from keywright._internal.export.inexpressible import LeftOut
from keywright._internal.export.template_files import TemplateFile, template_files
from keywright._internal.lifecycle.policy_normalization import same_statements
from keywright._internal.model.stack import Stack
from keywright._internal.policy.stack_policies import stack_policies
from keywright._internal.sandbox import Sandbox

KEYS = """
stack: payments
region: us-east-1
keys:
  app-data:
    description: 'Of the "app", ${not} a %{template}, für 日本'
    aliases: [app, team/app_2]
    multi_region: true
    key_administrator_arns: ["permission_set:Admin"]
    key_service_users: [logs.us-east-1.amazonaws.com]
    replica_regions:
      eu-west-1: {}
      eu-west-2: {description: standby, enabled: false, deletion_window_in_days: 7}
    tags: {Team: payments}
  "2.sign":
    region: eu-west-1
    key_usage: SIGN_VERIFY
    customer_master_key_spec: ECC_NIST_P256
  off:
    is_enabled: false
    rotation_period_in_days: 180
  trails:
    patterns:
      - name: cloudwatch-logs
        parameters: {log_groups: audit}
"""
TAGS = ("keywright:stack", "keywright:key")


@dataclass(frozen=True, slots=True)
class Stacks:
    """CloudFormation in one account of the sandbox."""

    endpoint: str
    account: str

    def client(self, region: str) -> Any:
        return boto3.client(
            "cloudformation",
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=self.account,
            aws_secret_access_key="sandbox",
        )

    def deploy(self, template: Mapping[str, Any], text: str) -> Mapping[str, str]:
        """Create or update the stack of a template; its outputs."""
        client, name = self.client(template["region"]), template["stack_name"]
        known = {item["StackName"] for item in client.describe_stacks()["Stacks"]}
        (client.update_stack if name in known else client.create_stack)(StackName=name, TemplateBody=text)
        return self.outputs(client, name)

    def outputs(self, client: Any, name: str) -> Mapping[str, str]:
        while (stack := client.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"].endswith("IN_PROGRESS"):
            pass
        assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}, stack
        return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", ())}

    def take_over(self, template: Mapping[str, Any], text: str, resources: list[Mapping[str, Any]]) -> None:
        """Import existing resources into a new stack."""
        client, name = self.client(template["region"]), template["stack_name"]
        asked = {"StackName": name, "ChangeSetName": "import"}
        client.create_change_set(**asked, ChangeSetType="IMPORT", TemplateBody=text, ResourcesToImport=resources)
        while client.describe_change_set(**asked)["Status"] in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
            pass
        client.execute_change_set(**asked)
        self.outputs(client, name)


@pytest.fixture
def stacks(aws: Aws) -> Stacks:
    return Stacks(aws.endpoint, aws.account)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(KEYS)
    return path


def exported(keywright: Keywright, file: Path, *arguments: str) -> tuple[Path, list[dict[str, Any]]]:
    out = file.parent / "out"
    run = keywright.run("export", "cloudformation", file, "--out", str(out), *arguments, "--json").succeeded()
    return out, run.document["templates"]


def test_what_is_deployed_is_what_the_file_declares(keywright: Keywright, stacks: Stacks, file: Path) -> None:
    out, made = exported(keywright, file)
    outputs = [stacks.deploy(template, (out / template["file"]).read_text()) for template in made]
    keywright.run("plan", file, "--detailed-exitcode").succeeded()
    declared = keywright.run("output", file, "--json").succeeded().document["keys"]["app-data"]
    (own,) = (item for item in outputs if "AppDataPrimaryAlias" in item)
    assert own["AppDataKeyId"] == declared["key_id"]
    assert own["AppDataKeyArn"] == declared["key_arn"]
    assert own["AppDataPrimaryAlias"] == declared["primary_alias"]
    assert own["AppDataAliasArns"].split(",") == declared["alias_arns"]
    assert own["AppDataRotationEnabled"] == str(declared["rotation_enabled"]).lower()
    assert own["AppDataReplicaKeyArns"].split(",") == list(declared["replica_key_arns"].values())


def test_keys_that_exist_are_imported_and_stay_as_they_are(
    keywright: Keywright, stacks: Stacks, file: Path, aws: Aws
) -> None:
    keywright.run("apply", file, "--yes").succeeded()
    before = {key["Arn"] for region in ("us-east-1", "eu-west-1", "eu-west-2") for key in aws.live(region)}
    out, made = exported(keywright, file, "--import")
    for template in (item for item in made if item["imports"]):
        path = out / template["file"]
        stacks.take_over(template, path.read_text(), json.loads(path.with_suffix(".json").read_text()))
    for template in (item for item in made if not item["imports"]):
        stacks.deploy(template, (out / template["file"]).read_text())
    assert before == {key["Arn"] for region in ("us-east-1", "eu-west-1", "eu-west-2") for key in aws.live(region)}
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_what_a_stack_set_deploys_is_what_each_account_declares(
    keywright: Keywright, sandbox: Sandbox, account: str, file: Path
) -> None:
    first, other = (f"{int(account) + 700_000 + number:012d}" for number in (1, 2))
    file.write_text(
        f"""stack: everywhere
region: us-east-1
parameters: {{environment: dev}}
targets:
- {{accounts: ["{first}"], role: keys, parameters: {{environment: prod}}}}
- {{accounts: ["{other}"], role: keys}}
keys:
  app:
    aliases: ["${{parameters.environment}}/app"]
    key_administrator_arns: [{{permission_set: Admin}}, {{durable: "arn:aws:iam::${{account_id}}:role/admin"}}]
    key_service_users: [logs.us-east-1.amazonaws.com]
    tags: {{Environment: "${{parameters.environment}}"}}
"""
    )
    out = file.parent / "out"
    keywright.run("export", "stackset", file, "--out", out).succeeded()
    for path in out.glob("*.instances-*.json"):
        asked = json.loads(path.read_text())
        client = Stacks(sandbox.endpoint_url, *asked["Accounts"]).client("us-east-1")
        text = (out / "us-east-1.yaml").read_text()
        client.create_stack(StackName="instance", TemplateBody=text, Parameters=asked["ParameterOverrides"])
        Stacks(sandbox.endpoint_url, *asked["Accounts"]).outputs(client, "instance")
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_a_snapshot_tells_what_exists_as_aws_does(keywright: Keywright, file: Path, tmp_path: Path) -> None:
    keywright.run("apply", file, "--yes").succeeded()
    snapshot = tmp_path / "estate.db"
    keywright.run("scan", "--out", snapshot, "--region", "us-east-1", "--region", "eu-west-1", "--region", "eu-west-2")
    live, _ = exported(keywright, file, "--import")
    texts = {path.relative_to(live): path.read_text() for path in live.rglob("*.*")}
    other = tmp_path / "other"
    keywright.run("export", "cloudformation", file, "--out", other, "--import", "--from", snapshot).succeeded()
    assert texts == {path.relative_to(other): path.read_text() for path in other.rglob("*.*")}


def test_a_key_that_is_pending_deletion_is_not_made_again(keywright: Keywright, file: Path, tmp_path: Path) -> None:
    keywright.run("apply", file, "--key", "trails", "--yes").succeeded()
    keywright.run("destroy", file, "--key", "trails", "--yes").succeeded()
    snapshot = tmp_path / "estate.db"
    keywright.run("scan", "--out", snapshot, "--region", "us-east-1")
    for given in ((), ("--from", snapshot)):
        run = keywright.run("export", "cloudformation", file, "--import", "--out", tmp_path / "out", *given)
        assert (run.code, "the key `trails` is pending deletion" in run.err) == (2, True)


OF_THE_EMULATOR = ("SYMMETRIC_DEFAULT", "HMAC_", "RSA_", "ECC_NIST_P")
"""The specs of keys that it makes; for key agreement it makes none by itself."""


def drawn(count: int) -> list[tuple[Stack, TemplateFile]]:
    """Drawn keys of one Region that the emulator makes."""
    draw = random.Random(fresh_seed())
    found = []
    for inputs in drawn_keys(draw, ("us-east-1",)):
        makes = (
            inputs["customer_master_key_spec"].startswith(OF_THE_EMULATOR) and inputs["key_usage"] != "KEY_AGREEMENT"
        )
        if makes and accepted_by_python(inputs) and "replica_primary_key_arn" not in inputs:
            stack = Stack(name="drawn", keys={"a": as_key(inputs)})
            layout = Layout(TAGS, left_out=(LeftOut.GRANTS,))
            found.append((stack, template_files(templates(stack, layout))[0]))
        if len(found) == count:
            break
    return found


def test_the_policies_of_generated_keys_arrive(stacks: Stacks, aws: Aws) -> None:
    for number, (stack, file) in enumerate(drawn(4)):
        made = stacks.deploy({"region": "us-east-1", "stack_name": f"drawn-{number}"}, file.text)
        key = made["AKeyId"]
        (policy, *_) = stack_policies(stack, account=aws.account)
        assert same_statements(aws.kms("GetKeyPolicy", KeyId=key)["Policy"], policy.text)
        assert {name: value for name, value in aws.tags(key).items() if not name.startswith("aws:")} == {
            **stack.keys["a"].tags,
            "keywright:stack": "drawn",
            "keywright:key": "a",
        }
        assert {name for name, target in aws.aliases().items() if target == key} == set(stack.keys["a"].aliases)
        for name in stack.keys["a"].aliases:
            aws.kms("DeleteAlias", AliasName=name)


def test_cfn_lint_passes_every_template(keywright: Keywright, file: Path, tmp_path: Path) -> None:
    out, _ = exported(keywright, file)
    for number, (_, item) in enumerate(drawn(5)):
        (tmp_path / "out" / f"drawn-{number}.yaml").write_text(item.text)
    command = [Path(sys.executable).with_name("cfn-lint"), *out.rglob("*.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
