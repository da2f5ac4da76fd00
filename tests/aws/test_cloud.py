"""The package that talks to AWS, on the embedded AWS: paging, roles, principals, and answers to repeated calls."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from aws_directly import Aws
from keywright._internal.aws import AccessDenied, Cloud, InvalidState, KeyService, NotFound, Patience, Settings
from keywright._internal.aws.retrying import patience_in_seconds
from keywright._internal.sandbox import Sandbox
from keywright.errors import InputError


@pytest.fixture
def cloud(sandbox: Sandbox, account: str, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    return Cloud(Settings(), patience=Patience(5))


@pytest.fixture
def service(cloud: Cloud) -> KeyService:
    return cloud.keys("us-east-1")


def test_listings_are_read_to_their_last_page(service: KeyService, cloud: Cloud, aws: Aws) -> None:
    keys = {aws.kms("CreateKey", Tags=[{"TagKey": "t", "TagValue": "v"}])["KeyMetadata"]["Arn"] for _ in range(3)}
    target = next(iter(keys))
    for number in range(101):
        aws.kms("CreateAlias", AliasName=f"alias/{number}", TargetKeyId=target)
    ours = [item for item in service.aliases() if not item.name.startswith("alias/aws/")]
    assert len(ours) == 101
    assert cloud.calls["ListAliases"] == 2
    assert set(service.key_arns()) == keys
    assert {item.arn for item in service.tagged_keys({"t": "v"})} == keys


def test_calls_of_many_roles_at_once_share_a_client_and_are_each_signed_by_their_own_role(
    cloud: Cloud, aws: Aws
) -> None:
    switching = sys.getswitchinterval()
    accounts = [f"{number}{aws.account[2:]}" for number in range(30, 38)]
    keys = {account: Aws(aws.endpoint, account).kms("CreateKey")["KeyMetadata"]["Arn"] for account in accounts}

    def listed(account: str) -> tuple[str, ...]:
        return tuple(cloud.keys("us-east-1", f"arn:aws:iam::{account}:role/reader").key_arns())

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = dict(zip(accounts * 4, pool.map(listed, accounts * 4), strict=True))
    finally:
        sys.setswitchinterval(switching)
    assert found == {account: (arn,) for account, arn in keys.items()}
    assert cloud.calls["AssumeRole"] == len(accounts)
    assert [name for name in cloud._sessions._clients if name[0] == "kms"] == [("kms", "us-east-1", True)]


def test_who_is_asked_once_for_each_role(cloud: Cloud, aws: Aws) -> None:
    other = Aws(aws.endpoint, f"8{aws.account[1:]}")
    role = other.make_role("keywright")
    assert {cloud.caller().account for _ in range(3)} == {aws.account}
    assert {cloud.caller(role).account for _ in range(3)} == {other.account}
    assert cloud.calls["GetCallerIdentity"] == 2


def test_whether_a_principal_exists_is_told_only_where_it_can_be_known(cloud: Cloud, aws: Aws) -> None:
    role = aws.make_role("app")
    assert cloud.principal_exists(role) is True
    assert cloud.principal_exists(f"{role}-not") is False
    assert cloud.principal_exists(role.replace(":role/", ":role/another/path/")) is False
    assert cloud.principal_exists(role.replace(aws.account, "999999999999")) is None
    assert cloud.principal_exists(f"arn:aws:iam::{aws.account}:root") is None


def test_a_role_is_assumed_and_looked_up_where_no_default_region_is_set(
    cloud: Cloud, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    other = Aws(aws.endpoint, f"8{aws.account[1:]}")
    role = other.make_role("keywright")
    arn = other.kms("CreateKey")["KeyMetadata"]["Arn"]
    assert tuple(cloud.keys("us-east-1", role).key_arns()) == (arn,)
    assert cloud.principal_exists(role, role) is True


def test_errors_name_the_operation_the_region_and_the_key(service: KeyService) -> None:
    missing = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(NotFound) as caught:
        service.describe(missing)
    assert (caught.value.operation, caught.value.region, caught.value.key) == ("DescribeKey", "us-east-1", missing)
    assert missing in caught.value.message


def test_what_only_the_lost_first_attempt_can_have_done_counts_as_done(
    service: KeyService, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = aws.kms("CreateKey")["KeyMetadata"]["KeyId"]
    service.schedule_deletion(key, 7)
    with pytest.raises(InvalidState):
        service.schedule_deletion(key, 7)
    service.cancel_deletion(key)
    with pytest.raises(InvalidState):
        service.cancel_deletion(key)
    with pytest.raises(NotFound):
        service.delete_alias("alias/none")

    def lost(error: type[NotFound]) -> None:
        def call(*_: object, **__: object) -> None:
            raise error("as the second attempt sees it", repeated=True)

        monkeypatch.setattr(type(service._channel), "call", call)

    lost(NotFound)
    service.delete_alias("alias/none")
    lost(InvalidState)  # type: ignore[arg-type]
    service.cancel_deletion(key)


@pytest.mark.parametrize("text", ["abc", "0", "-1", "nan", "inf"])
def test_a_patience_that_is_no_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="KEYWRIGHT_AWS_PATIENCE"):
        patience_in_seconds(text)
    assert patience_in_seconds("") == patience_in_seconds(None) == 60


def test_a_role_that_may_not_be_assumed_is_forbidden_and_named(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, aws: Aws
) -> None:
    role = f"arn:aws:iam::{aws.account}:role/closed"

    def denied(_: str) -> dict[str, str]:
        raise AccessDenied("AWS doesn't let you do `sts:AssumeRole`", key=role, action="sts:AssumeRole")

    monkeypatch.setattr(cloud._sessions._roles, "_assume", denied)
    with pytest.raises(AccessDenied, match="sts:AssumeRole"):
        cloud.caller(role)
