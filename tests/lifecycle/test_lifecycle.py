"""Keys come to AWS, stay as declared, and go away, on the embedded AWS."""

from __future__ import annotations

import json

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.sandbox import Sandbox

EUROPE = "eu-west-1"


def write(keywright: Keywright, keys: str, more: str = "") -> str:
    text = f"stack: s\nregion: us-east-1\n{more}keys:\n" + "".join(f"  {line}\n" for line in keys.splitlines())
    (keywright.directory / "keys.yaml").write_text(text)
    return "keys.yaml"


def apply(keywright: Keywright, keys: str) -> str:
    file = write(keywright, keys)
    keywright.run("apply", file, "--yes").succeeded()
    return file


def actions(keywright: Keywright, file: str = "keys.yaml") -> dict[str, list[str]]:
    changes = keywright.run("plan", file, "--json").document["changes"]
    return {name: [step["action"] for step in steps] for name, steps in changes.items()}


def test_a_key_is_made_with_its_policy_tags_and_description_in_one_call(keywright: Keywright, aws: Aws) -> None:
    apply(keywright, "a: {description: mine, aliases: [a, b/c], tags: {t: v}, rotation_period_in_days: 200}")
    (key,) = aws.keys()
    assert key["Description"] == "mine"
    assert aws.tags(key["KeyId"]) == {"keywright:stack": "s", "keywright:key": "a", "t": "v"}
    assert aws.aliases() == {"alias/a": key["KeyId"], "alias/b/c": key["KeyId"]}
    assert aws.kms("GetKeyRotationStatus", KeyId=key["KeyId"])["RotationPeriodInDays"] == 200


def test_everything_that_aws_can_change_is_changed_in_place(keywright: Keywright, aws: Aws) -> None:
    apply(keywright, "a: {aliases: [a], tags: {t: v, u: w}, multi_region: true, replica_regions: {eu-west-1: {}}}")
    (before,) = aws.keys()
    apply(
        keywright,
        "a: {description: new, aliases: [b], tags: {t: x}, enable_key_rotation: false, is_enabled: false,"
        " key_user_arns: ['arn:aws:iam::111122223333:role/app'], multi_region: true,"
        " replica_regions: {eu-west-1: {description: there, enabled: false}, us-west-2: {}}}",
    )
    (after,) = aws.keys()
    (replica,) = aws.keys(EUROPE)
    assert after["KeyId"] == before["KeyId"] == replica["KeyId"]
    assert (after["Description"], after["KeyState"]) == ("new", "Disabled")
    assert (replica["Description"], replica["KeyState"]) == ("there", "Disabled")
    assert aws.tags(after["KeyId"]) == aws.tags(replica["KeyId"], EUROPE)
    assert aws.tags(after["KeyId"])["t"] == "x"
    assert list(aws.aliases()) == ["alias/b"]
    assert not aws.kms("GetKeyRotationStatus", KeyId=after["KeyId"])["KeyRotationEnabled"]
    assert "role/app" in aws.kms("GetKeyPolicy", EUROPE, KeyId=replica["KeyId"], PolicyName="default")["Policy"]
    assert len(aws.keys("us-west-2")) == 1
    assert actions(keywright) == {}


