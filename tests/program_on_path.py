"""A `keywright` for the PATH of a shell: each start asks the process that stands by, and costs little but its own work.

What is on the other side is `standing_by.py`; the program's streams, folder, environment and exit code are as they were
if it had been started itself. That the installed program starts by itself is for the tests that don't use this one.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ASKING = """\
#!{python} -IS
import os, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect({path!r})
environment = [f"{{name}}={{value}}" for name, value in os.environ.items()]
text = "\\0".join([os.getcwd(), str(len(sys.argv) - 1), *sys.argv[1:], *environment]).encode()
socket.send_fds(link, [len(text).to_bytes(4, "big")], [0, 1, 2])
link.sendall(text)
sys.exit(link.recv(1)[0])
"""


@contextmanager
def program_on_path(folder: Path) -> Iterator[Path]:
    """The folder to put on PATH, made below `folder`; its program works until the context ends."""
    path, programs = folder / "standing-by", folder / "bin"
    command = [sys.executable, str(Path(__file__).with_name("standing_by.py")), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as standing_by:
        assert standing_by.stdin is not None
        assert standing_by.stdout is not None
        assert standing_by.stdout.readline() == "ready\n"
        programs.mkdir()
        (programs / "keywright").write_text(_ASKING.format(python=sys.executable, path=str(path)))
        (programs / "keywright").chmod(0o755)
        yield programs
        standing_by.stdin.close()
