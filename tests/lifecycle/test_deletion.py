"""Keys go away and come back."""

from __future__ import annotations

from aws_directly import PENDING, Aws
from command_line import Keywright
from keywright._internal.lifecycle.deletion import Loss

EUROPE = "eu-west-1"
FAMILY = (
    "stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a], multi_region: true, replica_regions: {eu-west-1: {}}}\n"
)


def applied(keywright: Keywright, text: str = FAMILY) -> str:
    (keywright.directory / "keys.yaml").write_text(text)
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    return "keys.yaml"


def test_without_a_terminal_and_without_yes_nothing_is_destroyed(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright)
    refused = keywright.run("destroy", file)
    assert refused.code == 2
    assert "--yes" in refused.err
    assert aws.keys()[0]["KeyState"] == "Enabled"


def test_destroying_says_what_is_lost_until_when_at_what_cost_and_how_to_undo_it(
    keywright: Keywright, aws: Aws
) -> None:
    file = applied(keywright)
    key = aws.keys()[0]
    aws.kms("Encrypt", KeyId=key["KeyId"], Plaintext="eA==")
    result = keywright.run("destroy", file, "--yes").succeeded()
    assert "becomes unreadable" in result.err
    assert "for Encrypt" in result.err
    assert "will be deleted on 20" in result.out
    assert "30 days after its last replica is gone" in result.out
    assert "doesn't charge" in result.out
    assert "keywright restore keys.yaml" in result.out
    assert aws.keys()[0]["KeyState"] == "PendingReplicaDeletion"
    assert aws.keys(EUROPE)[0]["KeyState"] == "PendingDeletion"
    assert aws.aliases() == {}


def test_a_destroyed_key_is_not_made_again_and_comes_back_whole(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright)
    keywright.run("destroy", file, "--yes").succeeded()
    offered = keywright.run("apply", file, "--yes")
    assert offered.code == 2
    assert "keywright restore" in offered.err
    assert len(aws.keys()) == 1
    keywright.run("restore", file).succeeded()
    keywright.run("verify", file).succeeded()
    assert aws.keys(EUROPE)[0]["KeyState"] == "Enabled"


def test_destroying_and_restoring_twice_is_the_same_as_once(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright)
    for _ in range(2):
        keywright.run("destroy", file, "--yes").succeeded()
    assert {item["KeyState"] for item in (*aws.keys(), *aws.keys(EUROPE))} <= PENDING
    for _ in range(2):
        keywright.run("restore", file).succeeded()
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_a_key_that_the_file_wants_disabled_is_restored_disabled(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright, "stack: s\nregion: us-east-1\nkeys:\n  a: {is_enabled: false}\n")
    keywright.run("destroy", file, "--yes").succeeded()
    keywright.run("restore", file).succeeded()
    assert aws.keys()[0]["KeyState"] == "Disabled"


def test_restoring_what_never_was_makes_nothing(keywright: Keywright, aws: Aws) -> None:
    (keywright.directory / "keys.yaml").write_text(FAMILY)
    result = keywright.run("restore", "keys.yaml")
    assert result.code == 2
    assert "no key to restore" in result.err
    assert aws.keys() == []


def test_restoring_leaves_other_differences_to_apply(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright)
    keywright.run("destroy", file, "--yes").succeeded()
    (keywright.directory / file).write_text(FAMILY.replace("{aliases", "{description: new, aliases"))
    keywright.run("restore", file).succeeded()
    assert aws.keys()[0]["Description"] != "new"
    assert keywright.run("plan", file, "--detailed-exitcode").code == 1


def test_one_key_of_the_file_is_destroyed_and_the_others_stay(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright, "stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a]}\n  b: {aliases: [b]}\n")
    result = keywright.run("destroy", file, "--key", "a", "--yes", "--json").succeeded()
    assert result.document["undo"] == "keywright restore keys.yaml --key a"
    assert list(result.document["keys"]) == ["a"]
    assert list(aws.aliases()) == ["alias/b"]
    assert len(aws.live()) == 1


def test_a_replica_destroyed_by_hand_is_offered_back(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright)
    aws.kms("ScheduleKeyDeletion", EUROPE, KeyId=aws.keys(EUROPE)[0]["KeyId"], PendingWindowInDays=7)
    plan = keywright.run("plan", file)
    assert plan.code == 1
    assert "pending deletion" in plan.out
    keywright.run("restore", file).succeeded()
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


IDENTITY = [{"TagKey": "keywright:stack", "TagValue": "s"}, {"TagKey": "keywright:key", "TagValue": "a"}]


def test_of_two_keys_with_one_identity_none_is_destroyed_until_one_is_named(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright, "stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a]}\n")
    ours = aws.aliases()["alias/a"]
    foreign = aws.kms("CreateKey", Tags=IDENTITY)["KeyMetadata"]["KeyId"]
    refused = keywright.run("destroy", file, "--yes")
    assert refused.code == 2
    assert ours in refused.err
    assert foreign in refused.err
    assert len(aws.live()) == 2
    done = keywright.run("destroy", file, "--key-id", foreign, "--yes", "--json").succeeded()
    assert [key["KeyId"] for key in aws.live()] == [ours]
    assert aws.aliases() == {"alias/a": ours}
    keywright.run(*done.document["undo"].split()[1:]).succeeded()
    assert len(aws.live()) == 2


def test_a_replica_alone_is_destroyed(keywright: Keywright, aws: Aws) -> None:
    file = applied(keywright)
    keywright.run("destroy", file, "--key", "a", "--replica", EUROPE, "--yes").succeeded()
    assert aws.keys(EUROPE)[0]["KeyState"] == "PendingDeletion"
    assert aws.keys()[0]["KeyState"] == "Enabled"
    assert list(aws.aliases()) == ["alias/a"]
    assert keywright.run("destroy", file, "--replica", "ap-south-1", "--yes").code == 2


def test_a_replica_that_is_no_longer_declared_keeps_nobodys_access_alive(keywright: Keywright, aws: Aws) -> None:
    user = aws.make_role("gone")
    family = FAMILY.replace("multi_region", f"key_user_arns: ['{user}'], multi_region")
    file = applied(keywright, family)
    (keywright.directory / file).write_text(FAMILY.replace(", replica_regions: {eu-west-1: {}}", ""))
    drift = keywright.run("verify", file)
    assert drift.code == 1
    assert "update key policy of replica in eu-west-1" in drift.out
    done = keywright.run("apply", file, "--yes").succeeded()
    assert f"keywright destroy FILE --key a --replica {EUROPE}" in done.err
    replica = aws.keys(EUROPE)[0]["KeyId"]
    assert "role/gone" not in aws.kms("GetKeyPolicy", EUROPE, KeyId=replica, PolicyName="default")["Policy"]
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_a_key_without_a_description_is_lost_without_one() -> None:
    loss = Loss("a", "arn:aws:kms:us-east-1:111122223333:key/x", (), "", 7, "ENCRYPT_DECRYPT", None)
    assert loss.summary.startswith("a: arn:aws:kms:us-east-1:111122223333:key/x: all that it encrypted")


def test_what_a_file_no_longer_declares_is_named_with_the_command_that_destroys_it(keywright: Keywright) -> None:
    applied(keywright, "stack: s\nregion: us-east-1\nkeys: {a: {}, b: {}}\n")
    (keywright.directory / "keys.yaml").write_text("stack: s\nregion: us-east-1\nkeys: {a: {}}\n")
    shown = keywright.run("plan", "keys.yaml").succeeded()
    assert "`keywright destroy FILE --key b`" in shown.out + shown.err
