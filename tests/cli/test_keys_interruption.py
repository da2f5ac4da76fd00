"""Ctrl-C ends a run with a message, and the same command goes on from there."""

from __future__ import annotations

import os
import signal
import time

from aws_directly import Aws
from command_line import Keywright


def test_an_interrupted_apply_says_so_and_the_next_one_finishes_it(keywright: Keywright, aws: Aws) -> None:
    lines = "".join(f"  k{number}: {{aliases: [k{number}]}}\n" for number in range(60))
    (keywright.directory / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\nkeys:\n{lines}")
    running = keywright.start("apply", "keys.yaml", "--yes")
    ends = time.monotonic() + 30
    while len(aws.kms("ListKeys", Limit=1000)["Keys"]) < 5:
        assert time.monotonic() < ends
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGINT)
    stopped = running.wait(30)
    assert stopped.code == 130
    assert "run the same command again" in stopped.err
    assert "Traceback" not in stopped.err
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    names = [aws.tags(key["KeyId"])["keywright:key"] for key in aws.live()]
    assert sorted(names) == sorted(f"k{number}" for number in range(60))
    assert len(aws.aliases()) == 60
