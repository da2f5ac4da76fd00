"""A stand-in for `hashicorp/aws`: its schema and rules for KMS, over boto3. A test fixture, never shipped.

Run by an engine as a provider plugin; `mirror.py` lays it out where an engine finds it. Run as `python provider SOCKET`
it loads everything once, then forks a plugin for each engine that asks at the socket, until its standard input ends:
an engine starts its provider several times a command, and loading boto3 and gRPC takes longer than all of its work.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading

import tf.provider
from cloud import warm_up
from protocol import Servicer
from tf import runner

# The runner takes its servicer from that module. The framework's own plans creates without asking the resource
# and knows no list blocks, so the protocol is served by ours.
tf.provider.ProviderServicer = Servicer


def main(path: str) -> None:
    """Fork a plugin for each connection."""
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)  # noqa: T201 - the message to the one that started us
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            link, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _serve(link)
            link.close()


def _serve(link: socket.socket) -> None:
    """Be the plugin: with the streams and the environment of the program that asked, and no longer than it."""
    try:
        head, streams, _, _ = socket.recv_fds(link, 4, 3)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        with link.makefile("rb") as incoming:
            text = incoming.read(int.from_bytes(head))
        os.environ.clear()
        os.environ.update(item.split("=", 1) for item in text.decode().split("\0"))
        threading.Thread(target=_end_with, args=(link,), daemon=True).start()
        runner.run_provider(None)
        link.sendall(b"\0")
    finally:
        os._exit(0)


def _end_with(link: socket.socket) -> None:
    link.recv(1)
    os._exit(1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    else:
        runner.run_provider(None)
