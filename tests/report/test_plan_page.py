"""The page of a plan: every step, who gains and loses access, the claims; it runs nothing, and fits its window."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from aws_directly import Aws
from browser import PROGRAMS, find_browser
from command_line import Keywright

BROWSER = find_browser()
SCRIPT = "<script>document.title = 1</script>"
BEFORE = """\
stack: payments
region: us-east-1
claims: ["nobody outside [{account}] can [kms:Decrypt]"]
keys:
  card-data:
    aliases: [card-data]
    key_administrator_arns: ["arn:aws:iam::{account}:role/kms-admin"]
    key_user_arns: ["arn:aws:iam::{account}:role/payments-app"]
"""
AFTER = BEFORE.replace('role/payments-app"', 'role/reports", "arn:aws:iam::999999999999:role/reports"') + (
    f'  second: {{description: "{SCRIPT}", aliases: [second]}}\n'
)


@pytest.fixture
def planned(keywright: Keywright, aws: Aws, account: str) -> tuple[str, Any]:
    """The page of a plan that creates a key, lets a foreign role in and another out, and its document."""
    file = keywright.directory / "keys.yaml"
    file.write_text(BEFORE.format(account=account))
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    assert aws.live()
    file.write_text(AFTER.replace("{account}", account))
    done = keywright.run("plan", "keys.yaml", "--json", "--html", "plan.html")
    assert done.code == 1
    return (keywright.directory / "plan.html").read_text(), done.document


def test_the_page_says_what_the_document_says(planned: tuple[str, Any]) -> None:
    page, document = planned
    text = unescape(re.sub(r"<[^>]*>", "", page))
    steps = [step for steps in document["changes"].values() for step in steps]
    changes = [step["impact"]["access"] for step in steps if step["impact"] and step["impact"]["access"]]
    assert {step["action"] for step in steps} >= {"create", "policy", "alias"}
    assert changes
    for step in steps:
        assert step["summary"] in text
    for item in (item for change in changes for item in (*change["gained"], *change["lost"])):
        assert item["sentence"] in text
    refuted = [claim for claims in document["claims"].values() for claim in claims if claim["verdict"] == "REFUTED"]
    assert refuted
    assert all(claim["sentence"] in text for claim in refuted)
    assert "Who will have access" in text


def test_the_page_runs_and_loads_nothing(planned: tuple[str, Any]) -> None:
    page, _ = planned
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)


@pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(PROGRAMS)} is on this machine")
def test_the_page_fits_a_phone_and_a_desk_and_is_readable(planned: tuple[str, Any], tmp_path: Path) -> None:
    assert BROWSER is not None
    pages = {f"at {width}": (planned[0].encode(), width) for width in (360, 700, 1100)}
    for scheme in ("light", "dark"):
        (tmp_path / scheme).mkdir()
        seen = BROWSER.look(pages, tmp_path / scheme, scheme)
        for name, (_, width) in pages.items():
            assert seen[name]["width"] <= width
            assert seen[name]["worst"]["ratio"] >= 4.5, seen[name]["worst"]
            assert seen[name]["title"] == "Plan for payments"


def test_a_plan_without_changes_says_so(keywright: Keywright, account: str) -> None:
    (keywright.directory / "keys.yaml").write_text(BEFORE.format(account=account))
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    keywright.run("plan", "keys.yaml", "--html", "plan.html").succeeded()
    assert "No changes" in (keywright.directory / "plan.html").read_text()


def test_a_page_that_cannot_be_written_is_an_error(keywright: Keywright, account: str) -> None:
    (keywright.directory / "keys.yaml").write_text(BEFORE.format(account=account))
    done = keywright.run("plan", "keys.yaml", "--json", "--html", "none/plan.html")
    assert done.code == 2
    assert json.loads(done.out)["error"]["id"] == "unwritable-file"
