"""What may be asked of the sandbox beside AWS's own calls: Regions, refusals, quotas."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from aws_directly import Aws, Refused
from keywright._internal.aws.quotas import REQUESTS_PER_SECOND
from keywright._internal.sandbox import Sandbox
from keywright._internal.sandbox.controls import DEFAULT_REGIONS, Controls
from keywright._internal.sandbox.tag_index import TagIndex
from keywright._internal.sandbox.wire import ApiRequest


def regions(aws: Aws) -> tuple[str, ...]:
    return tuple(item["RegionName"] for item in client_of("ec2", aws).describe_regions()["Regions"])


def client_of(service: Literal["ec2", "service-quotas"], aws: Aws) -> Any:
    import boto3  # noqa: PLC0415 - two tests' client

    return boto3.client(
        service, "us-east-1", endpoint_url=aws.endpoint, aws_access_key_id=aws.account, aws_secret_access_key="x"
    )


def test_an_account_has_the_regions_of_every_new_account_or_those_that_are_asked_for(
    aws: Aws, sandbox: Sandbox
) -> None:
    assert regions(aws) == DEFAULT_REGIONS
    sandbox.enable_regions(aws.account, ["eu-west-1", "us-east-1"])
    assert regions(aws) == ("eu-west-1", "us-east-1")


def test_service_quotas_tells_the_request_quotas_of_kms(aws: Aws) -> None:
    told = client_of("service-quotas", aws).list_service_quotas(ServiceCode="kms")["Quotas"]
    assert {item["QuotaName"].removesuffix(" request rate"): item["Value"] for item in told} == REQUESTS_PER_SECOND


def test_a_chosen_call_on_a_chosen_key_is_refused_and_no_other(aws: Aws, sandbox: Sandbox) -> None:
    one, other = (aws.kms("CreateKey")["KeyMetadata"]["Arn"] for _ in range(2))
    sandbox.refuse("GetKeyPolicy", key=one.rpartition("/")[2], account=aws.account)
    with pytest.raises(Refused, match="not authorized to perform: kms:GetKeyPolicy") as refused:
        aws.kms("GetKeyPolicy", KeyId=one)
    assert refused.value.code == "AccessDeniedException"
    aws.kms("DescribeKey", KeyId=one)
    aws.kms("GetKeyPolicy", KeyId=other)


def test_a_chosen_region_is_refused(aws: Aws, sandbox: Sandbox) -> None:
    sandbox.refuse(account=aws.account, region="eu-*")
    with pytest.raises(Refused):
        aws.kms("ListKeys", "eu-west-1")
    aws.kms("ListKeys", "us-east-1")


def test_more_than_a_thousand_keys_are_listed_with_a_marker(aws: Aws) -> None:
    for _ in range(1001):
        aws.kms("CreateKey", "eu-west-3")
    first = aws.kms("ListKeys", "eu-west-3", Limit=1000)
    assert len(first["Keys"]) == 1000
    assert len(aws.kms("ListKeys", "eu-west-3", Limit=1000, Marker=first["NextMarker"])["Keys"]) == 1


def test_calls_beyond_a_quota_are_throttled_until_time_has_passed() -> None:
    now = [0.0]
    controls = Controls(throttles=True, clock=lambda: now[0])

    def send(operation: str = "CreateKey", region: str = "us-east-1", account: str = "1", **more: str) -> bool:
        return controls.refuse(ApiRequest("kms", operation, more, account, region), account, "caller") is None

    assert [send() for _ in range(6)] == [True] * 5 + [False]
    assert send(region="eu-west-1")
    assert send(account="2")
    assert send("DescribeKey")
    now[0] = 0.2
    assert [send(), send()] == [True, False]
    now[0] = 10
    assert [send("ReplicateKey", ReplicaRegion="us-east-1") for _ in range(3)] == [True, True, False]


def test_the_tagging_api_shows_a_change_of_tags_only_after_its_lag() -> None:
    now = [100.0]
    index = TagIndex(5, clock=lambda: now[0])
    old = {"ResourceARN": "arn:old", "Tags": [{"Key": "a", "Value": "1"}]}
    new = {"ResourceARN": "arn:new", "Tags": [{"Key": "a", "Value": "2"}]}
    index.note("arn:new", {"a": "1"})
    now[0] = 104
    index.note("arn:new", {"a": "2"})
    assert index.shown([old, new], []) == [old, {**new, "Tags": []}]
    now[0] = 106
    assert [entry["ResourceARN"] for entry in index.shown([old, new], [{"Key": "a", "Values": ["1"]}])] == [
        "arn:old",
        "arn:new",
    ]
    now[0] = 110
    assert index.shown([old, new], [{"Key": "a", "Values": ["2"]}]) == [new]


def test_a_lagging_sandbox_lists_a_new_key_in_kms_before_the_tagging_api_has_it() -> None:
    with Sandbox(tagging_lag=600) as lagging:
        aws = Aws(lagging.endpoint_url, "111122223333")
        arn = aws.kms("CreateKey", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["Arn"]
        assert [key["Arn"] for key in aws.keys()] == [arn]  # noqa: SIM118 - it asks AWS
        assert tagged(aws) == []


def tagged(aws: Aws) -> list[str]:
    import boto3  # noqa: PLC0415 - one test's client

    client = boto3.client(
        "resourcegroupstaggingapi",
        "us-east-1",
        endpoint_url=aws.endpoint,
        aws_access_key_id=aws.account,
        aws_secret_access_key="x",
    )
    return [item["ResourceARN"] for item in client.get_resources()["ResourceTagMappingList"]]
