"""`policy check`, `plan` and `conform` say the same of the same file: of each key, and of each of its replicas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.aws import CallerIdentity
from keywright._internal.keysfile.examination import examine_file
from keywright._internal.keysfile.source import read_source
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.lifecycle.claims import prove_all
from keywright._internal.lifecycle.target import locate
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.proof.claims.built_in.lockout import CALLER
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright.errors import InputError

ACCOUNT = "111122223333"
OUTSIDER = "444455556666"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/kms-admin"
APP = f"arn:aws:iam::{ACCOUNT}:role/app"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


def written(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [ROOT, *statements]})


def lets_in(principal: object, action: str = "kms:Decrypt") -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}


POLICIES = (
    written(),
    written(lets_in({"AWS": f"arn:aws:iam::{OUTSIDER}:root"})),
    written(lets_in({"AWS": APP})),
    written(lets_in("*")),
    written(lets_in({"AWS": ADMIN}, "kms:*")),
)
CLAIMS = (
    f"nobody outside [{ACCOUNT}] can [kms:Decrypt]",
    f"{APP} can [kms:Decrypt]",
    f"{ADMIN} cannot [kms:PutKeyPolicy]",
    f"only [{APP}] can kms:Decrypt directly",
)
REPLICA = st.one_of(st.just({}), st.sampled_from(POLICIES).map(lambda text: {"policy": text}))


def patterns() -> st.SearchStrategy[list[dict[str, Any]]]:
    home = KeyLocation("aws", ACCOUNT, "us-east-1")
    uses = [
        {"name": name, "parameters": {key: list(value) for key, value in catalogue.example(found, home).items()}}
        for name, found in catalogue.load().patterns.items()
    ]
    return st.lists(st.sampled_from(uses), max_size=2)


KEYS = st.fixed_dictionaries(
    {"multi_region": st.just(True), "key_administrator_arns": st.just([ADMIN])},
    optional={
        "key_user_arns": st.just([APP, "permission_set:Data"]),
        "key_service_users": st.just(["logs.us-east-1.amazonaws.com", "sns.amazonaws.com"]),
        "policy": st.sampled_from(POLICIES),
        "patterns": patterns(),
        "enable_default_root_policy": st.booleans(),
        "claims": st.lists(st.sampled_from(CLAIMS), max_size=2),
        "statements": st.just([{"actions": ["kms:Decrypt"], "principals": [{"type": "AWS", "identifiers": [APP]}]}]),
        "waive": st.just({"only-named-principals-use": "it is known"}),
        "replica_regions": st.dictionaries(st.sampled_from(("eu-west-1", "eu-west-2")), REPLICA, max_size=2),
    },
)
FILES = st.fixed_dictionaries(
    {"stack": st.just("s"), "region": st.just("us-east-1"), "account": st.just(ACCOUNT)},
    optional={"claims": st.lists(st.sampled_from(CLAIMS), max_size=1)},
)

Said = dict[tuple[str, str], list[tuple[str, Verdict, str, str]]]


def by_check(file: Path) -> Said:
    return {(item.subject, item.account or ""): said(item.claims) for item in examine_file(read_source(file))}


def by_plan(file: Path) -> Said:
    caller = CallerIdentity(ACCOUNT, ADMIN, "AIDA", "aws")
    (target,) = locate(load_stack(file), lambda _role, _region: caller, None).targets
    found: dict[str, list[ClaimResult]] = {}
    for item in prove_all([target])["a"]:
        label = "a" if item.region == "us-east-1" else f"a, replica in {item.region}"
        found.setdefault(label, []).append(item.result)
    return {(label, ACCOUNT): said(results) for label, results in found.items()}


def said(results: Any) -> list[tuple[str, Verdict, str, str]]:
    return [(item.id, item.verdict, item.waived, item.reason) for item in results if item.id != CALLER]


@settings(max_examples=100, deadline=None)
@given(head=FILES, key=KEYS)
def test_check_and_plan_agree_on_every_policy_of_a_file(
    tmp_path_factory: Any, head: dict[str, Any], key: dict[str, Any]
) -> None:
    file = tmp_path_factory.mktemp("file") / "keys.yaml"
    file.write_text(json.dumps({**head, "keys": {"a": key}}))
    try:
        checked = by_check(file)
    except InputError:
        reject()
    planned = by_plan(file)
    # Who plans is one caller more that the search may name; the answers are the same.
    assert {place: [item[:3] for item in items] for place, items in checked.items()} == {
        place: [item[:3] for item in items] for place, items in planned.items()
    }


@settings(max_examples=100, deadline=None)
@given(key=KEYS)
def test_a_generated_replica_policy_is_answered_as_the_keys_own(tmp_path_factory: Any, key: dict[str, Any]) -> None:
    del_policy = {name: value for name, value in key.items() if name != "policy"}
    file = tmp_path_factory.mktemp("file") / "keys.yaml"
    document = {**del_policy, "replica_regions": {"eu-west-1": {}}}
    file.write_text(json.dumps({"stack": "s", "region": "us-east-1", "account": ACCOUNT, "keys": {"a": document}}))
    try:
        own, replica = by_check(file).values()
    except InputError:
        reject()
    assert [item[:3] for item in own] == [item[:3] for item in replica]


def test_a_replicas_own_policy_is_held_to_what_its_key_declares(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    key = {"multi_region": True, "replica_regions": {"eu-west-1": {"policy": POLICIES[1]}}, "claims": [CLAIMS[0]]}
    file.write_text(json.dumps({"stack": "s", "region": "us-east-1", "account": ACCOUNT, "keys": {"a": key}}))
    own, replica = examine_file(read_source(file))
    assert own.passed
    assert not replica.passed
    refuted = {item.id for item in replica.claims if item.verdict is Verdict.REFUTED}
    assert refuted == {"no-access-from-outside", "only-named-principals-use", "claim-1"}


def test_a_claim_that_the_file_waives_fails_neither_check_nor_plan_and_is_shown_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    alone = {"key_administrator_arns": [ADMIN], "enable_default_root_policy": False, "key_user_arns": [APP]}
    for waive in ({}, {"survives-loss-of-any-principal": "one break-glass role, kept by hand"}):
        key = {**alone, "waive": waive}
        file.write_text(json.dumps({"stack": "s", "region": "us-east-1", "account": ACCOUNT, "keys": {"a": key}}))
        (examination,) = examine_file(read_source(file))
        caller = CallerIdentity(ACCOUNT, ADMIN, "AIDA", "aws")
        (target,) = locate(load_stack(file), lambda _role, _region, who=caller: who, None).targets
        survives = next(item for item in examination.claims if item.id == "survives-loss-of-any-principal")
        assert survives.verdict is Verdict.REFUTED
        assert survives.waived == waive.get(survives.id, "")
        assert examination.passed is bool(waive)
        assert any(item.forbids for item in prove_all([target])["a"]) is not bool(waive)


def test_the_commands_say_the_same_of_a_key_that_is_on_aws(keywright: Keywright, aws: Aws) -> None:
    file = keywright.directory / "keys.yaml"
    own = written(lets_in({"AWS": APP}, "kms:Decypt")).replace(ACCOUNT, aws.account)
    head = {"stack": "s", "region": "us-east-1", "account": aws.account}
    keys = {"a": {"policy": own, "multi_region": True, "replica_regions": {"eu-west-1": {}}}}
    file.write_text(json.dumps({**head, "keys": keys}))
    keywright.run("apply", file, "--yes").succeeded()
    file.write_text(json.dumps({**head, "keys": keys, "claims": ["nobody can kms:PutKeyPolicy"]}))
    check, plan, verify = (
        keywright.run(*command, file, "--json") for command in (("policy", "check"), ("plan",), ("verify", "--no-use"))
    )
    assert (check.code, plan.code, verify.code) == (1, 1, 1)
    policies = check.document["policies"]
    assert {item["claims"][-1]["verdict"] for item in policies} == {"REFUTED"}
    refuted = [(item["region"], item["id"]) for item in plan.document["claims"]["a"] if item["verdict"] == "REFUTED"]
    assert refuted == [("us-east-1", "claim-1"), ("eu-west-1", "claim-1")]
    found = verify.document["keys"]["a"]
    assert found["in_sync"]
    assert [(item["region"], item["id"]) for item in found["refuted_claims"]] == refuted
    failing = {item["id"] for policy in policies for item in policy["findings"]}
    assert {item["id"] for item in plan.document["findings"]["a"]} == failing == {"KW201"}
