"""The file that `keywright init` writes: valid as it is, and with every line that it only suggests."""

from __future__ import annotations

import re
from pathlib import Path

from keywright._internal.cli.init import STARTER
from keywright._internal.keysfile.stack import load_stack


def test_the_starter_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(STARTER)
    assert list(load_stack(file).keys) == ["app-data"]


def test_the_starter_is_valid_with_all_that_it_suggests(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    suggested = re.compile(r"^( *)# (?=( *- |  |[a-z_]+:))", re.MULTILINE)
    file.write_text(suggested.sub(r"\1", STARTER))
    stack = load_stack(file)
    assert list(stack.keys) == ["app-data", "signing"]
    key = stack.keys["app-data"]
    assert (key.account, len(stack.claims), len(key.patterns)) == ("111122223333", 1, 1)
    assert key.key_administrator_arns
    assert key.replica_regions
