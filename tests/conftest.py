"""The embedded AWS that the tests of one process share, and accounts in it that nothing else uses."""

from __future__ import annotations

import compileall
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from aws_directly import Aws
from chance import OF_CI, on_ci
from command_line import CommandLine, Keywright
from keywright._internal.cache.proof_cache import DIRECTORY_VARIABLE
from keywright._internal.lifecycle.waiting import RACE_WINDOW_VARIABLE
from keywright._internal.sandbox import Sandbox
from program_on_path import program_on_path

settings.register_profile(
    "keywright",
    database=None if on_ci() else DirectoryBasedExampleDatabase(Path(__file__).parents[1] / ".hypothesis" / "examples"),
    deadline=None,  # the machines that run this differ by more than any deadline
    derandomize=on_ci(),
    print_blob=True,
)
settings.load_profile("keywright")

_numbers = itertools.count(1)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let CI run the tests in one order, and no test see what is cached for a person."""
    os.environ[DIRECTORY_VARIABLE] = tempfile.mkdtemp(prefix="keywright-cache-")
    if sys.dont_write_bytecode:  # else each of some hundred processes compiles all that it imports
        compileall.compile_dir(Path(__file__).parents[1] / "src", quiet=2)
    if on_ci() and config.getoption("randomly_seed", None) == "default":
        config.option.randomly_seed = OF_CI


def pytest_unconfigure() -> None:
    shutil.rmtree(os.environ[DIRECTORY_VARIABLE], ignore_errors=True)


def pytest_report_header() -> str:
    given = os.environ.get("KEYWRIGHT_AWS_PROVIDER")
    return f"hashicorp/aws for the module's tests: {given or 'the stand-in in tests/terraform/provider'}"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def enforcing() -> Iterator[Sandbox]:
    """A sandbox that authorizes requests."""
    with Sandbox(enforce=True) as running:
        yield running


@pytest.fixture
def account() -> str:
    """An account of the sandbox, empty, for this test alone."""
    return f"{os.getpid() % 10**6:06d}{next(_numbers):06d}"


@pytest.fixture(scope="session")
def offline() -> Iterator[CommandLine]:
    """`keywright`, run often and quickly, without the settings of any AWS."""
    with CommandLine() as ready:
        yield ready


@pytest.fixture(scope="session")
def command_line(offline: CommandLine, sandbox: Sandbox) -> CommandLine:
    """`keywright`, run often and quickly, against the sandbox."""
    return offline.within({**sandbox.environment(), RACE_WINDOW_VARIABLE: "0"})


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for PATH whose `keywright` starts at once, for tests that run many commands in a shell."""
    with program_on_path(tmp_path_factory.mktemp("program")) as folder:
        yield folder


@pytest.fixture
def aws(sandbox: Sandbox, account: str) -> Aws:
    """This test's account, seen without Keywright."""
    return Aws(sandbox.endpoint_url, account)


@pytest.fixture
def keywright(command_line: CommandLine, account: str, tmp_path: Path) -> Keywright:
    """`keywright` on this test's account."""
    return Keywright(command_line, {"AWS_ACCESS_KEY_ID": account}, tmp_path)
