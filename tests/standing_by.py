"""The process behind `command_line.py`: it has imported everything, and forks for each run of `keywright`.

Started with the path of a socket, it is the process behind `program_on_path.py`.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path

import boto3
import botocore.session
from botocore.loaders import create_loader

from keywright._internal.cli.app import main
from keywright._internal.keysfile.stack import load_stack


def _stand_by() -> None:
    _import_everything()
    for line in sys.stdin:
        question = json.loads(line)
        answer = {"code": _wait(**question)} if "wait" in question else {"pid": _fork(**question)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _serve(path: str) -> None:
    """Fork a run for each program that asks at the socket, until our own standard input ends."""
    _import_everything()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            link, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _run_for(link)
            link.close()


def _run_for(link: socket.socket) -> None:
    """Be the program that asked, and tell it how to end."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        head, streams, _, _ = socket.recv_fds(link, 4, 3)
        with link.makefile("rb") as incoming:
            directory, count, *words = incoming.read(int.from_bytes(head)).decode().split("\0")
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        # New ones, as a program of its own has them: ours remember what kind of file they were on.
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
        sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
        os.environ.clear()
        os.environ.update(item.split("=", 1) for item in words[int(count) :])
        os.chdir(directory)
        sys.argv = ["keywright", *words[: int(count)]]
        threading.Thread(target=_end_with, args=(link,), daemon=True).start()
        code = _run()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        link.sendall(bytes([code]))
        os._exit(code)


def _end_with(link: socket.socket) -> None:
    """End as the program is told to end: it is gone, and can't pass on what signal it was sent."""
    link.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _import_everything() -> None:
    for package in (
        "model",
        "policy",
        "keysfile",
        "proof",
        "aws",
        "lifecycle",
        "estate",
        "assessment",
        "adoption",
        "cli",
    ):
        name = f"keywright._internal.{package}"
        for found in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
            importlib.import_module(found.name)
    load_stack(Path(__file__).parents[1] / "examples" / "plain.yaml")
    _read_the_services()


def _read_the_services() -> None:
    """Let every run find botocore's description of the services read: a third of what a short run would take."""
    loader = create_loader()
    botocore.session.create_loader = lambda search_path=None: create_loader(search_path) if search_path else loader
    for service in ("kms", "sts", "iam", "resourcegroupstaggingapi", "ec2", "organizations", "service-quotas"):
        boto3.Session().client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def _fork(arguments: list[str], environment: dict[str, str], directory: str, out: str, given: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(directory)
        for number, path in ((1, out), (2, str(Path(out).with_suffix(".err")))):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.dup2(os.open(given, os.O_RDONLY), 0)
        faulthandler.enable()
        sys.argv = ["keywright", *arguments]
        code = _run()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself would end
        traceback.print_exc()
        return 1
    return 0


def _wait(wait: int, seconds: float) -> int:
    ends = time.monotonic() + seconds
    while True:
        pid, status = os.waitpid(wait, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > ends:
            os.kill(wait, signal.SIGABRT)  # it then says where it stood
            ends = float("inf")
        time.sleep(0.002)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(sys.argv[1])
    else:
        _stand_by()
