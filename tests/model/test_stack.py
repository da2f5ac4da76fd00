"""What a file of keys may say, and how its errors read."""

from __future__ import annotations

from pathlib import Path

import pytest

from keywright.errors import InputError, Problem
from keywright.model.facts import key_specs, usages_of
from keywright.model.stack import load_stack


def problems_of(tmp_path: Path, text: str) -> tuple[Problem, ...]:
    file = tmp_path / "keys.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        load_stack(file)
    return caught.value.problems


def one_key(fields: str) -> str:
    return f"stack: s\nregion: us-east-1\nkeys:\n  app: {{{fields}}}\n"


def test_defaults_are_merged_and_tags_are_joined(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(
        "stack: s\nregion: us-east-1\ndefaults: {deletion_window_in_days: 7, tags: {a: x}}\n"
        "keys:\n  app: {tags: {b: y}}\n  other:\n",
    )
    stack = load_stack(file)
    assert stack.keys["app"].tags == {"a": "x", "b": "y"}
    assert stack.keys["other"].deletion_window_in_days == 7
    assert stack.keys["app"].region == "us-east-1"


def test_an_alias_gets_its_prefix(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(one_key("aliases: [one, alias/two]"))
    assert load_stack(file).keys["app"].aliases == ("alias/one", "alias/two")


def test_errors_of_several_keys_are_reported_together_on_their_lines(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        "stack: s\nregion: us-east-1\nkeys:\n  a:\n    descripton: x\n  b:\n    deletion_window_in_days: 3\n",
    )
    assert [(item.field, item.location and item.location.line) for item in found] == [
        ("keys.a.descripton", 5),
        ("keys.b.deletion_window_in_days", 7),
    ]
    assert found[0].remedy == "did you mean `description`?"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("aliases: [aws/x]", "reserved"),
        ("aliases: ['a b']", "letters, digits"),
        ("aliases: [x, alias/x]", "twice"),
        ("is_enabled: 'yes'", "boolean"),
        ("key_usage: SIGN_VERIFY", "does not fit the spec"),
        ("customer_master_key_spec: HMAC_256", "does not fit the spec"),
        ("customer_master_key_spec: RSA_1", "is not a key spec"),
        ("enable_key_rotation: false, rotation_period_in_days: 100", "does not rotate"),
        ("replica_regions: {eu-west-1: {}}", "needs `multi_region: true`"),
        ("multi_region: true, replica_regions: {us-east-1: {}}", "own Region"),
        ("multi_region: true, replica_regions: {eu-nowhere-1: {}}", "is not an AWS Region"),
        ("key_user_arns: ['arn:aws:iam::111122223333:role/*']", "wildcard"),
        ("key_user_arns: ['arn:aws:iam::1111:role/x']", "is not the ARN of a role"),
        ("key_user_arns: ['arn:aws:iam::111122223333:group/x']", "is not the ARN of a role"),
        ("key_user_arns: ['arn:aws-cn:iam::111122223333:role/x']", "several partitions"),
        ("key_service_users: [logs]", "is not a service principal"),
        ("tags: {'aws:x': y}", "reserved"),
        ("rotation_period_in_days: 10", "greater than or equal to 90"),
    ],
)
def test_a_rule_that_is_broken_is_named(tmp_path: Path, fields: str, words: str) -> None:
    found = problems_of(tmp_path, one_key(fields))
    assert any(words in f"{item.message} {item.remedy}" for item in found), found
    assert all(item.location for item in found)


def test_two_keys_of_one_region_cannot_share_an_alias(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [x]}\n  b: {aliases: [x]}\n")
    assert [item.field for item in found] == ["keys.b.aliases[0]"]


def test_every_spec_that_botocore_lists_has_a_usage_or_a_reason() -> None:
    without = {spec for spec in key_specs() if not usages_of(spec)}
    assert without == {spec for spec in key_specs() if spec.startswith("ML_KEM_")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "not YAML"),
        ("- x\n", "no mapping"),
        ("stack: s\nstack: t\nkeys: {a: }\n", "repeats a field"),
        ("x" * 5_000_001, "bytes"),
    ],
)
def test_a_file_that_holds_no_keys_is_refused_with_the_reason(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        load_stack(file)


def test_aliases_that_unfold_without_end_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    file = tmp_path / "keys.yaml"
    file.write_text("\n".join(lines))
    with pytest.raises(InputError, match="unfolds"):
        load_stack(file)


def test_a_missing_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_stack(tmp_path / "none.yaml")
