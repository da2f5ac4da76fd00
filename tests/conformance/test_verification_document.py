"""`verification.json`: its schema is the documented one, its verdict follows from its gates, its reader is strict."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from conformance_samples import gate, verification

from keywright._internal.conformance.results import GATE_NAMES, as_text, from_text, json_schema, overall_verdict
from keywright.errors import InputError

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_documented_schema_is_the_one_of_the_code_and_fits_a_document() -> None:
    documented = json.loads((DOCS / "verification.schema.json").read_text())
    assert documented == json_schema()
    jsonschema.validate(json.loads(as_text(verification())), documented)


def test_the_page_describes_every_gate_and_every_field() -> None:
    page = (DOCS / "verification.md").read_text()
    fields = {*json_schema()["properties"], *json_schema()["$defs"]["Gate"]["properties"]}
    assert [name for name in (*GATE_NAMES, *sorted(fields)) if f"`{name}`" not in page] == []


def test_what_is_written_is_read_again() -> None:
    assert from_text(as_text(verification())) == verification()


def test_a_failure_outweighs_a_gap_and_a_gap_is_a_pass_only_by_name() -> None:
    failed, skipped = gate("claims", "failed"), gate("tflint", "skipped")
    assert verification().verdict == "passed"
    assert verification(skipped).verdict == "incomplete"
    assert verification(skipped, allowed_skipped=("tflint",)).verdict == "passed"
    assert verification(skipped, allowed_skipped=("fmt",)).verdict == "incomplete"
    assert verification(skipped, failed, allowed_skipped=("tflint", "claims")).verdict == "failed"


def test_a_gate_that_is_missing_altogether_did_not_run() -> None:
    assert overall_verdict(verification().gates[1:]) == "incomplete"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", as_text(verification()).replace('"format_version": 1', '"format_version": 2')]
)
def test_another_document_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a verification document"):
        from_text(text)
