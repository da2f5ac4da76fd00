"""Each policy of `cases/findings.yaml` and `findings_as_found.json` has the findings listed for it, no more, no fewer.

The first holds policies made for a fault, each beside sound ones that look like it; the second whole policies in the
form in which modules, guides and answers give them.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from random_policies import random_policy

from keywright._internal.facts.condition_keys import spelled
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.difference.access_difference import access_difference
from keywright._internal.proof.examination import examine_policy
from keywright._internal.proof.findings import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.policy.parsing import ParsedPolicy

FOLDER = Path(__file__).parent / "cases"
CASES: dict[str, list[dict[str, Any]]] = {
    **yaml.safe_load((FOLDER / "findings.yaml").read_text()),
    "as found": json.loads((FOLDER / "findings_as_found.json").read_text()),
}
ACCOUNT = {
    "Sid": "Enable IAM User Permissions",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}

WITHOUT_EFFECT = {"KW401", "KW413", "KW306"}
"""Findings that a statement gives, or protects, nothing."""


def policy_of(case: dict[str, Any]) -> dict[str, Any]:
    if "policy" in case:
        return dict(case["policy"])
    return {"Version": "2012-10-17", "Statement": [ACCOUNT, *case["statements"]]}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{theme}: {case['name']}") for theme, cases in CASES.items() for case in cases],
)
def test_a_policy_has_the_findings_of_its_faults_and_no_other(case: dict[str, Any]) -> None:
    location = KeyLocation("aws", "111122223333", case.get("region", ""))
    found = find(parse_policy(json.dumps(policy_of(case))), location=location)
    regular = [finding for finding in found if finding.persona == "regular"]
    assert [finding.id for finding in regular] == case["findings"], [item.message for item in regular]
    told = " ".join(f"{finding.message} {finding.remedy}" for finding in regular)
    assert [piece for piece in case.get("says", ()) if piece not in told] == []
    remarks = {finding.id for finding in found if finding.persona == "pedantic"}
    assert set(case.get("remarks", ())) <= remarks


ALL = [case for cases in CASES.values() for case in cases]


def rest_without_effect(policy: ParsedPolicy, case: dict[str, Any]) -> Iterator[tuple[str, PolicyDocument]]:
    """Each finding that something has no effect, and the policy without it."""
    statements = policy.document.statements
    for finding in find(policy, location=KeyLocation("aws", "111122223333", case.get("region", ""))):
        match finding.path:
            case ("Statement", int(at), *_) if finding.id in WITHOUT_EFFECT:
                yield finding.id, replace(policy.document, statements=(*statements[:at], *statements[at + 1 :]))
            case ("Statement", int(at), "Condition", operator, key) if finding.id == "KW402":
                kept = tuple(item for item in statements[at].conditions if (item.operator, item.key) != (operator, key))
                without = replace(statements[at], conditions=kept)
                rest = (*statements[:at], without, *statements[at + 1 :])
                yield finding.id, replace(policy.document, statements=rest)


WIDER_IN_THE_PROVER = {
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:ResourceOrgID",
    "aws:RequestedRegion",
    "kms:ReplicaRegion",
    "kms:PrimaryRegion",
}
"""Keys of which the prover takes values that AWS doesn't send: ARNs that hold a `*`, private addresses, Regions of any
name."""


@pytest.mark.parametrize("seed", range(120))
def test_the_prover_sees_no_difference_in_a_random_policy_either(seed: int) -> None:
    policy = parse_policy(json.dumps(random_policy(random.Random(f"no effect {seed}"))))
    for finding, rest in rest_without_effect(policy, {}):
        difference = access_difference(policy.document, rest, account="111122223333")
        keys = {spelled(item.key) for statement in policy.document.statements for item in statement.conditions}
        assert difference.equivalent is not False or keys & WIDER_IN_THE_PROVER, (finding, difference.gained)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in ALL])
def test_the_prover_sees_no_difference_without_what_is_found_to_have_no_effect(case: dict[str, Any]) -> None:
    policy = parse_policy(json.dumps(policy_of(case)))
    for finding, rest in rest_without_effect(policy, case):
        difference = access_difference(policy.document, rest, account="111122223333", region=case.get("region") or None)
        # Variables leave the prover undecided; and it lets a service of any Region call.
        assert difference.equivalent is not False or case.get("prover_differs"), (finding, difference.gained)


def test_findings_of_lockout_and_of_everybody_agree_with_the_claims() -> None:
    for case in ALL:
        examination = examine_policy(
            parse_policy(json.dumps(policy_of(case))), account="111122223333", region=case.get("region")
        )
        found = {finding.id for finding in examination.findings}
        verdicts = {claim.id: claim.verdict for claim in examination.claims}
        locked = verdicts["policy-stays-changeable"] is Verdict.REFUTED
        assert locked == bool(found & {"KW307", "KW308"}), case["name"]
        if found & {"KW101", "KW106"}:
            assert verdicts["no-access-from-outside"] is not Verdict.PROVED, case["name"]
