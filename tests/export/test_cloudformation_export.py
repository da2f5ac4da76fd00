"""`keywright export cloudformation`: the templates hold the same keys as the file, in what CloudFormation takes."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chance import fresh_seed
from keywright._internal.conformance.equality_cases import accepted_by_python, as_key, good_cases
from keywright._internal.conformance.generated_keys import ACCOUNT, drawn_keys
from keywright._internal.export.cloudformation import Layout, templates
from keywright._internal.export.existing import Existing
from keywright._internal.export.inexpressible import LeftOut
from keywright._internal.export.template import Template
from keywright._internal.export.template_files import TemplateFile, template_files
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright._internal.policy.document import PolicyDocument, as_json
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.policy.stack_policies import stack_policies
from keywright._internal.templates.cloudformation import Deployment, policies_of_template
from keywright._internal.templates.examination import examine_template_policy
from keywright._internal.templates.intrinsics import Scope, resolve
from keywright._internal.templates.nodes import read_nodes
from keywright.errors import InputError, LocationMissing

TAGS = ("keywright:stack", "keywright:key")


def export(stack: Stack, **layout: Any) -> tuple[TemplateFile, ...]:
    return template_files(templates(stack, Layout(TAGS, left_out=(LeftOut.GRANTS,), **layout)))


def stack_of(**keys: Mapping[str, Any]) -> Stack:
    return Stack(name="payments", keys={name: Key.model_validate(fields) for name, fields in keys.items()})


def drawn_stacks(seed: int) -> Iterator[Stack]:
    """Stacks of one drawn key, whose account is stated as often as it is left to the deployment."""
    draw = random.Random(seed)
    for inputs in drawn_keys(draw):
        if accepted_by_python(inputs):
            stated = {"account": ACCOUNT} if draw.random() < 0.5 else {}
            yield Stack(name="s", keys={"the-key": as_key({**inputs, **stated})})


def policies_of(file: TemplateFile, account: str) -> Mapping[str, str]:
    deployment = Deployment(account, file.template.region)
    found = policies_of_template(file.text, file=file.path, deployment=deployment)
    return {item.name: item.text or str(item.unknown) for item in found}


def statements_of(text: str) -> list[str]:
    """A policy's statements in the canonical form, whatever their order."""
    document = parse_policy(text).document
    return sorted(as_json(PolicyDocument((item,), document.version, document.id)) for item in document.statements)


def assert_same_policies(stack: Stack, account: str) -> None:
    declared = {(item.name, item.location.region): item for item in stack_policies(stack, account=account)}
    exported = {
        (key.name, file.template.region): (policies_of(file, account)[next(iter(key.resources))], key)
        for file in export(stack)
        for key in file.template.keys
    }
    assert exported.keys() == declared.keys()
    for place, (text, key) in exported.items():
        expected = declared[place]
        assert statements_of(text) == statements_of(expected.text), (place, text)
        if not any("order" in note for note in key.notes):
            assert as_json(parse_policy(text).document) == as_json(parse_policy(expected.text).document), place
        if stack.keys[key.name].account is not None and expected.written is None:
            assert json.dumps(json.loads(text)) == json.dumps(json.loads(expected.text)), place


def test_the_policies_of_generated_keys_are_the_declared_ones_byte_for_byte_in_the_canonical_form() -> None:
    for stack in itertools.islice(drawn_stacks(fresh_seed()), 200):
        assert_same_policies(stack, ACCOUNT)


def test_so_are_those_of_every_pattern_in_any_account() -> None:
    for inputs in good_cases():
        assert_same_policies(Stack(name="s", keys={"the-key": as_key(inputs)}), "999988887777")


def resources_of(file: TemplateFile, account: str = ACCOUNT) -> Mapping[str, Any]:
    """The template's resources with every function worked out."""
    root = read_nodes(file.text, file.path)
    scope = Scope(root, account, file.template.region)
    return {name: resolve(node, scope).plain() for name, node in root.members["Resources"].members.items()}


def test_the_other_properties_of_generated_keys_are_the_declared_ones() -> None:
    for stack in itertools.islice(drawn_stacks(fresh_seed()), 60):
        ((name, declared),) = stack.keys.items()
        key = declared.made_in(declared.region)
        own, *_ = export(stack)
        kinds = [item["Type"] for item in resources_of(own).values()]
        replicates = key.replica_primary_key_arn is not None
        assert kinds == [
            "AWS::KMS::ReplicaKey" if replicates else "AWS::KMS::Key",
            *["AWS::KMS::Alias"] * len(key.aliases),
        ]
        properties = next(iter(resources_of(own).values()))["Properties"]
        assert properties["Description"] == key.description
        assert properties.get("Enabled", "true") == str(key.is_enabled).lower()
        assert properties["PendingWindowInDays"] == str(key.deletion_window_in_days)
        assert {item["Key"]: item["Value"] for item in properties["Tags"]} == {
            **key.tags,
            "keywright:stack": "s",
            "keywright:key": name,
        }
        if replicates:
            assert properties["PrimaryKeyArn"] == key.replica_primary_key_arn
            continue
        assert (properties["KeySpec"], properties["KeyUsage"]) == (key.customer_master_key_spec, key.key_usage)
        assert properties.get("MultiRegion", "false") == str(key.multi_region).lower()
        assert properties.get("EnableKeyRotation", "false") == str(bool(key.rotates)).lower()
        assert (
            properties.get("BypassPolicyLockoutSafetyCheck", "false")
            == str(key.bypass_policy_lockout_safety_check).lower()
        )


