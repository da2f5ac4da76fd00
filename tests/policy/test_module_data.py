"""The data files of the Terraform module say what the Python side says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from keywright._internal.policy.module_data import main, module_files

MODULE = Path(__file__).parents[2] / "terraform" / "aws-kms"


@pytest.mark.parametrize("name", module_files())
def test_the_modules_copy_is_current(name: str) -> None:
    assert (MODULE / name).read_text(encoding="utf-8") == module_files()[name], (
        "write it with `python -m keywright._internal.policy.module_data terraform/aws-kms`"
    )


def test_what_is_written_is_current_and_what_is_changed_is_not(tmp_path: Path) -> None:
    assert main(["--check", str(tmp_path)]) == 1
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    (tmp_path / "facts.json").write_text("{}")
    assert main(["--check", str(tmp_path)]) == 1


def test_the_modules_catalogue_has_every_pattern_without_its_cases() -> None:
    patterns = json.loads(module_files()["patterns.json"])["patterns"]
    assert all(set(pattern) == {"key", "parameters", "statements"} for pattern in patterns.values())


def test_the_values_that_parameters_take_are_written_so_that_the_engines_can_read_them() -> None:
    """Terraform and OpenTofu match by RE2, which repeats at most a thousand times and looks neither ahead nor back."""
    patterns = json.loads(module_files()["patterns.json"])["patterns"]
    texts = [item.get("pattern") for found in patterns.values() for item in found["parameters"].values()]
    written = [text for text in texts if text is not None]
    assert written
    assert not [text for text in written if "(?" in text and "(?:" not in text]
    assert all(int(bound) <= 1000 for text in written for bound in re.findall(r"[{,]([0-9]+)\}", text))
