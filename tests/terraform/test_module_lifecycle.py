"""A key's life through the module, on each engine: made, left alone, changed and destroyed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from engine_runs import Root

from keywright._internal.sandbox import Sandbox
from keywright._internal.terraform.engine import Engine

ROOT = """
provider "aws" {{
  region = "us-east-1"
}}

module "key" {{
  source                 = "./aws-kms"
  aliases                = {aliases}
  multi_region           = true
  replica_regions        = {regions}
  key_user_arns          = ["arn:aws:iam::111122223333:root"]
  key_service_users      = ["logs.us-east-1.amazonaws.com"]
  deletion_window_in_days = {window}
  grants = [{{
    name              = "nightly"
    grantee_principal = "arn:aws:iam::111122223333:role/export"
    operations        = {operations}
    constraints       = {{ encryption_context_subset = {{ job = "export" }} }}
  }}]
}}

output "key" {{
  value = module.key
}}
"""


def _hcl(
    aliases: str = '["app", "app-old"]',
    regions: str = '{ "eu-west-1" = {} }',
    window: int = 30,
    operations: str = '["Decrypt"]',
) -> str:
    return ROOT.format(aliases=aliases, regions=regions, window=window, operations=operations)


def _kms(sandbox: Sandbox, account: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        "kms",
        region_name=region,
        endpoint_url=sandbox.endpoint_url,
        aws_access_key_id=account,
        aws_secret_access_key="x",
    )


def test_a_key_with_replicas_is_made_left_alone_changed_and_destroyed(
    engine: Engine, root: Callable[[Engine, str], Root], sandbox: Sandbox, account: str
) -> None:
    made = root(engine, _hcl())
    made.apply()
    key = made.outputs()["key"]
    assert made.plans_nothing()
    assert _kms(sandbox, account, "eu-west-1").describe_key(KeyId=key["key_id"])["KeyMetadata"]["MultiRegion"]

    (made.folder / "main.tf").write_text(_hcl(aliases='["app", "app-new"]'))
    assert made.changes() == {
        'module.key.aws_kms_alias.this["alias/app-new"]': "create",
        'module.key.aws_kms_alias.this["alias/app-old"]': "delete",
    }
    (made.folder / "main.tf").write_text(_hcl(regions='{ "eu-west-1" = {}, "eu-west-2" = {} }'))
    assert made.changes() == {'module.key.aws_kms_replica_key.region["eu-west-2"]': "create"}
    made.apply()
    (made.folder / "main.tf").write_text(_hcl(regions="{}"))
    assert made.changes() == {
        'module.key.aws_kms_replica_key.region["eu-west-1"]': "delete",
        'module.key.aws_kms_replica_key.region["eu-west-2"]': "delete",
    }

    (made.folder / "main.tf").write_text(_hcl(window=7, operations='["Decrypt", "DescribeKey"]'))
    assert made.changes()['module.key.aws_kms_grant.this["nightly"]'] == "replace"
    made.apply()
    (grant,) = _kms(sandbox, account).list_grants(KeyId=key["key_id"])["Grants"]
    assert (grant["Name"], sorted(grant["Operations"])) == ("nightly", ["Decrypt", "DescribeKey"])
    assert grant["Constraints"] == {"EncryptionContextSubset": {"job": "export"}}
    policy = _kms(sandbox, account).get_key_policy(KeyId=key["key_id"], PolicyName="default")["Policy"]
    made.destroy()
    kms = _kms(sandbox, account)
    assert kms.describe_key(KeyId=key["key_id"])["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"
    assert kms.get_key_policy(KeyId=key["key_id"], PolicyName="default")["Policy"] == policy
