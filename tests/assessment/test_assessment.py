"""What is wrong with a key that is there: grants, use, rotation, replicas, and what its policy allows beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keywright._internal.assessment.assess import AssessedKey, Assessor, Trusted
from keywright._internal.assessment.estate_checks import ESTATE_CHECKS
from keywright._internal.assessment.ownership import manager_of
from keywright._internal.aws import Grant, KeyMetadata, LastUsage, RotationStatus
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.snapshot import ScannedKey
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.proof.findings.registry import BY_ID

ACCOUNT, OTHER = "111122223333", "444455556666"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
MADE = datetime(2026, 1, 1, tzinfo=UTC)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [ROOT, *statements]})


def allow(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"} | changes


METADATA = KeyMetadata(
    key_id=ARN.rpartition("/")[2], arn=ARN, account=ACCOUNT, region="us-east-1", state="Enabled", enabled=True,
    spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", origin="AWS_KMS", description="", multi_region=False,
    multi_region_type=None, primary_arn=None, replica_arns=(), creation_date=MADE, deletion_date=None,
    pending_deletion_window_in_days=None, manager="CUSTOMER", signing_algorithms=(), encryption_algorithms=(),
    mac_algorithms=(), key_agreement_algorithms=(),
)  # fmt: skip
KEY = ScannedKey(KeyLocation.of_arn(ARN), (), METADATA, policy(), RotationStatus(True, 365))


@pytest.fixture
def estate(tmp_path: Path) -> EstateFile:
    file = EstateFile.create(tmp_path / "estate.db", {})
    file.put_account(ACCOUNT, "", "aws", None)
    file.put_identities(ACCOUNT, [f"arn:aws:iam::{ACCOUNT}:role/app"])
    return file


def assess(estate: EstateFile, key: ScannedKey, trusted: Trusted | None = None) -> AssessedKey:
    return Assessor(estate, trusted or Trusted()).assess(key)


def ids(item: AssessedKey) -> set[str]:
    return {finding.id for finding in item.findings if finding.persona == "regular"}


def verdict(item: AssessedKey, name: str) -> str:
    return next(claim.verdict.value for claim in item.claims if claim.id == name)


def grant(grantee: str, *operations: str) -> Grant:
    return Grant("g" * 64, "", grantee, None, operations or ("Decrypt",))


def test_a_plain_key_has_no_finding_and_every_claim_proved(estate: EstateFile) -> None:
    item = assess(estate, KEY)
    assert ids(item) == set()
    assert {claim.verdict.value for claim in item.claims} == {"PROVED"}
    assert not item.failed


def test_whoever_the_policy_names_is_an_outsider_until_he_is_trusted(estate: EstateFile) -> None:
    key = replace(KEY, policy=policy(allow(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"})))
    assert verdict(assess(estate, key), "no-access-from-outside") == "REFUTED"
    assert verdict(assess(estate, key), "no-public-access") == "PROVED"
    assert not assess(estate, key, Trusted(frozenset({OTHER}))).failed


def test_an_organization_is_trusted_by_its_id_alone(estate: EstateFile) -> None:
    inside = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    key = replace(KEY, policy=policy(allow(Condition=inside)))
    assert verdict(assess(estate, key), "no-access-from-outside") == "REFUTED"
    trusted = Trusted(organisations=frozenset({"o-a1b2c3d4e5"}))
    assert verdict(assess(estate, key, trusted), "no-access-from-outside") == "PROVED"


def test_a_public_key_refutes_both(estate: EstateFile) -> None:
    item = assess(estate, replace(KEY, policy=policy(allow())))
    assert (verdict(item, "no-public-access"), verdict(item, "no-access-from-outside")) == ("REFUTED", "REFUTED")


def test_a_grant_to_an_outsider_is_a_finding_and_refutes_the_claim_that_the_policy_proves(estate: EstateFile) -> None:
    item = assess(estate, replace(KEY, grants=(grant(f"arn:aws:iam::{OTHER}:role/ext"),)))
    assert ids(item) == {"KW701"}
    assert verdict(item, "no-access-from-outside") == "REFUTED"
    services = assess(estate, replace(KEY, grants=(grant("rds.us-east-1.amazonaws.com"),)))
    assert ids(services) == set()


def test_grants_that_could_not_be_read_leave_that_claim_unknown(estate: EstateFile) -> None:
    item = assess(estate, replace(KEY, missing=frozenset({"ListGrants"})))
    assert verdict(item, "no-access-from-outside") == "UNKNOWN"


@pytest.mark.parametrize(
    ("principal", "gone"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/app", False),
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session", False),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/session", True),
        ("AROAIIAX3XXUTM7QXYZAB", True),
        (f"arn:aws:iam::{ACCOUNT}:root", False),
    ],
)
def test_a_grant_to_somebody_who_is_gone_is_a_finding(estate: EstateFile, principal: str, gone: bool) -> None:
    assert ids(assess(estate, replace(KEY, grants=(grant(principal),)))) == ({"KW702"} if gone else set())


@pytest.mark.parametrize(
    ("used", "tracked", "found"),
    [
        (None, MADE, {"KW705"}),
        (None, MADE + timedelta(days=90), set()),
        (MADE, MADE, set()),
    ],
)
def test_a_key_is_unused_only_if_its_use_was_tracked_from_its_first_day(
    estate: EstateFile, used: datetime | None, tracked: datetime, found: set[str]
) -> None:
    assert ids(assess(estate, replace(KEY, last_use=LastUsage("Decrypt", used, tracked)))) == found


@pytest.mark.parametrize(("days", "found"), [(1, "KW703"), (200, "KW704")])
def test_a_key_pending_deletion_that_was_used_lately_is_worse_than_one_that_was_not(
    estate: EstateFile, days: int, found: str
) -> None:
    used = LastUsage("Decrypt", datetime.now(UTC) - timedelta(days=days), MADE)
    going = replace(METADATA, state="PendingDeletion", deletion_date=datetime.now(UTC))
    assert ids(assess(estate, replace(KEY, metadata=going, last_use=used))) == {found}


def test_rotation_that_is_off_is_a_finding(estate: EstateFile) -> None:
    assert ids(assess(estate, replace(KEY, rotation=RotationStatus(False, None)))) == {"KW706"}


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}, "has no Resource"),
        ({"Effect": "Allow", "Principal": "*", "Resource": "*"}, "has no Action"),
        (allow(Resource=ARN), "other than `*`"),
        (allow(Principal={"AWS": "AROAIIAX3XXUTM7QXYZAB"}), "deleted principal"),
    ],
)
def test_a_statement_that_kms_took_once_and_refuses_today_is_named(
    estate: EstateFile, statement: dict[str, Any], reason: str
) -> None:
    found = [item for item in assess(estate, replace(KEY, policy=policy(statement))).findings if item.id == "KW709"]
    assert [reason in item.message for item in found] == [True]


@pytest.mark.parametrize("text", ["", "no policy", "[]", '{"Statement": 1}', '{"Statement": []}'])
def test_a_policy_that_cannot_be_read_is_a_finding_and_leaves_claims_unknown(estate: EstateFile, text: str) -> None:
    item = assess(estate, replace(KEY, policy=text))
    assert item.failed
    assert verdict(item, "policy-stays-changeable") != "PROVED"


def test_a_replica_is_compared_with_its_primary_each_in_its_own_region(estate: EstateFile) -> None:
    def member(region: str, text: str, kind: Any) -> ScannedKey:
        arn = ARN.replace("us-east-1", region)
        primary = ARN
        metadata = replace(METADATA, arn=arn, region=region, multi_region_type=kind, primary_arn=primary)
        return replace(KEY, location=KeyLocation.of_arn(arn), metadata=metadata, policy=text)

    logs = {"Principal": {"Service": "logs.us-east-1.amazonaws.com"}, "Sid": "Logs"}
    primary = member("us-east-1", policy(allow(**logs)), "PRIMARY")
    estate.put_listing(primary.location, [ARN], [])
    estate.put_key(primary, [])
    moved = policy(allow(**logs)).replace("us-east-1", "eu-west-1")
    assert "KW707" not in ids(assess(estate, member("eu-west-1", moved, "REPLICA")))
    assert "KW707" in ids(assess(estate, member("eu-west-1", policy(), "REPLICA")))


@pytest.mark.parametrize(
    ("tags", "tool"),
    [
        ({"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": "Key"}, "cloudformation"),
        ({"keywright:stack": "shop", "keywright:key": "data"}, "keywright"),
        ({"ManagedBy": "Terraform"}, "terraform"),
        ({"Name": "terraform"}, None),
    ],
)
def test_the_tool_that_manages_a_key_is_known_by_its_tags(tags: dict[str, str], tool: str | None) -> None:
    manager = manager_of(tags)
    assert (manager.tool if manager else None) == tool


def test_ids_of_checks_are_unique_among_all_findings() -> None:
    own = [check.id for check in ESTATE_CHECKS]
    assert len({*own, *BY_ID}) == len(own) + len(BY_ID)


def test_every_check_has_its_section_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scan.md").read_text(encoding="utf-8")
    for check in ESTATE_CHECKS:
        section = page.partition(f"### {check.id}\n")[2].partition("\n### ")[0]
        assert all(text in section for text in (check.name, check.severity, check.title, check.why, check.remedy))
