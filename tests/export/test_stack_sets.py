"""`keywright export stackset`: one template for every account, and requests that AWS's own model takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from command_line import Finished, Keywright
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.policy.document import as_json
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.policy.stack_policies import stack_policies
from keywright._internal.templates.cloudformation import Deployment, policies_of_template, said_parameters
from keywright._internal.templates.intrinsics import resolve
from keywright._internal.templates.nodes import read_nodes

KEYS = """stack: payments
region: us-east-1
keys:
  app-data:
    aliases: [app]
    key_user_arns: ["permission_set:Admin", "arn:aws:iam::444455556666:role/central"]
    key_service_users: [logs.us-east-1.amazonaws.com]
    patterns:
      - name: cloudwatch-logs
        parameters: {log_groups: audit}
  signing:
    region: eu-west-1
    key_usage: SIGN_VERIFY
    customer_master_key_spec: ECC_NIST_P256
"""
ACCOUNTS = ("111122223333", "222233334444", "999999999999")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(KEYS)
    return path


def export(keywright: Keywright, file: Path, *arguments: str) -> Finished:
    return keywright.run("export", "stackset", file, "--out", file.parent / "out", *arguments)


def request(file: Path, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((file.parent / "out" / name).read_text())
    return found


def assert_aws_takes(operation: str, asked: Mapping[str, Any]) -> None:
    model = botocore.session.get_session().get_service_model("cloudformation").operation_model(operation)
    validate_parameters({**asked}, model.input_shape)


def test_one_template_gives_every_account_its_policies(keywright: Keywright, file: Path) -> None:
    export(keywright, file, *(item for account in ACCOUNTS for item in ("--account", account))).succeeded()
    for account in ACCOUNTS:
        declared = {
            item.location.region: as_json(parse_policy(item.text).document)
            for item in stack_policies(load_stack(file), account=account)
        }
        for region, expected in declared.items():
            text = (file.parent / "out" / f"{region}.yaml").read_text()
            assert not {account, *ACCOUNTS} & set(text.split("'"))
            (found,) = policies_of_template(text, file=region, deployment=Deployment(account, region))
            assert as_json(parse_policy(found.text or "").document) == expected


def test_its_requests_are_what_aws_takes(keywright: Keywright, file: Path) -> None:
    export(keywright, file, "--account", "111122223333").succeeded()
    made = request(file, "us-east-1.stack-set.json")
    assert made["PermissionModel"] == "SELF_MANAGED"
    assert "AutoDeployment" not in made
    assert_aws_takes("CreateStackSet", {**made, "TemplateBody": "x"})
    rolled = request(file, "us-east-1.instances.json")
    assert rolled["Accounts"] == ["111122223333"]
    assert_aws_takes("CreateStackInstances", rolled)


def test_units_are_rolled_out_by_organizations_a_part_at_a_time(keywright: Keywright, file: Path) -> None:
    units = ("--ou", "ou-abcd-12345678", "--exclude", "111122223333", "--max-concurrent", "5")
    export(keywright, file, *units, "--failure-tolerance", "2%", "--no-auto-deployment").succeeded()
    made = request(file, "eu-west-1.stack-set.json")
    assert (made["PermissionModel"], made["AutoDeployment"]) == ("SERVICE_MANAGED", {"Enabled": False})
    assert_aws_takes("CreateStackSet", made)
    rolled = request(file, "eu-west-1.instances.json")
    assert rolled["DeploymentTargets"] == {
        "OrganizationalUnitIds": ["ou-abcd-12345678"],
        "Accounts": ["111122223333"],
        "AccountFilterType": "DIFFERENCE",
    }
    assert rolled["OperationPreferences"] == {
        "RegionConcurrencyType": "SEQUENTIAL",
        "FailureTolerancePercentage": 2,
        "MaxConcurrentCount": 5,
        "ConcurrencyMode": "STRICT_FAILURE_TOLERANCE",
    }
    assert_aws_takes("CreateStackInstances", rolled)


def test_what_a_stack_set_can_t_express_is_refused_together(keywright: Keywright, file: Path) -> None:
    file.write_text(
        "stack: s\nregion: us-east-1\nkeys:\n  a:\n    multi_region: true\n    replica_regions: {eu-west-1: {}}\n"
        '  b:\n    account: "111122223333"\n  c:\n    key_user_arns:\n    - permission_set:A\n'
        "    - permission_set:111122223333/A\n"
    )
    run = export(keywright, file, "--account", "111122223333", "--json")
    assert run.code == 2
    assert [(item["field"], item["line"]) for item in run.document["error"]["problems"]] == [
        ("keys.a.replica_regions", 6),
        ("keys.b.account", 8),
        ("keys.c.key_user_arns[1]", 12),
    ]


def test_what_is_left_out_is_warned_of(keywright: Keywright, file: Path) -> None:
    file.write_text(
        "stack: s\nregion: us-east-1\nkeys:\n  a:\n    multi_region: true\n    replica_regions: {eu-west-1: {}}\n"
    )
    run = export(keywright, file, "--ou", "r-abcd", "--leave-out", "replica_regions").succeeded()
    assert run.err == "warning: a: left out replica_regions\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "pass --account or --ou"),
        (("--account", "111122223333", "--ou", "r-abcd"), "pass --account or --ou"),
        (("--account", "111122223333", "--exclude", "111122223333"), "pass --ou"),
        (("--account", "1"), "`1` is not an account"),
        (("--ou", "ou-1"), "`ou-1` is not an organizational unit"),
        (("--ou", "r-abcd", "--max-concurrent", "0"), "`0` is not a number for --max-concurrent"),
        (("--ou", "r-abcd", "--failure-tolerance", "101%"), "`101%` is not a number for --failure-tolerance"),
    ],
)
def test_where_it_goes_and_how_fast_is_checked(
    keywright: Keywright, file: Path, arguments: tuple[str, ...], said: str
) -> None:
    run = export(keywright, file, *arguments)
    assert run.code == 2
    assert said in run.err


TARGETS = """stack: landing-zone
region: eu-central-1
parameters:
  environment: dev
  admin_role: admin
  readers: []
