"""Where a rendered policy's key is taken to live: told by the file or the command, never by who runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model.stack import Stack
from keywright._internal.policy.rendering import rendered_policies
from keywright.errors import InputError

ROLE = "arn:aws:iam::111122223333:role/x"


def stack_of(folder: Path, fields: str, top: str = "region: us-east-1") -> Stack:
    file = folder / "keys.yaml"
    file.write_text(f"stack: s\n{top}\nkeys:\n  a: {{{fields}}}\n")
    return load_stack(file)


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ("", "111122223333"),
        ("account: 111122223333", None),
        (f"assume_role_arn: '{ROLE}'", None),
        (f"key_user_arns: ['{ROLE}']", None),
        ("account: '111122223333'", "444455556666"),
    ],
)
def test_the_account_comes_from_the_file_the_command_or_its_principals(
    tmp_path: Path, fields: str, given: str | None
) -> None:
    text = rendered_policies(stack_of(tmp_path, fields), "a", given)["a"]
    root = json.loads(text)["Statement"][0]["Principal"]["AWS"]
    assert root == ["arn:aws:iam::111122223333:root"]


@pytest.mark.parametrize(
    ("fields", "top", "words"),
    [
        ("", "region: us-east-1", "account of `a`"),
        ("account: 111122223333", "", "Region of `a`"),
        (f"key_user_arns: ['{ROLE}', 'arn:aws:iam::444455556666:role/y']", "region: us-east-1", "account of `a`"),
    ],
)
def test_what_nothing_tells_is_asked_for(tmp_path: Path, fields: str, top: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        rendered_policies(stack_of(tmp_path, fields, top), None, None)


def test_a_key_that_is_not_there_and_an_account_that_is_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no key `b`"):
        rendered_policies(stack_of(tmp_path, ""), "b", None)
    with pytest.raises(InputError, match="not an account"):
        rendered_policies(stack_of(tmp_path, ""), None, "1")


def test_a_whole_policy_is_rendered_as_it_was_written(tmp_path: Path) -> None:
    own = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
    assert rendered_policies(stack_of(tmp_path, f"policy: '{own}'"), "a", "111122223333") == {"a": own}
