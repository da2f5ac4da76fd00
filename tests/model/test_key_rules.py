"""Every rule of a key: what breaks it, on which field that shows, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared_files import loaded, one_key, problems_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from keywright._internal.facts.offerings import key_specs, offered_specs, usages_of, why_not_offered
from keywright._internal.model.key import Key

PRIMARY = f"arn:aws:kms:us-east-1:111122223333:key/mrk-{'0' * 32}"
ROLE = "arn:aws:iam::111122223333:role/x"
USAGES = ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")


@pytest.mark.parametrize(
    ("fields", "field", "message", "remedy"),
    [
        ("aliases: [aws/x]", "aliases[0]", "reserved", "`aws/`"),
        ("aliases: ['a b']", "aliases[0]", "letters, digits", "`a-b`"),
        ("aliases: ['']", "aliases[0]", "letters, digits", "`my-app`"),
        ("aliases: [x, alias/x]", "aliases", "twice", "keep one"),
        (f"aliases: [{'x' * 251}]", "aliases[0]", "256", "shorten"),
        (f"aliases: [{', '.join(f'a{n}' for n in range(51))}]", "aliases", "50", "remove"),
        ("aliases: x", "aliases", "not a list", "write a list"),
        ("aliases: [5]", "aliases[0]", "not text", "quotes"),
        ("is_enabled: 'yes'", "is_enabled", "not true or false", "write `true`"),
        ("description: 5", "description", "not text", "quotes"),
        (f"description: {'x' * 8193}", "description", "8,192", "shorten"),
        ("key_usage: SIGN", "key_usage", "not a value", "write `ENCRYPT_DECRYPT`"),
        ("key_usage: SIGN_VERFY", "key_usage", "not a value", "did you mean `SIGN_VERIFY`"),
        ("key_usage: SIGN_VERIFY", "key_usage", "does not fit the spec SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("customer_master_key_spec: HMAC_256", "key_usage", "does not fit the spec HMAC_256", "GENERATE_VERIFY_MAC"),
        ("customer_master_key_spec: RSA_1", "customer_master_key_spec", "not a key spec", "RSA_"),
        ("customer_master_key_spec: ML_KEM_768", "customer_master_key_spec", "encapsulating", "SYMMETRIC_DEFAULT"),
        ("customer_master_key_spec: SM2", "customer_master_key_spec", "China", "ECC_NIST_P256"),
        ("deletion_window_in_days: 6", "deletion_window_in_days", "7 to 30", "7 to 30"),
        ("deletion_window_in_days: 31", "deletion_window_in_days", "7 to 30", "7 to 30"),
        ("deletion_window_in_days: 7.5", "deletion_window_in_days", "not a whole number", "whole number"),
        ("deletion_window_in_days: '7'", "deletion_window_in_days", "not a whole number", "without quotes"),
        ("rotation_period_in_days: 89", "rotation_period_in_days", "90 to 2560", "90 to 2560"),
        ("rotation_period_in_days: 2561", "rotation_period_in_days", "90 to 2560", "90 to 2560"),
        ("enable_key_rotation: false, rotation_period_in_days: 100", "rotation_period_in_days", "not rotate", "remove"),
        ("replica_regions: {eu-west-1: {}}", "replica_regions", "multi-Region", "`multi_region: true`"),
        ("multi_region: true, replica_regions: {us-east-1: }", "replica_regions.us-east-1", "own Region", "remove"),
        ("multi_region: true, replica_regions: {eu-wset-1: }", "replica_regions.eu-wset-1", "Region", "`eu-west-1`"),
        ("multi_region: true, replica_regions: {cn-north-1: }", "replica_regions.cn-north-1", "partition", "`aws`"),
        ("multi_region: true, replica_regions: {eu-west-1: {enabld: true}}", "replica_regions.eu-west-1.enabld",
         "not a field of a replica", "`enabled`"),
        ("region: mars", "region", "not an AWS Region", "eu-west-1"),
        (f"replica_primary_key_arn: '{PRIMARY}'", "replica_primary_key_arn", "us-east-1", "another `region`"),
        ("replica_primary_key_arn: 'arn:aws:kms:us-east-1:111122223333:key/abc'", "replica_primary_key_arn",
         "multi-Region", "mrk-"),
        (f"region: eu-west-1, replica_primary_key_arn: '{PRIMARY}', rotation_period_in_days: 90",
         "rotation_period_in_days", "with its primary", "on the primary"),
        (f"region: eu-west-1, replica_primary_key_arn: '{PRIMARY}', replica_regions: {{us-east-1: }}",
         "replica_regions.us-east-1", "Region of the primary", "remove"),
        (f"region: eu-west-1, replica_primary_key_arn: '{PRIMARY}', account: '444455556666'",
         "replica_primary_key_arn", "account 111122223333", "111122223333"),
        (f"assume_role_arn: '{ROLE}', account: '444455556666'", "assume_role_arn", "444455556666", "correct"),
        ("assume_role_arn: 'arn:aws:iam::111122223333:user/x'", "assume_role_arn", "not the ARN of a role", "role/"),
        ("account: '1111'", "account", "not an account", "twelve digits"),
        ("key_service_users: [logs]", "key_service_users[0]", "not a service", "`logs.amazonaws.com`"),
        ("key_service_users: [logs.cn-north-1.amazonaws.com]", "key_service_users[0]", "partition", "`aws`"),
        ("key_service_users: [sns.amazonaws.com.cn]", "key_service_users[0]", "partition", "`aws`"),
        ("key_service_pins: []", "key_service_pins", "empty", "at least one"),
        ("key_service_pins: [aws:SourceArn]", "key_service_pins[0]", "not a value", "aws:SourceA"),
        ("tags: {'aws:x': y}", "tags.aws:x", "reserved", "another name"),
        ("tags: {Year: 2026}", "tags.Year", "not text", "quotes"),
        ("tags: {'a;b': y}", "tags.a;b", "`;`", "letters"),
('tags: {a: "x\\ty"}', "tags.a", "which tags may not", "letters"),
        (f"tags: {{a: {'x' * 257}}}", "tags.a", "256", "shorten"),
        (f"tags: {{{'x' * 129}: a}}", f"tags.{'x' * 129}", "128", "shorten"),
        ("enable_default_root_policy: false", "enable_default_root_policy", "nobody", "key_administrator_arns"),
        ("policy: '{}', patterns: [ebs]", "patterns", "`policy` replaces", "remove `policy`"),
        ("policy: {Version: x}", "policy", "not text", "JSON"),
        ("claims: [5]", "claims[0]", "not text", "quotes"),
        ("<<: {a: b}", "<<", "merge key", "`defaults:`"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named_on_its_field_with_what_to_write(
    tmp_path: Path, fields: str, field: str, message: str, remedy: str
) -> None:
    found = {item.field: item for item in problems_of(tmp_path, one_key(fields))}
    problem = found[f"keys.app.{field}"]
    assert message in problem.message
    assert remedy in problem.remedy
    assert problem.location is not None
    assert problem.location.line == 4


@pytest.mark.parametrize(
    ("principal", "message"),
    [
        ("arn:aws:iam::111122223333:role/*", "wildcard"),
        ("arn:aws:iam::*:root", "wildcard"),
        ("durable:arn:aws:iam::111122223333:role/app?", "wildcard"),
        ("arn:aws:iam::1111:role/x", "no account of twelve digits"),
        ("arn:aws:iam::111122223333:group/x", "is a group"),
        ("arn:aws:iam:us-east-1:111122223333:role/x", "names a Region"),
        ("arn:aws:iam::111122223333:role/", "not the ARN"),
        ("arn:aws:iam::111122223333:role/a b", "not the ARN"),
        (f"arn:aws:iam::111122223333:role/{'x' * 65}", "not the ARN"),
        ("arn:aws:iam::111122223333:policy/x", "not the ARN"),
        ("arn:aws:s3:::bucket", "not the ARN"),
        ("AROAABCDEFGHIJKLMNOP", "unique id"),
        ("111122223333", "account's number"),
        ("logs.amazonaws.com", "is a service"),
        ("me", "not the ARN"),
        ("", "not the ARN"),
        ("permission_set:Nöt", "not a permission set"),
        ("permission_set:1111/Dev", "not a permission set"),
        ("durable:arn:aws:iam::111122223333:root", "is an account"),
        ("durable:arn:aws:sts::111122223333:assumed-role/a/b", "not the ARN"),
        ("arn:aws-cn:iam::111122223333:role/x", "partition"),
        ("arn:aws:iam::111122223333:role/x\n", "not the ARN"),
    ],
)
def test_a_principal_that_kms_would_refuse_is_found_before_any_call(principal: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Key(key_user_arns=(principal,), region="us-east-1")
    (error,) = caught.value.errors()
    assert error["loc"] == ("key_user_arns", 0)
    assert message in error["msg"]


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/path/jo@example.com",
        "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
        "arn:aws:sts::111122223333:assumed-role/app/session",
        "arn:aws:sts::111122223333:federated-user/jo",
        "durable:arn:aws:iam::111122223333:role/team/app",
        "permission_set:Admin-Access",
        "permission_set:444455556666/Dev",
    ],
)
def test_a_principal_that_kms_takes_is_taken(principal: str) -> None:
    assert Key(key_user_arns=(principal,), region="us-east-1").key_user_arns == (principal,)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{durable: 'arn:aws:iam::111122223333:role/app'}", "durable:arn:aws:iam::111122223333:role/app"),
        ("{permission_set: Dev}", "permission_set:Dev"),
        ("{permission_set: Dev, account: 444455556666}", "permission_set:444455556666/Dev"),
    ],
)
def test_a_mapping_is_another_way_to_write_a_principal(tmp_path: Path, written: str, read: str) -> None:
    assert loaded(tmp_path, one_key(f"key_user_arns: [{written}]")).keys["app"].key_user_arns == (read,)


@pytest.mark.parametrize("spec", key_specs())
@pytest.mark.parametrize("usage", USAGES)
def test_every_spec_that_botocore_lists_takes_its_usages_and_no_other(spec: str, usage: str) -> None:
    fields = {"customer_master_key_spec": spec, "key_usage": usage, "region": "cn-north-1" if spec == "SM2" else None}
    if why_not_offered(spec) is None and usage in usages_of(spec):
        assert Key.model_validate(fields).key_usage == usage
    else:
        with pytest.raises(ValidationError):
            Key.model_validate(fields)


def test_every_spec_that_botocore_lists_is_offered_or_refused_for_a_stated_reason() -> None:
    assert {spec for spec in key_specs() if why_not_offered(spec)} <= {"ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"}
    assert set(offered_specs()) | {spec for spec in key_specs() if why_not_offered(spec)} == set(key_specs())


@pytest.mark.parametrize("spec", offered_specs())
def test_rotation_is_null_by_itself_for_keys_that_have_none(spec: str) -> None:
    key = Key(customer_master_key_spec=spec, key_usage=usages_of(spec)[0])  # type: ignore[arg-type]
    assert key.rotates is (True if spec == "SYMMETRIC_DEFAULT" else None)


def test_a_replica_of_another_key_has_no_rotation_of_its_own() -> None:
    assert Key(replica_primary_key_arn=PRIMARY, region="eu-west-1").rotates is None


def test_an_alias_gets_its_prefix() -> None:
    assert Key(aliases=("one", "alias/two")).aliases == ("alias/one", "alias/two")


def test_an_account_of_digits_needs_no_quotes() -> None:
    assert Key.model_validate({"account": 111122223333}).account == "111122223333"


def test_tags_may_hold_letters_of_any_script() -> None:
    assert Key(tags={"Größe": "中 文"}).tags


@given(st.text(max_size=300))
def test_no_text_for_an_alias_gets_past_the_rules_of_kms(text: str) -> None:
    try:
        (alias,) = Key(aliases=(text,)).aliases
    except ValidationError:
        return
    assert len(alias) <= 256
    assert alias.isascii()
    assert not alias.startswith("alias/aws/")
