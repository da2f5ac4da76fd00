"""The sandbox's own process, started by `Sandbox` and by nobody else, as `-m keywright._internal.sandbox.server PORT`.

One that authorizes requests is started as `keywright._internal.enforcement.server`, which calls `main` here.

It prints the port it got as its one line on stdout, serves until it is told to stop, and ends by itself when the
process that started it is gone: it then reads end-of-file on stdin, however that process died.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve
from hypercorn.config import Config

from keywright._internal.sandbox.controls import Controls
from keywright._internal.sandbox.gateway import Gateway
from keywright._internal.sandbox.tag_index import TagIndex

if TYPE_CHECKING:
    from keywright._internal.sandbox.gateway import MakeAuthorizer

_HOST = "127.0.0.1"


def main(make_authorizer: Callable[[argparse.Namespace], MakeAuthorizer] | None = None) -> int:
    """Serve the sandbox; 3 means that the port is taken.

    Args:
        make_authorizer: how who authorizes requests is made, by the arguments; without it, nobody is refused.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--strict-principals", action="store_true")
    parser.add_argument("--quotas", action="store_true")
    parser.add_argument("--tagging-lag", type=float, default=0.0)
    parser.add_argument("--grant-lag", type=float, default=0.0)
    arguments = parser.parse_args()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, arguments.port))
        listener.listen()
    except OSError:
        return 3
    threading.Thread(target=_end_with_the_parent, daemon=True).start()

    from ministack.app import app  # noqa: PLC0415 - the slowest import, after the port is ours

    print(listener.getsockname()[1], flush=True)  # noqa: T201 - the message to the parent
    controls = Controls(throttles=arguments.quotas, index=TagIndex(arguments.tagging_lag))
    gateway = Gateway(
        app,
        strict_principals=arguments.strict_principals,
        controls=controls,
        make_authorizer=make_authorizer(arguments) if make_authorizer is not None else None,
    )
    asyncio.run(_serve(gateway, listener))
    return 0


async def _serve(gateway: Gateway, listener: socket.socket) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.accesslog = None
    config.loglevel = "ERROR"
    config.graceful_timeout = 0.1
    config.keep_alive_timeout = 3600
    # Its default is to drop a kept-alive connection after a thousand requests, at whatever moment that is.
    config.keep_alive_max_requests = sys.maxsize
    await serve(gateway, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type] # our scope is hypercorn's


def _end_with_the_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
