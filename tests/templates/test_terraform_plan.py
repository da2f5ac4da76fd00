"""Key policies of a Terraform plan in JSON: found with their address, unknown where only the apply tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keywright._internal.templates.examination import examine_template_policy
from keywright._internal.templates.template_policy import TemplatePolicy
from keywright._internal.templates.terraform_configuration import without_index
from keywright._internal.templates.terraform_plan import policies_of_plan
from keywright.errors import InvalidTemplate

STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})


def resource(address: str, **values: Any) -> dict[str, Any]:
    kind = without_index(address).split(".")[-2]
    return {"address": address, "mode": "managed", "type": kind, "values": values}


def plan(*resources: dict[str, Any], modules: tuple[dict[str, Any], ...] = (), **rest: Any) -> str:
    module = {"resources": list(resources), "child_modules": list(modules)}
    return json.dumps({"format_version": "1.2", "planned_values": {"root_module": module}, **rest}, indent=1)


def found_in(text: str, **told: Any) -> list[TemplatePolicy]:
    return list(policies_of_plan(text, file="plan.json", **told))


def test_a_key_s_policy_is_found_at_its_address() -> None:
    text = plan(resource("aws_s3_bucket.b", policy="{}"), resource("aws_kms_key.this", policy=POLICY))
    (found,) = found_in(text)
    assert found.name == "aws_kms_key.this"
    assert "aws_kms_key.this" in text.splitlines()[found.location.line - 1]
    assert examine_template_policy(found).passed


def test_policies_of_modules_replicas_and_policy_resources_are_found() -> None:
    inner = {
        "address": "module.kms.module.in",
        "resources": [resource("module.kms.module.in.aws_kms_key.k[0]", policy=POLICY)],
    }
    modules = ({"address": "module.kms", "resources": [], "child_modules": [inner]},)
    text = plan(
        resource("aws_kms_replica_key.r", policy=POLICY),
        resource("aws_kms_key_policy.p", policy=POLICY),
        resource("awscc_kms_key.c", key_policy=POLICY),
        modules=modules,
    )
    names = [found.name for found in found_in(text)]
    assert names == [
        "aws_kms_replica_key.r",
        "aws_kms_key_policy.p",
        "awscc_kms_key.c",
        "module.kms.module.in.aws_kms_key.k[0]",
    ]


def test_a_policy_that_only_the_apply_tells_is_unknown() -> None:
    change = {"address": "aws_kms_key.this", "change": {"after_unknown": {"policy": True}}}
    (found,) = found_in(plan(resource("aws_kms_key.this"), resource_changes=[change]))
    assert found.text is None
    (claim,) = examine_template_policy(found).claims
    assert claim.verdict.value == "UNKNOWN"
    assert "known after apply" in claim.reason


def test_a_key_whose_configuration_writes_no_policy_gets_the_default_one() -> None:
    call = {"module": {"resources": [{"address": "aws_kms_key.this", "expressions": {"description": {}}}]}}
    inner = {"address": "module.k", "resources": [resource("module.k.aws_kms_key.this[0]")]}
    change = {"address": "module.k.aws_kms_key.this[0]", "change": {"after_unknown": {"policy": True}}}
    text = plan(
        modules=(inner,), resource_changes=[change], configuration={"root_module": {"module_calls": {"k": call}}}
    )
    (found,) = found_in(text, account="111122223333")
    assert "arn:aws:iam::111122223333:root" in (found.text or "")
    assert "default" in found.assumptions[-1]
    assert "taken for 123456789012" in found_in(text)[0].assumptions[0]


def test_the_account_and_the_region_come_from_the_plan() -> None:
    identity = {"type": "aws_caller_identity", "mode": "data", "values": {"account_id": "444455556666"}}
    text = plan(
        resource("aws_kms_key.this", policy=POLICY),
        resource("aws_kms_key.other", policy=POLICY, region="us-east-1"),
        prior_state={"values": {"root_module": {"resources": [identity]}}},
        configuration={
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}}
        },
    )
    assert [(found.account, found.region) for found in found_in(text)] == [
        ("444455556666", "eu-west-1"),
        ("444455556666", "us-east-1"),
    ]


def written(*resources: dict[str, Any], providers: dict[str, Any] | None = None, **calls: Any) -> dict[str, Any]:
    """The configuration of a plan."""
    module = {"resources": list(resources), "module_calls": calls}
    return {"provider_config": providers or {"aws": {"name": "aws"}}, "root_module": module}


def after_apply(address: str) -> dict[str, Any]:
    return {"address": address, "change": {"after_unknown": {"policy": True}}}


DEFAULT = "its policy is AWS's default one, if no `aws_kms_key_policy` belongs to it"


@pytest.mark.parametrize("default", [None, ""])
def test_a_module_s_variable_without_a_value_writes_no_policy(default: str | None) -> None:
    key = {"address": "aws_kms_key.default", "expressions": {"policy": {"references": ["var.policy"]}}}
    module = {"resources": [key], "variables": {"policy": {"default": default}}}
    address = 'module.kms["eu"].aws_kms_key.default[0]'
    inner = {"address": 'module.kms["eu"]', "resources": [resource(address)]}
    (found,) = found_in(
        plan(
            modules=(inner,),
            resource_changes=[after_apply(address)],
            configuration=written(kms={"expressions": {}, "module": module}),
        ),
        account="111122223333",
    )
    assert found.assumptions == (DEFAULT,)


def test_a_variable_that_the_call_leaves_to_the_apply_is_unknown() -> None:
    key = {"address": "aws_kms_key.default", "expressions": {"policy": {"references": ["var.policy"]}}}
    module = {"resources": [key], "variables": {"policy": {"default": ""}}}
    call = {"expressions": {"policy": {"references": ["data.aws_iam_policy_document.k.json"]}}, "module": module}
    address = "module.kms.aws_kms_key.default[0]"
    inner = {"address": "module.kms", "resources": [resource(address)]}
    text = plan(modules=(inner,), resource_changes=[after_apply(address)], configuration=written(kms=call))
    (found,) = found_in(text)
    assert found.text is None


def test_a_root_variable_s_value_is_the_plan_s() -> None:
    key = {"address": "aws_kms_key.k", "expressions": {"policy": {"references": ["var.policy"]}}}
    text = plan(
        resource("aws_kms_key.k"),
        variables={"policy": {}},
        resource_changes=[after_apply("aws_kms_key.k")],
        configuration=written(key),
    )
    assert DEFAULT in found_in(text)[0].assumptions


def test_a_key_with_a_policy_resource_is_that_resource_s() -> None:
    key = {"address": "aws_kms_key.k", "expressions": {}}
    policy = {
        "address": "aws_kms_key_policy.k",
        "expressions": {"key_id": {"references": ["aws_kms_key.k[0].key_id", "aws_kms_key.k[0]", "aws_kms_key.k"]}},
    }
    text = plan(
        resource("aws_kms_key.k[0]"),
        resource("aws_kms_key_policy.k[0]", policy=POLICY),
        configuration=written(key, policy),
    )
    assert [found.name for found in found_in(text)] == ["aws_kms_key_policy.k[0]"]


def test_an_index_may_hold_brackets_and_dots() -> None:
    key = {"address": "aws_kms_key.k", "expressions": {}}
    text = plan(resource('aws_kms_key.k["a]b.\\"c"]'), configuration=written(key))
    assert DEFAULT in found_in(text)[0].assumptions


def test_a_policy_that_was_redacted_is_unknown() -> None:
    key = {"address": "aws_kms_key.k", "expressions": {"policy": {"references": ["local.policy"]}}}
    (found,) = found_in(plan(resource("aws_kms_key.k"), configuration=written(key)))
    assert "redacted" in found.unknown[0].why


def test_the_arn_of_a_key_that_exists_says_where_it_is() -> None:
    arn = "arn:aws-us-gov:kms:us-gov-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    (found,) = found_in(plan(resource("aws_kms_key.k", policy=POLICY, arn=arn)))
    assert (found.account, found.region) == ("444455556666", "us-gov-west-1")


@pytest.mark.parametrize(
    ("expressions", "home"),
    [
        ({"region": {"references": ["var.region"]}}, (None, "eu-central-1")),
        ({"allowed_account_ids": {"constant_value": ["777788889999"]}}, ("777788889999", None)),
        (
            {"assume_role": [{"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/deploy"}}]},
            ("444455556666", None),
        ),
    ],
)
def test_the_provider_of_a_resource_says_where_it_is(
    expressions: dict[str, Any], home: tuple[str | None, str | None]
) -> None:
    key = {"address": "aws_kms_key.k", "provider_config_key": "aws.other", "expressions": {"policy": {}}}
    other = {"name": "aws", "alias": "other", "expressions": expressions}
    (found,) = found_in(
        plan(
            resource("aws_kms_key.k", policy=POLICY),
            variables={"region": {"value": "eu-central-1"}},
            configuration=written(key, providers={"aws": {"name": "aws"}, "aws.other": other}),
        )
    )
    assert (found.account, found.region) == home


def test_a_finding_stands_where_the_resource_does() -> None:
    broken = POLICY.replace(":root", ":group/admins")
    (found,) = found_in(plan(resource("aws_kms_key.this", policy=broken)), account="111122223333")
    findings = examine_template_policy(found).findings
    assert "KW104" in {finding.id for finding in findings}
    assert all(finding.location == found.location for finding in findings)


@pytest.mark.parametrize("text", ["{}", "[]", '{"planned_values": []}', "# terraform plan"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(InvalidTemplate):
        found_in(text)
