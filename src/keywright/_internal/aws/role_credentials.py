"""Many roles behind one client: which role's credentials sign a call is said by the thread that makes it.

A boto3 client holds one identity, takes ten milliseconds to make, and keeps connections of its own. A thousand accounts
in seventeen Regions would be seventeen thousand of them. Instead a Region's client is made once for all roles, and asks
here, whenever a call is signed, for the credentials of the role that the call is made as.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_THREAD = threading.local()


@contextmanager
def acting_as(role_arn: str | None) -> Iterator[None]:
    """Have the calls that this thread makes signed as a role, where the client is one for roles."""
    before = getattr(_THREAD, "role_arn", None)
    _THREAD.role_arn = role_arn
    try:
        yield
    finally:
        _THREAD.role_arn = before


class RoleCredentials:
    """What botocore takes for the credentials of a session: those of the role that a call is made as.

    Args:
        assume: gets a role's credentials as botocore's refresh metadata.
    """

    method = "assume-role"

    def __init__(self, assume: Callable[[str], dict[str, str]]) -> None:
        self._assume = assume
        self._lock = threading.Lock()
        self._roles: dict[str, Any] = {}

    def get_frozen_credentials(self) -> Any:
        """The credentials to sign with; assumed when they are first needed, and again shortly before they expire."""
        role_arn = getattr(_THREAD, "role_arn", None)
        if role_arn is None:
            raise RuntimeError("a call through a client for roles says no role")
        return self._of(role_arn).get_frozen_credentials()

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        """A property of the credentials in use, which botocore asks for as it makes a client."""
        return lambda: getattr(self.get_frozen_credentials(), name, None)

    def forget(self, role_arn: str) -> None:
        """Drop a role's credentials."""
        with self._lock:
            self._roles.pop(role_arn, None)

    def _of(self, role_arn: str) -> Any:
        from botocore.credentials import DeferredRefreshableCredentials  # noqa: PLC0415 - boto3 is heavy

        with self._lock:
            if role_arn not in self._roles:
                self._roles[role_arn] = DeferredRefreshableCredentials(
                    refresh_using=lambda: self._assume(role_arn), method=self.method
                )
            return self._roles[role_arn]
