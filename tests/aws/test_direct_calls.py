"""KMS's calls without what only other services need: signed as botocore signs, answered as it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import boto3
import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.httpsession import URLLib3Session
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from aws_directly import Aws
from keywright._internal.aws.direct_calls import Signing, send_directly

_NOW = datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1).map(str.strip).filter(bool)
_URLS = st.sampled_from(
    (
        "https://kms.us-east-1.amazonaws.com/",
        "https://kms.us-east-1.amazonaws.com:443/",
        "http://127.0.0.1:4566",
        "http://[::1]:4566/",
        "http://localhost:80/",
        "https://VPCE-1a2b.kms.us-east-1.vpce.amazonaws.com:8443",
    )
)


@given(url=_URLS, target=_VALUES, kind=_VALUES, agent=_VALUES, body=st.binary(), token=st.none() | _VALUES)
def test_a_request_is_signed_as_botocore_signs_it(
    url: str, target: str, kind: str, agent: str, body: bytes, token: str | None
) -> None:
    headers = {"X-Amz-Target": target, "Content-Type": kind, "User-Agent": agent}
    ours = Signing("AKIDEXAMPLE", "secret", token, "us-east-1", "kms").signed(url, headers, body, _NOW)
    request = AWSRequest("POST", url, headers=headers, data=body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: _NOW.replace(tzinfo=None))
        SigV4Auth(Credentials("AKIDEXAMPLE", "secret", token), "kms", "us-east-1").add_auth(request)
    assert ours["Authorization"] == request.headers["Authorization"]
    assert ours["X-Amz-Date"] == request.headers["X-Amz-Date"]
    assert ours.get("X-Amz-Security-Token") == request.headers.get("X-Amz-Security-Token")


def _client(endpoint: str | None, account: str | None, region: str = "us-east-1", **settings: Any) -> Any:
    return boto3.Session(aws_access_key_id=account, aws_secret_access_key=account and "sandbox").client(
        "kms",
        region_name=region,
        endpoint_url=endpoint,
        config=Config(retries={"total_max_attempts": 1}, **settings),
    )


@pytest.fixture
def make(aws: Aws) -> Callable[..., Any]:
    """A client of the embedded AWS, its calls sent directly."""

    def made(**settings: Any) -> Any:
        client = _client(aws.endpoint, aws.account, **settings)
        assert send_directly(client, lambda _: None)
        return client

    return made


def test_answers_are_what_boto3_gives(make: Callable[..., Any], aws: Aws) -> None:
    arn = aws.kms("CreateKey", Description="Ä \u2603")["KeyMetadata"]["Arn"]
    direct, plain = make(), _client(aws.endpoint, aws.account)
    for ask in (
        lambda client: client.describe_key(KeyId=arn)["KeyMetadata"],
        lambda client: client.get_key_policy(KeyId=arn)["Policy"],
        lambda client: client.list_keys()["Keys"],
    ):
        assert ask(direct) == ask(plain)
    plaintext = direct.decrypt(CiphertextBlob=plain.encrypt(KeyId=arn, Plaintext=b"\0\xff")["CiphertextBlob"])
    assert plaintext["Plaintext"] == b"\0\xff"
    assert direct.update_key_description(KeyId=arn, Description="new")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_who_answers_before_anything_is_sent_is_heard_as_in_boto3() -> None:
    client = _client("http://127.0.0.1:9", "111122223333")
    assert send_directly(client, lambda _: None)

    def answered(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return AWSResponse(request.url, 200, {}, HTTPResponse(BytesIO(b'{"Keys": []}'), preload_content=False))

    client.meta.events.register("before-send.kms.ListKeys", answered)
    assert client.list_keys()["Keys"] == []


@pytest.mark.parametrize("settings", [{}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}], ids=str)
@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1", "cn-north-1"])
def test_every_call_goes_to_the_endpoint_that_boto3_finds(region: str, settings: dict[str, bool]) -> None:
    def urls_of(client: Any) -> list[str]:
        found: list[str] = []

        def answered(request: AWSPreparedRequest, **_: object) -> AWSResponse:
            found.append(request.url)
            return AWSResponse(request.url, 200, {}, HTTPResponse(BytesIO(b"{}"), preload_content=False))

        client.meta.events.register("before-send.kms", answered)
        client.list_keys()
        client.describe_key(KeyId="alias/a")
        client.sign(
            KeyId=f"arn:aws:kms:us-west-2:111122223333:key/{'0' * 36}", Message=b"", SigningAlgorithm="ECDSA_SHA_256"
        )
        return found

    direct = _client(None, "111122223333", region, **settings)
    assert send_directly(direct, lambda _: None)
    assert urls_of(direct) == urls_of(_client(None, "111122223333", region, **settings))


def test_how_to_sign_is_told_without_its_secrets() -> None:
    assert "hidden" not in repr(Signing("AKIDEXAMPLE", "hidden", "hidden too", "us-east-1", "kms"))


def test_refusals_are_boto3s_exceptions(make: Callable[..., Any]) -> None:
    client = make()
    with pytest.raises(ClientError) as caught:
        client.describe_key(KeyId="00000000-0000-0000-0000-000000000000")
    assert isinstance(caught.value, client.exceptions.NotFoundException)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_dead_endpoint_is_told_as_boto3_tells_it() -> None:
    client = _client("http://127.0.0.1:9", "111122223333")
    assert send_directly(client, lambda _: None)
    with pytest.raises(EndpointConnectionError):
        client.list_keys()


def test_a_raw_answer_is_checked_before_it_is_read(aws: Aws) -> None:
    seen: list[dict[str, Any]] = []
    client = _client(aws.endpoint, aws.account)
    send_directly(client, seen.append)
    client.list_aliases()
    assert seen[0]["status_code"] == 200
    assert b"Aliases" in seen[0]["body"]


def test_what_is_not_sent_directly_goes_botocores_way(
    make: Callable[..., Any], aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    send = URLLib3Session.send

    def noted(self: Any, request: Any) -> Any:
        sent.append("botocore" if "amz-sdk-invocation-id" in request.headers else "direct")
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", noted)
    make().list_keys()
    client = _client(aws.endpoint, aws.account, auth_scheme_preference="sigv4")
    assert not send_directly(client, lambda _: None)
    client.list_keys()
    stripped = _client(aws.endpoint, aws.account)
    connections, stripped._endpoint.http_session = stripped._endpoint.http_session, None
    assert not send_directly(stripped, lambda _: None), "as where a botocore to come keeps its connections elsewhere"
    stripped._endpoint.http_session = connections
    stripped.list_keys()
    assert sent == ["direct", "botocore", "botocore"]


def test_without_credentials_botocore_says_so(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    client = _client(aws.endpoint, None)
    send_directly(client, lambda _: None)
    with pytest.raises(NoCredentialsError):
        client.list_keys()
