"""Writes the example of each JSON document: what the commands print on the embedded AWS, for the schemas of `--json`.

    tools/record_examples.py        writes src/keywright/_internal/cli/schemas/examples.json

Run it again when a document has new members; `tests/cli/test_document_schemas.py` holds the examples to their schemas.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from keywright._internal.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src/keywright/_internal/cli/schemas/examples.json"
COMMANDS = ROOT / "tests/compatibility/commands"
ACCOUNT = "111122223333"
KEYS = f"""
stack: payments
region: us-east-1
account: "{ACCOUNT}"
keys:
  card-data:
    aliases: [card-data]
    key_user_arns: ["arn:aws:iam::{ACCOUNT}:role/app"]
"""
TRUST = '{"Version": "2012-10-17", "Statement": []}'
DECRYPT = json.dumps({"Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]})
OLD_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}


def main() -> None:
    """Run the commands, and keep what each printed."""
    with tempfile.TemporaryDirectory(prefix="keywright-examples-") as name, Sandbox() as aws:
        folder = Path(name)
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            **aws.environment(),
            "KEYWRIGHT_RACE_WINDOW": "0",
        }
        os.environ.update(aws.environment())
        found = {
            **_of_files(folder, environment),
            **_of_keys(folder, environment),
            **_of_an_estate(folder, environment),
            "sandbox": {"endpoint_url": "http://127.0.0.1:4566", "environment": {"AWS_REGION": "us-east-1"}},
        }
    found["sandbox"] = {"format_version": 1, **found["sandbox"]}
    known = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    TARGET.write_text(json.dumps({**known, **dict(sorted(found.items()))}, indent=1) + "\n")


def _of_files(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    (folder / "keys.yaml").write_text(KEYS)
    for path in COMMANDS.glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes())
    lines = {
        "validate": "validate keys.yaml",
        "error": "validate none.yaml",
        "cost": "cost keys.yaml",
        "errors": "errors claim-refuted",
        "policy-check": "policy check --policy public.json",
        "policy-diff": "policy diff narrow.json public.json",
        "policy-explain": "policy explain keys.yaml",
        "policy-simulate": "policy simulate --policy narrow.json --request request.json",
        "policy-patterns": "policy patterns cloudtrail",
        "policy-findings": "policy findings KW101",
        "export-terraform": "export terraform keys.yaml --out terraform",
        "export-cloudformation": "export cloudformation keys.yaml --out cloudformation",
        "export-stackset": "export stackset keys.yaml --account 111122223333 --out stacksets",
        "conform": "conform --only fmt",
        "demo": "demo",
    }
    return {name: _printed(line, folder, environment) for name, line in lines.items()}


def _of_keys(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    iam, kms = boto3.client("iam"), boto3.client("kms", region_name="us-east-1")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="app", PolicyName="decrypt", PolicyDocument=DECRYPT)
    found = {
        name: _printed(line, folder, environment)
        for name, line in {
            "plan": "plan keys.yaml",
            "apply": "apply keys.yaml --yes",
            "output": "output keys.yaml",
        }.items()
    }
    key = kms.describe_key(KeyId="alias/card-data")["KeyMetadata"]["KeyId"]
    kms.put_key_policy(KeyId=key, Policy=json.dumps(OLD_POLICY))
    return {
        **found,
        "drift": _printed("drift keys.yaml", folder, environment),
        "verify": _printed("verify keys.yaml", folder, environment),
        "destroy": _printed("destroy keys.yaml --yes", folder, environment),
    }


def _of_an_estate(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    kms = boto3.client("kms", region_name="us-east-1")
    key = kms.create_key(Description="Orders", Policy=json.dumps(OLD_POLICY))["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
    lines = {
        "scan": "scan --iam --region us-east-1 --out estate.db",
        "who-can": "who-can alias/orders Decrypt",
        "who-can-keys": "who-can alias/* Decrypt",
        "why": f"why arn:aws:iam::{ACCOUNT}:role/app Decrypt alias/orders",
        "adopt": "adopt --stack legacy --region us-east-1 --out legacy.yaml alias/orders",
    }
    return {name: _printed(line, folder, environment) for name, line in lines.items()}


def _printed(line: str, folder: Path, environment: Mapping[str, str]) -> Any:
    program = Path(sys.executable).with_name("keywright")
    done = subprocess.run(  # noqa: S603 - our own program
        [program, *line.split(), "--json"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, check=False,
    )  # fmt: skip
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
