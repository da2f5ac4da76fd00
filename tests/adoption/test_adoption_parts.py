"""The parts of an adoption that need no AWS: names, the file's text, owners, the hand-over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.adoption.keys_yaml import keys_yaml
from keywright._internal.adoption.naming import names_of
from keywright._internal.adoption.owners import cloudformation_owner, state_owners
from keywright._internal.adoption.selection import read_selector, select
from keywright._internal.estate.snapshot import ScannedKey
from keywright._internal.keysfile.source import read_source
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.stack import NAME
from keywright.errors import UnreadableFile

ACCOUNT = "111122223333"


def key(number: int, *aliases: str, region: str = "us-east-1", **tags: str) -> ScannedKey:
    location = KeyLocation("aws", ACCOUNT, region, f"{number:08x}-0000-0000-0000-000000000000")
    named = {name.replace("_", ":"): value for name, value in tags.items()}
    return ScannedKey(location, tuple(f"alias/{alias}" for alias in aliases), tags=named)


def test_a_key_is_named_for_its_alias_and_else_for_its_id() -> None:
    named, bare = key(1, "prod/app data", "z"), key(2)
    assert names_of([named, bare], "s") == {named.arn: "prod-app-data", bare.arn: "key-00000002"}


def test_a_name_that_two_want_is_given_once() -> None:
    here, there = key(1, "app", region="eu-west-1"), key(2, "app")
    assert names_of([there, here], "s") == {here.arn: "app", there.arn: "app-us-east-1"}


def test_a_key_keeps_the_name_that_it_has_in_the_stack_and_no_other_takes_it() -> None:
    adopted, new = key(1, keywright_stack="s", keywright_key="app"), key(2, "app", region="eu-west-1")
    assert names_of([adopted, new], "s") == {adopted.arn: "app", new.arn: "app-eu-west-1"}


@given(st.lists(st.text(alphabet="ab/_-. é", max_size=90), max_size=6))
def test_names_are_names_and_differ(aliases: list[str]) -> None:
    keys = [key(number, alias) for number, alias in enumerate(aliases)]
    names = names_of(keys, "s").values()
    assert len(set(names)) == len(keys)
    assert all(NAME.fullmatch(name) for name in names)


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029\ufeff"))


@given(st.dictionaries(TEXTS.filter(bool), TEXTS | st.sampled_from(["on", "012", "0o17", "1e5", "~", "a\nb ", "x\n"])))
def test_every_text_is_read_back_from_the_file_as_it_was(tmp_path_factory: Any, tags: dict[str, str]) -> None:
    text = keys_yaml("s", {"k": {"description": "", "tags": tags, "region": "us-east-1"}}, ["a comment", ""])
    path = tmp_path_factory.mktemp("keys") / "keys.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_source(path).value["keys"]["k"]["tags"] == tags
    assert yaml.safe_load(text)["keys"]["k"]["tags"] == tags


def test_what_all_keys_share_stands_once_at_the_top() -> None:
    fields = {"description": "", "region": "us-east-1", "account": ACCOUNT}
    document = yaml.safe_load(keys_yaml("s", {"a": fields, "b": {**fields, "region": "eu-west-1"}}))
    assert document["account"] == ACCOUNT
    assert "region" not in document
    assert "account" not in document["keys"]["a"]


ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000001-0000-0000-0000-000000000000"


def state(*resources: dict[str, Any]) -> str:
    return json.dumps({"version": 4, "resources": list(resources)})


def managed(kind: str, attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": kind, "name": "this", "instances": [{"attributes": attributes}], **more}


def test_a_state_names_the_resources_of_a_key_without_their_indexes(tmp_path: Path) -> None:
    path = tmp_path / "terraform.tfstate"
    module = 'module.keys["a.b[0]"].module.kms[0]'
    path.write_text(
        state(
            managed("aws_kms_alias", {"target_key_arn": ARN, "arn": "…"}, module=module),
            managed("aws_kms_key", {"arn": ARN, "key_id": ARN.rpartition("/")[2]}, module=module),
            managed("aws_kms_key_policy", {"key_id": ARN.rpartition("/")[2]}),
            managed("aws_s3_bucket", {"arn": "arn:aws:s3:::b"}),
            {**managed("aws_kms_key", {"arn": ARN}), "mode": "data"},
        )
    )
    owner = state_owners(path)[ARN]
    assert owner.resources == (
        "module.keys.module.kms.aws_kms_key.this",
        "module.keys.module.kms.aws_kms_alias.this",
        "aws_kms_key_policy.this",
    )
    block = """removed {
  from = module.keys.module.kms.aws_kms_key.this

  lifecycle {
    destroy = false
  }
}"""
    assert block in next(iter(owner.steps()))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"encrypted_data": "x"}', '{"resources": 1}'])
def test_what_is_no_state_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state"
    path.write_text(text)
    with pytest.raises(UnreadableFile):
        state_owners(path)


def test_a_stack_of_cloudformation_is_handed_over_by_retaining_before_removing() -> None:
    owner = cloudformation_owner({"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": "Key"})
    assert owner is not None
    retain, remove, _ = owner.steps()
    assert "DeletionPolicy: Retain" in retain
    assert "remove Key" in remove
    assert cloudformation_owner({"Name": "x"}) is None


def test_comments_stand_above_the_file() -> None:
    text = keys_yaml("s", {"k": {"description": ""}}, ["k: terraform state", "  1. do this"])
    assert text.startswith("# k: terraform state\n#   1. do this\n")


@pytest.mark.parametrize(
    ("selector", "numbers"),
    [
        (key(1).arn, [1]),
        (str(key(2).location.key_id), [2]),
        ("alias/app", [1]),
        (f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/app", [1]),
        ("tag:Team=shop", [2]),
        ("tag:Team", [1, 2]),
    ],
)
def test_keys_are_chosen_by_arn_id_alias_or_tag(selector: str, numbers: list[int]) -> None:
    keys = [key(1, "app", Team="bank"), key(2, Team="shop"), key(3)]
    assert [keys.index(found) + 1 for found in select(keys, [read_selector(selector)])] == numbers
