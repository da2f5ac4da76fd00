"""Keys planned, applied, verified and destroyed from Python, on the embedded AWS."""

from __future__ import annotations

import pytest
import typed_usage

import keywright
from aws_directly import Aws
from keywright._internal.sandbox import Sandbox
from keywright.errors import ClaimRefuted, StalePlan


@pytest.fixture(autouse=True)
def of_this_account(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, account: str) -> None:
    for name, value in {**sandbox.environment(), "AWS_ACCESS_KEY_ID": account}.items():
        monkeypatch.setenv(name, value)


def stack(**fields: object) -> keywright.Stack:
    return keywright.Stack(name="s", keys={"a": keywright.Key(region="us-east-1", **fields)})  # type: ignore[arg-type]


def test_a_plan_is_carried_out_and_the_next_one_is_empty(aws: Aws) -> None:
    planned = keywright.plan(stack(aliases=["x"]))
    assert planned.counts["create"] == 1
    assert [item.name for item in planned.changing] == ["a"]
    assert {item.result.verdict for item in planned.claims["a"]} == {keywright.Verdict.PROVED}
    (outcome,) = keywright.apply(planned)
    assert outcome.error is None
    assert len(aws.keys()) == 1
    assert keywright.plan(stack(aliases=["x"])).counts["unchanged"] == 1


def test_a_refuted_claim_is_refused_before_anything_is_written(aws: Aws) -> None:
    with pytest.raises(ClaimRefuted):
        keywright.apply(keywright.plan(stack(claims=["nobody can kms:PutKeyPolicy"])))
    assert aws.keys() == []


def test_a_plan_that_aws_has_moved_away_from_is_refused() -> None:
    keywright.apply(keywright.plan(stack()))
    early = keywright.plan(stack(description="one"))
    keywright.apply(keywright.plan(stack(description="two", is_enabled=False)))
    with pytest.raises(StalePlan, match="`a`"):
        keywright.apply(early)


def test_keys_are_verified_and_what_differs_is_said() -> None:
    keywright.apply(keywright.plan(stack()))
    (good,) = keywright.verify(stack())
    (bad,) = keywright.verify(stack(description="another"), use=False)
    assert good.in_sync
    assert good.trials
    assert not bad.in_sync
    assert [step.action for step in bad.differences] == ["describe"]


def test_destroyed_keys_are_scheduled_for_deletion_and_restored() -> None:
    keywright.apply(keywright.plan(stack(aliases=["x"])))
    (destroyed,) = keywright.destroy(stack(aliases=["x"]))
    assert destroyed.error is None
    assert keywright.plan(stack(aliases=["x"])).counts["refused"] == 1
    (restored,) = keywright.restore(stack(aliases=["x"]))
    assert restored.error is None
    assert keywright.plan(stack(aliases=["x"])).counts["unchanged"] == 1


def test_the_typed_calls_run() -> None:
    (changed,) = typed_usage.changed(stack()).values()
    assert changed[1] is None
    assert typed_usage.in_sync(stack())


def test_one_key_of_several_is_worked_on_and_an_unknown_one_is_refused(aws: Aws) -> None:
    both = keywright.Stack(name="s", keys={name: keywright.Key(region="us-east-1") for name in ("a", "b")})
    keywright.apply(keywright.plan(both, keys=["b"]))
    assert len(aws.keys()) == 1
    with pytest.raises(keywright.InputError, match="no key `c`"):
        keywright.plan(both, keys=["c"])