def test_a_disabled_key_is_enabled_for_as_long_as_a_change_needs_it(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {is_enabled: false, multi_region: true}")
    write(
        keywright,
        "a: {is_enabled: false, multi_region: true, rotation_period_in_days: 90, replica_regions: {eu-west-1: {}}}",
    )
    assert actions(keywright)["a"] == ["enable", "rotate", "replicate", "disable"]
    keywright.run("apply", file, "--yes").succeeded()
    assert aws.keys()[0]["KeyState"] == "Disabled"
    assert actions(keywright) == {}


def test_a_change_by_hand_is_shown_and_mended(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {aliases: [a], tags: {t: v}}")
    key = aws.aliases()["alias/a"]
    aws.kms("DisableKey", KeyId=key)
    aws.kms("UntagResource", KeyId=key, TagKeys=["t"])
    aws.kms("DeleteAlias", AliasName="alias/a")
    aws.kms("DisableKey", KeyId=key)
    drift = keywright.run("verify", file)
    assert drift.code == 1
    assert "enable key" in drift.out
    assert "set tag t" in drift.out
    assert "create alias alias/a" in drift.out
    keywright.run("apply", file, "--yes").succeeded()
    keywright.run("verify", file).succeeded()


def test_an_alias_of_a_foreign_key_is_left_where_it_is(keywright: Keywright, aws: Aws) -> None:
    foreign = aws.kms("CreateKey")["KeyMetadata"]["KeyId"]
    aws.kms("CreateAlias", AliasName="alias/a", TargetKeyId=foreign)
    aws.kms("DisableKey", KeyId=foreign)
    file = write(keywright, "a: {aliases: [a]}\nb: {}")
    result = keywright.run("apply", file, "--yes", "--json")
    assert result.code == 2
    outcome = result.document["keys"]
    assert foreign in outcome["a"]["error"]
    assert "Disabled" in outcome["a"]["error"]
    assert outcome["b"]["error"] is None
    assert aws.aliases() == {"alias/a": foreign}


def test_a_name_is_moved_between_keys_of_the_file(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {aliases: [x]}\nb: {aliases: [y]}")
    before = aws.aliases()
    write(keywright, "a: {aliases: [y]}\nb: {aliases: [x]}")
    keywright.run("apply", file, "--yes").succeeded()
    assert aws.aliases() == {"alias/x": before["alias/y"], "alias/y": before["alias/x"]}
    assert actions(keywright) == {}


def test_everything_that_aws_cannot_change_is_refused_together_and_nothing_is_replaced(
    keywright: Keywright, aws: Aws
) -> None:
    file = apply(keywright, "a: {}")
    write(keywright, "a: {multi_region: true, customer_master_key_spec: RSA_2048, key_usage: SIGN_VERIFY}")
    result = keywright.run("apply", file, "--yes")
    assert result.code == 2
    for field in ("multi_region", "customer_master_key_spec", "key_usage"):
        assert f"`{field}`" in result.err
    assert "declare a new key beside `a`" in result.err
    assert len(aws.keys()) == 1
    assert keywright.run("plan", file).code == 1


def test_a_key_left_out_of_the_file_is_named_and_never_touched(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {multi_region: true, replica_regions: {eu-west-1: {}}}\nb: {}")
    write(keywright, "a: {multi_region: true}")
    result = keywright.run("apply", file, "--yes").succeeded()
    assert "`b` of this stack" in result.err
    assert "a replica of `a` that the configuration no longer declares" in result.err
    assert {item["KeyState"] for item in (*aws.keys(), *aws.keys(EUROPE))} == {"Enabled"}
    document = keywright.run("plan", file, "--json").document
    assert [item["name"] for item in document["no_longer_declared"]] == ["b"]


def test_only_the_named_key_is_worked_on(keywright: Keywright, aws: Aws) -> None:
    file = write(keywright, "a: {aliases: [a]}\nb: {aliases: [b]}")
    keywright.run("apply", file, "--key", "b", "--yes").succeeded()
    assert list(aws.aliases()) == ["alias/b"]
    other = keywright.run("apply", file, "--key", "c", "--yes")
    assert other.code == 2
    assert "a, b" in other.err


def test_a_key_is_not_made_twice_when_the_file_moves_it_to_another_region(keywright: Keywright, aws: Aws) -> None:
    apply(keywright, "a: {}\nb: {region: eu-west-1}")
    file = write(keywright, "a: {region: eu-west-1}\nb: {region: eu-west-1}\nc: {}")
    result = keywright.run("apply", file, "--yes")
    assert result.code == 2
    assert "exists in another Region" in result.err
    assert len(aws.keys(EUROPE)) == 1


def test_a_replica_of_a_primary_declared_elsewhere_is_a_key_of_its_own(keywright: Keywright, aws: Aws) -> None:
    apply(keywright, "p: {multi_region: true, aliases: [p]}")
    (primary,) = aws.keys()
    (keywright.directory / "there.yaml").write_text(
        "stack: there\nregion: eu-west-1\nkeys:\n"
        f"  r: {{replica_primary_key_arn: '{primary['Arn']}', aliases: [r], description: there}}\n"
    )
    keywright.run("apply", "there.yaml", "--yes").succeeded()
    outputs = keywright.run("output", "there.yaml", "--json").document["keys"]["r"]
    assert outputs["key_arn"] == primary["Arn"].replace("us-east-1", EUROPE)
    assert outputs["rotation_enabled"] is None
    assert aws.aliases(EUROPE) == {"alias/r": primary["KeyId"]}
    for file in ("keys.yaml", "there.yaml"):
        keywright.run("verify", file).succeeded()
    keywright.run("destroy", "keys.yaml", "--yes").succeeded()
    assert aws.keys(EUROPE)[0]["KeyState"] == "Enabled"


def test_a_replica_of_another_stack_is_not_taken_for_ones_own(keywright: Keywright, aws: Aws) -> None:
    apply(keywright, "p: {multi_region: true}")
    (primary,) = aws.keys()
    aws.kms("ReplicateKey", KeyId=primary["KeyId"], ReplicaRegion=EUROPE)
    file = write(keywright, "p: {multi_region: true, replica_regions: {eu-west-1: {}}}")
    result = keywright.run("apply", file, "--yes")
    assert result.code == 2
    assert "isn't this key's replica" in result.err
    assert "keywright:key" not in aws.tags(primary["KeyId"], EUROPE)


def test_keys_of_several_accounts_are_worked_on_in_one_run(keywright: Keywright, aws: Aws) -> None:
    other = Aws(aws.endpoint, f"9{aws.account[1:]}")
    role = other.make_role("keywright")
    file = write(keywright, f"here: {{aliases: [x]}}\nthere: {{aliases: [x], assume_role_arn: '{role}'}}")
    keywright.run("apply", file, "--yes").succeeded()
    assert list(aws.aliases()) == ["alias/x"]
    outputs = keywright.run("output", file, "--json").document["keys"]
    assert outputs["there"]["key_arn"].split(":")[4] == other.account
    assert actions(keywright) == {}


def test_a_key_of_another_account_than_the_credentials_is_refused_before_any_call(
    keywright: Keywright, aws: Aws
) -> None:
    file = write(keywright, "a: {account: '999999999999'}\nb: {}")
    result = keywright.run("apply", file, "--yes")
    assert result.code == 2
    assert "999999999999" in result.err
    assert aws.keys() == []


def test_the_outputs_have_the_shape_that_others_rely_on(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {aliases: [one, two], multi_region: true, replica_regions: {eu-west-1: {}}}")
    outputs = keywright.run("output", file, "--json").document
    (key,) = aws.keys()
    prefix = f"arn:aws:kms:us-east-1:{aws.account}"
    expected = {
        "key_id": key["KeyId"],
        "key_arn": key["Arn"],
        "primary_alias": "alias/one",
        "alias_arns": [f"{prefix}:alias/one", f"{prefix}:alias/two"],
        "rotation_enabled": True,
        "replica_key_arns": {EUROPE: key["Arn"].replace("us-east-1", EUROPE)},
    }
    assert outputs == {"format_version": 1, "keys": {"a": expected}, "errors": {}}
    assert list(outputs["keys"]["a"]) == list(expected)


def test_the_plan_says_why_and_its_document_carries_the_same(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {tags: {t: v}}")
    aws.kms("TagResource", KeyId=aws.keys()[0]["KeyId"], Tags=[{"TagKey": "t", "TagValue": "other"}])
    text = keywright.run("plan", file).out
    assert "set tag t" in text
    assert "`other` -> `v`" in text
    (step,) = keywright.run("plan", file, "--json").document["changes"]["a"]
    assert set(step) == {"action", "summary", "reason", "region", "before", "after", "details", "impact"}
    assert step["details"] == ["t: `other` -> `v`"]


def test_a_reordered_policy_of_the_same_meaning_is_no_change(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {key_user_arns: ['arn:aws:iam::111122223333:role/app']}")
    key = aws.keys()[0]["KeyId"]
    policy = json.loads(aws.kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"])
    policy["Statement"].reverse()
    for statement in policy["Statement"]:
        if isinstance(statement["Action"], list):
            statement["Action"].reverse()
    aws.kms("PutKeyPolicy", KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_a_changed_declaration_is_planned_also_where_nobodys_access_changes(keywright: Keywright, aws: Aws) -> None:
    user = f"arn:aws:iam::{aws.account}:role/dev"
    file = apply(keywright, f"a: {{key_user_arns: ['{user}', 'durable:{user}2']}}")
    write(keywright, f"a: {{key_user_arns: ['{user}']}}")
    assert actions(keywright)["a"] == ["policy"]
    assert "access unchanged: `AccountRoot` already allows it" in keywright.run("plan", file).out
    keywright.run("apply", file, "--yes").succeeded()
    assert "dev2" not in aws.kms("GetKeyPolicy", KeyId=aws.keys()[0]["KeyId"], PolicyName="default")["Policy"]
    assert actions(keywright) == {}


def test_without_a_terminal_and_without_yes_nothing_is_applied(keywright: Keywright, aws: Aws) -> None:
    refused = keywright.run("apply", write(keywright, "a: {}"))
    assert refused.code == 2
    assert "--yes" in refused.err
    assert aws.keys() == []


def test_a_plan_counts_its_keys_and_an_apply_its_changes(keywright: Keywright) -> None:
    file = apply(keywright, "a: {}\nb: {}")
    assert "No changes. AWS matches the configuration." in keywright.run("plan", file).out
    write(keywright, "a: {description: new}\nb: {}\nc: {}")
    assert "Plan: 1 to create, 1 to update, 1 unchanged." in keywright.run("plan", file).out
    applied = keywright.run("apply", file, "--yes").succeeded()
    assert "Apply complete: 1 created, 1 updated, 1 unchanged, 0 failed" in applied.out


def test_several_keys_are_named_and_an_unknown_one_is_an_error(keywright: Keywright, aws: Aws) -> None:
    file = write(keywright, "a: {aliases: [a]}\nb: {aliases: [b]}\nc: {aliases: [c]}")
    keywright.run("apply", file, "--yes", "--key", "a", "--key", "c").succeeded()
    assert sorted(aws.aliases()) == ["alias/a", "alias/c"]
    refused = keywright.run("plan", file, "--key", "a", "--key", "d")
    assert refused.code == 2
    assert "`d`" in refused.err


def test_a_changed_region_makes_no_second_stack(keywright: Keywright, aws: Aws) -> None:
    file = apply(keywright, "a: {aliases: [a], multi_region: true, replica_regions: {eu-west-1: {}}}\nb: {}")
    text = (keywright.directory / file).read_text()
    (keywright.directory / file).write_text(text.replace("us-east-1", "ap-southeast-2"))
    plan = keywright.run("plan", file)
    assert plan.code == 1
    assert "exists in another Region" in plan.out
    assert "write `region: us-east-1`" in plan.out
    assert "write `region: eu-west-1`" not in plan.out
    assert keywright.run("apply", file, "--yes").code == 2
    assert aws.keys("ap-southeast-2") == []


def test_a_file_without_a_region_says_which_one_it_took_and_from_where(keywright: Keywright) -> None:
    (keywright.directory / "keys.yaml").write_text("stack: s\nkeys: {a: {}}\n")
    assert "eu-central-1 is taken, from AWS_REGION" in keywright.run("plan", "keys.yaml", AWS_REGION="eu-central-1").err
    assert "eu-west-2 is taken, from --region" in keywright.run("plan", "keys.yaml", "--region", "eu-west-2").err


def test_a_region_that_is_none_of_awss_or_that_no_key_needs_is_not_passed_over(keywright: Keywright) -> None:
    file = write(keywright, "a: {}")
    refused = keywright.run("plan", file, "--region", "mars-1")
    assert (refused.code, "`mars-1` is not an AWS Region" in refused.err) == (2, True)
    assert "--region eu-west-2 changes nothing" in keywright.run("plan", file, "--region", "eu-west-2").succeeded().err


def test_a_region_that_is_closed_is_named_and_stops_nothing(
    keywright: Keywright, sandbox: Sandbox, account: str
) -> None:
    sandbox.refuse(region="ap-south-1", account=account)
    plan = keywright.run("plan", write(keywright, "a: {}")).succeeded()
    assert "Plan: 1 to create" in plan.out
    assert "1 Region couldn't be searched" in plan.err
    assert "ap-south-1" in plan.err


def test_a_primary_and_a_replica_that_changed_places_are_not_as_declared(keywright: Keywright) -> None:
    file = apply(keywright, "a: {multi_region: true, replica_regions: {eu-west-1: {}}}")
    text = (keywright.directory / file).read_text()
    swapped = text.replace("region: us-east-1", "region: eu-west-1").replace("{eu-west-1: {}}", "{us-east-1: {}}")
    (keywright.directory / file).write_text(swapped)
    plan = keywright.run("plan", file)
    assert plan.code == 1
    assert "the primary is in us-east-1, and the configuration declares it in eu-west-1" in plan.out
    assert "aws kms update-primary-region" in plan.out


def test_the_outputs_of_a_key_that_is_not_there_are_an_error(keywright: Keywright) -> None:
    missing = keywright.run("output", write(keywright, "a: {}"), "--json")
    assert missing.code == 2
    assert "key `a` does not exist" in missing.err
    assert "key `a` does not exist" in missing.document["errors"]["a"]


def test_a_change_that_can_hurt_shows_the_last_use_and_who_loses_what(keywright: Keywright, aws: Aws) -> None:
    role = aws.make_role("app")
    file = apply(keywright, f"a: {{aliases: [a], key_user_arns: ['{role}'], enable_default_root_policy: false,"
                 f" key_administrator_arns: ['arn:aws:iam::{aws.account}:root', '{role}']}}")  # fmt: skip
    aws.kms("Encrypt", KeyId=aws.aliases()["alias/a"], Plaintext="eA==")
    text = (keywright.directory / file).read_text()
    (keywright.directory / file).write_text(
        text.replace(f"key_user_arns: ['{role}'], ", "is_enabled: false, ").replace("aliases: [a]", "aliases: []")
    )
    document = keywright.run("plan", file, "--json").document
    impacts = {step["action"]: step["impact"] for step in document["changes"]["a"]}
    assert impacts["disable"]["last_used"]
    assert impacts["unalias"]["last_used"]
    for action in ("disable", "unalias"):
        assert {"principal": role, "use": "yes"} in impacts[action]["users"]
    (lost, *_) = impacts["policy"]["access"]["lost"]
    assert "kms:Decrypt" in lost["actions"]
    shown = keywright.run("plan", file)
    assert "for Encrypt" in shown.out
    assert f"the key's policy lets use it: {role}" in shown.out
    assert "kms:ReEncryptFrom" in keywright.run("plan", file, "--all-actions").out


def test_the_same_error_of_many_keys_is_said_once(keywright: Keywright, sandbox: Sandbox, account: str) -> None:
    file = write(keywright, "".join(f"k{number}: {{}}\n" for number in range(7)))
    sandbox.refuse("CreateKey", account=account)
    failed = keywright.run("apply", file, "--yes")
    assert failed.code == 2
    assert failed.err.count("7 keys (k0, k1, k2, k3, k4 and 2 more)") == failed.err.count("doesn't let you") == 1
