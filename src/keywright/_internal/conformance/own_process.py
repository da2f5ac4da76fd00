"""A module of ours as a process of its own: whose credentials are used is decided by the environment, and not ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from keywright.errors import KeywrightError


def answer_of(
    module: str, arguments: tuple[str, ...], environment: Mapping[str, str], *, patience: float, failing: str
) -> str:
    """What a module of this package prints.

    Args:
        module: its name in this package.
        arguments: of its command line.
        environment: variables that it gets beside ours.
        patience: seconds that it may take.
        failing: what an error begins with, such as `the keys can't be read`.

    Raises:
        KeywrightError: it failed, or took longer.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            (sys.executable, "-m", f"{__package__}.{module}", *arguments),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise KeywrightError(f"{failing}: it did not end within {patience:.0f} seconds") from error
    if done.returncode != 0:
        raise KeywrightError(f"{failing}: {done.stderr.strip().rpartition(chr(10))[2]}")
    return done.stdout
