"""`verify` re-reads AWS, really uses the keys, and says what it skipped."""

from __future__ import annotations

import json

import pytest

from aws_directly import Aws
from command_line import Keywright

SPECS = {
    "SYMMETRIC_DEFAULT": "ENCRYPT_DECRYPT",
    "RSA_2048": "SIGN_VERIFY",
    "ECC_NIST_P521": "KEY_AGREEMENT",
    "ECC_NIST_EDWARDS25519": "SIGN_VERIFY",
    "ECC_SECG_P256K1": "SIGN_VERIFY",
    "HMAC_224": "GENERATE_VERIFY_MAC",
}


def applied(keywright: Keywright, keys: str) -> str:
    (keywright.directory / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\nkeys:\n{keys}")
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    return "keys.yaml"


def test_keys_of_each_usage_are_really_used(keywright: Keywright) -> None:
    lines = [
        f"  k{number}: {{customer_master_key_spec: {spec}, key_usage: {usage}}}\n"
        for number, (spec, usage) in enumerate([*SPECS.items(), ("RSA_3072", "ENCRYPT_DECRYPT")])
    ]
    file = applied(keywright, "".join(lines))
    keys = keywright.run("verify", file, "--json").succeeded().document["keys"]
    assert {trial["use"] for item in keys.values() for trial in item["use"]} == {
        "encrypt and decrypt",
        "sign and verify",
        "derive a shared secret",
        "generate and verify a MAC",
    }
    assert all(trial["result"] == "worked" for item in keys.values() for trial in item["use"])


@pytest.mark.parametrize(
    ("spec", "usage", "across"),
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "cross-Region decrypt"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "cross-Region verify MAC"),
    ],
)
def test_a_replica_undoes_what_the_primary_did(spec: str, usage: str, across: str, keywright: Keywright) -> None:
    file = applied(
        keywright,
        f"  a: {{customer_master_key_spec: {spec}, key_usage: {usage}, multi_region: true,"
        " replica_regions: {eu-west-1: {}}}\n",
    )
    trials = keywright.run("verify", file, "--json").succeeded().document["keys"]["a"]["use"]
    assert {(item["region"], item["use"]) for item in trials} >= {("eu-west-1", across)}
    assert {item["result"] for item in trials} == {"worked"}


def test_a_disabled_key_is_in_sync_and_its_use_is_skipped_with_the_reason(keywright: Keywright) -> None:
    file = applied(keywright, "  a: {is_enabled: false}\n")
    (trial,) = keywright.run("verify", file, "--json").succeeded().document["keys"]["a"]["use"]
    assert (trial["result"], trial["reason"]) == ("skipped", "the key's state is Disabled")


def test_uses_are_not_required_and_left_out_at_once(keywright: Keywright) -> None:
    (keywright.directory / "keys.yaml").write_text("stack: s\nregion: us-east-1\nkeys: {a: {}}\n")
    refused = keywright.run("verify", "keys.yaml", "--require-use", "--no-use")
    assert refused.code == 2
    assert "leave one of them out" in refused.err


def test_a_deleted_principal_is_reported_under_the_name_the_file_gave_and_repaired(
    keywright: Keywright, aws: Aws
) -> None:
    role = aws.make_role("app")
    kept = aws.make_role("kept")
    file = applied(keywright, f"  a: {{key_user_arns: ['{role}', '{kept}']}}\n")
    aws.iam("DeleteRole", RoleName="app")
    aws.make_role("app")
    found = keywright.run("verify", file, "--json")
    assert found.code == 1
    (orphan,) = found.document["keys"]["a"]["orphaned_principals"]
    assert orphan["unique_id"].startswith("AROA")
    assert orphan["declared_as"] == [role]
    assert "role `app` gains" in json.dumps(found.document["keys"]["a"]["differences"])
    keywright.run("apply", file, "--yes").succeeded()
    keywright.run("verify", file).succeeded()


def test_a_policy_widened_by_hand_is_shown_by_who_loses_what(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright, "  a: {}\n")
    key = aws.keys()[0]["KeyId"]
    policy = json.loads(aws.kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"])
    intruder = {"AWS": f"arn:aws:iam::{aws.account}:role/intruder"}
    policy["Statement"].append({"Effect": "Allow", "Principal": intruder, "Action": "kms:Decrypt", "Resource": "*"})
    aws.kms("PutKeyPolicy", KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    found = keywright.run("verify", file)
    assert found.code == 1
    assert "role `intruder` loses kms:Decrypt" in found.out


def test_a_key_that_is_not_there_is_a_difference(keywright: Keywright) -> None:
    (keywright.directory / "keys.yaml").write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {}\n")
    found = keywright.run("verify", "keys.yaml", "--json")
    assert found.code == 1
    assert [step["action"] for step in found.document["keys"]["a"]["differences"]] == ["create", "rotate"]
