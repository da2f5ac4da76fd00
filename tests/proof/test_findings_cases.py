"""Each policy of `cases/findings.yaml` and `findings_as_found.json` has the findings listed for it, no more, no fewer.

The first holds policies made for a fault, each beside sound ones that look like it; the second whole policies in the
form in which modules, guides and answers give them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.findings import find

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
