"""Nobody contradicts the prover, though one could: another sample each time, many more with `make torture`."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest
from fuzz_prover import Tally, examine, fuzz
from random_policies import Claim

from chance import fresh_seed
from keywright._internal.proof.claims.result import ClaimResult, Verdict

SECONDS, MANY = 8.0, 1200.0
CASES = json.loads((Path(__file__).parent / "cases" / "prover.json").read_text(encoding="utf-8"))
NOBODY = [
    case
    for case in CASES
    if "allowed" in case and case.get("aimed", True) and re.match("nobody can|.* cannot|no-access", case["claim"])
]
"""Those whose request is such as the fuzzer aims; some are found only by a request that AWS doesn't describe."""


def test_no_answer_about_a_random_policy_is_contradicted_by_a_request() -> None:
    many = os.environ.get("KEYWRIGHT_TORTURE") is not None
    seed = fresh_seed()
    tally = fuzz(seed, 10**6, requests=300 if many else 120, seconds=MANY if many else SECONDS)
    shown = "\n".join(json.dumps(item) for item in tally.contradictions)
    assert not tally.contradictions, f"seed {seed}; keep these in cases/prover.json:\n{shown}"
    assert tally.policies > 10
    assert tally.unknown < 0.15, f"seed {seed}: {tally.unknown:.1%} of {tally.verdicts.total()} verdicts are UNKNOWN"


@pytest.mark.parametrize("case", NOBODY, ids=lambda case: case["name"])
def test_a_prover_that_were_wrong_again_would_be_contradicted(case: dict[str, Any]) -> None:
    """Were the answer PROVED, aimed requests would find the one that the case keeps, or another."""
    form, parties = "nobody", ()
    if match := re.fullmatch(r"(.*) cannot (.*)", case["claim"]):
        form, parties = "cannot", (match[1],)
    built_in = case["claim"].startswith("no-access")
    action = case["claim"].removesuffix(" directly").split()[-1]
    directly = case["claim"].endswith(" directly")
    claims = [] if built_in else [Claim(case["claim"], form, parties, (action,), directly=directly)]
    wrong = ClaimResult(case["claim"] if built_in else "claim-1", case["claim"], Verdict.PROVED, "by mistake")
    options = {**case.get("options", {"trusted_accounts": ["111122223333"]}), "region": "eu-west-1"}
    tally = Tally()
    for seed in range(10):
        examine(case["name"], case["policy"], claims, [wrong], options, tally, 600, random.Random(seed))
        if tally.contradictions:
            return
    pytest.fail("no request was found")
