"""Declaring keys in Python: what a keys file is refused for is refused here, and what it takes is taken."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import typed_usage
from hypothesis import given, settings
from hypothesis import strategies as st

import keywright
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.library import declarations
from keywright._internal.model.key_fields import KeyFields
from keywright.errors import InputError, InvalidDeclaration

ACCOUNT = "111122223333"
ROOT = json.dumps(
    {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    }
)


def problems_of(**fields: Any) -> dict[str, str]:
    with pytest.raises(InvalidDeclaration) as caught:
        keywright.Key(**fields)
    return {problem.field: problem.message for problem in caught.value.problems}


def test_the_usual_calls_run() -> None:
    short, long = typed_usage.declared_in_the_shortest_way(), typed_usage.declared_with_every_form()
    assert short.keys["a"].aliases == ("alias/x",)
    assert long.keys["a"].key_user_arns[1] == "permission_set:Developers"
    policy = keywright.as_json(typed_usage.rendered())
    assert {verdict.value for _, _, verdict, _, _ in typed_usage.proved(policy)} == {"PROVED"}
    request = {
        "principal": typed_usage.APP,
        "action": "kms:Decrypt",
        "resource": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    }
    outcome, statements = typed_usage.decided(keywright.parse_policy(policy), request)
    assert (outcome, statements) == (keywright.Outcome.ALLOWED, ("KeyUsers",))


def test_the_typed_constructor_has_every_field_of_a_key() -> None:
    tree = ast.parse(inspect.getsource(declarations.Key).lstrip())
    typed = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.args.kwonlyargs)
    assert [item.arg for item in typed.args.kwonlyargs] == list(KeyFields.model_fields)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"patterns": ["nope"]}, "patterns[0].name"),
        ({"policy": "{}"}, "policy"),
        ({"claims": ["whatever"]}, "claims[0]"),
        ({"waive": {"nothing": "why not"}}, "waive.nothing"),
        ({"aliases": ["a b"]}, "aliases[0]"),
        ({"deletion_window_in_days": 3}, "deletion_window_in_days"),
        ({"replica_regions": {"eu-west-1": {}}}, "replica_regions"),
        (
            {"replica_regions": {"eu-west-1": {"policy": "{}"}}, "multi_region": True},
            "replica_regions.eu-west-1.policy",
        ),
        ({"nothing_like_it": 1}, "nothing_like_it"),
    ],
)
def test_a_key_with_a_mistake_is_not_made(fields: dict[str, Any], field: str) -> None:
    assert field in problems_of(**fields)


def test_mistakes_in_fields_and_in_policies_are_reported_together() -> None:
    assert problems_of(aliases=["a b"], patterns=["nope"]).keys() == {"aliases[0]", "patterns[0].name"}


def test_a_stack_without_keys_with_a_clash_or_with_a_wrong_claim_is_not_made() -> None:
    one, same = (keywright.Key(aliases=["x"], region="us-east-1") for _ in range(2))
    with pytest.raises(InputError, match="`keys` is empty"):
        keywright.Stack(name="s", keys={})
    with pytest.raises(InputError, match=r"`keys\.b\.aliases\[0\]` is also an alias of the key `a`"):
        keywright.Stack(name="s", keys={"a": one, "b": same})
    with pytest.raises(InputError, match=r"`claims\[0\]` isn't understood"):
        keywright.Stack(name="s", keys={"a": one}, claims=["whatever"])
    with pytest.raises(InputError, match="is not a name for a stack"):
        keywright.Stack(name="two words", keys={"a": one})


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "aliases": st.lists(st.sampled_from(["x", "a b", "alias/aws/x", "y"]), max_size=2),
        "patterns": st.lists(st.sampled_from(["nope", "minimum-waiting-window"]), max_size=1),
        "policy": st.sampled_from([ROOT, "{}", "not JSON"]),
        "claims": st.lists(st.sampled_from(["nobody can kms:Decrypt", "whatever"]), max_size=1),
        "key_user_arns": st.lists(st.sampled_from(["arn:aws:iam::111122223333:role/a", "*", "role/a"]), max_size=2),
        "deletion_window_in_days": st.sampled_from([7, 31, "7"]),
        "multi_region": st.booleans(),
        "replica_regions": st.dictionaries(
            st.sampled_from(["eu-west-1", "us-east-1", "moon-1"]), st.just({}), max_size=1
        ),
        "waive": st.dictionaries(
            st.sampled_from(["survives-loss-of-any-principal", "x"]), st.just("a reason"), max_size=1
        ),
    },
)


@settings(max_examples=150, deadline=None)
@given(fields=FIELDS)
def test_python_and_the_file_refuse_and_take_the_same(tmp_path_factory: Any, fields: dict[str, Any]) -> None:
    fields = {"region": "us-east-1", **fields}
    file = tmp_path_factory.mktemp("file") / "keys.yaml"
    file.write_text(json.dumps({"stack": "s", "keys": {"a": fields}}))
    try:
        in_file = load_stack(file).keys["a"]
    except InputError as error:
        refused = {(item.field.removeprefix("keys.a."), item.message) for item in error.problems}
        with pytest.raises(InvalidDeclaration) as caught:
            keywright.Key(**fields)
        assert {(item.field, item.message) for item in caught.value.problems} == refused
    else:
        assert dict(keywright.Key(**fields)) == dict(in_file)


def test_a_loaded_stack_is_one_as_python_declares_it(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("stack: s\nregion: us-east-1\nclaims: [nobody can kms:Decrypt]\nkeys: {a: {aliases: [x]}}\n")
    stack = keywright.load(file)
    assert isinstance(stack, keywright.Stack)
    assert isinstance(stack.keys["a"], keywright.Key)
    assert stack == keywright.Stack(
        name="s", keys={"a": keywright.Key(aliases=["x"], region="us-east-1")}, claims=["nobody can kms:Decrypt"]
    )
