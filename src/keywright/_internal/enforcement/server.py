"""The process of a sandbox that authorizes requests, started by `Sandbox(enforce=True)` and by nobody else."""

from __future__ import annotations

import sys
from argparse import Namespace
from functools import partial
from typing import TYPE_CHECKING

from keywright._internal.enforcement.authorizer import EnforcingAuthorizer
from keywright._internal.sandbox.server import main

if TYPE_CHECKING:
    from keywright._internal.sandbox.gateway import MakeAuthorizer


def make_authorizer(arguments: Namespace) -> MakeAuthorizer:
    """How the authorizer is made."""
    return partial(EnforcingAuthorizer, grant_lag=arguments.grant_lag)


if __name__ == "__main__":
    sys.exit(main(make_authorizer))
