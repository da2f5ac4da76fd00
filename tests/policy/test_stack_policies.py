"""Every policy of a stack is enumerated once: which ones there are, where each lives and what it is held to."""

from __future__ import annotations

import pytest

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.stack import Stack
from keywright._internal.policy.stack_policies import DeclaredPolicy, stack_policies
from keywright.errors import InputError

ROOT_ONLY = (
    '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, '
    '"Action": "kms:*", "Resource": "*"}]}'
)
HOME = KeyLocation("aws", "111122223333", "us-east-1")


def policies(**fields: object) -> list[DeclaredPolicy]:
    key = Key.model_validate({"region": "us-east-1", "account": HOME.account, "multi_region": True, **fields})
    return list(stack_policies(Stack(name="s", keys={"a": key}, claims=("of the stack",))))


def test_a_key_has_its_own_policy_and_one_for_each_replica_where_that_lives() -> None:
    found = policies(replica_regions={"eu-west-2": {}, "eu-west-1": {}})
    assert [(item.label, item.location.region, item.of_replica) for item in found] == [
        ("a", "us-east-1", False),
        ("a, replica in eu-west-1", "eu-west-1", True),
        ("a, replica in eu-west-2", "eu-west-2", True),
    ]
    assert {item.location.account for item in found} == {HOME.account}


def test_a_replica_is_held_to_the_claims_of_the_stack_and_of_its_key() -> None:
    found = policies(claims=("of the key",), replica_regions={"eu-west-1": {"policy": ROOT_ONLY}})
    assert [item.claims for item in found] == [("of the stack", "of the key")] * 2


def test_a_replica_without_a_policy_has_the_keys_with_its_services_moved_there() -> None:
    own, replica = policies(key_service_users=("logs.us-east-1.amazonaws.com",), replica_regions={"eu-west-1": {}})
    assert "logs.us-east-1.amazonaws.com" in own.text
    there = own.text.replace("us-east-1", "eu-west-1").replace("UsEast1", "EuWest1")
    assert replica.text == there


def test_a_written_policy_stays_the_text_that_it_is_and_a_replicas_own_comes_before_the_keys() -> None:
    other = ROOT_ONLY.replace("kms:*", "kms:Describe*")
    found = policies(policy=ROOT_ONLY, replica_regions={"eu-west-1": {}, "eu-west-2": {"policy": other}})
    assert [item.text for item in found] == [ROOT_ONLY, ROOT_ONLY, other]
    assert [item.written_at for item in found] == [("policy",), ("policy",), ("replica_regions", "eu-west-2", "policy")]


def test_each_statement_says_the_field_that_it_comes_from() -> None:
    (found,) = policies(
        key_administrator_arns=("arn:aws:iam::111122223333:role/admin",),
        key_user_arns=("arn:aws:iam::111122223333:role/app",),
        key_service_users=("sns.amazonaws.com",),
        patterns=({"name": "minimum-waiting-window", "parameters": {"days": "14"}},),
    )
    fields = dict(zip([item.sid for item in found.document.statements], found.sources, strict=True))
    assert fields["AccountRoot"] == ("enable_default_root_policy",)
    assert fields["KeyAdministrators"] == ("key_administrator_arns",)
    assert fields["KeyUsersGrants"] == ("key_user_arns",)
    assert ("key_service_users", 0) in found.sources
    assert found.sources[-1] == ("patterns", 0)


@pytest.mark.parametrize(
    ("fields", "told", "account"),
    [
        ({"account": "111122223333"}, "444455556666", "111122223333"),
        ({"assume_role_arn": "arn:aws:iam::111122223333:role/x"}, "444455556666", "111122223333"),
        ({"key_user_arns": ("arn:aws:iam::111122223333:role/x",)}, "444455556666", "444455556666"),
        ({"key_user_arns": ("arn:aws:iam::111122223333:role/x",)}, None, "111122223333"),
    ],
)
def test_the_account_is_the_one_stated_then_the_one_told_then_the_only_one_named(
    fields: dict[str, object], told: str | None, account: str
) -> None:
    stack = Stack(name="s", keys={"a": Key.model_validate({"region": "us-east-1", **fields})})
    (found,) = stack_policies(stack, account=told)
    assert found.location.account == account


def test_a_key_that_lives_nowhere_known_is_refused() -> None:
    with pytest.raises(InputError, match="nothing says the account of `a`"):
        list(stack_policies(Stack(name="s", keys={"a": Key(region="us-east-1")})))
    with pytest.raises(InputError, match="nothing says the Region of `a`"):
        list(stack_policies(Stack(name="s", keys={"a": Key()}), account=HOME.account))
