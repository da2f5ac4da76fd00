"""Key policies of CloudFormation and CDK templates: found with their place, resolved as far as the template tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keywright._internal.templates.cloudformation import policies_of_template
from keywright._internal.templates.examination import examine_template_policy
from keywright._internal.templates.template_policy import TemplatePolicy
from keywright.errors import InvalidPolicy, InvalidTemplate

HEAD = """
Parameters:
  Stage: {Type: String, Default: prod}
  Admin: {Type: String}
  Accounts: {Type: CommaDelimitedList, Default: "444455556666, 777788889999"}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsTest: !Not [!Condition IsProd]
  IsAdmin: !Equals [!Ref Admin, ""]
Mappings:
  Regions: {eu-west-1: {Role: "arn:aws:iam::111122223333:role/mapped"}}
Resources:
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /app}}
  Topic: {Type: AWS::SNS::Topic}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "data-${AWS::AccountId}"}}
  App: {Type: AWS::IAM::Role, Properties: {Path: /team/}}
  Named: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub "${Stage}-app"}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
          - Effect: Allow
            Principal:
              AWS: %s
            Action: kms:Decrypt
            Resource: "*"
"""


def policy_with(principal: str) -> TemplatePolicy:
    (found,) = policies_of_template(HEAD % principal, file="t.yaml", account="111122223333", region="eu-west-1")
    return found


def principal_of(found: TemplatePolicy) -> Any:
    assert found.text is not None, found.unknown
    return json.loads(found.text)["Statement"][1]["Principal"]["AWS"]


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ('!Sub "arn:aws:iam::${AWS::AccountId}:role/app"', "arn:aws:iam::111122223333:role/app"),
        ('!Sub ["arn:aws:iam::${Other}:role/app", {Other: "444455556666"}]', "arn:aws:iam::444455556666:role/app"),
        ('!Sub "arn:aws:iam::${AWS::AccountId}:role/${!literal}"', "arn:aws:iam::111122223333:role/${literal}"),
        ("!GetAtt App.Arn", "arn:aws:iam::111122223333:role/team/App"),
        ("!GetAtt [Named, Arn]", "arn:aws:iam::111122223333:role/prod-app"),
        ('{"Fn::GetAtt": ["Named", "Arn"]}', "arn:aws:iam::111122223333:role/prod-app"),
        ('!Sub "${Logs.Arn}"', "arn:aws:logs:eu-west-1:111122223333:log-group:/app:*"),
        ("!Ref Topic", "arn:aws:sns:eu-west-1:111122223333:Topic"),
        ('!Sub "${Bucket}"', "data-111122223333"),
        (
            '!Join [":", [arn, !Ref "AWS::Partition", iam, "", !Ref "AWS::AccountId", role/app]]',
            "arn:aws:iam::111122223333:role/app",
        ),
        ("!If [IsProd, !GetAtt Named.Arn, !Ref Topic]", "arn:aws:iam::111122223333:role/prod-app"),
        ("!If [IsTest, !Ref Topic, !GetAtt Named.Arn]", "arn:aws:iam::111122223333:role/prod-app"),
        ('!FindInMap [Regions, !Ref "AWS::Region", Role]', "arn:aws:iam::111122223333:role/mapped"),
        ("!Ref Accounts", ["444455556666", "777788889999"]),
        ("!Select [1, !Ref Accounts]", "777788889999"),
        ('!Select [0, !Split ["/", "111122223333/x"]]', "111122223333"),
        ('["111122223333", !If [IsTest, x, !Ref "AWS::NoValue"]]', ["111122223333"]),
    ],
)
def test_a_function_is_worked_out_where_the_template_tells(written: str, resolved: object) -> None:
    assert principal_of(policy_with(written)) == resolved


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("!Ref Admin", "parameter `Admin` has no default"),
        ("!ImportValue shared", "`Fn::ImportValue`"),
        ('"{{resolve:ssm:/admin}}"', "dynamic reference"),
        ("!If [IsAdmin, a, b]", "condition `IsAdmin`"),
        ("!GetAtt Custom.Arn", "`Custom.Arn`"),
        ('!Sub "${Admin}"', "parameter `Admin` has no default"),
        ('!Join ["", [a, !Ref Admin]]', "parameter `Admin` has no default"),
    ],
)
def test_what_the_template_does_not_tell_is_unknown_with_its_place(written: str, why: str) -> None:
    found = policy_with(written)
    assert found.text is None
    (unknown,) = found.unknown
    assert why in unknown.why
    assert unknown.location.line == HEAD[: HEAD.index("%s")].count("\n") + 1
    examination = examine_template_policy(found)
    assert [claim.verdict.value for claim in examination.claims] == ["UNKNOWN"]
    assert str(unknown.location) in examination.claims[0].reason


def test_a_finding_stands_on_the_line_of_the_template() -> None:
    found = policy_with('"arn:aws:iam::111122223333:group/admins"')
    (finding,) = examine_template_policy(found).findings
    assert finding.id == "KW104"
    assert finding.location is not None
    assert HEAD.splitlines()[finding.location.line - 1].strip() == "AWS: %s"


def test_what_was_taken_for_granted_is_said() -> None:
    assert policy_with("!GetAtt App.Arn").assumptions == ("`App` stands for the name that CloudFormation makes",)
    assert policy_with("!GetAtt Named.Arn").assumptions == ("parameter `Stage` has its default, `prod`",)
    (found,) = policies_of_template(HEAD % "!GetAtt App.Arn", file="t.yaml")
    assert "`AWS::AccountId` is taken for 123456789012; `--account` says another" in found.assumptions


def test_a_parameter_is_what_somebody_says() -> None:
    text = HEAD % "!Ref Admin"
    admin = "arn:aws:iam::111122223333:role/admin"
    (found,) = policies_of_template(text, file="t.yaml", account="111122223333", parameters={"Admin": admin})
    assert principal_of(found) == admin
    assert not any("default" in item for item in found.assumptions)


def test_what_the_grammar_forbids_is_told_where_it_stands_in_the_template() -> None:
    (found,) = policies_of_template(HEAD.replace("Effect: Allow", "Effect: Maybe", 1) % "x", file="t.yaml")
    with pytest.raises(
        InvalidPolicy, match=r"`Key` has no valid key policy: t\.yaml:\d+:\d+ Statement\[0\]\.Effect"
    ) as error:
        examine_template_policy(found)
    (problem,) = error.value.problems
    assert problem.location is not None
    assert "Maybe" not in HEAD
    assert HEAD.splitlines()[problem.location.line - 1].strip() == "- Effect: Allow"


def test_a_key_without_a_policy_gets_the_default_one() -> None:
    (found,) = policies_of_template(
        '{"Resources": {"K": {"Type": "AWS::KMS::Key"}}}', file="t.json", account="111122223333"
    )
    assert "arn:aws:iam::111122223333:root" in (found.text or "")
    assert any("default key policy" in item for item in found.assumptions)


def test_the_template_that_cdk_writes_is_read() -> None:
    root = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}
    statement = {"Action": "kms:*", "Effect": "Allow", "Principal": {"AWS": root}, "Resource": "*"}
    policy = {"Statement": [statement], "Version": "2012-10-17"}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}, "UpdateReplacePolicy": "Retain"}
    (found,) = policies_of_template(
        json.dumps({"Resources": {"Key961B73FD": key}}), file="t.json", account="111122223333"
    )
    assert found.name == "Key961B73FD"
    assert examine_template_policy(found).passed


def test_a_loop_over_keys_is_unknown() -> None:
    loop = {"Fn::ForEach::Keys": ["Name", ["a"], {"Key${Name}": {"Type": "AWS::KMS::Key"}}]}
    (found,) = policies_of_template(json.dumps({"Resources": loop}), file="t.json")
    assert found.text is None


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "Parameters: {}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(InvalidTemplate):
        list(policies_of_template(text, file="t.yaml"))


def test_a_function_that_refers_to_itself_is_unknown() -> None:
    text = HEAD.replace("IsProd: !Equals [!Ref Stage, prod]", "IsProd: !Condition IsTest") % "!If [IsProd, a, b]"
    (found,) = policies_of_template(text, file="t.yaml")
    assert found.text is None
