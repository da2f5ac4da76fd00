"""What CloudFormation's resources are called: the property that names one, and the ARN that it gets.

Of the resources that stand in key policies, as principals or in conditions; each ARN is the one under "Return values"
on its page of https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NamedResource:
    """How a kind of resource is named."""

    name_property: str | None
    """The property that holds its name; None where only AWS gives one."""
    arn: str | None = None
    """Its ARN, to be filled with partition, region, account, path and name."""
    arn_attribute: str = "Arn"
    ref_is_arn: bool = False
    """Whether `Ref` gives the ARN, not the name."""


NAMED_RESOURCES: Final = {
    "AWS::Backup::BackupVault": NamedResource(
        "BackupVaultName",
        "arn:{partition}:backup:{region}:{account}:backup-vault:{name}",
        arn_attribute="BackupVaultArn",
    ),
    "AWS::CloudFront::Distribution": NamedResource(None),
    "AWS::CloudTrail::Trail": NamedResource("TrailName", "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"),
    "AWS::CodeBuild::Project": NamedResource("Name", "arn:{partition}:codebuild:{region}:{account}:project/{name}"),
    "AWS::CodePipeline::Pipeline": NamedResource("Name"),
    "AWS::DynamoDB::GlobalTable": NamedResource(
        "TableName", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"
    ),
    "AWS::DynamoDB::Table": NamedResource("TableName", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"),
    "AWS::ECR::Repository": NamedResource("RepositoryName", "arn:{partition}:ecr:{region}:{account}:repository/{name}"),
    "AWS::ECS::Cluster": NamedResource("ClusterName", "arn:{partition}:ecs:{region}:{account}:cluster/{name}"),
    "AWS::Events::Rule": NamedResource("Name", "arn:{partition}:events:{region}:{account}:rule/{name}"),
    "AWS::IAM::Role": NamedResource("RoleName", "arn:{partition}:iam::{account}:role{path}{name}"),
    "AWS::IAM::User": NamedResource("UserName", "arn:{partition}:iam::{account}:user{path}{name}"),
    "AWS::Kinesis::Stream": NamedResource("Name", "arn:{partition}:kinesis:{region}:{account}:stream/{name}"),
    "AWS::KinesisFirehose::DeliveryStream": NamedResource(
        "DeliveryStreamName", "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}"
    ),
    "AWS::Lambda::Function": NamedResource("FunctionName", "arn:{partition}:lambda:{region}:{account}:function:{name}"),
    # CloudFormation puts the `:*` behind a log group's ARN.
    "AWS::Logs::LogGroup": NamedResource("LogGroupName", "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"),
    "AWS::S3::Bucket": NamedResource("BucketName", "arn:{partition}:s3:::{name}"),
    "AWS::SNS::Topic": NamedResource(
        "TopicName", "arn:{partition}:sns:{region}:{account}:{name}", arn_attribute="TopicArn", ref_is_arn=True
    ),
    "AWS::SQS::Queue": NamedResource("QueueName", "arn:{partition}:sqs:{region}:{account}:{name}"),
    "AWS::Serverless::Function": NamedResource(
        "FunctionName", "arn:{partition}:lambda:{region}:{account}:function:{name}"
    ),
    "AWS::Serverless::StateMachine": NamedResource(
        "Name", "arn:{partition}:states:{region}:{account}:stateMachine:{name}", ref_is_arn=True
    ),
    "AWS::StepFunctions::StateMachine": NamedResource(
        "StateMachineName", "arn:{partition}:states:{region}:{account}:stateMachine:{name}", ref_is_arn=True
    ),
}

SAM_MAKES_ROLES_FOR: Final = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine"})
"""SAM gives each of these without a `Role` one whose logical id ends in `Role`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
"""
SAM_ROLE: Final = "Role"
