"""The calls that the page on the Python library teaches: each block runs, and each is what `mypy --strict` accepts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from mypy import api

from keywright._internal.sandbox import Sandbox

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (DOCS / "python.md", DOCS.parent / "README.md")
BLOCKS = [
    block for page in PAGES for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]
USAGE = Path(__file__).parent / "typed_usage.py"


def test_the_blocks_of_the_page_run_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    assert len(BLOCKS) > 5
    # The page's keys are in the account that the examples' are in, and stay there: not in the AWS that tests share.
    with Sandbox() as aws:
        for name, value in aws.environment().items():
            monkeypatch.setenv(name, value)
        for block in BLOCKS:
            exec(compile(block, "a block of the page", "exec"), names)


def test_the_page_and_the_usual_calls_pass_mypy_as_a_users_program_does(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text("\n".join(BLOCKS), encoding="utf-8")
    # No configuration of ours: a user has no plugin for pydantic.
    said, complaints, code = api.run(
        ["--strict", "--config-file=", f"--cache-dir={DOCS.parent / '.mypy_cache' / 'users'}", str(page), str(USAGE)]
    )
    assert code == 0, said + complaints