def test_the_same_keys_give_the_same_bytes() -> None:
    stack = stack_of(a={"region": "us-east-1"}, b={"region": "eu-west-1"})
    assert [item.text for item in export(stack)] == [item.text for item in export(stack)]


def test_keys_go_by_their_account_and_region_and_replicas_behind_them() -> None:
    family = {"region": "us-east-1", "multi_region": True, "replica_regions": {"eu-west-1": {}}}
    stack = stack_of(
        app=family, other={"region": "eu-west-1", "account": ACCOUNT}, third={**family, "account": ACCOUNT}
    )
    files = export(stack)
    assert [item.path for item in files] == [
        f"{ACCOUNT}/eu-west-1.yaml",
        f"{ACCOUNT}/us-east-1.yaml",
        "us-east-1.yaml",
        f"{ACCOUNT}/replicas/eu-west-1.yaml",
        "replicas/eu-west-1.yaml",
    ]
    assert [item.template.stack_name for item in files] == ["keywright-payments"] * 3 + [
        "keywright-payments-replicas"
    ] * 2


def test_a_replica_takes_its_primary_from_the_outputs_of_that_stack() -> None:
    family = {"region": "us-east-1", "multi_region": True, "replica_regions": {"eu-west-1": {}}}
    own, replica = export(stack_of(app=family))
    properties = read_nodes(replica.text, "r").members["Resources"].members["ReplicaApp"].members["Properties"]
    assert properties.members["PrimaryKeyArn"].plain() == {
        "Fn::GetStackOutput": {
            "StackName": {"Ref": "PrimaryStackName"},
            "OutputName": "AppKeyArn",
            "Region": "us-east-1",
        }
    }
    assert "AppKeyArn" in read_nodes(own.text, "o").members["Outputs"].members
    assert "Default: keywright-payments\n" in replica.text


def test_everything_is_retained() -> None:
    for stack in itertools.islice(drawn_stacks(7), 20):
        for file in export(stack):
            for resource in read_nodes(file.text, "t").members["Resources"].members.values():
                assert resource.members["DeletionPolicy"].text == "Retain"
                assert resource.members["UpdateReplacePolicy"].text == "Retain"


def test_policy_check_takes_an_export_with_the_claims_of_the_file() -> None:
    stack = stack_of(app={"region": "us-east-1", "aliases": ["app"], "key_service_users": ["sns.amazonaws.com"]})
    (file,) = export(stack)
    (found,) = policies_of_template(file.text, file=file.path, deployment=Deployment(ACCOUNT, "us-east-1"))
    examination = examine_template_policy(found)
    assert {claim.verdict.value for claim in examination.claims} == {"PROVED"}
    assert not examination.findings


def test_an_alias_keeps_its_logical_id_when_it_moves_to_another_key() -> None:
    keys = {"a": {"region": "us-east-1", "aliases": ["app"]}, "b": {"region": "us-east-1"}}
    before = {name for name in resources_of(export(stack_of(**keys))[0]) if name.startswith("Alias")}
    keys["b"]["aliases"] = keys["a"].pop("aliases")
    assert before == {name for name in resources_of(export(stack_of(**keys))[0]) if name.startswith("Alias")}


def test_what_cloudformation_reads_in_texts_stays_a_text() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/x": "${aws:username}", "kms:EncryptionContext:a": "${AWS::Region}"}}
    own = {"sid": "S", "actions": ["kms:Decrypt"], "principals": {"AWS": ["*"]}, "conditions": condition}
    stack = stack_of(app={"region": "us-east-1", "description": "${AWS::AccountId}", "statements": [own]})
    (file,) = export(stack)
    properties = resources_of(file)["KeyApp"]["Properties"]
    assert properties["Description"] == "${AWS::AccountId}"
    assert properties["KeyPolicy"]["Statement"][1]["Condition"] == {
        "StringEquals": {"aws:PrincipalTag/x": ["${aws:username}"], "kms:EncryptionContext:a": ["${AWS::Region}"]}
    }


@pytest.mark.parametrize("text", ["012345678901", "1e3", "2012-10-17", "y", "on", "null", "-1", "0x1F", "1_000"])
def test_a_text_that_looks_like_a_number_is_quoted(text: str) -> None:
    (file,) = export(stack_of(app={"region": "us-east-1", "description": text}))
    assert f"      Description: '{text}'\n" in file.text


