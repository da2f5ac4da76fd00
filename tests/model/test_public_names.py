"""What the library offers under its own name, and at what price."""

from __future__ import annotations

import subprocess
import sys

import pytest

import keywright


@pytest.mark.parametrize("name", keywright.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(keywright, name).__name__ == name


def test_every_public_name_has_a_home_and_no_other_has() -> None:
    assert set(keywright._HOMES) == set(keywright.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        keywright.nothing_like_it  # noqa: B018 - the access is what is tested


def test_the_package_itself_costs_nothing() -> None:
    code = "import sys, keywright; print(sorted(m for m in sys.modules if m.startswith(('pydantic', 'botocore'))))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_key_and_its_policy_in_a_few_lines() -> None:
    key = keywright.Key(aliases=("my-app",), key_user_arns=("durable:arn:aws:iam::111122223333:role/app",))
    policy = keywright.key_policy(key, keywright.KeyLocation("aws", "111122223333", "us-east-1"))
    assert keywright.parse_policy(keywright.as_json(policy)).document.statements
