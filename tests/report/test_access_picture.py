"""The picture of a key: who reaches it, for what, by which statement; drawn from what the prover decides."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from command_line import CommandLine
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.difference.explanation import explain
from keywright._internal.report.access_picture import Reach, access_picture

ACCOUNT = "111122223333"
POLICY = f"""\
{{"Version": "2012-10-17", "Statement": [
  {{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}, "Action": "kms:*", "Resource": "*"}},
  {{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:role/app"}}, "Action": "kms:Decrypt",
    "Resource": "*"}},
  {{"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}},
  {{"Effect": "Allow", "Principal": {{"Service": "logs.us-east-1.amazonaws.com"}}, "Action": "kms:Encrypt",
    "Resource": "*"}}]}}
"""


def test_each_line_has_the_statements_that_give_it_access() -> None:
    found = explain(parse_policy(POLICY).document, account=ACCOUNT)
    behind = {line.principal: by for line, by in zip(found.table, found.behind(), strict=True)}
    assert behind[f"arn:aws:iam::{ACCOUNT}:role/app"] == (1, 2)
    assert behind["logs.us-east-1.amazonaws.com"] == (4,)
    assert behind[f"any other identity of account {ACCOUNT}"] == (1,)
    assert not any(3 in numbers for numbers in behind.values()), "a Deny gives nothing"


def test_the_command_draws_what_it_tells(offline: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(POLICY)
    done = offline.run("policy", "explain", "--policy", "p.json", "--svg", "key.svg", "--json", directory=tmp_path)
    (explained,) = done.succeeded().document["policies"].values()
    root = ET.fromstring((tmp_path / "key.svg").read_text())
    text = " ".join(root.itertext())
    assert all(line["principal"] in text for line in explained["table"])
    assert all(sentence in text for sentence in explained["statements"])
    assert "by statements 1, 2" in text
    assert "use; administer, grant, delete (if allowed by IAM)" in text


@pytest.mark.parametrize("arguments", [("keys.yaml",), ("--policy", "none.json")])
def test_a_picture_is_of_one_key_in_a_known_account(
    offline: CommandLine, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "keys.yaml").write_text(f'stack: s\nregion: us-east-1\naccount: "{ACCOUNT}"\nkeys: {{a: , b: }}\n')
    (tmp_path / "none.json").write_text(POLICY.replace(ACCOUNT, "*").replace("arn:aws:iam::*:root", "*"))
    done = offline.run("policy", "explain", *arguments, "--svg", "key.svg", directory=tmp_path)
    assert done.code == 2
    assert not (tmp_path / "key.svg").exists()


def test_names_are_text_and_the_picture_loads_nothing() -> None:
    text = access_picture("<k>&", [Reach("<script>" + "x" * 200, ("yes", "no", "no", "no"), (1,))], ["<b>" * 100])
    ET.fromstring(text)
    assert "<script" not in text
    assert not re.search(r"(?:href|src)\s*=|url\(|@import", text)
