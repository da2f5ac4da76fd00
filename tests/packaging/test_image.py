"""The container image: built without an engine, small, without rights, and the demo runs in it without a network."""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("mmdebstrap", "bwrap")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
ASKED_FOR = bool(os.environ.get("CI") or os.environ.get("KEYWRIGHT_TORTURE"))
MOST_BYTES = 150_000_000

needs_tools = [
    pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} is not on this machine"),
    pytest.mark.skipif(not ASKED_FOR, reason="takes a minute: CI builds the image, and so does `make torture`"),
]


class Layout:
    """An OCI image layout, read as an engine does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        index = json.loads((folder / "index.json").read_text())
        self.manifests = {
            item["annotations"]["org.opencontainers.image.ref.name"]: self.blob(item["digest"])
            for item in index["manifests"]
        }

    def path(self, digest: str) -> Path:
        return self.folder / "blobs" / "sha256" / digest.removeprefix("sha256:")

    def blob(self, digest: str) -> Any:
        return json.loads(self.path(digest).read_text())

    def config(self, tag: str) -> Any:
        return self.blob(self.manifests[tag]["config"]["digest"])

    def unpacked(self, tag: str, folder: Path) -> Path:
        for layer in self.manifests[tag]["layers"]:
            with tarfile.open(self.path(layer["digest"])) as archive:
                archive.extractall(folder, filter="tar")
        return folder


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    folder = tmp_path_factory.mktemp("image") / "layout"
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "image.py", folder], capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode and "Temporary failure resolving" in done.stderr:
        pytest.skip("no registry of Debian's can be reached from here")
    assert done.returncode == 0, done.stderr
    return Layout(folder)


def run_in(rootfs: Path, config: Any, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in the image's root, as its user, with its environment and nothing else: no network, no other file."""
    user, group = config["config"]["User"].split(":")
    environment = [word for item in config["config"]["Env"] for word in ("--setenv", *item.split("=", 1))]
    return subprocess.run(
        ["bwrap", "--bind", rootfs, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--unshare-all",
         "--uid", user, "--gid", group, "--clearenv", *environment, "--chdir", config["config"]["WorkingDir"],
         *command],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def rootfs(image: Layout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (tag,) = (tag for tag in image.manifests if tag.endswith("-sandbox"))
    return image.unpacked(tag, tmp_path_factory.mktemp("rootfs"))


class TestBuilt:
    pytestmark = needs_tools

    def test_an_image_is_small_and_has_no_rights(self, image: Layout) -> None:
        for tag, manifest in image.manifests.items():
            assert sum(layer["size"] for layer in manifest["layers"]) < MOST_BYTES
            assert image.config(tag)["config"]["User"] == "65532:65532"

    def test_the_embedded_aws_is_one_layer_more(self, image: Layout) -> None:
        plain, sandbox = (manifest["layers"] for _, manifest in sorted(image.manifests.items()))
        assert sandbox[: len(plain)] == plain
        assert len(sandbox) == len(plain) + 1

    def test_nothing_in_it_can_change_who_runs(self, rootfs: Path) -> None:
        marked = [path for path in rootfs.rglob("*") if path.is_file() and path.lstat().st_mode & 0o6000]
        assert marked == []

    def test_scanners_find_what_is_installed(self, rootfs: Path) -> None:
        assert (rootfs / "var/lib/dpkg/status.d/libc6").is_file()
        assert list((rootfs / "usr/local/lib").glob("python*/dist-packages/keywright-*.dist-info/METADATA"))

    def test_the_demo_runs_in_it(self, image: Layout, rootfs: Path) -> None:
        (tag,) = (tag for tag in image.manifests if tag.endswith("-sandbox"))
        config = image.config(tag)
        done = run_in(rootfs, config, *config["config"]["Entrypoint"], "demo")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Demo completed" in done.stdout

    def test_a_ci_job_finds_a_shell(self, image: Layout, rootfs: Path) -> None:
        config = image.config(next(iter(image.manifests)))
        done = run_in(rootfs, config, "sh", "-c", "keywright init && keywright validate keys.yaml && id -u")
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "65532"), done.stderr


def test_a_layer_is_the_same_bytes_whenever_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    layer_of = importlib.import_module("oci_layout").layer_of

    def made(name: str, *, at: int) -> Path:
        folder = tmp_path / name
        (folder / "usr/bin").mkdir(parents=True)
        (folder / "usr/bin/tool").write_text("#!/bin/sh\n")
        (folder / "bin").symlink_to("usr/bin")
        os.link(folder / "usr/bin/tool", folder / "usr/bin/again")
        os.utime(folder / "usr/bin/tool", (at, at))
        return folder

    first, second = made("a", at=1), made("b", at=2)
    assert layer_of(first, 1_700_000_000) == layer_of(second, 1_700_000_000)
    (second / "more").write_text("x")
    with tarfile.open(fileobj=io.BytesIO(layer_of(second, 0, without=first).content)) as archive:
        assert archive.getnames() == ["more"]
