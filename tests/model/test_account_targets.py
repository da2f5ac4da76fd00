"""Files for many accounts: which accounts, what differs there, and what is refused, on its line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from declared_files import written

from keywright._internal.keysfile.schema import file_schema
from keywright._internal.keysfile.source import Source, read_source
from keywright._internal.keysfile.stack import check_source, checked_stacks, load_stack
from keywright._internal.keysfile.targets import targets_of
from keywright._internal.model.key import Key
from keywright._internal.policy.rendering import rendered_policies
from keywright.errors import InputError, InvalidKeysFile, UsageError

FILE = """
stack: s
region: eu-west-1
parameters:
  environment: dev
  users: null
targets:
  - accounts: ["111122223333", "444455556666"]
    role: ops/keywright
    parameters:
      environment: prod
      users: ["arn:aws:iam::${account_id}:role/app"]
  - accounts: {ou: ou-abcd-12345678}
    exclude: ["444455556666"]
    role: keywright
    region: us-gov-west-1
    parameters: {users: []}
claims: ["nobody outside [${account_id}] can [kms:Decrypt]"]
keys:
  app:
    aliases: ["${parameters.environment}/app"]
    key_user_arns: ${parameters.users}
    key_administrator_arns: [{durable: "arn:${partition}:iam::${account_id}:role/admin"}]
    tags: {Region: "${region}"}
