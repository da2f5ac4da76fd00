"""What the demo runs in: a folder, the embedded AWS, and the real `keywright` command."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keywright._internal.sandbox import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_kms import KMSClient

    from keywright._internal.demo.console import DemoConsole
    from keywright._internal.sandbox import Sandbox

_PATIENCE = 60
_NOTHING_OF_THE_USER: dict[str, Any] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""botocore's session variables (name in a file, environment variable, default, conversion): none from outside."""


class Unexpected(Exception):
    """A step of the demo did not do what it must."""


@dataclass(frozen=True, slots=True)
class CommandRun:
    """A command that was run.

    Args:
        command: as a reader would type it.
        exit_code: how it ended.
        seconds: how long it took.
    """

    command: str
    exit_code: int
    seconds: float


@dataclass(slots=True)
class Environment:
    """What the steps of the demo act on.

    Args:
        sandbox: the embedded AWS.
        folder: where the files are.
        console: shows what happens.
        region: where the keys are.
    """

    sandbox: Sandbox
    folder: Path
    console: DemoConsole
    region: str
    commands: list[CommandRun] = field(default_factory=list)
    remembered: dict[str, Any] = field(default_factory=dict)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def write(self, name: str, text: str) -> None:
        """Write a file, and show it."""
        (self.folder / name).write_text(text, encoding="utf-8")
        self.console.file(name, text)

    def keywright(self, *arguments: str, expect: int = 0, show: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the real command and show what it says.

        Raises:
            Unexpected: it ends with another exit code than expected.
        """
        line = shlex.join(["keywright", *arguments])
        self.console.command(line)
        began = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "keywright", *arguments],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unexpected(f"`{line}` did not end within {_PATIENCE} seconds") from error
        self.commands.append(CommandRun(line, done.returncode, round(time.monotonic() - began, 3)))
        if show or done.returncode != expect:
            self.console.output(done.stderr)
            self.console.output(done.stdout)
        self.check(done.returncode == expect, f"exit code {done.returncode}", f"expected exit code {expect}")
        return done

    def check(self, holds: bool, sentence: str, otherwise: str = "") -> None:
        """Check that something is true.

        Raises:
            Unexpected: it isn't.
        """
        if not holds:
            raise Unexpected(f"{sentence}: {otherwise}" if otherwise else f"not true: {sentence}")
        self.console.seen(sentence)

    def kms(self, region: str | None = None) -> KMSClient:
        """KMS without Keywright: what somebody else would use."""
        client: KMSClient = self.client("kms", region or self.region)
        return client

    def kms_as(self, role: str) -> KMSClient:
        """KMS as a session of a role of the account sees it."""
        arn = f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/{role}"
        made = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="demo")["Credentials"]
        client: KMSClient = self._connect(
            "kms",
            self.region,
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
            aws_session_token=made["SessionToken"],
        )
        return client

    def client(self, service: str, region: str | None = None) -> Any:
        """Any service without Keywright, as the account's root user sees it."""
        where = region or self.region
        if (service, where) not in self._clients:
            settings = self.sandbox.environment()
            self._clients[service, where] = self._connect(
                service,
                where,
                aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
            )
        return self._clients[service, where]

    def _connect(self, service: str, region: str, **credentials: str) -> Any:
        """A client without the user's own AWS settings."""
        import boto3  # noqa: PLC0415 - boto3 is heavy
        import botocore.session  # noqa: PLC0415

        session = boto3.Session(botocore_session=botocore.session.Session(session_vars=_NOTHING_OF_THE_USER))
        return session.client(  # type: ignore[call-overload] # a service by its name
            service, region_name=region, endpoint_url=self.sandbox.endpoint_url, **credentials
        )

    def _environment(self) -> dict[str, str]:
        """The sandbox's, and nothing of the user's own AWS settings."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return own | self.sandbox.environment(region=self.region)
