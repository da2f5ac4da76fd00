"""Starting and stopping the embedded AWS."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from typing import IO, TYPE_CHECKING, Self

from keywright._internal.extras import require_extra
from keywright.errors import InputError, KeywrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import FrameType, TracebackType

DEFAULT_ACCOUNT = "111122223333"
"""AWS's own example account."""

DEFAULT_REGION = "us-east-1"

_PORT_TAKEN = 3
_PATIENCE = 5.0
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR", "TEMP", "SYSTEMROOT", "VIRTUAL_ENV")


class Sandbox:
    """An embedded AWS (KMS, STS, IAM and the tagging API) on this machine's loopback.

    A context manager; nothing outlives it, nor the process that started it. A 12-digit access key ID is an account:
    each account of the sandbox is empty until something is made in it.

    Args:
        port: 0 chooses a free one.
        strict_principals: whether roles and users that a policy names must exist in the sandbox's IAM.
        quotas: whether calls beyond AWS's default request quotas are throttled.
        tagging_lag: for how many seconds the tagging API doesn't show a change of tags.
        enforce: whether calls to KMS, and AssumeRole, are authorized by the policies that are in it.
        grant_lag: for how many seconds a new grant then counts only for calls that bring its token.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        strict_principals: bool = False,
        quotas: bool = False,
        tagging_lag: float = 0.0,
        enforce: bool = False,
        grant_lag: float = 0.0,
    ) -> None:
        self._enforce = enforce
        self._grant_lag = grant_lag
        self._wanted_port = port
        self._tagging_lag = tagging_lag
        self._quotas = quotas
        self._strict_principals = strict_principals
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[bytes] | None = None
        self._port = 0

    @property
    def endpoint_url(self) -> str:
        """Where it listens, for `AWS_ENDPOINT_URL`."""
        return f"http://127.0.0.1:{self._port}"

    def environment(self, account: str = DEFAULT_ACCOUNT, region: str = DEFAULT_REGION) -> dict[str, str]:
        """The variables that make any AWS client use the sandbox, as the root user of an account.

        They also keep the user's own AWS configuration out.

        Raises:
            InputError: the account isn't 12 digits.
        """
        if not re.fullmatch(r"\d{12}", account, re.ASCII):
            raise InputError(f"`{account}` is not an account", "an account is 12 digits, for example 111122223333")
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def start(self) -> Self:
        """Start it, and return when it answers.

        Raises:
            ExtraMissing: its packages are not installed.
            KeywrightError: the port is taken, or it doesn't start.
        """
        require_extra("sandbox", "the embedded AWS")
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop
        package = "enforcement" if self._enforce else "sandbox"
        command = [sys.executable, "-m", f"keywright._internal.{package}.server", str(self._wanted_port)]
        if self._strict_principals:
            command.append("--strict-principals")
        if self._quotas:
            command.append("--quotas")
        command += [f"--tagging-lag={self._tagging_lag}", f"--grant-lag={self._grant_lag}"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=_child_environment(),
            start_new_session=True,  # Ctrl-C at a terminal is for the parent, which then stops us in order
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line.strip().isdigit():
            raise self._start_failure()
        self._port = int(line)
        return self

    def stop(self) -> None:
        """Stop it, for certain. Stopping twice is fine."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if self._log is not None:
            self._log.close()
            self._log = None

    def run(self, announce: Callable[[Self], None]) -> None:
        """Start it, and stop it when this process is told to end, by Ctrl-C or SIGTERM. For the main thread.

        Args:
            announce: called once it answers.

        Raises:
            KeywrightError: if it doesn't start, or ends by itself.
        """
        before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            with self:
                announce(self)
                code = self._process.wait() if self._process else None
        except KeyboardInterrupt:
            return
        finally:
            signal.signal(signal.SIGTERM, before)
        raise KeywrightError(f"the sandbox ended by itself, with exit code {code}", "start it again")

    def require_principals(self, account: str) -> None:
        """From now on, roles and users named in this account's policies must exist in the sandbox's IAM."""
        self._tell("strict-principals", {"account": account})

    def refuse(self, operation: str = "*", *, key: str = "*", account: str = "*", region: str = "*") -> None:
        """From now on, answer these calls to KMS with AccessDenied; `*` and `?` are wildcards."""
        asked = {"operation": operation, "key": key, "account": account, "region": region}
        self._tell("control", {"refuse": asked})

    def enable_regions(self, account: str, regions: Iterable[str]) -> None:
        """From now on, an account has these Regions enabled, and no others."""
        self._tell("control", {"account": account, "regions": list(regions)})

    def enforce(self, *, on: bool) -> None:
        """Whether a sandbox that was started to authorize requests does so from now on."""
        self._tell("control", {"enforce": on})

    def calls(self, account: str) -> dict[str, int]:
        """What an account has called so far, as `kms:ListKeys`."""
        return dict(json.loads(self._tell("control", {"account": account})))

    def _tell(self, what: str, asked: Mapping[str, object]) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - our own loopback URL
            f"{self.endpoint_url}/_keywright/{what}", data=json.dumps(asked).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE) as response:  # noqa: S310 - as above
            return bytes(response.read())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_failure(self) -> KeywrightError:
        process = self._process
        code = process.wait(_PATIENCE) if process else None
        said = ""
        if self._log is not None:
            self._log.seek(0)
            said = self._log.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        self.stop()
        if code == _PORT_TAKEN:
            return KeywrightError(
                f"port {self._wanted_port} is taken on this machine", "choose another with --port, or none"
            )
        return KeywrightError(f"the sandbox didn't start: {said or f'exit code {code}'}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _child_environment() -> dict[str, str]:
    """Nothing of the user's AWS or emulator settings reaches the emulator."""
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | {
        "SERVICES": "kms,sts,iam,tagging,organizations,cloudformation,stepfunctions",
        "BIND_HOST": "127.0.0.1",
        "LOG_LEVEL": "ERROR",
    }
