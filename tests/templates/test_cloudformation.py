"""Key policies of CloudFormation and CDK templates: found with their place, resolved as far as the template tells."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from keywright._internal.templates.cdk_manifest import Environment, assets, environments
from keywright._internal.templates.cloudformation import (
    Deployment,
    exports_of_template,
    policies_of_template,
    said_parameters,
)
from keywright._internal.templates.examination import examine_template_policy
from keywright._internal.templates.template_policy import TemplatePolicy
from keywright.errors import InvalidPolicy, InvalidTemplate

ROOT = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
IN_IRELAND = Deployment(account="111122223333", region="eu-west-1")
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
  Fn: {Type: AWS::Serverless::Function}
  Given: {Type: AWS::Serverless::Function, Properties: {Role: x}}
  Site: {Type: AWS::CloudFront::Distribution}
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}
  Flow: {Type: AWS::Serverless::StateMachine}
  Vault: {Type: AWS::Backup::BackupVault, Properties: {BackupVaultName: main}}
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
    (found,) = policies_of_template(HEAD % principal, file="t.yaml", deployment=IN_IRELAND)
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
        ("!GetAtt FnRole.Arn", "arn:aws:iam::111122223333:role/FnRole"),
        ('!Sub "${FnRole.Arn}"', "arn:aws:iam::111122223333:role/FnRole"),
        ('!Sub "arn:aws:cloudfront::1:distribution/${Site}"', "arn:aws:cloudfront::1:distribution/Site"),
        ("!GetAtt Table.Arn", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
        ("!Ref Flow", "arn:aws:states:eu-west-1:111122223333:stateMachine:Flow"),
        ("!GetAtt Vault.BackupVaultArn", "arn:aws:backup:eu-west-1:111122223333:backup-vault:main"),
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
        ("!ImportValue shared", "`shared` is exported by a template that isn't given"),
        ('"{{resolve:ssm:/admin}}"', "dynamic reference"),
        ("!If [IsAdmin, a, b]", "condition `IsAdmin`"),
        ("!GetAtt Custom.Arn", "`Custom.Arn`"),
        ("!GetAtt GivenRole.Arn", "`GivenRole.Arn`"),
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
    assert policy_with("!GetAtt App.Arn").assumptions == ("`App` stands for the name that AWS gives it",)
    assert policy_with("!GetAtt Named.Arn").assumptions == ("parameter `Stage` has its default, `prod`",)
    (found,) = policies_of_template(HEAD % "!GetAtt App.Arn", file="t.yaml")
    assert "`AWS::AccountId` is taken for 123456789012; `--account` says another" in found.assumptions


def test_a_parameter_is_what_somebody_says() -> None:
    text = HEAD % "!Ref Admin"
    admin = "arn:aws:iam::111122223333:role/admin"
    said = replace(IN_IRELAND, parameters=said_parameters({"Admin": admin}))
    (found,) = policies_of_template(text, file="t.yaml", deployment=said)
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
        '{"Resources": {"K": {"Type": "AWS::KMS::Key"}}}', file="t.json", deployment=IN_IRELAND
    )
    assert "arn:aws:iam::111122223333:root" in (found.text or "")
    assert any("default key policy" in item for item in found.assumptions)


def test_the_template_that_cdk_writes_is_read() -> None:
    root = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}
    statement = {"Action": "kms:*", "Effect": "Allow", "Principal": {"AWS": root}, "Resource": "*"}
    policy = {"Statement": [statement], "Version": "2012-10-17"}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}, "UpdateReplacePolicy": "Retain"}
    (found,) = policies_of_template(
        json.dumps({"Resources": {"Key961B73FD": key}}), file="t.json", deployment=IN_IRELAND
    )
    assert found.name == "Key961B73FD"
    assert examine_template_policy(found).passed


LOOP = """
Parameters:
  Names: {Type: CommaDelimitedList}
Resources:
  Fn::ForEach::Keys:
    - Name
    - %s
    - "&{Name}Key":
        Type: AWS::KMS::Key
        Properties:
          KeyPolicy:
            Statement:
              - {Effect: Allow, Principal: {AWS: [!Sub "arn:aws:iam::1:role/${Name}", !Ref Name]}, Action: "*"}
