"""The page of an access review, in a real browser: who can what is shown, filtered and signed, on a phone as well."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from browser import PROGRAMS, find_browser
from keywright._internal.access.review import review
from keywright._internal.access.snapshot import AccessSnapshot, KeyProperties, SnapshotKey
from keywright._internal.access.who_can import WhoCan
from keywright._internal.estate.iam import IamPrincipal, IamSnapshot, NamedPolicy
from keywright._internal.estate.snapshot import ScannedKey
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.report.review_page import ReviewPage

BROWSER = find_browser()
pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(PROGRAMS)} is on this machine")

A = "111122223333"
READ_AT = datetime(2026, 11, 25, tzinfo=UTC)
KEYS, ROLES = 30, 1000
EVIL = "</script><script>document.title='pwned'</script><!--<img src=x onerror=document.title='pwned'>"


def statement(action: str, principal: Any, **condition: Any) -> dict[str, Any]:
    body = {"Effect": "Allow", "Action": action, "Principal": principal, "Resource": "*"}
    return {**body, "Condition": condition} if condition else body


def snapshot(*, shared: bool = True) -> AccessSnapshot:
    """Keys that each tenth role can use through the account; the first is for everybody too."""
    use = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]})
    roles = tuple(
        IamPrincipal(
            f"arn:aws:iam::{A}:role/role-{number}", "role", A,
            policies=(NamedPolicy("use", use),) if number % 10 == 0 else (),
            last_used="2026-11-01T00:00:00+00:00" if number % 20 == 0 else None,
        )
        for number in range(ROLES)
    )  # fmt: skip
    facts = KeyProperties({}, (), "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS", multi_region=False)
    keys = []
    for number in range(KEYS):
        own = statement("kms:*", {"AWS": A})
        one = statement(
            "kms:Decrypt", {"AWS": f"arn:aws:iam::{A}:role/role-1"},
            StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:EncryptionContext:evil": EVIL},
        )  # fmt: skip
        everybody = [statement("kms:Decrypt", "*")] if number == 0 and shared else []
        text = json.dumps({"Version": "2012-10-17", "Statement": [own, one, *everybody]})
        keys.append(SnapshotKey(f"arn:aws:kms:eu-west-1:{A}:key/{number:04d}", text, (), facts))
    return AccessSnapshot(keys, IamSnapshot(roles, frozenset({A}), organization_read=True))


@pytest.fixture(scope="module")
def page() -> bytes:
    made = ReviewPage(READ_AT, "1 account", READ_AT, [{"account": A, "region": None, "key": None,
                      "operation": "ListKeys", "reason": EVIL}])  # fmt: skip
    for item in review(WhoCan(snapshot()), READ_AT, WhoCan(snapshot(shared=False))):
        made.add(item, ScannedKey(KeyLocation.of_arn(item.key.arn), (), tags={"Team": EVIL}))
    return "".join(made.pieces()).encode()


def act(page: bytes, folder: Path, script: str, width: int = 1200) -> Any:
    """What a script answers that a person could have done by hand, within the page itself."""
    assert BROWSER is not None
    # The page forbids every script but its own; the test's stands in for a person's hands and needs leave.
    text = re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", page.decode(), count=1)
    reply = "const pre = document.createElement('pre'); pre.id = 'answer'; pre.textContent = JSON.stringify(answer);"
    done = f"const answer = await (async () => {{{script}}})(); {reply} document.body.append(pre);"
    run = f"<script>(async () => {{{done}}})()</script>"
    file = folder / "page.html"
    file.write_text(text.replace("</body>", f"{run}</body>"), encoding="utf-8")
    dumped = BROWSER._run(file, "light", "--dump-dom", "--virtual-time-budget=5000", f"--window-size={width},900")
    found = re.search(r'<pre id="answer">(.*?)</pre>', dumped, re.DOTALL)
    assert found, dumped[-1000:]
    return json.loads(html.unescape(found[1]))


def test_a_thousand_keys_and_ten_thousand_roles_fit_in_five_megabytes() -> None:
    (item,) = review(WhoCan(AccessSnapshot([next(iter(snapshot().keys.values()))], snapshot().iam)), READ_AT)
    everybody = [replace(holder, name=f"{holder.name}-{at}") for at in range(10) for holder in item.holders["decrypt"]]
    made = ReviewPage(READ_AT, "1 account", None, [])
    for number in range(1000):
        arn = f"{item.key.arn[:-4]}{number:04d}"
        held = {name: tuple(everybody[number * 7 % 9000 :][: 50 + number]) for name in item.holders}
        made.add(replace(item, key=replace(item.key, arn=arn), holders=held), ScannedKey(KeyLocation.of_arn(arn), ()))
    assert len(made._people) > 7_000
    assert len("".join(made.pieces()).encode()) <= 5_000_000


def test_an_opened_key_shows_who_can_what_under_which_condition_and_who_does_not_use_it(
    page: bytes, tmp_path: Path
) -> None:
    found = act(page, tmp_path, """
        const key = document.querySelectorAll("details.key")[1];
        key.querySelector("summary").click();
        await new Promise((done) => setTimeout(done, 50));
        const texts = (list) => [...list.children].map((item) => item.textContent);
        return [...key.querySelectorAll("ul.holders")].map(texts);
    """)  # fmt: skip
    decrypt, encrypt, *_ = found
    assert (len(decrypt), len(encrypt)) == (102, 101)
    assert f"arn:aws:iam::{A}:role/role-0 last used 2026-11-01" in decrypt
    assert f"arn:aws:iam::{A}:role/role-10 no use seen; unused" in decrypt
    (conditional,) = [text for text in decrypt if "conditional" in text]
    assert "s3.eu-west-1.amazonaws.com" in conditional


def test_searching_and_choosing_leave_the_keys_that_fit(page: bytes, tmp_path: Path) -> None:
    found = act(page, tmp_path, """
        const form = document.querySelector("form");
        const put = (name, value) => {
          form.elements[name].value = value;
          form.dispatchEvent(new Event("input"));
          return document.querySelectorAll("details.key:not([hidden])").length;
        };
        return {all: put("words", ""), one: put("words", "key/0022"), who: put("words", "role/role-990"),
                none: put("words", "role/role-999"), changed: (put("words", ""), put("only", "changed")),
                beyond: put("only", "beyond"), count: document.querySelector("#count").textContent};
    """)  # fmt: skip
    assert found == {
        "all": 30, "one": 1, "who": 30, "none": 1, "changed": 1, "beyond": 1, "count": "1 of 30 keys shown",
    }  # fmt: skip


def test_who_gained_access_since_the_last_review_is_told(page: bytes, tmp_path: Path) -> None:
    text = act(page, tmp_path, 'return document.querySelector("details.key").textContent')
    assert "Gained decrypt: *" in text


def test_what_people_sign_is_saved_with_the_key_it_is_about(page: bytes, tmp_path: Path) -> None:
    found = act(page, tmp_path, """
        const inputs = document.querySelector("details.key .sign").querySelectorAll("input");
        inputs[0].value = 'Ann "A"'; inputs[2].value = "keep";
        return decisions();
    """)  # fmt: skip
    assert found == f'key,name,date,decision\r\n"arn:aws:kms:eu-west-1:{A}:key/0000","Ann ""A""","","keep"'


def test_it_fits_a_phone_and_runs_nothing_that_it_shows(page: bytes, tmp_path: Path) -> None:
    seen = act(
        page, tmp_path,
        "document.querySelector('details.key').open = true;"
        "await new Promise((done) => setTimeout(done, 50));"
        "return {title: document.title, images: document.images.length,"
        " width: document.documentElement.scrollWidth, view: document.documentElement.clientWidth}",
        500,
    )  # fmt: skip
    assert (seen["title"], seen["images"]) == ("Access review — Keywright", 0)
    assert seen["width"] <= seen["view"]
