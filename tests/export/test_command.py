"""`keywright export cloudformation` as a person meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Keywright

GRANTED = """stack: payments
region: us-east-1
keys:
  app:
    grants:
      - {name: g, grantee_principal: "arn:aws:iam::111122223333:role/x", operations: [Decrypt]}
  text:
    description: "{{resolve:ssm:/x}}"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(GRANTED)
    return path


def test_what_can_t_be_expressed_is_refused_together_each_on_its_line(keywright: Keywright, file: Path) -> None:
    run = keywright.run("export", "cloudformation", file, "--out", file.parent / "out", "--json")
    assert run.code == 2
    assert [(item["field"], item["line"]) for item in run.document["error"]["problems"]] == [
        ("keys.app.grants", 5),
        ("keys.text.description", 8),
    ]
    assert not (file.parent / "out").exists()


def test_what_is_left_out_is_warned_of(keywright: Keywright, file: Path) -> None:
    out = file.parent / "out"
    run = keywright.run("export", "cloudformation", file, "--out", out, "--leave-out", "grants", "--key", "app")
    assert run.succeeded().err == "warning: app: left out grants\n"


def test_a_folder_that_holds_something_is_not_written_to(keywright: Keywright, file: Path) -> None:
    run = keywright.run("export", "cloudformation", file, "--out", file.parent)
    assert run.code == 2
    assert "exists and is not empty" in run.err
    assert [*file.parent.iterdir()] == [file]


def test_a_folder_that_can_t_be_made_is_named(keywright: Keywright, file: Path) -> None:
    run = keywright.run("export", "cloudformation", file, "--key", "app", "--leave-out", "grants", "--out", "/proc/x")
    assert run.code == 2
    assert "error[unwritable-file]: `/proc/x" in run.err


def test_a_snapshot_is_for_an_import_only(keywright: Keywright, file: Path) -> None:
    run = keywright.run("export", "cloudformation", file, "--from", "estate.db")
    assert run.code == 2
    assert "pass --import as well" in run.err


def test_an_account_that_is_none_is_refused(keywright: Keywright, file: Path) -> None:
    run = keywright.run("export", "cloudformation", file, "--account", "12")
    assert run.code == 2
    assert "`12` is not an account" in run.err


def test_a_root_module_is_of_one_account_of_a_file_with_targets(keywright: Keywright, file: Path) -> None:
    out = file.parent / "out"
    command = ("export", "terraform", file, "--out", out, "--source", "./aws-kms", "--account", "222233334444")
    assert "leave out --account" in keywright.run(*command).err
    targets = 'targets:\n- {accounts: ["111122223333", "222233334444"], role: keys}\n'
    file.write_text(f"stack: s\nregion: us-east-1\n{targets}keys:\n  a:\n")
    keywright.run(*command).succeeded()
    assert 'role_arn = "arn:aws:iam::222233334444:role/keys"' in (out / "providers.tf").read_text()


def test_of_many_keys_an_error_names_some(keywright: Keywright, file: Path) -> None:
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n" + "".join(f"  k{number}:\n" for number in range(30)))
    run = keywright.run("export", "cloudformation", file, "--key", "nope")
    assert run.err.endswith("k11 and 18 more\n")
