"""A signed release, and a small Git repository."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conformance_samples import release_of, verification

from keywright._internal.conformance.release import ReleaseFiles, write_release
from keywright._internal.conformance.results import Verification
from keywright._internal.conformance.signing import SigningKey, ephemeral_signing_key


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    return ephemeral_signing_key()


@pytest.fixture(scope="session")
def release(signing_key: SigningKey) -> ReleaseFiles:
    return release_of(verification(), signing_key)


@pytest.fixture(scope="session")
def sample_verification() -> Verification:
    return verification()


@pytest.fixture
def release_folder(release: ReleaseFiles, tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    write_release(release, folder)
    return folder


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """Run Git in a new repository in `tmp_path / "repository"`."""
    root = tmp_path / "repository"
    root.mkdir()

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-C", str(root), *arguments),
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    run("init", "--quiet", "--initial-branch=main")
    return run