"""


def source_of(folder: Path, text: str = FILE) -> Source:
    return read_source(written(folder, text))


def problems_of(folder: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(InvalidKeysFile) as caught:
        check_source(source_of(folder, text))
    return [(item.location.line, item.message) for item in caught.value.problems if item.location]


def test_each_account_gets_the_same_keys_with_what_differs_there(tmp_path: Path) -> None:
    stacks = checked_stacks(source_of(tmp_path))
    assert list(stacks) == ["111122223333", "444455556666"]
    key = stacks["444455556666"].keys["app"]
    assert (key.account, key.assume_role_arn) == ("444455556666", "arn:aws:iam::444455556666:role/ops/keywright")
    assert key.aliases == ("alias/prod/app",)
    assert key.key_user_arns == ("arn:aws:iam::444455556666:role/app",)
    assert stacks["111122223333"].claims == ("nobody outside [111122223333] can [kms:Decrypt]",)


def test_an_account_that_only_aws_could_name_is_named_by_hand(tmp_path: Path) -> None:
    (stack,) = checked_stacks(source_of(tmp_path), "999988887777").values()
    key = stack.keys["app"]
    assert (key.region, key.tags, key.key_user_arns) == ("us-gov-west-1", {"Region": "us-gov-west-1"}, ())
    assert key.key_administrator_arns == ("durable:arn:aws-us-gov:iam::999988887777:role/admin",)
    assert key.aliases == ("alias/dev/app",)


def test_variables_of_iam_in_a_policy_are_left_alone(tmp_path: Path) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::${account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "${aws:PrincipalTag/service}${*}"}},
    }
    (tmp_path / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    head = FILE.partition("  app:")[0]
    stacks = checked_stacks(source_of(tmp_path, f"{head}  app: {{policy_file: policy.json}}\n"), "111122223333")
    text = rendered_policies(stacks["111122223333"], "app", None)["app"]
    assert "arn:aws:iam::111122223333:root" in text
    assert "${aws:PrincipalTag/service}${*}" in text


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("ou-abcd-12345678", "ou-abc", 13, "not an organizational unit"),
        ("{ou: ou-abcd-12345678}", "{ou: ou-abcd-12345678, role: keywright}", 13, "holds more than the accounts"),
        ("{ou: ou-abcd-12345678}", "{organization: yes}", 13, "doesn't say which accounts"),
        ("{ou: ou-abcd-12345678}", "{tag: {}}", 13, "doesn't say which accounts"),
        ("{ou: ou-abcd-12345678}", '["111122223333"]', 13, "names 111122223333, which is in targets[0] too"),
        ('["111122223333", ', '["11112222333", ', 8, "is not an account"),
        ('["111122223333", ', '["444455556666", ', 8, "names `444455556666` twice"),
        ("role: keywright", "role: arn:aws:iam::111122223333:role/keywright", 15, "is not the name of a role"),
        ("region: us-gov-west-1", "region: mars", 16, "is not an AWS Region"),
        ("parameters: {users: []}", "parameters: {usrs: []}", 17, "is not a parameter of this file"),
        ("parameters: {users: []}", "parameters: {}", 17, "gives no value for `users`"),
        ("environment: dev", "9lives: dev", 5, "is not a name for a parameter"),
        ("${parameters.environment}", "${parameters.enviroment}", 21, "which is nothing"),
        ("${parameters.environment}/", "x${parameters.users}/", 21, "is a list, within text"),
        ("[${account_id}]", "[${acount_id}]", 18, "which is nothing"),
        ("environment: dev", "environment: ${parameters.users}", 5, "`${parameters.users}`, which is nothing"),
        ("environment: prod", "environment: ${nonsense}", 11, "`${nonsense}`, which is nothing"),
        ("environment: prod", "environment: null", 21, "which has no value in account 111122223333"),
        ("    tags:", "    region: ${region}\n    tags:", 24, "which is nothing"),
        ("region: eu-west-1", "account: '111122223333'", 3, "stands beside `targets`"),
        (
            "    tags:",
            "    assume_role_arn: arn:aws:iam::111122223333:role/x\n    tags:",
            24,
            "stands beside `targets`",
        ),
    ],
)
def test_a_mistake_is_told_on_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in FILE
    found = problems_of(tmp_path, FILE.replace(old, new, 1))
    assert any(number == line and words in message for number, message in found), found


def test_parameters_without_targets_are_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "stack: s\nparameters: {a: b}\nkeys: {a: }\n") == [(2, "is for a file with targets")]


def test_a_wrong_value_of_one_target_alone_is_found(tmp_path: Path) -> None:
    found = problems_of(tmp_path, FILE.replace("{users: []}", "{users: [], environment: 'no spaces'}"))
    assert [line for line, _ in found] == [21]


def test_the_region_that_a_key_takes_from_a_parameter_is_its_region_everywhere(tmp_path: Path) -> None:
    text = FILE.replace("  users: null", "  users: null\n  home: eu-central-1", 1)
    text = text.replace("    tags:", "    region: ${parameters.home}\n    tags:")
    key = checked_stacks(source_of(tmp_path, text))["111122223333"].keys["app"]
    assert (key.region, key.tags) == ("eu-central-1", {"Region": "eu-central-1"})


def test_a_parameter_that_a_target_sets_to_null_leaves_out_the_fields_that_are_it(tmp_path: Path) -> None:
    text = FILE.replace("environment: dev", "environment: dev\n  about: Of the environment")
    text = text.replace("environment: prod", "environment: prod\n      about: null")
    text = text.replace("    tags:", "    description: ${parameters.about}\n    tags:")
    own, other = (
        load_stack(written(tmp_path, text), account).keys["app"] for account in ("111122223333", "999988887777")
    )
    assert own.description == Key().description
    assert other.description == "Of the environment"


def test_claims_speak_of_the_region_of_the_target(tmp_path: Path) -> None:
    text = FILE.replace("nobody outside [${account_id}]", "only [logs.${region}.amazonaws.com]")
    (claim,) = load_stack(written(tmp_path, text), "999988887777").claims
    assert claim == "only [logs.us-gov-west-1.amazonaws.com] can [kms:Decrypt]"


def test_a_command_for_one_account_wants_to_know_which(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)
    with pytest.raises(UsageError, match="one account"):
        load_stack(path)
    assert load_stack(path, "111122223333").keys["app"].account == "111122223333"
    with pytest.raises(UsageError, match="no target holds"):
        load_stack(written(tmp_path, FILE.replace('["444455556666"]', '["777788889999"]')), "777788889999")


def test_where_the_file_names_no_account_one_must_be_given(tmp_path: Path) -> None:
    text = FILE.replace('["111122223333", "444455556666"]', "{organization: true}")
    with pytest.raises(UsageError, match="only AWS knows"):
        checked_stacks(source_of(tmp_path, text))
    with pytest.raises(InputError, match="several targets"):
        targets_of(source_of(tmp_path, text)).offline("111122223333")


def test_editors_take_the_file_and_refuse_its_mistakes() -> None:
    check = jsonschema.Draft202012Validator(file_schema())
    check.validate(yaml.safe_load(FILE))
    for old, new in (("{ou: ou-abcd-12345678}", "{ou: x}"), ("role: keywright", "rolle: keywright")):
        assert not check.is_valid(yaml.safe_load(FILE.replace(old, new)))
