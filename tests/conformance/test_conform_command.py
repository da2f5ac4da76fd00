"""`keywright conform` and `verify-release` from outside: the documents, the files and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_module import small_module
from typer.testing import CliRunner

from keywright._internal.cli.app import app
from keywright._internal.conformance.conform import CHECKS
from keywright._internal.conformance.release import ENVELOPE
from keywright._internal.conformance.results import GATE_NAMES, from_text
from keywright.errors import InputError

RUN = CliRunner()
QUICK = ("--only", "checksums", "--only", "signature")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    small_module().tree.write(tmp_path / "small")
    return tmp_path / "small"


def test_every_gate_has_its_check() -> None:
    assert {*CHECKS, "signature"} == set(GATE_NAMES)


def test_gates_left_out_make_the_verdict_incomplete_and_no_pass(module: Path) -> None:
    done = RUN.invoke(app, ["conform", str(module), "--json", *QUICK])
    document = json.loads(done.stdout)
    assert done.exit_code == 1
    assert document["verdict"] == "incomplete"
    assert [gate["name"] for gate in document["gates"]] == list(GATE_NAMES)
    assert {gate["name"] for gate in document["gates"] if gate["verdict"] == "passed"} == {"checksums", "signature"}
    assert all(set(gate) == {"name", "verdict", "tool", "seconds", "evidence"} for gate in document["gates"])


def test_gaps_allowed_by_name_are_a_pass_that_the_card_shows(module: Path, tmp_path: Path) -> None:
    allowed = [part for name in GATE_NAMES[:8] for part in ("--allow-skipped", name)]
    done = RUN.invoke(app, ["conform", str(module), *QUICK, *allowed, "--out", str(tmp_path / "card")])
    assert done.exit_code == 0
    found = from_text((tmp_path / "card" / "verification.json").read_text())
    assert found.verdict == "passed"
    assert found.allowed_skipped == GATE_NAMES[:8]
    assert "skipped by choice" in (tmp_path / "card" / "card.html").read_text()


def test_the_module_is_left_as_it_was(module: Path) -> None:
    before = {path: path.read_bytes() for path in module.rglob("*") if path.is_file()}
    RUN.invoke(app, ["conform", str(module), "--only", "fmt"])
    assert {path: path.read_bytes() for path in module.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["conform", "nowhere"],
        ["conform", ".", "--only", "spelling"],
        ["conform", ".", "--allow-skipped", "spelling"],
        ["conform", ".", "--live", "moon"],
        ["verify-release", "nowhere"],
        ["verify-release", ".", "--key", "nowhere.pem"],
    ],
)
def test_what_is_not_understood_is_bad_input(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(RUN.invoke(app, arguments).exception, InputError)


def test_verify_release_says_yes_with_0_and_no_with_1_and_where(release_folder: Path) -> None:
    assert RUN.invoke(app, ["verify-release", str(release_folder)]).exit_code == 0
    content = (release_folder / ENVELOPE).read_bytes()
    (release_folder / ENVELOPE).write_bytes(content[:90] + bytes((content[90] ^ 1,)) + content[91:])
    done = RUN.invoke(app, ["verify-release", str(release_folder), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["findings"][0]["file"] == ENVELOPE
