"""No policy is written while a claim on it is refuted; unknown principals are told apart from late ones."""

from __future__ import annotations

import json

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.sandbox import Sandbox

ROOT = "arn:aws:iam::{account}:root"


def declared(keywright: Keywright, keys: str) -> str:
    (keywright.directory / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\nkeys:\n{keys}")
    return "keys.yaml"


def policy_for(*statements: dict[str, object]) -> str:
    return json.dumps(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(principal: object, action: str = "kms:*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def test_a_policy_open_to_the_public_is_refused_before_any_key_is_made(keywright: Keywright, aws: Aws) -> None:
    text = policy_for(allow({"AWS": ROOT.format(account=aws.account)}), allow("*", "kms:Decrypt"))
    file = declared(keywright, f"  good: {{}}\n  bad:\n    policy: {text}\n")
    result = keywright.run("apply", file, "--yes")
    assert result.code == 2
    assert "nothing was changed" in result.err
    assert "keys.bad.policy" in result.err
    assert aws.keys() == []
    plan = keywright.run("plan", file)
    assert plan.code == 1
    assert "REFUTED" in plan.out


def test_a_policy_that_nobody_could_change_again_is_refused(keywright: Keywright, aws: Aws) -> None:
    text = policy_for(allow({"AWS": ROOT.format(account=aws.account)}, "kms:Decrypt"))
    file = declared(keywright, f"  bad:\n    policy: {text}\n")
    result = keywright.run("apply", file, "--yes")
    assert result.code == 2
    assert "somebody can still change the key policy" in result.err
    assert aws.keys() == []


def test_a_claim_of_the_users_own_is_held_to(keywright: Keywright, aws: Aws) -> None:
    role = f"arn:aws:iam::{aws.account}:role/app"
    claim = f"nobody may kms:Decrypt except arn:aws:iam::{aws.account}:role/other"
    file = declared(keywright, f"  a: {{key_user_arns: ['{role}'], claims: ['{claim}']}}\n")
    result = keywright.run("plan", file, "--json")
    assert result.code in {1, 2}
    if result.code == 1:
        assert "REFUTED" in {item["verdict"] for item in result.document["claims"]["a"]}


def test_the_callers_own_lockout_is_refused_and_goes_on_only_where_the_file_says_so_loudly(
    keywright: Keywright, aws: Aws
) -> None:
    roles = [aws.make_role(name) for name in ("one", "two")]
    key = f"key_administrator_arns: {json.dumps(roles)}, enable_default_root_policy: false"
    file = declared(keywright, f"  a: {{{key}}}\n")
    refused = keywright.run("apply", file, "--yes")
    assert refused.code == 2
    assert "whoever applies this policy can change it again" in refused.err
    declared(keywright, f"  a: {{{key}, bypass_policy_lockout_safety_check: true}}\n")
    plan = keywright.run("plan", file)
    assert "WITHOUT AWS's lockout check" in plan.out
    keywright.run("apply", file, "--yes").succeeded()
    assert len(aws.keys()) == 1


def test_a_role_that_does_not_exist_ends_it_at_once_and_is_named(
    keywright: Keywright, aws: Aws, sandbox: Sandbox
) -> None:
    sandbox.require_principals(aws.account)
    role = f"arn:aws:iam::{aws.account}:role/missing"
    file = declared(keywright, f"  a: {{key_user_arns: ['{role}']}}\n  b: {{}}\n")
    result = keywright.run("apply", file, "--yes", "--json")
    assert result.code == 2
    keys = result.document["keys"]
    assert role in keys["a"]["error"]
    assert "durable:" in keys["a"]["error"]
    assert keys["b"]["error"] is None


def test_a_missing_service_linked_role_comes_with_the_call_that_makes_it(
    keywright: Keywright, aws: Aws, sandbox: Sandbox
) -> None:
    file = declared(keywright, "  a: {}\n")
    keywright.run("apply", file, "--yes").succeeded()
    sandbox.require_principals(aws.account)
    path = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    declared(keywright, f"  a: {{key_user_arns: ['arn:aws:iam::{aws.account}:{path}']}}\n")
    result = keywright.run("apply", file, "--yes")
    assert result.code == 2
    assert "create-service-linked-role --aws-service-name autoscaling.amazonaws.com" in result.err


def test_a_sole_administrator_is_refused_with_its_remedies_and_goes_on_where_the_file_waives_it_with_a_reason(
    keywright: Keywright, aws: Aws
) -> None:
    role = aws.make_role("break-glass")
    switches = "enable_default_root_policy: false, bypass_policy_lockout_safety_check: true"
    key = f"{switches}, key_administrator_arns: ['{role}']"
    refused = keywright.run("apply", declared(keywright, f"  a: {{{key}}}\n"), "--yes")
    assert refused.code == 2
    assert "durable:" in refused.err
    assert "waive `survives-loss-of-any-principal`" in refused.err
    waive = "waive: {survives-loss-of-any-principal: kept by hand in a safe}"
    file = declared(keywright, f"  a: {{{key}, {waive}}}\n")
    keywright.run("apply", file, "--yes").succeeded()
    again = keywright.run("plan", file).succeeded()
    assert "WAIVED (kept by hand in a safe)" in again.out
