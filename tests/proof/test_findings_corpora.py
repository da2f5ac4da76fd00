"""Sound policies have no finding and no refuted claim; each broken one has the fault it was made for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import PolicyDocument, as_json
from keywright._internal.policy.generation import key_policy
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.difference.access_difference import access_difference
from keywright._internal.proof.examination import Examination, examine_policy
from keywright._internal.proof.findings import Finding, find
from keywright._internal.proof.findings.finding import FAILING

HERE = Path(__file__).parent
SOUND = sorted((HERE / "aws_documented").glob("*.json"))
SOURCES = json.loads((HERE / "cases" / "aws_documented_sources.json").read_text())
BROKEN = sorted((HERE / "broken").glob("*.json"))
FAULTS: dict[str, list[str]] = json.loads((HERE / "cases" / "broken.json").read_text())
PROVED_DIFFERENTLY = {"private-address"}
"""The prover lets `aws:SourceIp` be any address, private ones among them."""
DEAD = [file for file in BROKEN if {"KW401", "KW413"} & {*FAULTS[file.stem]} and file.stem not in PROVED_DIFFERENTLY]
EXAMPLES = sorted((HERE.parents[1] / "examples").glob("*.yaml"))
HOME = KeyLocation("aws", "111122223333", "us-east-1")
BOOK = catalogue.load()


def examined(file: Path) -> Examination:
    return examine_policy(parse_policy(file.read_text(), file=file.name))


def regular(document: PolicyDocument, key: Key | None = None) -> list[Finding]:
    spec, usage = (key.customer_master_key_spec, key.key_usage) if key else (None, None)
    found = find(parse_policy(as_json(document)), location=HOME, key_spec=spec, key_usage=usage)
    return [finding for finding in found if finding.persona == "regular"]


@pytest.mark.parametrize("file", SOUND, ids=lambda file: file.stem)
def test_a_policy_that_aws_documents_has_no_finding_but_remarks_and_no_refuted_claim(file: Path) -> None:
    examination = examined(file)
    assert not [finding for finding in examination.findings if finding.persona == "regular"]
    assert all(claim.verdict is not Verdict.REFUTED for claim in examination.claims)
    assert not any(finding.is_at_least(FAILING) for finding in examination.findings)
    assert examination.passed


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_policy_fails_by_the_fault_it_has(file: Path) -> None:
    examination = examined(file)
    found = {finding.id for finding in examination.findings if finding.is_at_least(FAILING)}
    refuted = {claim.id for claim in examination.claims if claim.verdict is Verdict.REFUTED}
    assert set(FAULTS[file.stem]) <= found | refuted
    assert not examination.passed


@pytest.mark.parametrize("file", DEAD, ids=lambda file: file.stem)
def test_the_policy_allows_the_same_without_a_statement_that_is_found_dead(file: Path) -> None:
    parsed = parse_policy(file.read_text())
    dead = {finding.path[1] for finding in find(parsed) if finding.id in {"KW401", "KW413"}}
    living = tuple(item for at, item in enumerate(parsed.document.statements) if at not in dead)
    assert len(living) < len(parsed.document.statements)
    rest = replace(parsed.document, statements=living)
    assert access_difference(parsed.document, rest, account=HOME.account).equivalent


@pytest.mark.parametrize("suffix", ["amazonaws.com", "amazonaws.com.cn"])
def test_a_calling_service_of_china_is_taken_with_either_suffix(suffix: str) -> None:
    policy = (HERE / "aws_documented" / "via-service.json").read_text()
    assert "us-west-2.amazonaws.com" in policy
    chinese = policy.replace("arn:aws:", "arn:aws-cn:").replace("us-west-2.amazonaws.com", f"cn-north-1.{suffix}")
    assert examine_policy(parse_policy(chinese)).passed


def test_each_policy_of_the_corpora_is_named_with_its_source_or_fault() -> None:
    assert {file.stem for file in SOUND} == set(SOURCES)
    assert {file.stem for file in BROKEN} == set(FAULTS)
    assert all(url.startswith("https://docs.aws.amazon.com/") for url in SOURCES.values())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_no_generated_policy_of_the_examples_has_a_finding(example: Path) -> None:
    for key in load_stack(example).keys.values():
        assert not regular(key_policy(key, HOME), key)


@pytest.mark.parametrize("name", BOOK.patterns)
def test_no_catalogue_pattern_beside_the_account_s_own_statement_has_a_finding(name: str) -> None:
    base = key_policy(Key(), HOME)
    statements = catalogue.expand(name, catalogue.example(BOOK.patterns[name], HOME), HOME)
    assert not regular(replace(base, statements=(*base.statements, *statements)))


@given(
    spec=st.sampled_from(
        (
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            ("RSA_2048", "ENCRYPT_DECRYPT"),
            ("ECC_NIST_P256", "SIGN_VERIFY"),
            ("HMAC_256", "GENERATE_VERIFY_MAC"),
            ("ECC_NIST_P384", "KEY_AGREEMENT"),
        )
    ),
    administrators=st.lists(st.sampled_from(("role/admin", "user/eve", "role/team/ops")), max_size=2, unique=True),
    users=st.lists(st.sampled_from(("role/app", "user/bob", "role/other")), max_size=3, unique=True),
    durable=st.booleans(),
    services=st.lists(
        st.sampled_from(sorted(service.principal for label, service in BOOK.services.items() if label != "*")),
        max_size=3,
        unique=True,
    ),
    multi_region=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_no_generated_policy_has_a_finding(
    spec: tuple[str, str],
    administrators: list[str],
    users: list[str],
    durable: bool,
    services: list[str],
    multi_region: bool,
) -> None:
    form = "durable:" if durable else ""
    key = Key.model_validate(
        {
            "customer_master_key_spec": spec[0],
            "key_usage": spec[1],
            "key_administrator_arns": [f"{form}arn:aws:iam::111122223333:{name}" for name in administrators],
            "key_user_arns": [f"{form}arn:aws:iam::111122223333:{name}" for name in users],
            "key_service_users": [name.replace("{region}", "us-east-1") for name in services],
            "multi_region": multi_region,
        }
    )
    assert not regular(key_policy(key, HOME), key)
