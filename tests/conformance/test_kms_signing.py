"""A release signed by an AWS KMS key that Keywright declared and made, on the embedded AWS."""

from __future__ import annotations

from pathlib import Path

import pytest
from conformance_samples import release_of, verification

from keywright._internal.aws import Cloud, KeyMetadata, Settings
from keywright._internal.conformance.kms_signing import kms_signing_key
from keywright._internal.conformance.release import write_release
from keywright._internal.conformance.release_check import Trust, check_release
from keywright._internal.conformance.signing import ephemeral_signing_key
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import as_json
from keywright._internal.policy.generation import key_policy
from keywright._internal.sandbox import Sandbox
from keywright.errors import InputError

REGION = "eu-west-1"


@pytest.fixture
def cloud(sandbox: Sandbox, account: str, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    for name, value in sandbox.environment(account, REGION).items():
        monkeypatch.setenv(name, value)
    return Cloud(Settings())


def made(cloud: Cloud, account: str, key: Key) -> KeyMetadata:
    return cloud.keys(REGION).create_key(
        spec=key.customer_master_key_spec,  # type: ignore[arg-type]  # the model has checked it
        usage=key.key_usage,
        description=key.description,
        policy=as_json(key_policy(key, KeyLocation("aws", account, REGION))),
        tags={},
    )


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "RSA_2048"])
def test_a_kms_key_signs_a_release_that_its_public_half_verifies(
    cloud: Cloud, account: str, spec: str, tmp_path: Path
) -> None:
    key = made(cloud, account, Key(customer_master_key_spec=spec, key_usage="SIGN_VERIFY", region=REGION))
    signer = kms_signing_key(cloud, key.arn)
    write_release(release_of(verification(), signer), tmp_path / "release")
    assert check_release(tmp_path / "release", Trust(public_key=signer.public)).intact
    assert not check_release(tmp_path / "release", Trust(public_key=ephemeral_signing_key().public)).intact


def test_a_kind_of_kms_key_that_no_release_can_be_signed_with_is_refused(cloud: Cloud, account: str) -> None:
    key = made(cloud, account, Key(customer_master_key_spec="ECC_SECG_P256K1", key_usage="SIGN_VERIFY", region=REGION))
    with pytest.raises(InputError, match="can't sign"):
        kms_signing_key(cloud, key.arn)


def test_what_is_no_arn_is_refused_before_any_call() -> None:
    with pytest.raises(InputError, match="not the ARN"):
        kms_signing_key(Cloud(Settings()), "alias/releases")