targets:
- accounts: ["111122223333", "222233334444"]
  role: keywright
  parameters: {environment: prod, admin_role: kms-admin}
- accounts: ["777788889999"]
  role: keywright
keys:
  data:
    description: "${parameters.environment}, ${aws:username}"
    aliases: ["${parameters.environment}/data"]
    key_administrator_arns:
    - {durable: "arn:aws:iam::${account_id}:role/${parameters.admin_role}"}
    - permission_set: Ops
    key_user_arns: ${parameters.readers}
    tags: {Environment: "${parameters.environment}"}
"""


def assert_accounts_get_what_is_declared(file: Path) -> None:
    for path in sorted((file.parent / "out").rglob("*.instances*.json")):
        rolled = json.loads(path.read_text())
        assert_aws_takes("CreateStackInstances", rolled)
        overrides = {item["ParameterKey"]: item["ParameterValue"] for item in rolled.get("ParameterOverrides", ())}
        (region,) = rolled["Regions"]
        text = (path.parent / f"{region}.yaml").read_text()
        for account in rolled["Accounts"]:
            deployment = Deployment(account, region, said_parameters(overrides))
            (found,) = policies_of_template(text, file=region, deployment=deployment)
            (declared,) = stack_policies(load_stack(file, account), account=account)
            assert as_json(parse_policy(found.text or "").document) == declared.text
            (key, alias) = resources_of(text, deployment)
            assert key["Description"] == declared.key.description
            assert {item["Key"]: item["Value"] for item in key["Tags"]}.items() >= declared.key.tags.items()
            assert [alias["AliasName"]] == list(declared.key.aliases)


def resources_of(text: str, deployment: Deployment) -> list[Any]:
    root = read_nodes(text, "t")
    scope = deployment.scope(root)
    return [resolve(node, scope).plain()["Properties"] for node in root.members["Resources"].members.values()]


def test_what_differs_between_targets_in_texts_is_a_parameter_of_one_template(keywright: Keywright, file: Path) -> None:
    file.write_text(TARGETS)
    export(keywright, file).succeeded()
    text = (file.parent / "out" / "eu-central-1.yaml").read_text()
    parameters = read_nodes(text, "t").members["Parameters"].plain()
    assert {name: item["AllowedValues"] for name, item in parameters.items()} == {
        "AdminRole": ["admin", "kms-admin"],
        "Environment": ["dev", "prod"],
    }
    assert_aws_takes("CreateStackSet", request(file, "eu-central-1.stack-set.json"))
    assert_accounts_get_what_is_declared(file)


def test_what_differs_otherwise_gives_each_target_a_template(keywright: Keywright, file: Path) -> None:
    reader = 'readers: ["arn:aws:iam::111122223333:role/r"], admin_role: kms-admin'
    file.write_text(TARGETS.replace("admin_role: kms-admin", reader))
    made = export(keywright, file, "--json").succeeded().document["stack_sets"]
    assert [item["file"] for item in made] == ["target-1/eu-central-1.yaml", "target-2/eu-central-1.yaml"]
    assert len({item["stack_set"] for item in made}) == 2
    assert_accounts_get_what_is_declared(file)


def test_a_text_that_a_parameter_can_t_stand_for_gives_each_target_a_template(keywright: Keywright, file: Path) -> None:
    text = TARGETS.replace("key_user_arns: ${parameters.readers}", "region: ${parameters.environment}")
    text = text.replace("environment: dev", "environment: us-east-1").replace(
        "environment: prod", "environment: eu-west-1"
    )
    file.write_text(text)
    made = export(keywright, file, "--json").succeeded().document["stack_sets"]
    assert [item["file"] for item in made] == ["target-1/eu-west-1.yaml", "target-2/us-east-1.yaml"]
    assert_accounts_get_what_is_declared(file)


def test_an_account_that_a_policy_file_names_stays_that_account(keywright: Keywright, file: Path) -> None:
    named = "arn:aws:iam::000000000000:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "kms:*", "Resource": "*"}
    (file.parent / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    file.write_text(TARGETS.partition("keys:")[0] + "keys: {data: {policy_file: policy.json}}\n")
    export(keywright, file).succeeded()
    text = (file.parent / "out" / "eu-central-1.yaml").read_text()
    assert named in text


def test_units_of_a_target_are_those_of_the_stack_set(keywright: Keywright, file: Path) -> None:
    accounts = 'accounts: ["111122223333", "222233334444"]'
    unit = 'accounts: {ou: [ou-abcd-12345678]}\n  exclude: ["999988887777"]'
    file.write_text(TARGETS.replace(accounts, unit).partition('- accounts: ["777788889999"]')[0] + "keys:\n  a:\n")
    export(keywright, file).succeeded()
    rolled = request(file, "eu-central-1.instances.json")
    assert rolled["DeploymentTargets"] == {
        "OrganizationalUnitIds": ["ou-abcd-12345678"],
        "Accounts": ["999988887777"],
        "AccountFilterType": "DIFFERENCE",
    }


@pytest.mark.parametrize("accounts", ["{organization: true}", "{tag: {Stage: prod}}"])
def test_a_target_that_no_stack_set_reaches_is_refused_on_its_line(
    keywright: Keywright, file: Path, accounts: str
) -> None:
    file.write_text(TARGETS.replace('["777788889999"]', accounts))
    run = export(keywright, file, "--json")
    assert [(item["field"], item["line"]) for item in run.document["error"]["problems"]] == [
        ("targets[1].accounts", 11)
    ]


def test_the_targets_of_a_file_say_where_it_goes(keywright: Keywright, file: Path) -> None:
    file.write_text(TARGETS)
    assert "leave out --account" in export(keywright, file, "--account", "111122223333").err


def test_one_account_of_a_file_with_targets_is_exported_as_templates(keywright: Keywright, file: Path) -> None:
    file.write_text(TARGETS)
    out = file.parent / "out"
    refused = keywright.run("export", "cloudformation", file, "--out", out)
    assert "or use `keywright export stackset`" in refused.err
    keywright.run("export", "cloudformation", file, "--out", out, "--account", "777788889999").succeeded()
    text = (out / "777788889999" / "eu-central-1.yaml").read_text()
    assert "AliasName: alias/dev/data" in text
    assert "arn:aws:iam::777788889999:role/admin" in text
