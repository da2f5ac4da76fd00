"""The pages are true: every command on them is run as it stands, and prints what they show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from page_blocks import Command, File, NotRun, blocks_of

from keywright._internal.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
PAGES = {str(page.relative_to(ROOT)): page for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))}
RUN = {name: page for name, page in PAGES.items() if any(isinstance(item, Command) for item in blocks_of(page))}
AS_INSTALLED = ("README.md", "docs/tutorial.md")
"""What a newcomer reads first: with the program as it is installed. On other pages it is one that starts at once."""
WHY_NOT = {
    "changes the files of your shell",
    "needs a network",
    "needs keys of a real account",
    "runs until Ctrl-C",
    "takes minutes; CI runs it",
}


@pytest.mark.parametrize("name", RUN)
def test_the_commands_of_a_page_do_what_it_shows(name: str, tmp_path: Path, program: Path) -> None:
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with Sandbox() as aws:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            **aws.environment(),
            "PATH": programs if name in AS_INSTALLED else f"{program}:{programs}",
            "KEYWRIGHT_RACE_WINDOW": "0",
        }
        for block in blocks_of(RUN[name]):
            if isinstance(block, File):
                (tmp_path / block.name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / block.name).write_text(block.text, encoding="utf-8")
            elif isinstance(block, Command):
                done = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", block.line],
                    cwd=tmp_path,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    check=False,
                    timeout=120,
                )
                assert done.returncode == block.code, f"{block.line}\n{done.stdout}"
                assert block.printed_as_shown(done.stdout), (
                    f"{block.line}\n{done.stdout}\nand the page:\n{block.output}"
                )


@pytest.mark.parametrize("name", PAGES)
def test_what_is_not_run_has_one_of_the_known_reasons(name: str) -> None:
    left_out = [block for block in blocks_of(PAGES[name]) if isinstance(block, NotRun)]
    assert [block for block in left_out if block.reason not in WHY_NOT] == []
