"""Which version of Keywright made a task: workers of several machines refuse those of another one."""

from __future__ import annotations

from importlib.metadata import version

from keywright.errors import KeywrightError


def own_version() -> str:
    """That of this process, which its tasks carry."""
    return version("keywright")


def check_version(of_task: str) -> None:
    """Refuse a task of another version.

    Raises:
        KeywrightError: naming both.
    """
    if of_task != own_version():
        raise KeywrightError(
            f"the worker has Keywright {own_version()}, and the command {of_task}", "install the same version on both"
        )
