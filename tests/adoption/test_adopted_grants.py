"""Which grants of a key a keys file declares, and what is said of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from keywright._internal.adoption.grants import grant_fields
from keywright._internal.aws import Grant, KeyMetadata
from keywright._internal.estate.snapshot import ScannedKey
from keywright._internal.model.key_location import KeyLocation

ACCOUNT = "111122223333"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SOURCE = {"SourceArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:db:one"}


def grant(
    name: str = "reader",
    grantee: str = ROLE,
    operations: tuple[str, ...] = ("Decrypt",),
    constraints: Mapping[str, Any] | None = None,
) -> Grant:
    return Grant(f"id-of-{name}", name, grantee, None, operations, constraints=constraints or {})


def key(*grants: Grant, missing: frozenset[str] = frozenset()) -> ScannedKey:
    metadata = KeyMetadata(
        key_id=ARN.rpartition("/")[2], arn=ARN, account=ACCOUNT, region="us-east-1", state="Enabled", enabled=True,
        spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", origin="AWS_KMS", description="", multi_region=False,
        multi_region_type=None, primary_arn=None, replica_arns=(), creation_date=None, deletion_date=None,
        pending_deletion_window_in_days=None, manager="CUSTOMER", signing_algorithms=(), encryption_algorithms=(),
        mac_algorithms=(), key_agreement_algorithms=(),
    )  # fmt: skip
    return ScannedKey(KeyLocation.of_arn(ARN), (), metadata, grants=grants, missing=missing)


def test_a_named_grant_is_declared_with_its_constraints() -> None:
    fields, notes = grant_fields(key(grant(constraints={"EncryptionContextEquals": {"a": "b"}})))
    (declared,) = fields["grants"]
    assert declared["constraints"] == {"encryption_context_equals": {"a": "b"}}
    assert notes == ()


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (grant(name=""), "has none"),
        (grant(grantee="AROAEXAMPLEID1234567"), "`grantee_principal`"),
        (grant(grantee="dynamodb.us-east-1.amazonaws.com"), "`grantee_principal`"),
        (grant(grantee=ROLE.replace("arn:aws:", "arn:aws-cn:")), "another partition"),
        (grant(operations=("Sign",)), "doesn't fit"),
        (grant(constraints=SOURCE), "`constraints`"),
    ],
)
def test_a_grant_that_a_keys_file_cannot_declare_is_left_out_with_the_reason(one: Grant, reason: str) -> None:
    fields, notes = grant_fields(key(one, grant("other")))
    assert [item["name"] for item in fields["grants"]] == ["other"]
    (note,) = notes
    assert reason in note
    assert (one.name or one.grant_id) in note


def test_grants_that_share_a_name_are_all_left_out() -> None:
    fields, notes = grant_fields(key(grant("same"), grant("same", operations=("Encrypt",))))
    assert fields == {}
    assert "2 grants" in notes[0]


def test_no_more_names_are_declared_than_their_tag_takes() -> None:
    fields, notes = grant_fields(key(*(grant(f"{number:0>99}") for number in range(4))))
    assert len(fields["grants"]) == 2
    assert "2 grants" in notes[0]


def test_grants_that_could_not_be_read_are_said_so() -> None:
    assert grant_fields(key(missing=frozenset({"ListGrants"}))) == (
        {},
        ("its grants could not be read: none is declared",),
    )
