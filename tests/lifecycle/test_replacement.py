"""A key that AWS can't change in place is replaced: names move, the old key keeps decrypting."""

from __future__ import annotations

import pytest

from aws_directly import Aws
from command_line import Keywright

OLD = "stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a, b]}\n"
NEW = OLD.replace("{aliases", "{multi_region: true, replica_regions: {eu-west-1: {}}, aliases")


@pytest.fixture
def file(keywright: Keywright) -> str:
    (keywright.directory / "keys.yaml").write_text(OLD)
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    return "keys.yaml"


def test_a_new_key_takes_the_names_and_the_old_one_keeps_decrypting(file: str, keywright: Keywright, aws: Aws) -> None:
    old = aws.aliases()["alias/a"]
    secret = aws.kms("Encrypt", KeyId=old, Plaintext="eA==")["CiphertextBlob"]
    (keywright.directory / file).write_text(NEW)
    assert "keywright replace" in keywright.run("apply", file, "--yes").err
    keywright.run("replace", file, "--key", "a", "--yes").succeeded()
    new = aws.aliases()["alias/a"]
    assert new != old
    assert aws.aliases() == {"alias/a": new, "alias/b": new}
    assert aws.kms("Decrypt", KeyId=old, CiphertextBlob=secret)["Plaintext"] == "eA=="
    assert aws.tags(old) == {"keywright:stack": "s", "keywright:retired": "a"}
    keywright.run("verify", file).succeeded()


def test_names_move_also_to_a_key_of_another_kind(file: str, keywright: Keywright, aws: Aws) -> None:
    old = aws.aliases()["alias/a"]
    kind = "{customer_master_key_spec: RSA_2048, key_usage: SIGN_VERIFY, aliases"
    (keywright.directory / file).write_text(OLD.replace("{aliases", kind))
    keywright.run("replace", file, "--key", "a", "--yes").succeeded()
    assert old not in aws.aliases().values()
    assert sorted(aws.aliases()) == ["alias/a", "alias/b"]
    keywright.run("verify", file).succeeded()


def test_after_a_kill_when_the_old_key_was_retired_apply_goes_on(file: str, keywright: Keywright, aws: Aws) -> None:
    old = aws.aliases()["alias/a"]
    aws.kms("TagResource", KeyId=old, Tags=[{"TagKey": "keywright:retired", "TagValue": "a"}])
    aws.kms("UntagResource", KeyId=old, TagKeys=["keywright:key"])
    keywright.run("apply", file, "--yes").succeeded()
    assert old not in aws.aliases().values()
    assert len(aws.live()) == 2
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_what_is_not_there_and_what_nobody_confirmed_is_not_replaced(file: str, keywright: Keywright, aws: Aws) -> None:
    asked = keywright.run("replace", file, "--key", "a")
    assert asked.code == 2
    assert "--yes" in asked.err
    keywright.run("destroy", file, "--yes").succeeded()
    refused = keywright.run("replace", file, "--key", "a", "--yes")
    assert refused.code == 2
    assert "pending deletion" in refused.err
    assert len(aws.keys()) == 1


def test_nothing_is_retired_while_a_claim_on_the_new_policy_is_refuted(
    file: str, keywright: Keywright, aws: Aws
) -> None:
    key = "{enable_default_root_policy: false, key_administrator_arns: ['arn:aws:iam::111122223333:role/one'], aliases"
    (keywright.directory / file).write_text(OLD.replace("{aliases", key.replace("111122223333", aws.account)))
    refused = keywright.run("replace", file, "--key", "a", "--yes")
    assert refused.code == 2
    assert "nothing was changed" in refused.err
    assert aws.tags(aws.aliases()["alias/a"])["keywright:key"] == "a"
