"""The page of an estate, in a real browser: it fits a phone, filters and searches, and runs nothing that it shows."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from browser import PROGRAMS, Browser, find_browser
from keywright._internal.assessment.assess import Assessor
from keywright._internal.aws import AliasEntry, KeyMetadata, RotationStatus
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.snapshot import NotRead, ScannedKey
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.report.estate_page import estate_page

BROWSER = find_browser()
pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(PROGRAMS)} is on this machine")

ACCOUNT = "111122223333"
EVIL = "</code><script>document.title='pwned'</script><img src=x onerror=document.title='pwned'>"
METADATA = KeyMetadata(
    key_id="", arn="", account=ACCOUNT, region="us-east-1", state="Enabled", enabled=True,
    spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", origin="AWS_KMS", description="", multi_region=False,
    multi_region_type=None, primary_arn=None, replica_arns=(), creation_date=datetime(2026, 1, 1, tzinfo=UTC),
    deletion_date=None, pending_deletion_window_in_days=None, manager="CUSTOMER", signing_algorithms=(),
    encryption_algorithms=(), mac_algorithms=(), key_agreement_algorithms=(),
)  # fmt: skip


def policy(number: int, *statements: dict[str, Any]) -> str:
    own = f"arn:aws:iam::{ACCOUNT}"
    usual = [
        {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": f"{own}:root"}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": [f"{own}:role/app-{number}", f"{own}:role/batch"]},
         "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
         "Resource": "*"},
        {"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
         "Action": ["kms:Encrypt*", "kms:Decrypt*"], "Resource": "*"},
    ]  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [*usual, *statements]})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A thousand keys: one public, one with hostile words everywhere that a person writes them."""
    with EstateFile.create(tmp_path_factory.mktemp("estate") / "estate.db", {}) as estate:
        estate.put_account(ACCOUNT, EVIL, "aws", None)
        arns = [
            f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{number:08x}-0000-0000-0000-000000000000" for number in range(1000)
        ]
        place = KeyLocation("aws", ACCOUNT, "us-east-1")
        named = [AliasEntry("alias/the-public-one", "", arns[7].rpartition("/")[2])]
        estate.put_listing(place, arns, named)
        for number, arn in enumerate(arns):
            public = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
            text = policy(number, *([public] if number == 7 else []))
            words = EVIL if number == 8 else f"key number {number}"
            metadata = replace(METADATA, arn=arn, key_id=arn.rpartition("/")[2], description=words)
            tags = {"Team": words, "Environment": "production"}
            key = ScannedKey(KeyLocation.of_arn(arn), (), metadata, text, RotationStatus(True, 365), tags)
            estate.put_key(key, [])
        estate.put_not_read(NotRead(ACCOUNT, "eu-west-1", "", "ListKeys", EVIL))
        estate.put_finished()
        return "".join(estate_page(estate, Assessor(estate))).encode()


def act(page: bytes, folder: Path, script: str) -> Any:
    """What a script answers that a person could have done by hand, within the page itself."""
    assert BROWSER is not None
    text = page.decode()
    # The page forbids every script but its own; the test's stands in for a person's hands and needs leave.
    text = re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", text, count=1)
    reply = "const pre = document.createElement('pre'); pre.id = 'answer'; pre.textContent = JSON.stringify(answer);"
    text = text.replace(
        "</body>", f"<script>const answer = (() => {{{script}}})(); {reply} document.body.append(pre);</script></body>"
    )
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    dumped = BROWSER._run(file, "light", "--dump-dom", "--window-size=1200,900")
    found = re.search(r'<pre id="answer">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-1000:]
    return json.loads(html.unescape(found[1]))


def test_a_thousand_keys_fit_in_five_megabytes(page: bytes) -> None:
    assert len(page) <= 5_000_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_its_text_stands_out(page: bytes, tmp_path: Path, scheme: Any) -> None:
    assert isinstance(BROWSER, Browser)
    short = re.sub(rb"(?s)(<details class=.key.{40000}).*?(?=</section>\n)", rb"\1</div></details>", page)
    seen = BROWSER.look({"phone": (short, 360)}, tmp_path, scheme)["phone"]
    assert seen["width"] <= 360
    assert seen["worst"]["ratio"] >= 4.5, seen["worst"]
    assert seen["title"] == "KMS keys — Keywright"


def test_the_worst_key_is_first_and_its_statement_is_shown(page: bytes, tmp_path: Path) -> None:
    first = act(page, tmp_path, """
        const key = document.querySelector("details.key"); key.querySelector("summary").click();
        return {open: key.open, text: key.textContent, worst: key.dataset.worst};
    """)  # fmt: skip
    assert (first["open"], first["worst"]) == (True, "critical")
    assert "alias/the-public-one" in first["text"]
    assert '"Sid": "All"' in first["text"]
    assert "Everybody may call Decrypt" in first["text"]


def test_searching_and_filtering_leave_the_keys_that_fit(page: bytes, tmp_path: Path) -> None:
    found = act(page, tmp_path, """
        const form = document.querySelector("form");
        const shown = () => document.querySelectorAll("details.key:not([hidden])").length;
        const put = (name, value) => {
          form.elements[name].value = value;
          form.dispatchEvent(new Event("input"));
          return shown();
        };
        const all = shown(), word = put("words", "role/APP-42 decrypt"), none = put("words", "no such thing");
        const critical = (put("words", ""), put("worst", "critical"));
        return {all, word, none, critical, count: document.querySelector("#count").textContent, hidden: form.hidden};
    """)  # fmt: skip
    assert found == {
        "all": 1000, "word": 11, "none": 0, "critical": 1, "count": "1 of 1000 keys shown", "hidden": False,
    }  # fmt: skip


def test_what_people_wrote_is_shown_and_never_run(page: bytes, tmp_path: Path) -> None:
    seen = act(
        page,
        tmp_path,
        "return {title: document.title, images: document.images.length, text: document.body.textContent}",
    )
    assert seen["title"] == "KMS keys — Keywright"
    assert seen["images"] == 0
    assert seen["text"].count("<script>") >= 3