"""


def test_a_loop_makes_a_key_for_each_element() -> None:
    found = list(policies_of_template(LOOP % "[a-1, b]", file="t.yaml"))
    assert [item.name for item in found] == ["a1Key", "bKey"]
    assert '["arn:aws:iam::1:role/a-1", "a-1"]' in (found[0].text or "")


def test_a_loop_over_what_is_not_known_is_unknown() -> None:
    (found,) = policies_of_template(LOOP % "!Ref Names", file="t.yaml")
    assert (found.name, found.text) == ("Fn::ForEach::Keys", None)


def test_an_id_that_is_not_known_decides_nothing() -> None:
    text = (
        HEAD.replace("Version: 2012-10-17", 'Version: 2012-10-17\n        Id: !Sub "${Admin}-key"') % "!GetAtt App.Arn"
    )
    (found,) = policies_of_template(text, file="t.yaml")
    assert found.text is not None


def test_no_account_is_made_up_for_a_policy_that_names_one() -> None:
    statement = {**ROOT, "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": statement}}}
    text = json.dumps({"Resources": {"K": key}})
    (found,) = policies_of_template(text, file="t.json")
    assert (found.account, found.region, found.assumptions) == (None, None, ())
    examination = examine_template_policy(found)
    assert (examination.account, examination.passed) == ("444455556666", True)


def test_the_partition_follows_from_the_region() -> None:
    text = HEAD % '!Sub "arn:${AWS::Partition}:iam::111122223333:role/app"'
    (found,) = policies_of_template(text, file="t.yaml", deployment=replace(IN_IRELAND, region="cn-north-1"))
    assert principal_of(found) == "arn:aws-cn:iam::111122223333:role/app"


def test_a_key_that_a_condition_leaves_out_is_checked_and_said_to_be() -> None:
    text = HEAD.replace("    Type: AWS::KMS::Key", "    Type: AWS::KMS::Key\n    Condition: IsTest") % "!GetAtt App.Arn"
    (found,) = policies_of_template(text, file="t.yaml")
    assert "it is made only where condition `IsTest` holds, which it doesn't here" in found.assumptions


def test_what_another_template_exports_is_known() -> None:
    outputs = "Outputs: {R: {Value: !GetAtt App.Arn, Export: {Name: !Sub '${Stage}-role'}}}"
    exports = exports_of_template(HEAD % "x" + outputs, file="roles.yaml", deployment=IN_IRELAND)
    text = HEAD % '{"Fn::ImportValue": !Sub "${Stage}-role"}'
    (found,) = policies_of_template(text, file="t.yaml", deployment=replace(IN_IRELAND, exports=exports))
    assert principal_of(found) == "arn:aws:iam::111122223333:role/team/App"
    assert "`prod-role` is what roles.yaml exports" in found.assumptions


NESTED = """
Resources:
  Role: {Type: AWS::IAM::Role}
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./inner.yaml, Parameters: {Admin: !GetAtt Role.Arn}}
"""


def test_a_nested_stack_is_read_with_the_parameters_that_it_is_given() -> None:
    def nested(file: str, location: str) -> tuple[str, str]:
        assert (file, location) == ("t.yaml", "./inner.yaml")
        return "inner.yaml", HEAD % "!Ref Admin"

    (found,) = policies_of_template(NESTED, file="t.yaml", deployment=replace(IN_IRELAND, nested=nested))
    assert (found.name, found.location.file) == ("Inner.Key", "inner.yaml")
    assert principal_of(found) == "arn:aws:iam::111122223333:role/Role"


def test_a_nested_stack_whose_template_is_elsewhere_is_unknown() -> None:
    (found,) = policies_of_template(NESTED, file="t.yaml")
    assert found.text is None
    assert "check it by itself" in found.unknown[0].why


def test_a_stack_that_nests_itself_comes_to_an_end() -> None:
    endless = replace(IN_IRELAND, nested=lambda _file, _location: ("t.yaml", NESTED))
    (found,) = policies_of_template(NESTED, file="t.yaml", deployment=endless)
    assert found.text is None


def test_the_template_of_a_stack_set_is_read_where_it_is_written() -> None:
    everywhere = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": HEAD % '"*"'}}
    (found,) = policies_of_template(json.dumps({"Resources": {"Everywhere": everywhere}}, indent=1), file="t.json")
    assert found.name == "Everywhere.Key"
    findings = examine_template_policy(found).findings
    assert {(item.location.line if item.location else 0) for item in findings} == {6}


def test_cdk_s_manifest_says_where_a_template_is_deployed() -> None:
    def artifact(file: str, environment: str) -> dict[str, Any]:
        properties = {"templateFile": file}
        return {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}

    artifacts = {
        "Keys": artifact("Keys.template.json", "aws://111122223333/eu-west-1"),
        "Any": artifact("Any.template.json", "aws://unknown-account/unknown-region"),
        "Keys.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Keys.assets.json"}},
    }
    found = environments(json.dumps({"version": "40.0.0", "artifacts": artifacts}), file="manifest.json")
    assert found == {
        "Keys.template.json": Environment("111122223333", "eu-west-1"),
        "Any.template.json": Environment(None, None),
    }
    assert environments('{"name": "a web app", "icons": []}', file="manifest.json") == {}


def test_cdk_s_assets_say_which_file_is_a_nested_stack_s() -> None:
    destinations = {"111122223333-eu-west-1": {"bucketName": "b", "objectKey": "0ff1ce.json"}}
    asset = {"source": {"path": "Inner.nested.template.json", "packaging": "file"}, "destinations": destinations}
    text = json.dumps({"version": "40.0.0", "files": {"0ff1ce": asset}})
    assert assets(text, file="Keys.assets.json") == {"0ff1ce.json": "Inner.nested.template.json"}


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "Parameters: {}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(InvalidTemplate):
        list(policies_of_template(text, file="t.yaml"))


def test_a_function_that_refers_to_itself_is_unknown() -> None:
    text = HEAD.replace("IsProd: !Equals [!Ref Stage, prod]", "IsProd: !Condition IsTest") % "!If [IsProd, a, b]"
    (found,) = policies_of_template(text, file="t.yaml")
    assert found.text is None
