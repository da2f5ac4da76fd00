"""`policy_file`: a policy in a JSON file beside the keys file, with its mistakes on its own lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared_files import loaded, one_key, problems_of

from keywright._internal.keysfile.examination import examine_file
from keywright._internal.keysfile.source import read_source

POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'


def test_it_is_read_relative_to_the_file_of_keys(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "a.json").write_text(POLICY)
    fields = (
        "policy_file: policies/a.json, multi_region: true, replica_regions: {eu-west-1: {policy_file: policies/a.json}}"
    )
    key = loaded(tmp_path, one_key(fields)).keys["app"]
    assert key.policy == key.replica_regions["eu-west-1"].policy == POLICY


def test_a_key_takes_a_default_back(tmp_path: Path) -> None:
    text = "stack: s\nregion: us-east-1\ndefaults: {policy_file: none.json}\nkeys: {app: {policy_file: null}}\n"
    assert loaded(tmp_path, text).keys["app"].policy is None


def test_a_mistake_in_it_stands_on_its_line_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(POLICY.replace('"Principal"', '\n"Principle"'))
    problem = problems_of(tmp_path, one_key("policy_file: a.json"))[0]
    assert problem.field == "keys.app.policy_file"
    assert problem.location is not None
    unknown = next(
        item for item in problems_of(tmp_path, one_key("policy_file: a.json")) if "Principle" in item.message
    )
    assert (str(unknown.location), unknown.source_line) == (f"{tmp_path}/a.json:2:1", unknown.source_line)
    assert unknown.source_line is not None
    assert unknown.source_line.startswith('"Principle"')


@pytest.mark.parametrize(
    ("fields", "content", "message"),
    [
        ("policy_file: none.json", None, "no such file"),
        ("policy_file: 5", None, "not text"),
        ("policy_file: .", None, "directory"),
        (f"policy_file: a.json, policy: '{POLICY}'", POLICY.encode(), "beside `policy`"),
        ("policy_file: a.json", b"\xff", "not UTF-8"),
        ("policy_file: a.json", b" " * 1_000_001, "1,000,000 bytes"),
        ("policy_file: a.json", POLICY.encode() + b" " * 32_768, "KMS takes 32,768"),
    ],
)
def test_what_cannot_be_read_is_said_on_the_field(
    tmp_path: Path, fields: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    (problem,) = problems_of(tmp_path, one_key(fields))
    assert problem.field == "keys.app.policy_file"
    assert message in problem.message


def test_a_finding_on_it_points_at_the_field_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(POLICY)
    path = tmp_path / "keys.yaml"
    path.write_text('stack: s\nregion: us-east-1\naccount: "111122223333"\nkeys:\n  app:\n    policy_file: a.json\n')
    (examination,) = examine_file(read_source(path))
    assert {item.location.line for item in examination.findings if item.location is not None} == {6}