def test_grants_are_refused_unless_they_are_left_out_and_then_the_template_says_so() -> None:
    grant = {"name": "g", "grantee_principal": f"arn:aws:iam::{ACCOUNT}:role/x", "operations": ["Decrypt"]}
    stack = stack_of(app={"region": "us-east-1", "grants": [grant]})
    with pytest.raises(InputError) as refused:
        templates(stack, Layout(TAGS))
    assert [problem.field for problem in refused.value.problems] == ["keys.app.grants"]
    (file,) = export(stack)
    assert "# Left out of what the file declares: grants." in file.text


def test_a_dynamic_reference_is_refused_wherever_it_stands() -> None:
    text = "{{resolve:ssm:/x}}"
    own = {
        "sid": "S",
        "actions": ["kms:Decrypt"],
        "principals": {"AWS": ["*"]},
        "conditions": {"Bool": {"aws:x": text}},
    }
    stack = stack_of(app={"region": "us-east-1", "description": text, "statements": [own]})
    with pytest.raises(InputError) as refused:
        export(stack)
    assert [problem.field for problem in refused.value.problems] == [
        "keys.app.description",
        "keys.app.statements[0].conditions[0].values[0]",
    ]


def test_a_key_without_a_region_is_refused() -> None:
    with pytest.raises(LocationMissing):
        export(stack_of(app={}))
    assert export(stack_of(app={}), region="cn-north-1")[0].template.region == "cn-north-1"


def test_more_than_a_template_holds_is_refused_and_fits_with_one_a_key() -> None:
    stack = stack_of(**{f"key-{number}": {"region": "us-east-1"} for number in range(501)})
    with pytest.raises(InputError) as refused:
        export(stack)
    assert [problem.message for problem in refused.value.problems] == [
        "us-east-1.yaml would hold 501 resources; CloudFormation takes 500",
        "us-east-1.yaml would hold 1,503 outputs; CloudFormation takes 200",
    ]
    files = export(stack, by_key=True)
    assert len({item.path for item in files}) == len({item.template.stack_name for item in files}) == 501


def test_a_template_too_large_for_a_request_says_that_it_needs_s3() -> None:
    stack = stack_of(**{f"key-{number}": {"region": "us-east-1", "description": "d" * 8000} for number in range(8)})
    (file,) = export(stack)
    assert file.needs_s3
    assert "--s3-bucket BUCKET" in file.text.splitlines()[2]


def test_a_permission_set_of_another_account_is_noted_where_the_account_is_open() -> None:
    key = {"region": "us-east-1", "key_user_arns": ["permission_set:A", "permission_set:444455556666/A"]}
    (file,) = export(stack_of(app=key))
    assert "not for account 444455556666" in file.text
    (stated,) = export(stack_of(app={**key, "account": ACCOUNT}))
    assert "not for account" not in stated.text


def existing_templates() -> tuple[Template, ...]:
    family = {"region": "us-east-1", "aliases": ["a", "b"], "multi_region": True, "replica_regions": {"eu-west-1": {}}}
    stack = stack_of(app=family, new={"region": "us-east-1"})
    there = Existing("mrk-1234abcd12ab34cd56ef1234567890ab", ("alias/b",), ("eu-west-1",))
    return templates(stack, Layout(TAGS), existing={"app": there})


def test_an_import_holds_what_exists_without_outputs_and_names_it() -> None:
    files = {item.path: item for item in template_files(existing_templates())}
    assert [*files] == [
        "us-east-1.yaml",
        "replicas/eu-west-1.yaml",
        "import/us-east-1.yaml",
        "import/replicas/eu-west-1.yaml",
    ]
    own = files["import/us-east-1.yaml"]
    assert [*resources_of(own)] == ["KeyApp", "AliasB"]
    assert "Outputs" not in read_nodes(own.text, "t").members
    assert [item["ResourceIdentifier"] for item in json.loads(own.resources_to_import or "")] == [
        {"KeyId": "mrk-1234abcd12ab34cd56ef1234567890ab"},
        {"AliasName": "alias/b"},
    ]


def test_an_imported_resource_is_the_same_in_the_template_that_follows() -> None:
    files = {item.path: item for item in template_files(existing_templates())}
    for path in ("us-east-1.yaml", "replicas/eu-west-1.yaml"):
        after = resources_of(files[path])
        assert all(after[name] == item for name, item in resources_of(files[f"import/{path}"]).items())


def test_an_existing_primary_is_named_by_its_arn() -> None:
    (_, replicas) = existing_templates()
    (text,) = (item.text for item in template_files([replicas]) if not item.resources_to_import)
    assert "PrimaryKeyArn: !Sub arn:aws:kms:us-east-1:${AWS::AccountId}:key/mrk-1234abcd" in text
    assert "Parameters" not in text
