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
from keywright._internal.templates.cloudformation import Deployment, policies_of_template

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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "pass --account or --ou"),
        (("--account", "111122223333", "--ou", "r-abcd"), "pass --account or --ou"),
        (("--account", "111122223333", "--exclude", "111122223333"), "pass --ou"),
        (("--account", "1"), "`1` is not an account"),
        (("--ou", "ou-1"), "`ou-1` is not an organizational unit"),
        (("--ou", "r-abcd", "--max-concurrent", "0"), "`0` is no number for --max-concurrent"),
        (("--ou", "r-abcd", "--failure-tolerance", "101%"), "`101%` is no number for --failure-tolerance"),
    ],
)
def test_where_it_goes_and_how_fast_is_checked(
    keywright: Keywright, file: Path, arguments: tuple[str, ...], said: str
) -> None:
    run = export(keywright, file, *arguments)
    assert run.code == 2
    assert said in run.err
