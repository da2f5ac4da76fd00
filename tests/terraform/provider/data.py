"""The data sources that the module and its users read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloud import Cloud

_SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}


def _caller_identity(cloud: Cloud, _given: dict[str, Any]) -> dict[str, Any]:
    answer = cloud.client("sts").get_caller_identity()
    account = answer["Account"]
    return {"id": account, "account_id": account, "arn": answer["Arn"], "user_id": answer["UserId"]}


def _partition(cloud: Cloud, _given: dict[str, Any]) -> dict[str, Any]:
    suffix = _SUFFIXES[cloud.partition]
    return {
        "id": cloud.partition,
        "partition": cloud.partition,
        "dns_suffix": suffix,
        "reverse_dns_prefix": ".".join(reversed(suffix.split("."))),
    }


def _region(cloud: Cloud, given: dict[str, Any]) -> dict[str, Any]:
    region = given["region"] or given["name"] or cloud.region
    endpoint = f"ec2.{region}.{_SUFFIXES[cloud.partition]}"
    return {"id": region, "name": region, "region": region, "description": region, "endpoint": endpoint}


def _kms_key(cloud: Cloud, given: dict[str, Any]) -> dict[str, Any]:
    region = given["region"] or cloud.region
    described = cloud.client("kms", region).describe_key(KeyId=given["key_id"])["KeyMetadata"]
    shape = described.get("MultiRegionConfiguration")
    return {
        "id": described["KeyId"],
        "arn": described["Arn"],
        "aws_account_id": described["AWSAccountId"],
        "cloud_hsm_cluster_id": None,
        "creation_date": described["CreationDate"].isoformat(),
        "custom_key_store_id": None,
        "customer_master_key_spec": described["KeySpec"],
        "deletion_date": described["DeletionDate"].isoformat() if "DeletionDate" in described else None,
        "description": described["Description"],
        "enabled": described["Enabled"],
        "expiration_model": None,
        "key_manager": described["KeyManager"],
        "key_spec": described["KeySpec"],
        "key_state": described["KeyState"],
        "key_usage": described["KeyUsage"],
        "multi_region": described["MultiRegion"],
        "multi_region_configuration": [] if shape is None else [_configuration(shape)],
        "origin": described["Origin"],
        "pending_deletion_window_in_days": described.get("PendingDeletionWindowInDays"),
        "region": region,
        "valid_to": None,
        "xks_key_configuration": [],
    }


def _configuration(shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "multi_region_key_type": shape["MultiRegionKeyType"],
        "primary_key": [_place(shape["PrimaryKey"])],
        "replica_keys": [_place(item) for item in shape["ReplicaKeys"]],
    }


def _place(item: dict[str, str]) -> dict[str, str]:
    return {"arn": item["Arn"], "region": item["Region"]}


DATA_SOURCES: dict[str, Callable[[Cloud, dict[str, Any]], dict[str, Any]]] = {
    "aws_caller_identity": _caller_identity,
    "aws_partition": _partition,
    "aws_region": _region,
    "aws_kms_key": _kms_key,
}
