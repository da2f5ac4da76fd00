"""What the functions on policies refuse, as a program without type checks would call them."""

from __future__ import annotations

import pytest

import keywright
from keywright.errors import InputError

ACCOUNT = "123412341234"
POLICY = keywright.render(
    keywright.Stack(name="s", keys={"a": keywright.Key(region="us-east-1", account=ACCOUNT)}), account=ACCOUNT
)["a"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"account": "12"}, "`12` is not an account"),
        ({"account": 123412341234}, "`123412341234` is not an account"),
        ({"account": None}, "`None` is not an account"),
        ({"region": "us-esat-1"}, "`us-esat-1` is not an AWS Region"),
        ({"partition": "aws-mars"}, "`aws-mars` is not a partition"),
        ({"trusted_accounts": ["x"]}, "`x` is not an account"),
        ({"trusted_accounts": ACCOUNT}, "`trusted_accounts` is one text"),
        ({"trusted_organizations": ["x"]}, "`x` is not an organization"),
        ({"claims": "nobody can kms:Decrypt"}, "`claims` is one text"),
        ({"caller": "app"}, "`app` is no caller"),
    ],
)
def test_prove_refuses_what_is_no_account_region_partition_caller_or_list(
    arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        keywright.prove(POLICY, **{"account": ACCOUNT, **arguments})  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", [{"account": "12"}, {"region": "mars-1"}])
def test_every_function_on_policies_refuses_a_key_that_is_nowhere(arguments: dict[str, str]) -> None:
    for call in (
        lambda: keywright.check_policy(POLICY, **arguments),
        lambda: keywright.diff(POLICY, POLICY, **arguments),
        lambda: keywright.explain(POLICY, **arguments),
    ):
        with pytest.raises(InputError, match="is not an"):
            call()
