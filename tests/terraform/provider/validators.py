"""What the real provider's resources refuse in a configuration, attribute by attribute, before any call.

From `internal/service/kms` and `internal/verify` of terraform-provider-aws and `helper/validation` of its SDK. A value
that is not known yet is not looked at, as the SDK does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from botocore.loaders import Loader
from tf.types import Unknown

Check = Callable[[str, Any], Iterator[str]]
"""The attribute's name and its value, known and not null; what is wrong with it."""

_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]+")
_GRANT_NAME = re.compile(r"[a-zA-Z0-9:/_-]+")
_PARTITION = re.compile(r"aws(-[a-z]+)*")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")
_ACCOUNT = re.compile(r"aws|aws-managed|third-party|aws-marketplace|\d{12}|cw.{10}")
_SERVICE_PRINCIPAL = re.compile(r"([0-9a-z-]+\.){1,4}(amazonaws|amazon)\.com")
_ARN_PARTS = 6


def between(low: int, high: int) -> Check:
    """`validation.IntBetween`."""

    def check(name: str, value: Any) -> Iterator[str]:
        if int(value) != value:
            yield f'Inappropriate value for attribute "{name}": a whole number is required'
        elif not low <= value <= high:
            yield f"expected {name} to be in the range ({low} - {high}), got {value}"

    return check


def long(low: int, high: int) -> Check:
    """`validation.StringLenBetween`, which counts bytes."""

    def check(name: str, value: Any) -> Iterator[str]:
        if not low <= len(value.encode()) <= high:
            yield f"expected length of {name} to be in the range ({low} - {high}), got {value[:40]}"

    return check


def one_of(shape: str) -> Check:
    """`enum.Validate` of a type of KMS's API."""
    known: list[str] = Loader().load_service_model("kms", "service-2")["shapes"][shape]["enum"]

    def check(name: str, value: Any) -> Iterator[str]:
        for item in value if isinstance(value, list | set | tuple) else (value,):
            if item is not Unknown and item not in known:
                yield f"expected {name} to be one of {known}, got {item}"

    return check


def is_json(name: str, value: Any) -> Iterator[str]:
    """`validation.StringIsJSON`."""
    try:
        json.loads(value)
    except ValueError as error:
        yield f'"{name}" contains an invalid JSON: {error}'


def arn(name: str, value: Any) -> Iterator[str]:
    """`verify.ValidARN`: empty, or an ARN with partition, Region, account and resource as they should be."""
    if value == "":
        return
    parts = value.split(":", _ARN_PARTS - 1)
    if parts[0] != "arn":
        yield f'"{name}" ({value}) is an invalid ARN: arn: invalid prefix'
        return
    if len(parts) < _ARN_PARTS:
        yield f'"{name}" ({value}) is an invalid ARN: arn: not enough sections'
        return
    _, partition, _, region, account, resource = parts
    if not _PARTITION.fullmatch(partition):
        yield f'"{name}" ({value}) is an invalid ARN: invalid partition value'
    if region and not _REGION.fullmatch(region):
        yield f'"{name}" ({value}) is an invalid ARN: invalid region value'
    if account and not _ACCOUNT.fullmatch(account):
        yield f'"{name}" ({value}) is an invalid ARN: invalid account ID value'
    if not resource:
        yield f'"{name}" ({value}) is an invalid ARN: missing resource value'


def principal(name: str, value: Any) -> Iterator[str]:
    """`validation.Any(verify.ValidARN, verify.ValidServicePrincipal)`."""
    wrong = list(arn(name, value))
    if wrong and not _SERVICE_PRINCIPAL.fullmatch(value):
        yield from (*wrong, f'"{name}" ({value}) is an invalid Service Principal')


def alias(name: str, value: Any) -> Iterator[str]:
    """`validNameForResource`."""
    if value.startswith("alias/aws/"):
        yield f"\"{name}\" cannot begin with reserved AWS CMK prefix 'alias/aws/'"
    if not _ALIAS.fullmatch(value):
        yield f"\"{name}\" must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]"


def grant_name(name: str, value: Any) -> Iterator[str]:
    """`validGrantName`."""
    if len(value.encode()) > 256:
        yield f"{name} can not be greater than 256 characters"
    if not _GRANT_NAME.fullmatch(value):
        yield f"{name} must only contain [0-9A-Za-z_:/-]"


def region(name: str, value: Any) -> Iterator[str]:
    """`verify.ValidRegionName`, of the `region` that every resource has."""
    if value and not _REGION.fullmatch(value):
        yield f'"{name}" region name is malformed: "{value}"'


POLICY_AND_DESCRIPTION: dict[str, Check] = {"policy": is_json, "description": long(0, 8192)}
CHECKS: dict[str, dict[str, Check]] = {
    "aws_kms_key": {
        **POLICY_AND_DESCRIPTION,
        "customer_master_key_spec": one_of("KeySpec"),
        "key_usage": one_of("KeyUsageType"),
        "deletion_window_in_days": between(7, 30),
        "rotation_period_in_days": between(90, 2560),
        "custom_key_store_id": long(1, 22),
        "xks_key_id": long(1, 128),
        "region": region,
    },
    "aws_kms_key_policy": {"key_id": long(1, 2048), "policy": is_json, "region": region},
    "aws_kms_alias": {"name": alias, "name_prefix": alias, "region": region},
    "aws_kms_replica_key": {
        **POLICY_AND_DESCRIPTION,
        "deletion_window_in_days": between(7, 30),
        "primary_key_arn": arn,
        "region": region,
    },
    "aws_kms_grant": {
        "grantee_principal": principal,
        "retiring_principal": principal,
        "name": grant_name,
        "operations": one_of("GrantOperation"),
        "region": region,
    },
}
"""What a value is checked for, by resource and attribute."""

REQUIRED_WITH: dict[str, dict[str, str]] = {
    "aws_kms_key": {"rotation_period_in_days": "enable_key_rotation", "xks_key_id": "custom_key_store_id"},
}
CONFLICTS_WITH: dict[str, dict[str, str]] = {"aws_kms_alias": {"name": "name_prefix"}}


def problems(resource: str, given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the provider refuses of a configuration: the attribute to blame, and why."""
    for name, check in CHECKS[resource].items():
        value = given.get(name)
        if value is not None and value is not Unknown:
            for message in check(name, value):
                yield name, message
    for name, other in REQUIRED_WITH.get(resource, {}).items():
        if given.get(name) is not None and given.get(other) is None:
            yield name, f'"{name}": all of `{other},{name}` must be specified'
    for name, other in CONFLICTS_WITH.get(resource, {}).items():
        if given.get(name) is not None and given.get(other) is not None:
            yield name, f'"{name}": conflicts with {other}'
