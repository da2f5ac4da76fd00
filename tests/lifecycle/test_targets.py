"""Where declared keys live: decided before anything is read, every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from keywright._internal.aws import AccessDenied, CallerIdentity
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.lifecycle.target import Located, locate
from keywright.errors import InputError

ACCOUNT = "111122223333"
ROLE = "arn:aws:iam::444455556666:role/keywright"


def who_is(role_arn: str | None, _: str) -> CallerIdentity:
    account = role_arn.split(":")[4] if role_arn else ACCOUNT
    return CallerIdentity(account, role_arn or f"arn:aws:iam::{ACCOUNT}:user/me", "id", "aws")


def located(folder: Path, keys: str, region: str | None = "us-east-1", only: tuple[str, ...] = ()) -> Located:
    (folder / "keys.yaml").write_text(f"stack: s\nkeys:\n{keys}")
    return locate(load_stack(folder / "keys.yaml"), who_is, region, only)


def test_a_key_lives_where_its_role_its_region_or_the_settings_say(tmp_path: Path) -> None:
    found = located(tmp_path, f"  a: {{}}\n  b: {{region: eu-west-1, assume_role_arn: '{ROLE}'}}\n").targets
    assert [(item.location.account, item.location.region) for item in found] == [
        (ACCOUNT, "us-east-1"),
        ("444455556666", "eu-west-1"),
    ]


def test_a_role_that_cannot_be_assumed_fails_its_own_keys_only(tmp_path: Path) -> None:
    def refuses_roles(role_arn: str | None, region: str) -> CallerIdentity:
        if role_arn:
            raise AccessDenied("AWS doesn't let you do `sts:AssumeRole`")
        return who_is(None, region)

    (tmp_path / "keys.yaml").write_text(f"stack: s\nkeys:\n  a: {{}}\n  b: {{assume_role_arn: '{ROLE}'}}\n")
    found = locate(load_stack(tmp_path / "keys.yaml"), refuses_roles, "us-east-1")
    assert [item.name for item in found.targets] == ["a"]
    assert list(found.failures) == ["b"]


def test_all_keys_that_cannot_be_worked_on_are_reported_together(tmp_path: Path) -> None:
    foreign = f"arn:aws:kms:us-west-2:999999999999:key/mrk-{'0' * 32}"
    with pytest.raises(InputError) as caught:
        located(
            tmp_path,
            f"  a: {{account: '999999999999'}}\n  b: {{replica_primary_key_arn: '{foreign}'}}\n"
            "  c: {multi_region: true, replica_regions: {us-east-1: {}}}\n  d: {}\n",
        )
    assert {problem.path[1] for problem in caught.value.problems} == {"a", "b", "c"}


def test_without_any_region_the_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        located(tmp_path, "  a: {}\n", region=None)
    assert caught.value.problems[0].field == "keys.a.region"


def test_a_name_that_the_file_does_not_have_is_refused_with_those_it_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no key `c`") as caught:
        located(tmp_path, "  a: {}\n  b: {}\n", only=("c",))
    assert "a, b" in caught.value.remedy


def test_the_policy_never_depends_on_who_runs_the_tool(tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text("stack: s\nkeys:\n  a: {}\n")
    stack = load_stack(tmp_path / "keys.yaml")
    policies = {
        locate(stack, lambda *_, arn=arn: CallerIdentity(ACCOUNT, arn, "id", "aws"), "us-east-1").targets[0].policy  # type: ignore[misc]
        for arn in (f"arn:aws:iam::{ACCOUNT}:user/one", f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/two")
    }
    assert len(policies) == 1
